"""Property-based search beyond the covers: a hypothesis state machine over the same model.

Each example starts in a model state that hypothesis draws, reached by its shortest path (random flows alone hardly get
there), goes on with whatever is possible, and ends, where sessions are only seen from outside, with what tells its last
state from a drawn one: random-Wp. Faults are shrunk by the model like all others, so hypothesis need not.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sessionproof.model.explore import Edge
from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import Stimulus

from .identify import suffix

if TYPE_CHECKING:
    from ..runner import Runner

STEPS = 12
"""Steps after the drawn state."""


def search(runner: Runner, scope: Scope, examples: int, seed: int) -> None:
    """Play `examples` drawn flows of `scope`. The same seed draws the same flows while the target answers the same."""
    if examples < 1:
        return
    terrain = runner.terrains.terrain(scope)
    graph = terrain.graph
    states = st.integers(0, len(graph.states) - 1)

    @cache
    def edges_of(state: int) -> list[Edge]:
        """What is possible there, as known when it is asked first: hypothesis wants the same choice each time."""
        return [edge for edge in graph.out[state] if terrain.usable(edge)]

    class Flows(RuleBasedStateMachine):
        """Draws a flow on the model; it is played as a whole, so that a failing one is investigated like any other."""

        def __init__(self) -> None:
            super().__init__()
            self.flow: list[Stimulus] = []
            self.state = self.other = 0

        @initialize(state=states, other=states)
        def go_to(self, state: int, other: int) -> None:
            """Start in any state of the model, and have any other one in mind for the end."""
            self.flow = [edge.stimulus for edge in graph.path(state)]
            self.state, self.other = state, other

        @rule(data=st.data())
        def step(self, data: st.DataObject) -> None:
            """Do anything that is possible here."""
            if edges := edges_of(self.state):
                edge = data.draw(st.sampled_from(edges))
                self.flow.append(edge.stimulus)
                self.state = edge.target

        def teardown(self) -> None:
            """Play what was drawn."""
            if not runner.over_budget():
                runner.play(scope, [*self.flow, *self.end()], "search")

        def end(self) -> tuple[Stimulus, ...]:
            """What shows that the target is where it should be."""
            if runner.statement.status:
                return ()
            return suffix(graph, self.state, self.other, terrain.usable)

    options = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seeded(seed)(Flows), settings=options)
