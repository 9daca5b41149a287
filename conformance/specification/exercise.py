"""The shortest flow that shows each requirement, found in one pass over every explored scope."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from sessionproof.diagrams.explored import Path, explored, ways
from sessionproof.model.explore import Graph
from sessionproof.model.requirements import BY_ID
from sessionproof.model.scopes import SCOPES, profile_of
from sessionproof.model.state import Scope


class Exercise(NamedTuple):
    """A shortest flow whose last step witnesses a requirement, from fresh browsers, with what every target may do."""

    scope: Scope
    steps: Path


@cache
def exercises() -> dict[str, Exercise]:
    """The flow for each requirement that any step of any scope witnesses.

    Of several shortest ones, that of the requirement's own profile and there of the smallest scope is taken, as
    `sessionproof explain` does.
    """
    found: dict[str, Exercise] = {}
    for scope in sorted(SCOPES, key=lambda s: s.browsers * s.tabs * len(s.apps)):
        for identifier, steps in _first_shown(explored(scope)):
            best = found.get(identifier)
            if best is None or _rank(identifier, scope, steps) < _rank(identifier, *best):
                found[identifier] = Exercise(scope, steps)
    return found


def _rank(identifier: str, scope: Scope, steps: Path) -> tuple[int, bool]:
    return len(steps), profile_of(scope) != BY_ID[identifier].profile


def _first_shown(graph: Graph) -> Iterator[tuple[str, Path]]:
    seen = set[str]()
    for edge, path in ways(graph):
        for expected in (*edge.outcome.trace, *edge.outcome.facets.values()):
            for identifier in expected.requirements:
                if identifier not in seen:
                    seen.add(identifier)
                    yield identifier, path()
