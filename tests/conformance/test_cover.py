"""Covers: a tour on a target that conforms reaches all that this target can show, ends, and keeps away from what is blocked."""

from collections.abc import Callable, Hashable, Iterator
from itertools import pairwise

import pytest
from sessionproof.conformance.generate.cover import STRENGTHS, Strength, Terrain, Tour
from sessionproof.model.context import Outcome
from sessionproof.model.explore import Edge, Graph
from sessionproof.model.vocabulary import Stimulus

from .fake import Choose, choosing, first

LONGEST = 200
EAGER = choosing(
    "local session begins when login starts", "asks for consent", "asks before every logout",
    "login by the same user gets a new sid", "silent login_required ends the local session",
)  # fmt: skip
each_strength = pytest.mark.parametrize("strength", STRENGTHS)
each_target = pytest.mark.parametrize("choose", [first, EAGER], ids=["reserved", "eager"])
Explored = Callable[[str], Graph]


def drive(tour: Tour, choose: Choose, flows: int = 2_000) -> list[list[Stimulus]]:
    """Let a target that chooses so take the tour; the flows that it went through."""
    graph, taken = tour.graph, list[list[Stimulus]]()
    start = graph.states[0]
    while tour.next([start], fresh=True) is not None:
        world, flow = start, list[Stimulus]()
        while len(flow) < LONGEST and (stimulus := tour.next([world], fresh=not flow)) is not None:
            assert stimulus in graph.network.enabled(world)
            outcome = choose(graph.network.step(world, stimulus))
            tour.took([world], stimulus, keys(outcome), [outcome.after])
            flow.append(stimulus)
            world = outcome.after
        taken.append(flow)
        assert flow, "a tour that wants more must ask for a step"
        assert len(taken) < flows, "the tour does not end"
    return taken


def keys(outcome: Outcome) -> tuple[str, ...]:
    return tuple(rule.key for rule in outcome.rules)


def within_reach(graph: Graph, choose: Choose) -> Iterator[tuple[int, str, Stimulus, Outcome]]:
    """Every step that a target which chooses so can take, with the rule that fired last before it: by trying all."""
    todo: list[tuple[int, str]] = [(0, "")]
    for state, last in todo:
        for stimulus in graph.network.enabled(graph.states[state]):
            outcome = choose(graph.network.step(graph.states[state], stimulus))
            yield state, last, stimulus, outcome
            place = (graph.number[outcome.after], keys(outcome)[-1] if outcome.rules else "")
            if place not in todo:
                todo.append(place)


def showable(graph: Graph, choose: Choose, strength: Strength) -> set[Hashable]:
    """What there is to cover on such a target, without the circumstances in which rules fire."""
    found: set[Hashable] = set()
    for state, last, stimulus, outcome in within_reach(graph, choose):
        rules = keys(outcome)
        match strength:
            case "rules":
                found.update(rules)
            case "pairs":
                found.update(pairwise((*([last] if last else []), *rules)))
            case "transitions":
                found.add((state, stimulus))
    return found


@each_target
@each_strength
@pytest.mark.parametrize("scope", ["core: ID token", "silent", "federation"])
def test_everything_that_the_target_can_show_is_covered(
    scope: str, strength: Strength, choose: Choose, graph: Explored
) -> None:
    tour = Tour(Terrain(graph(scope)), strength, set())
    drive(tour, choose)
    wanted = showable(graph(scope), choose, strength)
    assert len(wanted) > 20
    assert wanted - tour.covered == set()


@each_strength
def test_covers_are_long_flows_and_not_many_steps(strength: Strength, graph: Explored) -> None:
    tour = Tour(Terrain(graph("silent")), strength, set())
    flows = drive(tour, first)
    assert sum(map(len, flows)) < 3 * len(tour.covered)


