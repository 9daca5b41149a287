"""Our exploration of two browsers and SPIN's, side by side in one run: states, time, memory, and what each finds."""

import resource
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sessionproof.model.product import Product
from sessionproof.model.product_steps import Steps
from sessionproof.model.sweep import Sweep

from .spinning import spin


def print_comparison(out: Console, err: Console, product: Product, model: str, compiled: float) -> bool:
    """Search both; returns whether they agree: the same number of states, or a violation after as many steps.

    `model`: the product in Promela; `compiled`: seconds that it took to work the product out. Raises UsageProblem and
    SpinProblem.
    """
    with err.status("exploring, then compiling and running SPIN's verifier") if err.is_terminal else nullcontext():
        start = time.process_time()
        found = Sweep(product).run()
        seconds = time.process_time() - start
        memory = _peak()
        mine = _shortest(product) if found.broken else ()
        with tempfile.TemporaryDirectory() as folder:
            theirs = spin(model, Path(folder), states=found.states, shortest=bool(found.broken))
    table = Table(title=f"{product.scope.name}, two browsers", title_justify="left", box=None)
    for title in ("", "states", "prepared s", "search CPU s", "states a second", "MiB"):
        table.add_column(title, justify="right" if title else "left")
    for name, states, prepared, spent, mib in (
        ("sessionproof", found.states, compiled, seconds, memory),
        ("SPIN", theirs.states, theirs.prepared, theirs.seconds, theirs.mib),
    ):
        rate = f"{states / spent:,.0f}" if spent else "-"
        table.add_row(name, f"{states:,}", f"{prepared:.1f}", f"{spent:.2f}", rate, f"{mib:,.0f}")
    out.print(table)
    if not mine and not theirs.violation:
        if seconds and theirs.seconds:
            out.print(f"SPIN's search takes {theirs.seconds / seconds:.1f} times the processor time of ours")
        else:
            out.print("too short to be compared")
        return found.states == theirs.states
    out.print("a violation ends SPIN's search: its states are those until then")
    for name, way in (("sessionproof", mine), ("SPIN", theirs.violation)):
        out.print(f"{name}: {' -> '.join(way) or 'no violation'}", markup=False)
    return bool(mine) and len(mine) == len(theirs.violation)


def _shortest(product: Product) -> tuple[str, ...]:
    """The steps to the nearest violation of any property; which browser makes them is left out, as SPIN does."""
    steps = Steps(product)
    ways = filter(None, (steps.breaking(name) for name in product.properties))
    return tuple(str(step.stimulus._replace(browser=0)) for step in min(ways, key=len))


def _peak() -> float:
    """Peak resident memory of this process in MiB (Linux counts in KiB, macOS in bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
