"""What shows a fault: an answer of an altered table that the model does not allow, at once or some steps later."""

from collections.abc import Sequence
from typing import NamedTuple

from sessionproof.model.context import Outcome
from sessionproof.model.network import Network
from sessionproof.model.state import World
from sessionproof.model.vocabulary import Expected, Stimulus

DEPTH = 4
"""Steps after a fault has spoilt something hidden, in which it must be seen."""
PLACES = 150
"""Pairs of an allowed and an actual state that are looked at for that."""


class Shown(NamedTuple):
    """What a fault does to one step: it is `seen`, or `instead` of these states it leaves one that looks like them."""

    seen: bool
    instead: tuple[World, ...]


def shown(allowed: Sequence[Outcome], actual: Outcome) -> Shown:
    """Compare what an altered table answers with what the model allows."""
    alike = [other for other in allowed if looks_like(other, actual)]
    states = tuple(dict.fromkeys(other.after for other in alike))
    return Shown(not alike, () if actual.after in states else states)


def looks_like(expected: Outcome, actual: Outcome, *, outside: bool = False) -> bool:
    """Whether somebody who sees everything that can be seen of `actual` may take it for `expected`.

    `outside`: who looks from outside is not told of sessions.
    """
    if len(expected.trace) != len(actual.trace):
        return False
    if not all(e.admits(_seen(a)) for e, a in zip(expected.trace, actual.trace, strict=True)):
        return False
    seen = {name: value for name, value in actual.facets.items() if not (outside and "/" in name)}
    return all(e.admits(_seen(seen[name])) for name, e in expected.facets.items() if name in seen)


def way_to_show(network: Network, allowed: tuple[World, ...], actual: World) -> tuple[Stimulus, ...]:
    """The shortest flow on which a target in state `actual` gives itself away, where the model says one of `allowed`.

    At most DEPTH steps; empty if there is none. The tables must be altered while this runs, and the network must know
    the outcomes of before.
    """
    todo: list[tuple[tuple[World, ...], World, tuple[Stimulus, ...]]] = [(allowed, actual, ())]
    met: set[tuple[tuple[World, ...], World]] = {(allowed, actual)}
    for expected, world, way in todo:
        if len(way) >= DEPTH or len(met) > PLACES:
            break
        for stimulus in network.enabled(expected[0]):
            if any(stimulus not in network.enabled(state) for state in (*expected[1:], world)):
                continue
            spec = [outcome for state in expected for outcome in network.step(state, stimulus)]
            for outcome in network.afresh(world, stimulus):
                alike = tuple(dict.fromkeys(other.after for other in spec if looks_like(other, outcome)))
                if not alike:
                    return (*way, stimulus)
                if outcome.after not in alike and (alike, outcome.after) not in met:
                    met.add((alike, outcome.after))
                    todo.append((alike, outcome.after, (*way, stimulus)))
    return ()


def _seen(actual: Expected) -> str:
    """What is seen of it; an error of which the tables do not say the code has none."""
    return actual.allowed[0] if actual.allowed else ""
