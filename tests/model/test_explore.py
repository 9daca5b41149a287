"""Exploring: every reachable state, no holes, shortest paths; on the model, and on small graphs against brute force."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessionproof.model.context import Outcome
from sessionproof.model.explore import Edge, Graph, explore
from sessionproof.model.network import FEATURES, SERVER, Network
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Browser, Scope, Server, World
from sessionproof.model.vocabulary import Stimulus

from .altered import alter

Explored = Callable[[str], Graph]
each_scope = pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)
CORE = SCOPES[0]

# The reachable states of the model


@each_scope
def test_whatever_is_possible_has_an_outcome(scope: Scope, graph: Explored) -> None:
    explored = graph(scope.name)
    assert explored.holes == []
    for world, edges in zip(explored.states, explored.out, strict=True):
        assert {edge.stimulus for edge in edges} == set(explored.network.enabled(world))


def test_a_missing_row_is_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert alter(monkeypatch, SERVER, lambda rule: None if rule.message == "wrong credentials" else rule)
    holes = explore(Network(CORE, FEATURES)).holes
    assert {stimulus.action for _, stimulus in holes} == {"wrong credentials"}
    assert all(world.browsers[0].tabs[0].open == "login" for world, _ in holes)


@each_scope
def test_every_edge_leads_to_a_state_of_the_graph(scope: Scope, graph: Explored) -> None:
    explored = graph(scope.name)
    edges = list(explored.edges())
    assert [edge.number for edge in edges] == list(range(len(edges)))
    assert all(explored.states[edge.target] == edge.outcome.after for edge in edges)
    assert {edge.target for edge in edges} | {0} == set(range(len(explored.states)))
    assert explored.number == {world: number for number, world in enumerate(explored.states)}


@pytest.mark.parametrize("scope", SCOPES[::4], ids=lambda scope: scope.name)
def test_exploring_again_numbers_everything_alike(scope: Scope, graph: Explored) -> None:
    one, other = graph(scope.name), explore(Network(scope, FEATURES))
    assert one.states == other.states
    assert [(e.source, e.stimulus, e.target) for e in one.edges()] == [
        (e.source, e.stimulus, e.target) for e in other.edges()
    ]


@each_scope
def test_a_path_is_a_shortest_one_and_can_be_played(scope: Scope, graph: Explored) -> None:
    explored = graph(scope.name)
    distance = levels(explored)
    for state in range(len(explored.states)):
        path = explored.path(state)
        assert len(path) == distance[state]
        world = scope.start()
        for edge in path:
            assert world == explored.states[edge.source]
            assert edge.stimulus in explored.network.enabled(world)
            assert edge.outcome.after in [outcome.after for outcome in explored.network.step(world, edge.stimulus)]
            world = edge.outcome.after
        assert world == explored.states[state]


def levels(graph: Graph) -> dict[int, int]:
    """How far each state is from the start, one level at a time."""
    distance, level = {0: 0}, {0}
    while level:
        level = {edge.target for state in level for edge in graph.out[state]} - distance.keys()
        distance.update(dict.fromkeys(level, max(distance.values()) + 1))
    return distance


def test_progress_is_told_on_the_way() -> None:
    told: list[int] = []
    sso = next(scope for scope in SCOPES if scope.name == "sso")
    explored = explore(Network(sso, FEATURES), told.append)
    assert told
    assert told == sorted(told)
    assert 256 <= told[0] <= told[-1] <= len(explored.states)


# Small graphs


@st.composite
def small(draw: st.DrawFn) -> Graph:
    size = draw(st.integers(1, 7))
    numbers = st.integers(0, size - 1)
    return of([draw(st.lists(numbers, min_size=1, max_size=3)) for _ in range(size)])


def of(targets: list[list[int]]) -> Graph:
    """A graph with these targets of each state; its worlds mean nothing."""
    graph = Graph(Network(CORE, frozenset()))
    graph.states = [World((Browser((), Server(user=str(i)), Server(), ()),)) for i in range(len(targets))]
    graph.number = {world: i for i, world in enumerate(graph.states)}
    number = 0
    for source, ends in enumerate(targets):
        graph.out.append([])
        for target in ends:
            outcome = Outcome(graph.states[target], (), dict, (), "")
            graph.out[source].append(Edge(source, Stimulus(f"to {target}"), outcome, target, number))
            number += 1
    return graph


def closure(graph: Graph, usable: Callable[[Edge], bool]) -> dict[tuple[int, int], int]:
    """The length of a shortest way between each two states, by trying every state as a stop (Floyd, Warshall)."""
    states = range(len(graph.states))
    ways = {(i, i): 0 for i in states}
    ways |= {(e.source, e.target): 1 for e in graph.edges() if usable(e) and e.source != e.target}
    for via in states:
        for one in states:
            for other in states:
                if (one, via) in ways and (via, other) in ways:
                    there = ways[one, via] + ways[via, other]
                    ways[one, other] = min(there, ways.get((one, other), there))
    return ways


@given(small(), st.data())
def test_a_route_is_a_shortest_way_to_a_wanted_edge(graph: Graph, data: st.DataObject) -> None:
    numbers = st.integers(0, sum(map(len, graph.out)) - 1)
    start = data.draw(st.sets(st.integers(0, len(graph.states) - 1), min_size=1, max_size=2), "start")
    wanted = data.draw(st.sets(numbers, max_size=2), "wanted")
    unusable = data.draw(st.sets(numbers, max_size=2), "unusable")
    ways = closure(graph, lambda edge: edge.number not in unusable)
    lengths = [
        ways[begin, edge.source] + 1
        for begin in start
        for edge in graph.edges()
        if edge.number in wanted - unusable and (begin, edge.source) in ways
    ]
    route = graph.route(sorted(start), lambda e: e.number in wanted, lambda e: e.number not in unusable)
    assert len(route) == min(lengths, default=0)
    if route:
        assert route[0].source in start
        assert route[-1].number in wanted
        assert not unusable.intersection(edge.number for edge in route)
        assert all(one.target == other.source for one, other in pairwise(route))


def test_a_route_does_not_run_deep_first() -> None:
    graph = of([[1, 2], [4], [3], [4], [5], []])
    route = graph.route([0], lambda edge: edge.target == 5, lambda _: True)
    assert [edge.target for edge in route] == [1, 4, 5]


@given(small(), st.data())
def test_the_states_from_which_a_wanted_one_can_be_reached(graph: Graph, data: st.DataObject) -> None:
    wanted = data.draw(st.sets(st.integers(0, len(graph.states) - 1)), "wanted")
    ways = closure(graph, lambda _: True)
    expected = {one for one, other in ways if other in wanted}
    assert graph.reaching(lambda world: graph.number[world] in wanted) == expected
