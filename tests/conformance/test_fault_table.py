"""The table of faults: of the tables of now, and what it says is so."""

from functools import cache

import pytest
from sessionproof.conformance.generate.fault_table import FaultTable, digest_of_tables, fault_table, kind_of, name_of
from sessionproof.conformance.generate.faults import Faults, faults, way
from sessionproof.conformance.generate.showing import looks_like, shown, way_to_show
from sessionproof.model.alterations import Alteration, alterations, altered
from sessionproof.model.explore import Edge, Graph, explore
from sessionproof.model.network import FEATURES, Network
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import World
from sessionproof.model.vocabulary import Stimulus

VISIT, ALICE = Stimulus("visit orders", "shop"), Stimulus("credentials", "", "alice")


@cache
def graph(name: str) -> Graph:
    return explore(Network(next(scope for scope in SCOPES if scope.name == name), FEATURES))


@cache
def found(name: str) -> Faults:
    return faults(graph(name))


def alteration(scope: str, rule: str, what: str) -> Alteration:
    bounds = graph(scope).network.scope
    return next(a for a in alterations(bounds, FEATURES) if rule in a.key and a.what == what)


def named(table: FaultTable, numbers: tuple[int, ...]) -> set[str]:
    return {f"{table.rules[number]}: {table.changes[number]}" for number in numbers}


def test_it_is_of_these_tables() -> None:
    """After a change of the model: `sessionproof faults`, which takes some minutes."""
    assert fault_table().digest == digest_of_tables()
    assert set(fault_table().edges) == set(fault_table().steps) == {scope.name for scope in SCOPES}


@pytest.mark.parametrize("scope", ["silent", "reauth: max_age", "expiry"])
def test_it_says_what_is_found_anew(scope: str) -> None:
    table, anew = fault_table(), found(scope)
    assert table.edges[scope] == len(anew.kinds)
    assert sum(map(len, anew.shows.values())) > 100
    for kind, names in anew.shows.items():
        assert names <= named(table, table.shows.get(name_of(kind), ()))
    for kind, expected in anew.expects.items():
        known = {table.expectations[number] for number in table.expects.get(name_of(kind), ())}
        assert known.issuperset(expected)
    names_of_all = named(table, tuple(range(len(table.rules))))
    assert anew.met <= names_of_all
    unseen = named(table, table.equivalent + table.unseen)
    assert unseen.isdisjoint({name for names in anew.shows.values() for name in names})


def test_every_fault_is_shown_at_once_or_later_or_makes_no_difference_or_is_not_seen() -> None:
    table = fault_table()
    at_once = {number for numbers in table.shows.values() for number in numbers}
    later = {number for entry in table.later for number in entry.faults}
    parts = (at_once, later, set(table.equivalent), set(table.unseen))
    assert sorted(number for part in parts for number in part) == list(range(len(table.rules)))


def test_a_session_that_outlives_the_logout_is_seen_at_once() -> None:
    explored = graph("silent")
    start = explored.states[0]
    world = explored.network.step(explored.network.step(start, VISIT)[0].after, ALICE)[0].after
    out = Stimulus("log out here", "shop")
    allowed = explored.network.step(world, out)
    with altered(alteration("silent", "authenticated / log out here", "stays where it was")):
        actual = explored.network.afresh(world, out)
    assert [shown(allowed, outcome).seen for outcome in actual] == [True]
    assert [shown(allowed, outcome) for outcome in allowed] == [(False, ())] * len(allowed)


def first_seen(scope: str, one: Alteration, flow: tuple[Stimulus, ...]) -> set[int]:
    """The steps, counted from 1, at which a target with these altered tables may give itself away."""
    network = graph(scope).network
    found_at, start = set[int](), network.scope.start()
    with altered(one):
        faulty = Network(network.scope, FEATURES)
        pairs = {(frozenset({start}), start)}
        for number, stimulus in enumerate(flow, 1):
            following = set[tuple[frozenset[World], World]]()
            for allowed, actual in pairs:
                right = [outcome for world in allowed for outcome in network.step(world, stimulus)]
                for outcome in faulty.step(actual, stimulus):
                    fitting = frozenset(other.after for other in right if looks_like(other, outcome))
                    if fitting:
                        following.add((fitting, outcome.after))
                    else:
                        found_at.add(number)
            pairs = following
    return found_at


def test_a_fault_that_is_hidden_at_first_has_a_flow_that_shows_it_at_its_end() -> None:
    by_name = {a.name: a for a in alterations(graph("silent").network.scope, FEATURES)}
    flows = {
        name: way(graph("silent"), by_name[name], places) for name, places in sorted(found("silent").hidden.items())[:9]
    }
    shown_later = {name: flow for name, flow in flows.items() if flow}
    assert len(shown_later) > 2
    for name, flow in shown_later.items():
        assert len(flow) in first_seen("silent", by_name[name], flow)


def test_what_makes_no_difference_has_no_flow() -> None:
    start = graph("silent").states[0]
    assert way_to_show(graph("silent").network, (start,), start) == ()


def test_steps_of_one_kind_differ_in_users_only() -> None:
    explored = graph("silent")
    by_kind: dict[str, set[tuple[str, str]]] = {}
    for edge in explored.edges():
        kind = name_of(kind_of(explored.network.scope, explored.states[edge.source], edge))
        by_kind.setdefault(kind, set()).add((edge.stimulus.action, " ".join(edge.rules)))
    assert all(len(steps) == 1 for steps in by_kind.values())


def test_a_lifetime_that_a_visit_does_not_extend_shows_once_time_has_passed() -> None:
    """From the first moment on a session has all its time left, and to set it anew changes nothing."""
    rule = "application: authenticated / visit orders: does not touch"
    shown_by = {kind for kind, names in found("expiry").shows.items() if rule in names}
    hidden_in = {kind_of(graph("expiry").network.scope, *_at(place.edge)) for place in found("expiry").hidden[rule]}
    assert not shown_by
    assert hidden_in
    assert all("local idle time is running" in beside for *_, beside in hidden_in)
    [later] = [way for way in fault_table().later if rule in named(fault_table(), way.faults)]
    assert [stimulus.action for stimulus in later.flow].count("wait") > 1


def _at(edge: Edge) -> tuple[World, Edge]:
    return graph("expiry").states[edge.source], edge
