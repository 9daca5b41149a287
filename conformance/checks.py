"""The preflight: everything that a run will need is looked at once, each with what was found, or cause and hint.

A run stops at what it cannot do without, and that is never a failing target. What only may be wrong is a note.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from .errors import HarnessProblem

State = Literal["ok", "note", "failed"]


class Check(NamedTuple):
    """One thing that a run needs. `found`: what was seen, or the cause; `hint`: what to do, empty where all is well."""

    name: str
    state: State
    found: str
    hint: str = ""


class Found:
    """Takes what one check finds."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.advice = ""

    def say(self, words: str) -> None:
        """Add to what was found, once."""
        if words not in self.words:
            self.words.append(words)

    def note(self, words: str, hint: str) -> None:
        """Say what may be wrong, although a run can do without."""
        self.words.append(words)
        self.advice = f"{self.advice} {hint}".strip()


class Checks:
    """Makes the checks of one preflight."""

    def __init__(self) -> None:
        """Nobody is told yet, and only what a run needs is looked at."""
        self.tell: Callable[[Check], None] = lambda _: None
        self.redact: Callable[[str], str] = str
        """Takes secrets out of what is told: it may hold words of the target."""
        self.thorough = False
        """Whether to look also at what a run finds out by itself: the logout, say."""
        self.advice = ""
        """What to do about a target that does not answer, where more than usual is known: how to start it."""
        self._problems: list[HarnessProblem] = []

    @contextmanager
    def of(self, name: str) -> Iterator[Found]:
        """Make one check. A HarnessProblem in it is kept for `settle`, so that checks beside it go on."""
        found = Found()
        try:
            yield found
        except HarnessProblem as problem:
            if self.advice and problem.exit_code == 5:
                problem.hint = f"{self.advice} {problem.hint}"
            self._problems.append(problem)
            self._tell(name, "failed", problem.cause, problem.hint)
        else:
            self._tell(name, "note" if found.advice else "ok", "; ".join(found.words), found.advice)

    def _tell(self, name: str, state: State, found: str, hint: str) -> None:
        self.tell(Check(name, state, self.redact(found), self.redact(hint)))

    def settle(self) -> None:
        """Raise the first problem so far, if there was one; others are named in its hint."""
        if not self._problems:
            return
        first, *others = self._problems
        self._problems = []
        first.hint = " ".join([first.hint, *(f"Besides: {problem}" for problem in others)])
        raise first


@runtime_checkable
class Checked(Protocol):
    """An adapter whose `declare` makes checks."""

    checks: Checks
