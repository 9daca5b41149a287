"""Tries every mutant, on all cores, and prints what caught it: `sessionproof mutants`."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from ..errors import UsageProblem
from .bugs import copied_by
from .catalogue import MUTANTS
from .trial import Trial, trial

BY_NAME = {mutant.name: mutant for mutant in MUTANTS}


def try_out(name: str) -> Trial:
    """The trial of the mutant of this name; here so that another process can find it."""
    return trial(BY_NAME[name])


def print_mutants(out: Console, err: Console, names: tuple[str, ...]) -> bool:
    """Try these mutants, all if none is named; returns whether each was caught by its requirement."""
    if unknown := [name for name in names if name not in BY_NAME]:
        raise UsageProblem(f"no mutant is called {unknown[0]!r}; there are: {', '.join(BY_NAME)}")
    chosen = names or tuple(BY_NAME)
    trials: list[Trial] = []
    with ProcessPoolExecutor() as pool, _progress(err, len(chosen)) as progress:
        for found in pool.map(try_out, chosen):
            trials.append(found)
            if progress is not None:
                progress.advance(progress.task_ids[0])
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("mutant", "copies", "breaks", "caught by"):
        table.add_column(title, overflow="fold")
    for title in ("after steps", "flow"):
        table.add_column(title, justify="right")
    table.add_column("generator")
    for t in trials:
        caught = t.caught_by or "nothing"
        shown = caught if t.right else f"[red]{caught}[/]"
        mutant = BY_NAME[t.name]
        row = (
            t.name,
            ", ".join(copied_by(t.name)),
            mutant.requirement,
            shown,
            str(t.found_after),
            str(t.length),
            t.generator,
        )
        table.add_row(*row)
    out.print(table)
    right = sum(t.right for t in trials)
    out.print(f"\n{right} of {len(trials)} mutants caught by the requirement that they break", style="bold")
    return right == len(trials)


@contextmanager
def _progress(err: Console, total: int) -> Iterator[Progress | None]:
    if not err.is_terminal:
        yield None
        return
    with Progress(console=err, transient=True) as progress:
        progress.add_task("trying mutants", total=total)
        yield progress
