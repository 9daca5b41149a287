"""Which scopes a run plays: those that chosen requirements need, and one part of several where a run is divided."""

from collections.abc import Callable, Sequence

from sessionproof.model.explore import Graph
from sessionproof.model.requirements import BY_ID
from sessionproof.model.state import Scope

from .generate.fault_table import fault_table


def concerned(scopes: Sequence[Scope], graph: Callable[[Scope], Graph], ids: frozenset[str]) -> list[Scope]:
    """The scopes in which one of the requirements can be exercised; all, if one of them is a choice (MAY)."""
    if any(BY_ID[identifier].level == "MAY" for identifier in ids):
        return list(scopes)
    return [scope for scope in scopes if not ids.isdisjoint(_cited(graph(scope)))]


def part(scopes: Sequence[Scope], number: int, of: int) -> list[Scope]:
    """Part `number` of `of`, counted from 1: the longest scopes first, each to the part that has least to do so far."""
    sizes = {scope: fault_table().steps.get(scope.name, 1) for scope in scopes}
    loads = [0] * of
    mine = []
    for scope in sorted(scopes, key=lambda scope: -sizes[scope]):
        least = loads.index(min(loads))
        loads[least] += sizes[scope]
        if least == number - 1:
            mine.append(scope)
    return [scope for scope in scopes if scope in mine]


def _cited(graph: Graph) -> set[str]:
    rules = {rule.key: rule for edge in graph.edges() for rule in edge.outcome.rules}
    return {
        identifier
        for rule in rules.values()
        for ids in (rule.requirements, *rule.facets.values(), (rule.rule.breaks,))
        for identifier in ids
    }
