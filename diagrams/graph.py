"""A machine's table as a plain graph of nodes and labelled edges: the only place that reads rows for state charts.

A view shows a part of one table. Rows that differ only in what the view does not show become one line; lines between
the same two states become one edge.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sessionproof.model.stories import STORIES
from sessionproof.model.table import Compiled, Machine

from . import replay
from .citations import cited

NOBODY = ("absent", "created", "anonymous")
"""Sessions in which nobody is logged in; a view may show them as one."""

QUIET_EFFECTS = {"close", "deny", "need login", "need consent", "complain invalid request", "complain response type"}
"""Effects that change no session: they choose an error code, or take a page away."""

LEVELS = (MUST, CHOICE, TOLERATED) = "must", "choice", "tolerated"
"""Levels of a line: what every target does, what it may do (MAY), what it should not do but is followed in (SHOULD)."""


class Line(NamedTuple):
    """What answers some messages. `choices`: those of the target that lead here; `bold`: a story of the seed does.

    `ids`: the requirements that its rows cite, those of the reply first.
    """

    messages: tuple[str, ...]
    guard: str
    reply: str
    level: str
    choices: tuple[str, ...]
    bold: bool
    ids: tuple[str, ...] = ()


class Edge(NamedTuple):
    """Everything that leads from one node to another, or that a node answers without being left.

    `rules`: keys of the rows behind it.
    """

    source: str
    target: str
    lines: tuple[Line, ...]
    rules: tuple[str, ...]

    @property
    def level(self) -> str:
        """The strongest level of its lines."""
        return min((line.level for line in self.lines), key=LEVELS.index)

    @property
    def bold(self) -> bool:
        """Whether a story of the seed goes this way."""
        return any(line.bold for line in self.lines)


class Graph(NamedTuple):
    """What a state chart shows: `nodes` maps each node to the states that it stands for.

    `rows`: how many rows the table has. `drawn`: how many of them are in the chart. `quiet`: how many are not, since
    they change nothing.
    """

    nodes: dict[str, tuple[str, ...]]
    edges: tuple[Edge, ...]
    rows: int
    drawn: int
    quiet: int


@dataclass(frozen=True)
class View:
    """A picture of a part of a table.

    `name`: the file. `merge`: show the sessions without a user as one state. `shows`: whether a row, from one of its
    source states, belongs here. `elsewhere`: what the other rows are about. `rankdir`: which way the arrows lead.
    `refusals`: show also the rows that change nothing. `caption`: what the caption says in place of counting all rows.
    """

    name: str
    title: str
    machine: Machine
    merge: bool
    shows: Callable[[str, Compiled], bool]
    elsewhere: str = ""
    rankdir: Literal["TB", "LR"] = "TB"
    refusals: bool = False
    caption: str = ""


class _Move(NamedTuple):
    source: str
    target: str
    rule: Compiled
    bold: bool


def changes_nothing(rule: Compiled) -> bool:
    """Whether the row leaves everything as it was: a refusal, or a page that no session matters for."""
    effects = set(filter(None, rule.rule.effects.split(", ")))
    return effects <= QUIET_EFFECTS and all(replay.target(rule, source) == source for source in rule.sources)


def extract(view: View) -> Graph:
    """The graph of a view: rows that change nothing are left out unless it wants them, or a story of the seed does."""
    happy = happy_path()
    moves = [
        _Move(_node(view, source), _node(view, replay.target(rule, source)), rule, (rule.key, source) in happy)
        for rule in view.machine.compiled
        for source in rule.sources
        if view.shows(source, rule) and (view.refusals or not changes_nothing(rule) or (rule.key, source) in happy)
    ]
    used = {end for move in moves for end in move[:2]}
    nodes: dict[str, tuple[str, ...]] = {}
    for state in view.machine.states:
        if (node := _node(view, state)) in used:
            nodes[node] = (*nodes.get(node, ()), state)
    drawn = {move.rule.key for move in moves}
    quiet = sum(changes_nothing(rule) and rule.key not in drawn for rule in view.machine.compiled)
    return Graph(nodes, tuple(_edges(moves, list(nodes))), len(view.machine.compiled), len(drawn), quiet)


def happy_path() -> frozenset[tuple[str, str]]:
    """The rows that the seed's stories take, as (key of the rule, state before)."""
    return frozenset((fired.rule.key, fired.before) for story in STORIES for fired in replay.every_row(story))


def _node(view: View, state: str) -> str:
    session, plus, what = state.partition("+")
    return f"nobody{plus}{what}" if view.merge and session in NOBODY else state


def _edges(moves: list[_Move], order: list[str]) -> Iterable[Edge]:
    ends = sorted({move[:2] for move in moves}, key=lambda pair: (order.index(pair[0]), order.index(pair[1])))
    for source, target in ends:
        mine = [move for move in moves if move[:2] == (source, target)]
        yield Edge(source, target, tuple(_lines(mine)), tuple(dict.fromkeys(move.rule.key for move in mine)))


def _lines(moves: Iterable[_Move]) -> list[Line]:
    rows: dict[tuple[str, str, str], list[_Move]] = {}
    for move in moves:
        rule = move.rule.rule
        rows.setdefault((rule.message, rule.guard, rule.reply), []).append(move)
    lines = [_line(message, guard, reply, rows[message, guard, reply]) for message, guard, reply in rows]
    return _join_messages(_drop_opposites(lines))


def _line(message: str, guard: str, reply: str, moves: list[_Move]) -> Line:
    """One line for rows that look alike here; a choice is named only where all of them make it, so where it shows."""
    choices = tuple(v for v in moves[0].rule.variants if all(v in move.rule.variants for move in moves))
    level = TOLERATED if all(move.rule.rule.breaks for move in moves) else CHOICE if choices else MUST
    ids = dict.fromkeys(i for move in moves for i in (*filter(None, [move.rule.rule.breaks]), *cited(move.rule)))
    return Line((message,), guard, reply, level, choices, any(move.bold for move in moves), tuple(ids))


def _drop_opposites(lines: list[Line]) -> list[Line]:
    """A line under a guard needs none beside the same line under the opposite guard, or under no guard."""
    kept: dict[Line, Line] = {}
    for line in lines:
        plain = _look(line)._replace(guard="")
        twins = {other.guard for other in lines if _look(other)._replace(guard="") == plain}
        opposite = line.guard.removeprefix("not ") if line.guard.startswith("not ") else f"not {line.guard}"
        needless = " and " not in line.guard and ("" in twins or opposite in twins)
        _add(kept, plain if needless else _look(line), line)
    return [key._replace(bold=line.bold, ids=line.ids) for key, line in kept.items()]


def _join_messages(lines: list[Line]) -> list[Line]:
    """Messages that are answered alike, in one line."""
    kept: dict[Line, Line] = {}
    for line in lines:
        _add(kept, _look(line)._replace(messages=(), bold=line.bold), line)
    return [key._replace(messages=line.messages, ids=line.ids) for key, line in kept.items()]


def _look(line: Line) -> Line:
    """What has to be equal for two lines to become one."""
    return line._replace(bold=False, ids=())


def _add(kept: dict[Line, Line], key: Line, line: Line) -> None:
    """Put what is told of a line to what is told of those that look like it."""
    if before := kept.get(key):
        messages = tuple(dict.fromkeys((*before.messages, *line.messages)))
        ids = tuple(dict.fromkeys((*before.ids, *line.ids)))
        line = line._replace(messages=messages, bold=line.bold or before.bold, ids=ids)
    kept[key] = line