def test_every_kind_of_hand_made_fault_is_tried(graph: Explored) -> None:
    tour = Tour(Terrain(graph("core: ID token")), "rules", set())
    flows = drive(tour, first)
    tried = {stimulus.arg for flow in flows for stimulus in flow if stimulus.action == "wrong token"}
    assert tried == {"nonce", "iss", "aud", "signature", "expired"}


def test_rules_fire_again_beside_a_bystander(graph: Explored) -> None:
    tour = Tour(Terrain(graph("logout-rp: two browsers")), "rules", set())
    drive(tour, first)
    rules = {item for item in tour.covered if isinstance(item, str)}
    logins = {rule for rule in rules if "log out everywhere" in rule}
    assert logins
    for bystander in ("the same user elsewhere", "another user elsewhere"):
        assert {(rule, bystander) for rule in logins} <= tour.covered


def test_what_is_covered_already_is_not_played_again(graph: Explored) -> None:
    terrain = Terrain(graph("silent"))
    covered: set[Hashable] = set()
    assert drive(Tour(terrain, "rules", covered), first)
    assert drive(Tour(terrain, "rules", set(covered)), first) != []  # it knows of choices that were not made
    full = Tour(terrain, "transitions", {(edge.source, edge.stimulus) for edge in terrain.edges})
    assert full.next([graph("silent").states[0]], fresh=True) is None


def test_a_target_that_never_makes_a_choice_ends_every_tour(graph: Explored) -> None:
    """Consent is never asked for: what stands behind it is given up after a few tries."""
    terrain = Terrain(graph("silent"))
    for strength in STRENGTHS:
        tour = Tour(terrain, strength, set())
        flows = drive(tour, first, flows=60)
        assert not any(stimulus.action == "allow" for flow in flows for stimulus in flow)
    behind = [
        edge
        for edge in terrain.edges
        if edge.stimulus.action == "credentials" and "consent" in str(edge.outcome.choices)
    ]
    assert behind
    assert {
        terrain.why_not(e)
        for e in behind
        if "asks for consent" == e.outcome.choices[0][0] and e.source in terrain.visited
    } == {"a choice that this target does not make"}


def test_closed_choices_are_not_waited_for(graph: Explored) -> None:
    terrain = Terrain(graph("silent"))
    consent = ("asks for consent", "shop")
    terrain.close(frozenset({consent}))
    closed = [edge for edge in terrain.edges if consent in edge.outcome.choices]
    assert closed
    assert not any(terrain.usable(edge) or terrain.askable(edge) for edge in closed)
    assert {edge.number for edge in closed} == terrain.unlikely
    reached = {edge.stimulus.action for edge in terrain.reachable(terrain.usable)}
    assert "credentials" in reached
    assert "allow" not in reached


@each_strength
def test_blocked_edges_are_routed_around(strength: Strength, graph: Explored) -> None:
    """Switching users deviates, say: it is not asked for again, and everything else is covered."""
    terrain = Terrain(graph("core: ID token"))

    def refused(edge: Edge) -> bool:
        return edge.stimulus.action == "switch user"

    terrain.block(refused)
    tour = Tour(terrain, strength, set())
    flows = drive(tour, EAGER)
    assert "switch user" not in {stimulus.action for flow in flows for stimulus in flow}
    wanted = tour.wanted(terrain.usable)
    assert len(wanted) > 20
    assert wanted - tour.covered == set()
    assert {terrain.why_not(edge) for edge in terrain.edges if refused(edge)} == {"routed around because of a finding"}


@each_strength
def test_the_same_answers_give_the_same_flows(strength: Strength, graph: Explored) -> None:
    one, other = (drive(Tour(Terrain(graph("silent")), strength, set()), EAGER) for _ in range(2))
    assert one == other


def test_a_step_from_where_the_model_does_not_know_the_state_is_none(graph: Explored) -> None:
    tour = Tour(Terrain(graph("silent")), "rules", set())
    assert tour.next([], fresh=False) is None
    tour.took([], Stimulus("visit orders", "shop"), (), [])
    assert tour.covered == set()
