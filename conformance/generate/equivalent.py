"""Which alterations of the tables make no difference: tried in every step of every reachable state.

Where each answer of an altered table is one that the model allows, and leads to the state that the model says, no flow
tells the two apart: that is a proof, within the bound of the scopes.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from sessionproof.model.alterations import IN_EVERY_BROWSER, Alteration, alterations, altered
from sessionproof.model.context import Outcome
from sessionproof.model.explore import Graph
from sessionproof.model.possible import ARGUMENTS, EVERYWHERE
from sessionproof.model.state import World
from sessionproof.model.symmetry import Alike
from sessionproof.model.vocabulary import Expected, Stimulus

SUFFIXES = ("", *(f" ({arg})" for arg in dict.fromkeys(arg for args in ARGUMENTS.values() for arg in args)))
"""What may follow the name of an alteration that is tried for each way alike in which a request by hand is wrong."""

EVERYWHERE_AT_ONCE = "in every browser"
"""Stands for the steps in which every machine gets a message, whether or not a rule fires for it."""

Step = tuple[World, Stimulus]


def suffix_of(stimulus: Stimulus) -> str:
    """A request made by hand can be wrong in several ways: a fault in one of them is not one in the others."""
    return f" ({stimulus.arg})" if stimulus.action in ARGUMENTS else ""


def differing(graph: Graph, names: Collection[str]) -> set[str]:
    """Those of these faults that make a difference somewhere in the scope, or leave a step without any answer."""
    network, alike = graph.network, Alike(graph)
    steps: dict[str, dict[Step, None]] = defaultdict(dict)
    for edge in graph.edges():
        step = edge.source, edge.stimulus
        if alike.one(*step) == step or network.scope.browsers > 1:  # some alterations are of one browser only
            for rule in edge.outcome.rules:
                steps[rule.key][graph.states[edge.source], edge.stimulus] = None
            if edge.stimulus.action in EVERYWHERE:  # a machine that no rule lets do anything then does nothing
                steps[EVERYWHERE_AT_ONCE][graph.states[edge.source], edge.stimulus] = None
    found: set[str] = set()
    for alteration in alterations(network.scope, network.features):
        mine = {suffix: name for suffix in SUFFIXES if (name := f"{alteration.name}{suffix}") in names}
        with altered(alteration):
            for world, stimulus in _reached(alteration, steps) if mine else ():
                name = mine.get(suffix_of(stimulus), "")
                if name and name not in found:
                    allowed, actual = network.step(world, stimulus), network.afresh(world, stimulus)
                    if _stuck(alteration.key, allowed, actual) or not all(_allowed(allowed, o) for o in actual):
                        found.add(name)
    return found


def _reached(alteration: Alteration, steps: dict[str, dict[Step, None]]) -> Iterator[Step]:
    """The steps in which the altered rule may fire: where it does unaltered, or where one for the same message does."""
    rule, machine = alteration.rule, alteration.machine
    same = [c for c in machine.compiled if c.key == rule.key]
    if rule.guards != same[0].guards:
        overlap = set(rule.sources)
        same = [c for c in machine.compiled if c.rule.message == rule.rule.message and overlap & set(c.sources)]
    keys = [c.key for c in same] + [EVERYWHERE_AT_ONCE] * (rule.rule.message in IN_EVERY_BROWSER)
    yield from dict.fromkeys(step for key in keys for step in steps.get(key, ()))


def _stuck(key: str, allowed: Sequence[Outcome], actual: Sequence[Outcome]) -> bool:
    """Whether nothing happens any more at some place where this rule fired unaltered."""
    before = {keys[: keys.index(key)] for keys in map(_keys, allowed) if key in keys}
    return not all(any(_keys(outcome)[: len(way)] == way for outcome in actual) for way in before)


def _keys(outcome: Outcome) -> tuple[str, ...]:
    return tuple(rule.key for rule in outcome.rules)


def _allowed(allowed: Sequence[Outcome], actual: Outcome) -> bool:
    alike = [other for other in allowed if other.after == actual.after]
    return any(other.rules == actual.rules for other in alike) or any(_within(other, actual) for other in alike)


def _within(other: Outcome, actual: Outcome) -> bool:
    """Whether all that may be seen of `actual` may be seen of the other too."""
    if len(other.trace) != len(actual.trace):
        return False
    if not all(_admits(e, a) for e, a in zip(other.trace, actual.trace, strict=True)):
        return False
    seen = actual.facets
    return all(name in seen and _admits(expected, seen[name]) for name, expected in other.facets.items())


def _admits(expected: Expected, actual: Expected) -> bool:
    return all(expected.admits(value) for value in actual.allowed or ("",))
