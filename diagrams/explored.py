"""Every scope of the model explored once, with every feature: what drawings, tables and flows of SPEC.md come from."""

from collections import deque
from collections.abc import Callable, Iterator
from functools import cache, partial

from sessionproof.model.explore import Edge, Graph, explore
from sessionproof.model.network import FEATURES, Network
from sessionproof.model.state import Scope

from .problem import DiagramProblem
from .replay import follow, states

Path = tuple[Edge, ...]


@cache
def explored(scope: Scope) -> Graph:
    """All states of a scope; raises DiagramProblem if the tables have a hole there."""
    graph = explore(Network(scope, FEATURES))
    if graph.holes:
        raise DiagramProblem(f"{scope.name}: in some reachable state the tables have no answer to: {graph.holes[0][1]}")
    return graph


@cache
def fired(scope: Scope) -> frozenset[tuple[str, str]]:
    """The rows that fire in a scope, as (key, state of its machine before)."""
    found: set[tuple[str, str]] = set()
    known: set[tuple[str, tuple[str, ...], tuple[str, ...]]] = set()
    for edge in explored(scope).edges():
        world = explored(scope).states[edge.source]
        keys = tuple(rule.key for rule in edge.outcome.rules)
        case = (edge.stimulus.action, keys, states(scope, world, edge.stimulus))
        if case in known:
            continue
        known.add(case)
        try:
            found |= {(row.rule.key, row.before) for row in follow(scope, world, edge.stimulus, edge.outcome)}
        except DiagramProblem:  # time passes in every session, not only in the one that a step is about
            found |= {(rule.key, source) for rule in edge.outcome.rules for source in rule.sources}
    return frozenset(found)


def ways(graph: Graph) -> Iterator[tuple[Edge, Callable[[], Path]]]:
    """Every edge that is reached by outcomes that break nothing, nearest first, and a shortest path that ends in it."""
    came: dict[int, Edge | None] = {0: None}
    todo = deque([0])
    while todo:
        for edge in graph.out[todo.popleft()]:
            if edge.outcome.breaks:
                continue
            yield edge, partial(_path, came, edge)
            if edge.target not in came:
                came[edge.target] = edge
                todo.append(edge.target)


def _path(came: dict[int, Edge | None], last: Edge) -> Path:
    steps, back = [last], came[last.source]
    while back is not None:
        steps.append(back)
        back = came[back.source]
    return tuple(steps[::-1])
