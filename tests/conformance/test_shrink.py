"""Shrinking: a fault of hidden history becomes the shortest flow that shows it, within the effort that is allowed."""

import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from sessionproof.conformance import shrink
from sessionproof.conformance.shrink import EFFORT, Flow, Shrinker
from sessionproof.model.explore import Edge, Graph
from sessionproof.model.state import World
from sessionproof.model.vocabulary import Stimulus

from .fake import first

Explored = Callable[[str], Graph]
ALICE, BOB = Stimulus("credentials", "", "alice"), Stimulus("credentials", "", "bob")


class Faulty:
    """A target that deviates at `last` once it has seen `before` in the same flow; it chooses what is named first."""

    def __init__(self, graph: Graph, before: Stimulus, last: Stimulus) -> None:
        self.graph, self.before, self.last = graph, before, last
        self.replayed: list[Flow] = []

    def fails(self, flow: Flow) -> Flow:
        """What of it deviates at its end for the first time; all steps must be possible."""
        self.replayed.append(flow)
        world = self.graph.states[0]
        for at, stimulus in enumerate(flow):
            if stimulus not in self.graph.network.enabled(world):
                return ()
            if stimulus == self.last and self.before in flow[:at]:
                return flow[: at + 1]
            world = self.after(world, stimulus)
        return ()

    def after(self, world: World, stimulus: Stimulus) -> World:
        return first(self.graph.network.step(world, stimulus)).after

    def usable(self, edge: Edge) -> bool:
        """What is known of this target after a run: the choices that it makes."""
        return self.after(self.graph.states[edge.source], edge.stimulus) == edge.outcome.after

    def shortest(self) -> int:
        """The length of a shortest failing flow: breadth first over states with whether the fault lies in wait."""
        start = (self.graph.states[0], False)
        length = {start: 0}
        for world, waits in (todo := [start]):
            for stimulus in self.graph.network.enabled(world):
                if waits and stimulus == self.last:
                    return length[world, waits] + 1
                there = (self.after(world, stimulus), waits or stimulus == self.before)
                if there not in length:
                    length[there] = length[world, waits] + 1
                    todo.append(there)
        raise AssertionError("the fault cannot show")

    def long_flow(self, seed: int) -> Flow:
        """A random flow of some length whose last step, and no step before, deviates."""
        world, flow, draw = self.graph.states[0], list[Stimulus](), random.Random(seed)
        while True:
            enabled = self.graph.network.enabled(world)
            waits = self.before in flow
            if waits and len(flow) > 60 and self.last in enabled:
                return (*flow, self.last)
            stimulus = draw.choice([s for s in enabled if not (waits and s == self.last)])
            flow.append(stimulus)
            world = self.after(world, stimulus)


FAULTS = (
    ("core", Stimulus("log out here", "shop"), Stimulus("planted callback", "shop")),
    ("core", Stimulus("wrong token", "shop", "nonce"), Stimulus("redeem again", "shop")),
    ("core", Stimulus("cancel"), BOB),
    ("logout-rp", Stimulus("decline logout"), Stimulus("refresh", "shop")),
    ("logout-rp", BOB, Stimulus("resend form", "shop")),
    ("federation", Stimulus("log out at the provider too", "shop"), ALICE),
    ("federation", Stimulus("log out here", "shop"), Stimulus("wrong credentials")),
)
each_fault = pytest.mark.parametrize(("scope", "before", "last"), FAULTS, ids=lambda value: str(value))


@each_fault
def test_the_result_is_as_short_as_can_be(scope: str, before: Stimulus, last: Stimulus, graph: Explored) -> None:
    for seed in range(5):
        target = Faulty(graph(scope), before, last)
        flow = target.long_flow(seed)
        assert target.fails(flow)
        result = Shrinker(graph(scope), target.usable, target.fails).shrink(flow)
        assert target.fails(result)
        assert len(result) == target.shortest()


@each_fault
def test_no_step_of_the_result_can_go(scope: str, before: Stimulus, last: Stimulus, graph: Explored) -> None:
    target = Faulty(graph(scope), before, last)
    result = Shrinker(graph(scope), lambda _: True, target.fails).shrink(target.long_flow(7))
    assert target.fails(result)
    assert not any(target.fails((*result[:at], *result[at + 1 :])) for at in range(len(result)))


@each_fault
def test_few_flows_are_replayed_and_none_twice(scope: str, before: Stimulus, last: Stimulus, graph: Explored) -> None:
    target = Faulty(graph(scope), before, last)
    Shrinker(graph(scope), target.usable, target.fails).shrink(target.long_flow(1))
    assert len(set(target.replayed)) == len(target.replayed)
    assert sum(map(len, target.replayed)) <= EFFORT


@pytest.mark.parametrize("effort", [0, 40, 200])
def test_the_effort_has_a_limit(effort: int, graph: Explored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrink, "EFFORT", effort)
    scope, before, last = FAULTS[0]
    target = Faulty(graph(scope), before, last)
    flow = target.long_flow(0)
    assert target.fails(flow)
    target.replayed.clear()
    result = Shrinker(graph(scope), target.usable, target.fails).shrink(flow)
    assert sum(map(len, target.replayed)) <= effort
    assert target.fails(result)
    assert result == flow or effort


def test_a_flow_that_cannot_be_shorter_stays(graph: Explored) -> None:
    scope, before, last = FAULTS[0]
    target = Faulty(graph(scope), before, last)
    assert Shrinker(graph(scope), target.usable, target.fails).shrink((before, last)) == (before, last)


def test_a_flow_that_leaves_the_model_is_shrunk_blindly(graph: Explored) -> None:
    """No edge counts as usable: there are no shortest paths, but steps can still be left out."""
    scope, before, last = FAULTS[0]
    target = Faulty(graph(scope), before, last)
    result = Shrinker(graph(scope), lambda _: False, target.fails).shrink(target.long_flow(2))
    assert result == (before, last)


def test_shorter_flows_come_from_the_model_first(graph: Explored) -> None:
    """The first candidate goes to the state before the last step by a shortest path."""
    scope, before, last = FAULTS[4]
    target = Faulty(graph(scope), before, last)
    flow = target.long_flow(3)
    Shrinker(graph(scope), target.usable, target.fails).shrink(flow)
    lengths = [len(candidate) for candidate in target.replayed]
    assert lengths[0] < 10
    assert all(one <= other for one, other in pairwise(lengths[:3]))


@pytest.mark.parametrize("tries", [0, 1, 4])
def test_when_the_time_is_used_up_nothing_more_is_tried(graph: Explored, tries: int) -> None:
    scope, before, last = FAULTS[0]
    faulty = Faulty(graph(scope), before, last)
    flow = faulty.long_flow(1)
    shrinker = Shrinker(faulty.graph, faulty.usable, faulty.fails, lambda: len(faulty.replayed) >= tries)
    found = shrinker.shrink(flow)
    assert len(faulty.replayed) == tries
    assert shrinker.cut
    assert faulty.fails(found)
