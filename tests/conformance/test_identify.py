"""The identifying suffix: a target that ended in another state gives itself away, seen from outside."""

from dataclasses import dataclass, replace
from functools import cache
from statistics import mean

from sessionproof.conformance.adapter import Statement
from sessionproof.conformance.generate.identify import suffix
from sessionproof.conformance.generate.search import search
from sessionproof.conformance.judge import Judge
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.runlog import Event
from sessionproof.conformance.runner import Runner
from sessionproof.model.explore import Edge, Graph, explore
from sessionproof.model.requirements import BY_ID
from sessionproof.model.vocabulary import Stimulus

from .fake import FakeAdapter, network, perfect

SCOPE = "silent"
EVERY = 23
"""Of all pairs of states."""


@cache
def graph() -> Graph:
    return explore(network(SCOPE))


def pairs() -> list[tuple[int, int]]:
    every = range(len(graph().states))
    return [(one, other) for one in every for other in every if one != other][::EVERY]


def chooses_nothing(edge: Edge) -> bool:
    return not edge.outcome.choices


def gives_itself_away(state: int, other: int, way: tuple[Stimulus, ...]) -> bool:
    """Whether a target in `other`, judged as one in `state`, shows it, although nobody is told of its sessions."""
    judge = Judge(network(SCOPE), frozenset(BY_ID))
    judge.reset()
    judge.worlds = (graph().states[state],)
    for stimulus in way:
        [edge] = [e for e in graph().out[other] if e.stimulus == stimulus and chooses_nothing(e)]
        other, seen = edge.target, perfect(edge.outcome)
        facets = {name: value for name, value in seen.facets.items() if "/" not in name}
        if judge.step(stimulus, seen._replace(facets=facets)).mismatches:
            return True
    return False


def test_a_wrong_state_gives_itself_away() -> None:
    found = [(pair, way) for pair in pairs() if (way := suffix(graph(), *pair, chooses_nothing))]
    assert len(found) > 0.25 * len(pairs())
    assert [(pair, way) for pair, way in found if not gives_itself_away(*pair, way)] == []


def test_the_state_itself_needs_no_telling_apart() -> None:
    every = range(len(graph().states))
    assert [state for state in every if suffix(graph(), state, state, lambda _: True)] == []


@dataclass
class Outside(FakeAdapter):
    """A target that tells nobody of its sessions, or does."""

    status: bool = False

    def declare(self) -> Statement:
        return replace(super().declare(), status=self.status)


def drawn(*, status: bool) -> float:
    """How many steps a drawn flow has on average."""
    events: list[Event] = []
    runner = Runner(Outside(status=status), Plan(("silent",)), events.append)
    search(runner, runner.scopes[0], 40, 0)
    return mean(len(event["steps"]) for event in events)


def test_drawn_flows_end_so_where_sessions_are_only_seen_from_outside() -> None:
    told, outside = drawn(status=True), drawn(status=False)
    assert outside > told + 0.3
