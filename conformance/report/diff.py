"""Two runs of one target, the older first: what got better, what worse, what was not tested any more."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from rich.console import Console
from sessionproof.model.requirements import CATALOGUE

from ..results import Line, Results
from ..verdict import Verdict
from .visible import shown, visible

RANK = {Verdict.PASS: 0, Verdict.WARNING: 1, Verdict.KNOWN: 1, Verdict.FAIL: 2}
"""How bad it is; other verdicts are no observation of the target."""
KINDS = {
    "worse": "got worse",
    "better": "got better",
    "newly untested": "not tested any more",
    "newly tested": "tested for the first time, and kept",
    "other": "changed otherwise",
}
"""Kinds of change, the most important first, and what a report calls them."""
COLOURS = {"worse": "red", "better": "green", "newly untested": "magenta"}


class Change(NamedTuple):
    """A requirement whose verdict is another one now; `why` is the reason of the new one. None: not selected."""

    kind: str
    id: str
    level: str
    old: Verdict | None
    new: Verdict | None
    why: str


def changes(old: Results, new: Results) -> list[Change]:
    """Every change, worst first, each kind in the order of the catalogue."""
    before, after = ({line.requirement.id: line for line in run.lines()} for run in (old, new))
    found = [
        Change(_kind(one, other), r.id, r.level, _verdict(one), _verdict(other), other.reason if other else "")
        for r in CATALOGUE
        if _verdict(one := before.get(r.id)) is not _verdict(other := after.get(r.id))
    ]
    return sorted(found, key=lambda change: list(KINDS).index(change.kind))


def apart(old: Results, new: Results) -> list[str]:
    """Why the two runs may not be comparable, and whether one was cut off."""
    found = []
    for what, one, other in _circumstances(old, new):
        if one != other:
            found.append(f"{what}: {one or 'none'} before, {other or 'none'} now")
    for name, run in (("older", old), ("newer", new)):
        if not run.footer:
            found.append(f"the {name} run was cut off: its log has no footer")
    return found


def headline(old: Results, new: Results) -> str:
    """One line: the verdicts of both runs, and how many requirements changed in which way."""
    found = changes(old, new)
    numbers = [f"{n} {KINDS[kind]}" for kind in KINDS if (n := sum(change.kind == kind for change in found))]
    return f"{old.verdict()} -> {new.verdict()}: {', '.join(numbers) or 'no verdict changed'}"


def print_diff(console: Console, old: Results, new: Results) -> None:
    """All of it on a terminal."""
    console.print(shown(headline(old, new), "bold"))
    for line in apart(old, new):
        console.print(shown(f"note: {line}", "yellow"))
    kind = ""
    for change in changes(old, new):
        if change.kind != kind:
            kind = change.kind
            console.print(shown(KINDS[kind], f"bold {COLOURS.get(kind, '')}".strip()))
        console.print(shown(f"  {change.id:8}{change.level:8}{_words(change)}"))
        if change.why:
            console.print(shown(f"                  {change.why}", "dim"))


def markdown(old: Results, new: Results) -> str:
    """All of it for a pull request."""
    lines = [f"**{_cell(headline(old, new))}**", ""]
    lines += [f"> {_cell(line)}  " for line in apart(old, new)]
    if found := changes(old, new):
        lines += ["", "| | requirement | level | before | now | why |", "| --- | --- | --- | --- | --- | --- |"]
    for change in found:
        before, now = change.old or "not selected", change.new or "not selected"
        lines.append(
            f"| {KINDS[change.kind]} | {change.id} | {change.level} | {before} | {now} | {_cell(change.why)} |"
        )
    return "\n".join(lines) + "\n"


def as_json(old: Results, new: Results) -> str:
    """All of it for programs: `verdicts` of both runs, `notes`, and `changes` as a list."""
    content = {
        "verdicts": [old.verdict(), new.verdict()],
        "notes": apart(old, new),
        "changes": [change._asdict() for change in changes(old, new)],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _kind(old: Line | None, new: Line | None) -> str:
    before, after = (RANK.get(line.verdict) if line else None for line in (old, new))
    if after is None:
        return "newly untested" if before is not None else "other"
    if before is None:
        return "newly tested" if after == 0 else "worse"
    return "worse" if after > before else "better" if after < before else "other"


def _circumstances(old: Results, new: Results) -> Iterator[tuple[str, str, str]]:
    for what, key in (("target", "name"), ("version of the target", "version"), ("features", "features")):
        one, other = (run.header["target"].get(key, "") for run in (old, new))
        yield what, _list(one), _list(other)
    for what in ("profiles", "cover"):
        yield what, _list(old.header.get(what, "")), _list(new.header.get(what, ""))
    one, other = (str(run.header.get("versions", {}).get("sessionproof", "")) for run in (old, new))
    yield "sessionproof", one, other


def _list(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _verdict(line: Line | None) -> Verdict | None:
    return line.verdict if line else None


def _words(change: Change) -> str:
    return f"{change.old or 'not selected'} -> {change.new or 'not selected'}"


def _cell(text: str) -> str:
    return visible(text).replace("&", "&amp;").replace("|", "\\|").replace("<", "&lt;").replace("`", "'")
