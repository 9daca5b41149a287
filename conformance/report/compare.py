"""Several runs side by side: requirements by targets, with verdicts and the choices that were seen."""

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from sessionproof.model.requirements import CATALOGUE

from ..results import Line, Results
from ..verdict import Verdict
from .text import COLOURS

SIGNS = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "FAIL",
    Verdict.WARNING: "warning",
    Verdict.KNOWN: "known",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.NOT_APPLICABLE: "",
    Verdict.UNTESTED: "untested",
}
"""What stands in a cell; one that is empty does not apply to that target."""
Row = tuple[str, str, list[Line | None]]


def rows(runs: Sequence[Results]) -> list[Row]:
    """Each requirement that applies to at least one run: id, level, and its line in each run (None: not selected)."""
    lines = [{line.requirement.id: line for line in run.lines()} for run in runs]
    found = [(r.id, r.level, [each.get(r.id) for each in lines]) for r in CATALOGUE]
    return [row for row in found if any(line and line.verdict is not Verdict.NOT_APPLICABLE for line in row[2])]


def choices(runs: Sequence[Results]) -> list[tuple[str, list[str]]]:
    """Each choice (MAY) that a target made, and by which applications of each run it was seen."""
    made = [{(choice, app): (yes, no) for choice, app, yes, no in run.variants()} for run in runs]
    names = sorted({choice for each in made for choice, _ in each})
    return [
        (name, [_often([n for (choice, _), n in each.items() if choice == name]) for each in made]) for name in names
    ]


def _often(numbers: list[tuple[int, int]]) -> str:
    yes, no = (sum(pair[i] for pair in numbers) for i in (0, 1))
    return "" if not yes else "always" if not no else "sometimes"


def title(run: Results) -> str:
    """The target's name, as the run's file gave it."""
    return str(run.header["target"]["name"])


def print_comparison(console: Console, runs: Sequence[Results]) -> None:
    """The table on a terminal."""
    table = Table(header_style="bold")
    for head in ("requirement", "level", *map(title, runs)):
        table.add_column(head, overflow="fold")
    for identifier, level, lines in rows(runs):
        cells = [f"[{COLOURS[line.verdict]}]{SIGNS[line.verdict]}[/]" if line else "" for line in lines]
        table.add_row(identifier, level, *cells)
    table.add_section()
    for name, seen in choices(runs):
        table.add_row(f"[dim]{name}[/]", "MAY", *seen)
    console.print(table)


def markdown(runs: Sequence[Results]) -> str:
    """The table for a repository or a pull request."""
    heads = ["requirement", "level", *(_cell(title(run)) for run in runs)]
    lines = [heads, ["---"] * len(heads)]
    for identifier, level, found in rows(runs):
        lines.append([identifier, level, *(SIGNS[line.verdict] if line else "" for line in found)])
    for name, seen in choices(runs):
        lines.append([f"*{name}*", "MAY", *seen])
    totals = [_total(run) for run in runs]
    lines.append(["flows, steps, requests", "", *(f"{t['flows']}, {t['steps']}, {t['requests']}" for t in totals)])
    lines.append(["seconds, the target's share", "", *(str(t["time"]) for t in totals)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def as_json(runs: Sequence[Results]) -> str:
    """The table for programs: `targets`, `requirements` by id, `choices` by name, in the order of the targets."""
    content = {
        "targets": [run.header["target"] | _total(run) for run in runs],
        "requirements": {
            identifier: [str(line.verdict) if line else None for line in found] for identifier, _, found in rows(runs)
        },
        "choices": {name: [cell or None for cell in seen] for name, seen in choices(runs)},
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _total(run: Results) -> dict[str, object]:
    seconds = run.footer.get("seconds", {})
    total, waited = seconds.get("total", 0.0), seconds.get("waited", 0.0)
    return {
        "flows": run.footer.get("flows", 0),
        "steps": run.footer.get("steps", 0),
        "requests": run.footer.get("requests", 0),
        "time": f"{total:.0f} s, {waited / total:.0%}" if total else "",
    }


def _cell(text: str) -> str:
    return "".join(c for c in text if c.isprintable()).replace("|", "\\|").replace("<", "&lt;")
