"""Covers: a tour on a conforming target reaches all that this target can show, ends, and avoids what is blocked."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import pairwise

import pytest
from sessionproof.conformance.generate.cover import STRENGTHS, Strength, Tour
from sessionproof.conformance.generate.terrain import Terrain
from sessionproof.conformance.verdict import ROUTED_AROUND
from sessionproof.model.context import Outcome
from sessionproof.model.explore import Edge, Graph
from sessionproof.model.symmetry import Alike
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


def drive(
    tour: Tour, choose: Choose, flows: int = 2_000, forget: Callable[[], None] = lambda: None
) -> list[list[Stimulus]]:
    """Let a target that chooses so take the tour, as the runner does; the flows that it went through."""
    graph, taken = tour.graph, list[list[Stimulus]]()
    start = graph.states[0]
    while tour.next([start], fresh=True) is not None:
        world, flow = start, list[Stimulus]()
        forget()
        while len(flow) < LONGEST and (stimulus := tour.next([world], fresh=False)) is not None:
            if stimulus not in graph.network.enabled(world):
                break
            outcome = choose(graph.network.step(world, stimulus))
            tour.took([world], stimulus, keys(outcome), [outcome.after])
            flow.append(stimulus)
            world = outcome.after
        taken.append(flow)
        assert flow, "a tour that wants more must ask for a step that is possible"
        assert len(taken) < flows, "the tour does not end"
    return taken


def covered(tour: Tour) -> set[Hashable]:
    """What is covered, without the users and faults that make a pair worth taking again."""
    return {item[:2] if isinstance(item, tuple) else item for item in tour.covered}


def keys(outcome: Outcome) -> tuple[str, ...]:
    return tuple(rule.key for rule in outcome.rules)


def within_reach(graph: Graph, choose: Choose, but_not: str) -> Iterator[tuple[int, str, Stimulus, Outcome]]:
    """Every step that a target which chooses so can take, with the rule that fired last before it: all are tried."""
    todo: list[tuple[int, str]] = [(0, "")]
    for state, last in todo:
        for stimulus in graph.network.enabled(graph.states[state]):
            if stimulus.action == but_not:
                continue
            outcome = choose(graph.network.step(graph.states[state], stimulus))
            yield state, last, stimulus, outcome
            place = (graph.number[outcome.after], keys(outcome)[-1] if outcome.rules else "")
            if place not in todo:
                todo.append(place)


def showable(graph: Graph, choose: Choose, strength: Strength, but_not: str = "") -> set[Hashable]:
    """What there is to cover on such a target without one action; circumstances in which rules fire are left out."""
    found: set[Hashable] = set()
    alike = Alike(graph)
    for state, last, stimulus, outcome in within_reach(graph, choose, but_not):
        rules = keys(outcome)
        match strength:
            case "rules":
                found.update(rules)
            case "pairs":
                found.update(pairwise((*([last] if last else []), *rules)))
            case "transitions":
                found.add(alike.one(state, stimulus))
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
    assert wanted - covered(tour) == set()


class Remembering:
    """A target that asks each user once for consent, and does not ask again as long as the flow lasts."""

    def __init__(self) -> None:
        self.granted: frozenset[str] = frozenset()

    def forget(self) -> None:
        self.granted = frozenset()

    def __call__(self, outcomes: Sequence[Outcome]) -> Outcome:
        user = outcomes[0].after.browsers[0].server.user
        if outcomes[0].rules[0].rule.message == "allow":
            self.granted |= {user}
        asking = [any(variant == "asks for consent" for variant, _ in outcome.choices) for outcome in outcomes]
        fitting = [o for o, asks in zip(outcomes, asking, strict=True) if asks is (user not in self.granted)]
        return (fitting or outcomes)[0]


@pytest.mark.parametrize("scope", ["silent", "core: ID token"])
def test_rules_that_need_a_choice_which_depends_on_the_past_are_covered(scope: str, graph: Explored) -> None:
    target, explored = Remembering(), graph(scope)
    todo, rules = [(0, target.granted)], set[str]()
    for state, granted in todo:
        for stimulus in explored.network.enabled(explored.states[state]):
            target.granted = granted
            outcome = target(explored.network.step(explored.states[state], stimulus))
            rules.update(keys(outcome))
            there = (explored.number[outcome.after], target.granted)
            todo += [there] if there not in todo else []
    tour = Tour(Terrain(explored), "rules", set())
    drive(tour, target, forget=target.forget)
    assert any("/ allow" in rule for rule in rules)
    assert any("authorize [consent may be skipped] [does not ask for consent]" in rule for rule in rules)
    assert rules - tour.covered == set()


def test_all_transitions_take_few_steps_in_long_flows(graph: Explored) -> None:
    for scope in ("core: ID token", "silent", "federation"):
        tour = Tour(Terrain(graph(scope)), "transitions", set())
        flows = drive(tour, EAGER)
        assert len(flows) < 10
        assert sum(map(len, flows)) < 2.5 * len(tour.covered)


def test_every_kind_of_hand_made_fault_is_tried(graph: Explored) -> None:
    tour = Tour(Terrain(graph("core: ID token")), "rules", set())
    flows = drive(tour, first)
    tried = {stimulus.arg for flow in flows for stimulus in flow if stimulus.action == "wrong token"}
    assert tried == {"nonce", "iss", "aud", "signature", "unsigned", "expired"}


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
    start, shared = graph("silent").states[0], set[Hashable]()
    drive(Tour(terrain, "transitions", shared), first)
    assert Tour(terrain, "transitions", shared).next([start], fresh=True) is None
    assert Tour(terrain, "transitions", set()).next([start], fresh=True) is not None


@each_strength
def test_a_target_that_never_makes_a_choice_ends_the_tour(strength: Strength, graph: Explored) -> None:
    """Consent is never asked for: what stands behind it is given up after a few tries, and said to be so."""
    terrain = Terrain(graph("silent"))
    flows = drive(Tour(terrain, strength, set()), first, flows=150)
    assert sum(map(len, flows)) < 1_000
    assert not any(stimulus.action == "allow" for flow in flows for stimulus in flow)
    asked = [edge for edge in terrain.graph.out[0] if edge.stimulus.action == "silent check"]
    tried = [edge for edge in asked if edge.number in terrain.unlikely]
    if strength == "rules":
        assert 0 < len(tried) < len(asked)
        assert {terrain.why_not(edge) for edge in tried} == {"a choice that this target does not make"}


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

    terrain.block(refused, f"{ROUTED_AROUND} APP-04")
    tour = Tour(terrain, strength, set())
    flows = drive(tour, EAGER)
    assert "switch user" not in {stimulus.action for flow in flows for stimulus in flow}
    wanted = showable(terrain.graph, EAGER, strength, but_not="switch user")
    assert 10 < len(wanted) < len(showable(terrain.graph, EAGER, strength))
    assert wanted - covered(tour) == set()
    reasons = {terrain.why_not(edge) for edge in terrain.edges if refused(edge)}
    assert reasons == {"routed around because of the finding about APP-04"}


@each_strength
def test_the_same_answers_give_the_same_flows(strength: Strength, graph: Explored) -> None:
    one, other = (drive(Tour(Terrain(graph("silent")), strength, set()), EAGER) for _ in range(2))
    assert one == other


def test_a_step_from_where_the_model_does_not_know_the_state_is_none(graph: Explored) -> None:
    tour = Tour(Terrain(graph("silent")), "rules", set())
    assert tour.next([], fresh=False) is None
    tour.took([], Stimulus("visit orders", "shop"), (), [])
    assert tour.covered == set()
