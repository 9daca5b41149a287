"""Prints what the fast exploration of two browsers finds: states, edges, levels, broken properties, time and memory."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext

from rich.console import Console
from rich.table import Table
from sessionproof.model.network import FEATURES
from sessionproof.model.product import Dependent, Product
from sessionproof.model.product_steps import Steps
from sessionproof.model.scopes import SCOPES, profile_of
from sessionproof.model.seeded import without_effects
from sessionproof.model.state import Scope
from sessionproof.model.sweep import Sweep
from sessionproof.model.wide import TOO_LARGE, wide

from .errors import HarnessProblem, UsageProblem
from .exploring import bound


def chosen(scopes: tuple[str, ...], profiles: tuple[str, ...]) -> list[Scope]:
    """The scopes of these names, and the wide ones of these profiles; if none, of all but the largest.

    Raises UsageProblem.
    """
    for option, names, known in (
        ("--scope", scopes, [scope.name for scope in SCOPES]),
        ("--profile", profiles, list(dict.fromkeys(map(profile_of, SCOPES)))),
    ):
        if unknown := [name for name in names if name not in known]:
            kind = option.removeprefix("--")
            raise UsageProblem(f"{option} {unknown[0]!r}: no such {kind}; expected one of: {', '.join(known)}")
    if not scopes and not profiles:
        profiles = tuple(dict.fromkeys(p for p in map(profile_of, SCOPES) if p not in TOO_LARGE))
    return [scope for scope in SCOPES if scope.name in scopes] + [wide(profile) for profile in profiles]


@contextmanager
def seeded(rule: str) -> Iterator[None]:
    """The tables without the effects of `rule`, where one is named. Raises UsageProblem."""
    with ExitStack() as stack:
        try:
            stack.enter_context(without_effects(rule) if rule else nullcontext())
        except KeyError as problem:
            raise UsageProblem(
                f"--without-effects {rule!r}: no such rule; `sessionproof explore --paths` prints the keys of all rules"
            ) from problem
        yield


def compiled(scope: Scope, progress: Callable[[int], None] = lambda _parts: None) -> Product:
    """The product of two browsers in a scope. Raises HarnessProblem where the tables do not allow for one."""
    try:
        return Product(scope, FEATURES, progress)
    except Dependent as problem:
        raise HarnessProblem(
            f"Two browsers cannot be explored fast in {scope.name}: {problem}.",
            "Explore it without --two-browsers, or provide for that step in model/product.py.",
        ) from problem


def print_pairs(out: Console, err: Console, scopes: list[Scope], rule: str) -> bool:
    """Explore each scope with two browsers; returns whether every property holds. Raises UsageProblem."""
    table = Table(title="every reachable state, two browsers, all features", title_justify="left", box=None)
    for title in ("scope", "bound", "parts", "shared", "states", "edges", "depth", "compiled s", "visited s", "MiB"):
        table.add_column(title, justify="left" if title in ("scope", "bound") else "right")
    wrong: list[str] = []
    checked: set[str] = set()
    with seeded(rule), err.status("exploring") if err.is_terminal else nullcontext() as status:

        def tell(scope: Scope, what: str) -> Callable[[int], None]:
            return lambda number: status.update(f"{scope.name}: {number:,} {what}") if status else None

        for scope in scopes:
            start = time.perf_counter()
            product = compiled(scope, tell(scope, "parts of a browser"))
            ready = time.perf_counter()
            found = Sweep(product).run(tell(scope, "states"))
            visited = time.perf_counter()
            checked |= set(product.properties)
            table.add_row(
                scope.name, bound(product.scope), f"{len(product.parts):,}", f"{len(product.shared):,}",
                f"{found.states:,}", f"{found.edges:,}", str(found.levels),
                f"{ready - start:.1f}", f"{visited - ready:.2f}", f"{found.size / 2**20:.1f}",
            )  # fmt: skip
            wrong += [f"\nFAILS in {scope.name}: {name}: no step shows it" for name in sorted(found.missing)]
            for name in sorted(found.broken):
                wrong.append(f"\nFAILS in {scope.name}: {name}")
                wrong += [f"    {at}. {step.stimulus}" for at, step in enumerate(Steps(product).breaking(name), 1)]
    out.print(table)
    for line in wrong or [f"\n{len(checked)} properties of single steps hold"]:
        out.print(line, markup=False)
    return not wrong
