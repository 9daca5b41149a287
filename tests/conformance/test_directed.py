"""Fault-directed flows: the first steps of a run show most faults, and go on where the target chooses otherwise."""

from collections.abc import Sequence

import pytest
from sessionproof.conformance.generate.cover import Tour
from sessionproof.conformance.generate.fault_table import fault_table
from sessionproof.conformance.generate.terrain import Terrain
from sessionproof.conformance.generate.valuable import Valuable
from sessionproof.conformance.generate.worth import Worth
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.runlog import Event
from sessionproof.model.explore import Graph, explore
from sessionproof.model.requirements import BY_ID

from .fake import Choose, FakeAdapter, choosing, first, network
from .running import of, run

EAGER = choosing("local session begins when login starts", "asks for consent", "asks before every logout")
CHOSEN = {identifier for identifier, requirement in BY_ID.items() if requirement.profile == "silent"}
each_target = pytest.mark.parametrize("choose", [first, EAGER], ids=["reserved", "eager"])


def explored(name: str) -> Graph:
    return explore(network(name))


def steps(events: Sequence[Event], generator: str) -> int:
    return sum(len(event["steps"]) for event in of(events, "flow") if event["generator"] == generator)


@each_target
def test_they_come_before_the_covers_and_end(choose: Choose) -> None:
    events = run(FakeAdapter(choose=choose), Plan(("silent",), cover="rules", search=0))
    generators = list(dict.fromkeys(event["generator"] for event in of(events, "flow")))
    assert generators[:4] == ["seed A", "seed B", "fault-directed", "rules cover"]
    assert 15 < steps(events, "fault-directed") < 400


@each_target
def test_the_first_steps_exercise_every_requirement_of_the_scope(choose: Choose) -> None:
    whole = run(FakeAdapter(choose=choose), Plan(("silent",), cover="transitions", search=0))
    start = run(FakeAdapter(choose=choose), Plan(("silent",), cover="transitions", search=0, steps=60))

    def witnessed(events: Sequence[Event]) -> set[str]:
        return {i for event in of(events, "flow") for step in event["steps"] for i in step["witnessed"]}

    wanted = witnessed(whole) & CHOSEN
    assert len(wanted) > 3
    assert wanted <= witnessed(start)


def test_the_best_way_is_worth_most_for_each_step() -> None:
    graph = explored("silent")
    terrain, worth = Terrain(graph), Worth(fault_table(), CHOSEN)
    planner = Valuable(terrain, worth)
    way = planner.best([graph.states[0]])
    assert 1 <= len(way.edges) <= 6
    assert all(one.target == other.source for one, other in zip(way.edges, way.edges[1:], strict=False))
    assert way.worth > 0
    single = [planner.best([graph.states[edge.target]]).worth for edge in graph.out[0]]
    assert max(single) > 0


def test_what_was_shown_is_worth_nothing_any_more() -> None:
    graph = explored("silent")
    worth = Worth(fault_table(), CHOSEN)
    planner = Valuable(Terrain(graph), worth)
    before = planner.best([graph.states[0]])
    world = graph.states[0]
    for edge in before.edges:
        planner.took([world], edge.stimulus, edge.rules, [edge.outcome.after])
        world = edge.outcome.after
    assert planner.best([graph.states[0]]).worth < before.worth


def test_a_way_that_the_target_never_takes_is_given_up() -> None:
    graph = explored("silent")
    planner = Valuable(Terrain(graph), Worth(fault_table(), CHOSEN))
    start = graph.states[0]
    for _ in range(2_000):
        stimulus = planner.next([start], bool)
        if stimulus is None:
            break
        planner.took([start], stimulus, (), [start])  # whatever is done, nothing happens
    assert stimulus is None


def test_the_rules_cover_has_less_to_do_afterwards() -> None:
    tour = Tour(Terrain(explored("silent")), "rules", set())
    alone = 0
    world = tour.graph.states[0]
    while tour.next([world], fresh=True) is not None:
        here = world
        for _ in range(60):
            stimulus = tour.next([here], fresh=False)
            if stimulus is None or stimulus not in tour.graph.network.enabled(here):
                break
            outcome = first(tour.graph.network.step(here, stimulus))
            tour.took([here], stimulus, tuple(rule.key for rule in outcome.rules), [outcome.after])
            here, alone = outcome.after, alone + 1
    events = run(FakeAdapter(), Plan(("silent",), cover="rules", search=0))
    assert steps(events, "rules cover") < alone
