"""Users, browsers and tabs that change places: the graph of every scope stays the same."""

import pytest
from sessionproof.model.explore import Edge, Graph, explore
from sessionproof.model.network import FEATURES, Network
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Scope
from sessionproof.model.symmetry import NOBODY, Alike, Exchange, exchanges
from sessionproof.model.vocabulary import Stimulus


def graph_of(name: str) -> Graph:
    return explore(Network(next(scope for scope in SCOPES if scope.name == name), FEATURES))


def step(edge: Edge) -> tuple[Stimulus, list[str], list[tuple[str, str]]]:
    """What an edge is but for where it leads; in which browser a rule fires first does not matter."""
    return edge.stimulus, sorted(edge.rules), sorted(edge.outcome.choices)


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)
def test_every_exchange_leaves_the_graph_as_it_is(scope: Scope) -> None:
    graph = explore(Network(scope, FEATURES))
    for exchange in exchanges(scope):
        image = [graph.number[exchange.world(world)] for world in graph.states]
        assert sorted(image) == list(range(len(image)))
        for state, edges in enumerate(graph.out):
            moved = sorted((*step(e._replace(stimulus=exchange.stimulus(e.stimulus))), image[e.target]) for e in edges)
            assert moved == sorted((*step(e), e.target) for e in graph.out[image[state]]), graph.states[state]


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)
def test_a_target_that_offers_less_has_all_places_to_change_too(scope: Scope) -> None:
    graph = explore(Network(scope, scope.needs))
    states = {graph.number[exchange.world(world)] for exchange in exchanges(scope) for world in graph.states}
    assert states == set(range(len(graph.states)))


def test_who_can_change_places() -> None:
    found = {scope.name: list(exchanges(scope)) for scope in SCOPES}
    assert [len(found[name]) for name in ("core", "expiry", "isolation: two tabs")] == [2, 1, 4]
    assert all(first == NOBODY and len({first, *rest}) == 1 + len(rest) for first, *rest in found.values())
    both = found["federation"]
    assert both == [NOBODY], "one user has an account at the server, and both have one at the provider"


def test_a_user_who_came_through_the_provider_changes_places_too() -> None:
    exchange = Exchange(("alice", "bob"))
    assert [exchange.user(name) for name in ("alice", "bob@idp", "", "own sid")] == ["bob", "alice@idp", "", "own sid"]


def test_transitions_that_only_names_tell_apart_are_one() -> None:
    graph = graph_of("isolation: two tabs")
    alike = Alike(graph)
    every = {(edge.source, edge.stimulus) for edge in graph.edges()}
    one = {alike.one(*item) for item in every}
    assert one <= every
    assert {alike.one(*item) for item in one} == one
    assert len(every) / 4 <= len(one) < len(every) / 3
    login = [Stimulus("visit orders", "shop", "", 0, tab) for tab in (0, 1)]
    assert alike.one(0, login[0]) == alike.one(0, login[1])


def test_what_more_than_names_tells_apart_is_not() -> None:
    graph = graph_of("silent: two applications")
    alike = Alike(graph)
    visits = {alike.one(0, Stimulus("visit orders", app)) for app in ("shop", "outlet")}
    assert len(visits) == 2
