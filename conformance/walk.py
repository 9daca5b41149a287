"""Steps through a flow on the model: the three layers side by side, what may be done next, and what a target may do.

Reads one choice a line, from a person or from a pipe: a number, words, `back` or `quit`. The end of input ends it.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TextIO

from rich.console import Console
from rich.table import Table
from sessionproof.diagrams.citations import cited
from sessionproof.model.context import Outcome
from sessionproof.model.network import FEATURES, MACHINES, Network
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Scope, World
from sessionproof.model.vocabulary import ACTIONS, Stimulus

from .errors import UsageProblem
from .report.visible import shown
from .session_words import sessions

TITLES = {machine.name: machine.title for machine in MACHINES}


class Way(NamedTuple):
    """Something to choose: what it is called, and what it means."""

    name: str
    meaning: str


def scope_named(name: str) -> Scope:
    """The scope of this name. Raises UsageProblem that lists them."""
    found = next((scope for scope in SCOPES if scope.name == name), None)
    if found is None:
        raise UsageProblem(f"there is no scope {name!r}; expected one of: {', '.join(s.name for s in SCOPES)}")
    return found


class Walk:
    """One walk; `worlds` is the way that was taken, the last one is where it is now."""

    def __init__(self, scope: Scope, out: Console, lines: TextIO) -> None:
        """Begin in fresh browsers, for a target that offers everything."""
        self.network = Network(scope, FEATURES)
        self.worlds: list[World] = [scope.start()]
        self.out = out
        self.lines = lines

    def run(self) -> None:
        """Walk until the input ends or somebody quits."""
        self.out.print(shown(f"{self.network.scope.name}, from fresh browsers; choose by number or words", "bold"))
        while True:
            world = self.worlds[-1]
            self._show(world)
            stimuli = self.network.enabled(world)
            at = self._ask("next", [Way(str(s), ACTIONS[s.action]) for s in stimuli])
            if at is None:
                return
            if at < 0:
                self._back()
            elif not self._step(world, stimuli[at]):
                return

    def _step(self, world: World, stimulus: Stimulus) -> bool:
        """Do one step; False when the walk ends at the choice of an answer."""
        outcomes = self.network.step(world, stimulus)
        at: int | None = 0
        if len(outcomes) > 1:
            self.out.print(shown("the standards leave several answers; which does the target give?", "bold"))
            at = self._ask("answer", _answers(outcomes))
        if at is None or at < 0:  # back: nothing was done yet
            return at is not None
        outcome = outcomes[at]
        self.out.print(shown(f"{len(self.worlds)}. {stimulus}", "bold"))
        for rule in outcome.rules:
            reply = f" -> {rule.rule.reply}" if rule.rule.reply else ""
            ids = ", ".join(cited(rule))
            self.out.print(shown(f"   {TITLES[rule.machine]}: {rule.rule.message}{reply}{f'  ({ids})' if ids else ''}"))
        self.worlds.append(outcome.after)
        return True

    def _back(self) -> None:
        if len(self.worlds) > 1:
            self.worlds.pop()
        else:
            self.out.print("this is the beginning")

    def _show(self, world: World) -> None:
        scope = self.network.scope
        table = Table(box=None, pad_edge=False, header_style="bold")
        columns = [*(f"application {app}" for app in scope.apps), "authorization server", "identity provider"]
        for title in (["browser"] if scope.browsers > 1 else []) + columns:
            table.add_column(title)
        found = [str(session) for session in sessions(scope, world).values()]
        width = len(columns)
        for browser in range(scope.browsers):
            number = [str(browser + 1)] if scope.browsers > 1 else []
            table.add_row(*number, *map(shown, found[browser * width : (browser + 1) * width]))
        self.out.print()
        self.out.print(table)

    def _ask(self, what: str, ways: Sequence[Way]) -> int | None:
        """The position of what was chosen; -1 for `back`, None for `quit` and at the end of input."""
        for number, way in enumerate(ways, 1):
            self.out.print(shown(f"  {number:>2}. {way.name}{f': {way.meaning}' if way.meaning else ''}"))
        while True:
            self.out.print(f"{what} (1-{len(ways)}, words, back, quit): ", end="")
            line = self.lines.readline()
            if not line:
                self.out.print()
                return None
            answer = line.strip().lower()
            if not self.out.is_terminal:
                self.out.print(shown(answer))  # a transcript shows what was chosen
            if answer in ("quit", "q"):
                return None
            if answer in ("back", "b"):
                return -1
            found = _matching(answer, [way.name for way in ways])
            if len(found) == 1:
                return found[0]
            self.out.print(shown(_complaint(answer, [ways[at].name for at in found])))


def _matching(answer: str, names: Sequence[str]) -> list[int]:
    """By number, by the whole name, or by words that all occur in it."""
    if answer.isdecimal():
        return [int(answer) - 1] if 0 < int(answer) <= len(names) else []
    tests: Iterable[Callable[[str], bool]] = (
        lambda name: name == answer,
        lambda name: name.startswith(answer),
        lambda name: all(word in name for word in answer.split()),
    )
    for test in tests:
        if answer and (found := [at for at, name in enumerate(names) if test(name.lower())]):
            return found
    return []


def _complaint(answer: str, fitting: Sequence[str]) -> str:
    if fitting:
        return f"{answer!r} fits several: {'; '.join(fitting)}"
    return f"{answer!r} is none of these: give a number, words of one of them, back or quit"


def _answers(outcomes: Sequence[Outcome]) -> list[Way]:
    """What tells the outcomes apart: the choices (MAY) that they show, or what can be seen of them."""
    found = []
    for outcome in outcomes:
        choices = [variant for variant, _ in outcome.choices]
        trace = " -> ".join(expected.allowed[0] for expected in outcome.trace) or "nothing to see"
        breaks = f", against {', '.join(outcome.breaks)} (SHOULD)" if outcome.breaks else ""
        found.append(Way("; ".join(choices) or "no choice", f"{trace}{breaks}"))
    return found
