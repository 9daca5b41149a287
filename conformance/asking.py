"""Asks a person for what an option did not say; where nobody can be asked, says which options are missing."""

import sys
from collections.abc import Callable

import typer

from .console import out
from .errors import UsageProblem
from .report.visible import shown

APPS, USERS = ("shop", "outlet"), ("alice", "bob")
"""What the model calls the applications and users."""


class Asker:
    """Collects what is missing, so that all of it is said at once."""

    def __init__(self, interactive: bool | None = None, prompt: Callable[..., str] = typer.prompt) -> None:
        """`interactive`: whether somebody sits there; by default, whether standard input is a terminal."""
        self._interactive = sys.stdin.isatty() if interactive is None else interactive
        self._prompt = prompt
        self._missing: list[str] = []

    def ask(self, question: str, option: str, given: str | None, default: str | None = None) -> str:
        """What was given; else the answer; else the default. Without any, it is missing and `settle` says so."""
        if given is not None:
            return given
        if self._interactive:
            return str(self._prompt(question, default=default, show_default=bool(default), err=True)).strip()
        if default is None:
            self._missing.append(f"{option}  ({question})")
        return default or ""

    def settle(self) -> None:
        """Raise UsageProblem if something is missing."""
        if self._missing:
            listed = "\n".join(f"  {line}" for line in self._missing)
            raise UsageProblem(f"nobody can be asked here; give as options:\n{listed}")


class Given:
    """What the options say of the clients."""

    def __init__(self, ids: list[str], redirects: list[str], leaves: list[str], secret: bool) -> None:
        if len(redirects) > max(len(ids), 1) or len(leaves) > max(len(ids), 1) or len(ids) > len(APPS):
            raise UsageProblem("give --client-id once or twice, and the other options of a client as often as that")
        self.ids, self.redirects, self.leaves, self.secret = ids, redirects, leaves, secret

    def of(self, values: list[str], at: int) -> str | None:
        """The value for one client, if it was given."""
        return values[at] if at < len(values) else None


def tell(what: str, found: str, *, wrong: bool = False) -> None:
    """Print what was found out meanwhile."""
    out.print(shown(f"{what:18} {found}", "yellow" if wrong else ""))
