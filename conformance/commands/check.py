"""`sessionproof check`: the preflight alone, said line by line, with everything that a run will need."""

import os
import time
from pathlib import Path

import typer
from rich.text import Text

from ..checks import Check, Checked
from ..console import TargetFile, Trust, out, problems
from ..errors import HarnessProblem
from ..opening import open_target
from ..report.visible import shown

COLOURS = {"ok": "green", "note": "yellow", "failed": "red"}
WIDTH = 18


def check(target: TargetFile = None, trust: Trust = False) -> None:
    """Log in and out once, and say of each thing that a run needs whether it is there, and what to do if not."""
    with problems():
        code = preflight(target, trust)
    raise typer.Exit(code)


def preflight(target: Path | None, trust: bool = False) -> int:
    """Print each check as it is made; returns 0, or the exit code of the first one that failed."""
    started, code = time.monotonic(), 0
    with open_target(target, os.environ, trust=trust) as adapter:
        if isinstance(adapter, Checked):
            adapter.checks.tell, adapter.checks.thorough = _print, True
        try:
            adapter.declare()
        except HarnessProblem as problem:
            if not isinstance(adapter, Checked):
                raise
            code = problem.exit_code
    seconds = time.monotonic() - started
    if code:
        out.print(f"not ready, after {seconds:.1f} s; what depends on what failed was not looked at", style="red")
    else:
        out.print(f"ready for a run, after {seconds:.1f} s", style="green")
    return code


def _print(check: Check) -> None:
    head = Text(f"{check.state:8}", COLOURS[check.state]) + shown(f"{check.name:{WIDTH}}")
    out.print(head + Text(" ") + shown(check.found))
    if check.hint:
        out.print(Text(" " * (8 + WIDTH + 1)) + shown(check.hint, "dim"))
