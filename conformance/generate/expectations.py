"""What a step lets be seen: each expectation of the model is a fault that this step shows, if the target has it.

An alteration of the tables is a fault in what is decided; many real ones are in what is said about it: a claim, an
echo, a flag of a cookie, a request made by hand that is accepted.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sessionproof.model.explore import Edge
from sessionproof.model.possible import ARGUMENTS
from sessionproof.model.state import Scope, World
from sessionproof.model.vocabulary import FEDERATED, NOBODY, SOMEBODY, Expected

from .cover import bystanders


class Expectation(NamedTuple):
    """What must be seen after what was done, and which requirement says so."""

    requirement: str
    seen: str


def expectations(scope: Scope, world: World, edge: Edge) -> Iterator[Expectation]:
    """Everything that must be seen of this step because a requirement states it. That nobody becomes somebody who is
    nowhere to be seen is left out.
    """
    action, arg = edge.stimulus.action, edge.stimulus.arg
    done = f"{action} {arg}" if action in ARGUMENTS else action
    beside = ", ".join(sorted(bystanders(world, edge.stimulus)))
    users = {*scope.users, *scope.provider_users}
    for seen, expected in _seen(edge, beside, users):
        yield from (Expectation(requirement, f"{done}: {seen}") for requirement in expected.requirements)


def _seen(edge: Edge, beside: str, users: set[str]) -> Iterator[tuple[str, Expected]]:
    for expected in edge.outcome.trace:
        if expected.allowed and expected.allowed[0] != "page *":
            yield f"answers {expected.allowed[0]}", expected
    for name, expected in edge.outcome.facets.items():
        browser, slash, layer = name.partition("/")
        value = _value(expected, users)
        if not slash:
            yield f"{name} {value}", expected
        elif browser == f"b{edge.stimulus.browser + 1}":
            yield f"at {layer} {value}", expected
        elif value != NOBODY:
            yield f"at {layer} {beside}", expected


def _value(expected: Expected, users: set[str]) -> str:
    """Users are all alike."""
    for some in (SOMEBODY, NOBODY):
        if some in expected.allowed:
            return some
    first = expected.allowed[0] if expected.allowed else ""
    return SOMEBODY if first.removesuffix(FEDERATED) in users else first
