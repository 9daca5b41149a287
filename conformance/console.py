"""What all commands share: where they print, how trouble becomes a message and an exit code, and files they write."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from .errors import HarnessProblem, UsageProblem
from .report.visible import visible

INCONCLUSIVE, USAGE = 2, 3

TargetFile = Annotated[
    Path | None, typer.Argument(help="The target file (TOML); without one it is the bundled reference, in process.")
]
KnownFile = Annotated[
    Path | None,
    typer.Option("--known", help="A file of known deviations (TOML): id, reason, until when. They do not fail."),
]
Trust = Annotated[bool, typer.Option("--trust", help="Let the target file start its target: it may run any command.")]

out, err = Console(soft_wrap=True, highlight=False), Console(stderr=True, soft_wrap=True, highlight=False)


@contextmanager
def problems() -> Iterator[None]:
    """Turns what can go wrong into a message and its exit code; a run that was started has said it in its log too."""
    try:
        yield
    except UsageProblem as problem:
        raise typer.Exit(say("usage", str(problem), problem.exit_code)) from problem
    except HarnessProblem as problem:
        found, to_do = visible(problem.cause), visible(problem.hint)  # both may hold words of the target
        text = f"The target could not be tested; this is no verdict on it.\n{found}\n{to_do}"
        raise typer.Exit(say("inconclusive", text, problem.exit_code)) from problem
    except KeyboardInterrupt:
        raise typer.Exit(say("inconclusive", "interrupted", 130)) from None


def say(what: str, text: str, code: int) -> int:
    """Print a message on standard error; returns the exit code."""
    err.print(f"{what}: {text}", markup=False, style="bold red" if code == USAGE else "magenta")
    return code


def write(path: Path, text: str) -> None:
    """Write a file that nobody else may change. Raises UsageProblem where that is not possible."""
    try:
        path.touch(mode=0o644)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"cannot write {path}: {error.strerror}; choose another file") from error


def check_writable(option: str, path: Path | None) -> None:
    """Raise UsageProblem if a file could not be written there: before a long run, not after it. Changes nothing."""
    if path is None:
        return
    try:
        fresh = not path.exists()
        if fresh or path.is_file():  # opening a terminal or a pipe may disturb it
            with path.open("ab"):
                pass
        elif path.is_dir():
            raise IsADirectoryError(21, "Is a directory")
        if fresh:
            path.unlink()
    except OSError as error:
        raise UsageProblem(f"cannot write {option} {path}: {error.strerror}; choose another file") from error
