"""Which faults each kind of step shows: every alteration of the tables, tried where a step of that kind comes first.

Steps are of one kind when the same rules fire for the same action in the same circumstances. A fault that a kind of
step does not show at once may have spoilt something hidden; then a way is searched for on which it is seen.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from typing import NamedTuple

from sessionproof.model.alterations import Alteration, alterations, altered
from sessionproof.model.explore import Edge, Graph, explore
from sessionproof.model.network import FEATURES, Network
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import World
from sessionproof.model.vocabulary import Stimulus

from .equivalent import SUFFIXES, differing, suffix_of
from .expectations import Expectation, expectations
from .fault_table import Kind, as_json, digest_of_tables, kind_of, name_of
from .showing import shown, way_to_show

PLACES = 3
"""Steps of a scope from which a hidden fault is searched for."""
SMALLEST = 2
"""Scopes in which it is searched for."""


class Place(NamedTuple):
    """Where a fault spoils what is not seen at once: the step, and what the model and the fault make of it."""

    edge: Edge
    allowed: tuple[World, ...]
    actual: World


class Faults(NamedTuple):
    """What shows what in one scope: the `kinds` of steps by the edge's number, and the names of the faults they show.

    `expects`: what must be seen of them. `hidden`: faults that no step of the scope shows at once, and where they spoil
    something. `met`: all faults whose rule was reached; what is in none of the others changes nothing that matters.
    """

    kinds: dict[int, Kind]
    shows: dict[Kind, set[str]]
    expects: dict[Kind, tuple[Expectation, ...]]
    hidden: dict[str, list[Place]]
    met: set[str]


def faults(graph: Graph) -> Faults:
    """Try every alteration in every kind of step."""
    network = graph.network
    found = Faults({}, {}, {}, {}, set())
    first: dict[Kind, Edge] = {}
    by_message: dict[tuple[str, str], dict[Kind, None]] = defaultdict(dict)
    for edge in graph.edges():
        kind = found.kinds[edge.number] = kind_of(network.scope, graph.states[edge.source], edge)
        if first.setdefault(kind, edge) is edge:
            found.shows[kind] = set()
            found.expects[kind] = tuple(expectations(network.scope, graph.states[edge.source], edge))
            for rule in edge.outcome.rules:
                by_message[rule.machine, rule.rule.message][kind] = None
    for alteration in alterations(network.scope, network.features):
        kinds = by_message.get((alteration.machine.name, alteration.rule.rule.message), {})
        with altered(alteration):
            for kind in kinds:
                _try(graph, alteration, first[kind], found)
        for name in {name for kind in kinds for name in found.shows[kind]}.intersection(found.hidden):
            del found.hidden[name]
    return found


def way(graph: Graph, alteration: Alteration, places: Iterable[Place]) -> tuple[Stimulus, ...]:
    """The shortest flow found that shows a hidden fault; empty if none does within the bound."""
    best: tuple[Stimulus, ...] = ()
    with altered(alteration):
        for place in sorted(places, key=lambda place: len(graph.path(place.edge.source)))[:PLACES]:
            before = tuple(edge.stimulus for edge in graph.path(place.edge.source))
            if best and len(before) + 2 >= len(best):
                break
            if rest := way_to_show(graph.network, place.allowed, place.actual):
                flow = (*before, place.edge.stimulus, *rest)
                best = min(filter(None, (best, flow)), key=len)
    return best


def _try(graph: Graph, alteration: Alteration, edge: Edge, found: Faults) -> None:
    world = graph.states[edge.source]
    allowed = graph.network.step(world, edge.stimulus)
    actual = graph.network.afresh(world, edge.stimulus)
    if [o.rules for o in actual] == [o.rules for o in allowed]:
        return
    name = f"{alteration.name}{suffix_of(edge.stimulus)}"
    found.met.add(name)
    same = [(o.after, o.trace, o.rules) for o in allowed]
    for outcome in actual:
        if (outcome.after, outcome.trace, outcome.rules) in same:
            continue
        what = shown(allowed, outcome)
        if what.seen:
            found.shows[found.kinds[edge.number]].add(name)
        elif what.instead:
            place = Place(edge, what.instead, outcome.after)
            found.hidden.setdefault(name, []).append(place)


class _Summary(NamedTuple):
    """What other processes need to know of a scope: names only."""

    edges: int
    shows: dict[str, list[str]]
    expects: dict[str, tuple[Expectation, ...]]
    hidden: list[str]
    met: list[str]


def make(tell: Callable[[int, int], None]) -> str:
    """The whole table of faults as the file holds it; `tell` hears how many scopes of how many are done. Minutes."""
    scopes = range(len(SCOPES))
    with ProcessPoolExecutor() as pool:
        tables: list[_Summary] = []
        for table in pool.map(_summary, scopes):
            tables.append(table)
            tell(len(tables), 3 * len(scopes))
        at_once = {name for table in tables for names in table.shows.values() for name in names}
        hidden = _smallest(tables, at_once)
        ways: dict[str, tuple[str, tuple[Stimulus, ...]]] = {}
        for at, found in enumerate(pool.map(_ways_in, scopes, hidden)):
            for name, flow in found.items():
                if name not in ways or len(flow) < len(ways[name][1]):
                    ways[name] = SCOPES[at].name, flow
            tell(len(scopes) + at + 1, 3 * len(scopes))
        met = {name for table in tables for name in table.met}
        left = met - at_once - ways.keys()
        equivalent = set(left)
        for at, found_here in enumerate(pool.map(_differing, scopes, [sorted(left)] * len(scopes))):
            equivalent -= found_here
            tell(2 * len(scopes) + at + 1, 3 * len(scopes))
    named: dict[str, dict[str, None]] = {}
    for alteration in (a for scope in SCOPES for a in alterations(scope, FEATURES)):
        for suffix in SUFFIXES:
            if f"{alteration.name}{suffix}" in met:
                named.setdefault(alteration.key, {})[f"{alteration.what}{suffix}"] = None
    faults = {key: list(changes) for key, changes in named.items()}
    number = {name: at for at, name in enumerate(f"{key}: {what}" for key in faults for what in faults[key])}
    shows: dict[str, set[int]] = defaultdict(set)
    for table in tables:
        for kind, names in table.shows.items():
            shows[kind] |= {number[name] for name in names}
    seen_anywhere = {seen for table in tables for expected in table.expects.values() for seen in expected}
    every = {expectation: at for at, expectation in enumerate(sorted(seen_anywhere))}
    expects: dict[str, set[int]] = defaultdict(set)
    for table in tables:
        for kind, seen in table.expects.items():
            expects[kind] |= {every[expectation] for expectation in seen}
    later: dict[tuple[str, tuple[Stimulus, ...]], list[int]] = defaultdict(list)
    for name, way in ways.items():
        later[way].append(number[name])
    flows = sorted(later.items(), key=lambda x: (-len(x[1]) / len(x[0][1]), x[0]))
    return as_json(
        {
            "tables": digest_of_tables(),
            "edges": {scope.name: table.edges for scope, table in zip(SCOPES, tables, strict=True)},
            "faults": faults,
            "expectations": list(every),
            "shows": {kind: sorted(numbers) for kind, numbers in sorted(shows.items())},
            "expects": {kind: sorted(numbers) for kind, numbers in sorted(expects.items())},
            "later": [{"scope": scope, "flow": flow, "faults": sorted(of)} for (scope, flow), of in flows],
            "equivalent": sorted(number[name] for name in equivalent),
            "unseen": sorted(number[name] for name in left - equivalent),
        }
    )


def _smallest(tables: list[_Summary], at_once: set[str]) -> list[list[str]]:
    """By scope: the hidden faults that are searched for there, each in the few smallest scopes that have it."""
    places: dict[str, list[int]] = defaultdict(list)
    for at in sorted(range(len(tables)), key=lambda at: tables[at].edges):
        for name in set(tables[at].hidden) - at_once:
            places[name].append(at)
    return [sorted(name for name, found in places.items() if at in found[:SMALLEST]) for at in range(len(tables))]


@cache
def _graph(at: int) -> Graph:
    return explore(Network(SCOPES[at], FEATURES))


@cache
def _in_scope(at: int) -> tuple[Graph, Faults]:
    return _graph(at), faults(_graph(at))


def _differing(at: int, names: list[str]) -> set[str]:
    return differing(_graph(at), set(names))


def _summary(at: int) -> _Summary:
    _, found = _in_scope(at)
    shows = {name_of(kind): sorted(names) for kind, names in found.shows.items() if names}
    expects = {name_of(kind): seen for kind, seen in found.expects.items() if seen}
    return _Summary(len(found.kinds), shows, expects, sorted(found.hidden), sorted(found.met))


def _ways_in(at: int, names: list[str]) -> dict[str, tuple[Stimulus, ...]]:
    graph, found = _in_scope(at)
    flows = {
        name: way(graph, alteration, found.hidden[name])
        for alteration in alterations(SCOPES[at], FEATURES)
        for name in names
        if name.startswith(alteration.name) and name.removeprefix(alteration.name)[:2] in ("", " (")
    }
    return {name: flow for name, flow in flows.items() if flow}
