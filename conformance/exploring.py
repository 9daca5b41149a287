"""Prints what exploring the model finds: states, edges, properties, holes, dead ends, rules that never fire, paths."""

import time
from contextlib import nullcontext

from rich.console import Console
from rich.table import Table
from sessionproof.model.explore import Edge, Graph, explore
from sessionproof.model.network import FEATURES, MACHINES, Network
from sessionproof.model.properties import prove
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Scope

from .errors import UsageProblem


def print_exploration(out: Console, err: Console, names: tuple[str, ...], paths: bool) -> bool:
    """Explore the scopes of these names, all if none; returns whether everything holds. Raises UsageProblem."""
    known = [scope.name for scope in SCOPES]
    if unknown := [name for name in names if name not in known]:
        raise UsageProblem(f"--scope {unknown[0]!r}: no such scope; expected one of: {', '.join(known)}")
    chosen = [scope for scope in SCOPES if not names or scope.name in names]
    table = Table(title="every reachable state, with all features", title_justify="left", box=None, pad_edge=False)
    for title in ("scope", "bound", "states", "transitions", "edges", "holes", "seconds"):
        table.add_column(title, justify="left" if title in ("scope", "bound") else "right")
    graphs: list[Graph] = []
    with err.status("exploring") if err.is_terminal else nullcontext():
        for scope in chosen:
            start = time.perf_counter()
            graph = explore(Network(scope, FEATURES))
            graphs.append(graph)
            edges = list(graph.edges())
            transitions = {(edge.source, edge.stimulus) for edge in edges}
            table.add_row(
                scope.name, bound(scope), str(len(graph.states)), str(len(transitions)), str(len(edges)),
                str(len(graph.holes)), f"{time.perf_counter() - start:.1f}",
            )  # fmt: skip
    out.print(table)
    holds = _properties(out, graphs) and not any(graph.holes for graph in graphs)
    return _rules(out, graphs, paths, complete=not names) and holds


def bound(scope: Scope) -> str:
    """How much of the world a scope looks at."""
    lifetimes = scope.server_idle or scope.local_idle
    parts = [
        f"{scope.browsers} browser{'s' * (scope.browsers > 1)}",
        f"{scope.tabs} tabs" if scope.tabs > 1 else "",
        f"{len(scope.apps)} application{'s' * (len(scope.apps) > 1)}",
        f"{len(scope.users)} user{'s' * (len(scope.users) > 1)}",
        f"{len(scope.provider_users)} at the provider" if scope.provider_users else "",
        "clock" if lifetimes else "",
    ]
    return ", ".join(filter(None, parts))


def _properties(out: Console, graphs: list[Graph]) -> bool:
    results = [(graph, result) for graph in graphs for result in prove(graph)]
    out.print("\nproperties of the whole network", style="bold")
    for name in dict.fromkeys(result.property.name for _, result in results):
        mine = [(graph, result) for graph, result in results if result.property.name == name]
        wrong = [(graph, result) for graph, result in mine if not result.holds]
        prop = mine[0][1].property
        where = f"{sum(result.checked for _, result in mine)} checks in {len(mine)} scopes"
        out.print(f"  {'FAILS' if wrong else 'holds'}  {prop.requirement}  {prop.kind}: {prop.name} ({where})")
        for graph, result in wrong:
            out.print(f"    in {graph.network.scope.name}:")
            if result.edge is not None:
                _path(out, [*graph.path(result.edge.source), result.edge])
    return all(result.holds for _, result in results)


def _rules(out: Console, graphs: list[Graph], paths: bool, *, complete: bool) -> bool:
    first: dict[str, tuple[Graph, Edge]] = {}
    for graph in graphs:
        for edge in graph.edges():
            for rule in edge.outcome.rules:
                first.setdefault(rule.key, (graph, edge))
    rules = [rule.key for machine in MACHINES for rule in machine.compiled]
    never = [key for key in rules if key not in first]
    out.print(f"\nrules of the tables: {len(rules) - len(never)} of {len(rules)} can fire", style="bold")
    for key in never:
        out.print(f"  never fires: {key}", markup=False)
    if paths:
        for key, (graph, edge) in first.items():
            out.print(f"\n{key}, in {graph.network.scope.name}:", markup=False)
            _path(out, [*graph.path(edge.source), edge])
    return not (complete and never)


def _path(out: Console, edges: list[Edge]) -> None:
    for number, edge in enumerate(edges, 1):
        trace = " -> ".join("|".join(e.allowed[:2]) for e in edge.outcome.trace)
        out.print(f"    {number}. {edge.stimulus}: {trace}", markup=False)
