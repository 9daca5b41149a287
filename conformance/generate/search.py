"""Property-based search beyond the covers: a hypothesis state machine over the same model.

Each example starts in a model state that hypothesis draws, reached by its shortest path (random flows alone hardly get
there), and goes on with whatever is possible. Faults are shrunk by the model like all others, so hypothesis need not.
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

    @cache
    def edges_of(state: int) -> list[Edge]:
        """What is possible there, as known when it is asked first: hypothesis wants the same choice each time."""
        return [edge for edge in graph.out[state] if terrain.usable(edge)]

    class Flows(RuleBasedStateMachine):
        """Draws a flow on the model; it is played as a whole, so that a failing one is investigated like any other."""

        def __init__(self) -> None:
            super().__init__()
            self.flow: list[Stimulus] = []
            self.state = 0

        @initialize(state=st.integers(0, len(graph.states) - 1))
        def go_to(self, state: int) -> None:
            """Start in any state of the model."""
            self.flow = [edge.stimulus for edge in graph.path(state)]
            self.state = state

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
                runner.play(scope, self.flow, "search")

    options = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seeded(seed)(Flows), settings=options)
