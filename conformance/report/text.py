"""The summary that a run prints: the answer first, then what is wrong, then what was exercised and what was not."""

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from sessionproof.model.requirements import BY_ID

from ..results import Results
from ..runlog import Event
from ..verdict import Verdict
from .seen import flow_words
from .visible import shown
from .wording import by_reason, covers, cut_short, effort, exercised, finding_kind, headline, numbers, often, reached

COLOURS = {
    "pass": "green",
    "fail": "red",
    "warning": "yellow",
    "known deviation": "yellow",
    "inconclusive": "magenta",
    "untested": "magenta",
    "not applicable": "dim",
}


def print_summary(console: Console, results: Results, verbose: bool = False) -> None:
    """Print the whole summary; `verbose` lists every requirement, else only those that did not simply pass."""
    for part in (
        _answer(results),
        *(_finding(finding, results.known) for finding in results.findings),
        _requirements(results, verbose),
        _coverage(results),
    ):
        console.print(part, soft_wrap=True)


def _title(text: str, colour: str = "") -> list[Text]:
    """A line that stands out, after an empty one."""
    return [Text(), shown(text, f"bold {colour}".strip())]


def _answer(results: Results) -> RenderableType:
    return Group(
        *_title(headline(results), COLOURS[results.verdict()]),
        shown(numbers(results)),
        shown(effort(results)),
        *([shown(short, "magenta")] if (short := cut_short(results)) else []),
        *(shown(f"known deviation {name} {why}", "red") for name, why in results.stale()),
    )


def _finding(finding: Event, known: Mapping[str, Event]) -> RenderableType:
    requirement = BY_ID.get(finding["requirement"])
    mismatch, flow = finding["mismatch"], finding["flow"]["steps"]
    level = requirement.level if requirement else ""
    word = finding_kind(finding, known)
    lines = _title(f"{word}: {finding['requirement']} ({level})", COLOURS.get(word, "magenta"))
    if finding["doubt"]:
        lines.append(shown(f"  {finding['doubt']}"))
    if requirement:
        lines += [shown(f"  {requirement.sentence}"), shown(f"  source: {requirement.source}", "dim")]
    what = "flow (the time was used up before it was as short as can be)" if finding.get("cut") else "shortest flow"
    lines.append(shown(f"  {what}, in {finding['flow']['scope']}, from fresh browsers:"))
    for number, words in enumerate(flow_words(flow), 1):
        lines.append(shown(f"    {number}. {words}{'   <- here' if number == len(flow) else ''}"))
    lines += [
        shown(f"  at {mismatch['place']}: expected {mismatch['expected']}"),
        shown(f"  {' ' * len(mismatch['place'])}     actual   {mismatch['actual']}"),
    ]
    last = [e["curl"] for e in finding["exchanges"] if e.get("step") == len(flow)]
    if last:
        lines.append(shown("  the last step by hand (cookies and secrets left out; all steps are in the log):"))
        lines += [shown(f"    {curl}", "dim") for curl in last]
    return Group(*lines)


def _requirements(results: Results, verbose: bool) -> RenderableType:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("requirement", "level", "verdict", "seen", "why"):
        table.add_column(title)
    lines = [line for line in results.lines() if line.verdict is not Verdict.NOT_APPLICABLE]
    for line in lines:
        if verbose or line.verdict is not Verdict.PASS or line.reason:
            table.add_row(
                line.requirement.id,
                line.requirement.level,
                shown(line.verdict, COLOURS[line.verdict]),
                str(line.witnessed),
                shown(line.reason),
            )
    parts: list[RenderableType] = [Padding(table, (1, 0, 0, 0))] if table.row_count else []
    apart: dict[str, list[str]] = {}
    for line in results.lines():
        if line.verdict is Verdict.NOT_APPLICABLE:
            apart.setdefault(line.reason, []).append(line.requirement.id)
    parts += [shown(f"not applicable, {reason}: {', '.join(ids)}") for reason, ids in apart.items()]
    return Group(*parts)


def _coverage(results: Results) -> RenderableType:
    parts: list[RenderableType] = [
        *_title("exercised"),
        *(shown(f"  {name}: {done} of {wanted}") for name, (done, wanted) in exercised(results).items()),
        *(shown(f"  {cover}") for cover in covers(results)),
        shown(f"  cover reached: {reached(results)}"),
    ]
    if proved := results.footer.get("claim", ()):
        parts += [shown("what this run has proved", "bold"), *(shown(f"  {sentence}") for sentence in proved)]
    parts += _unfired(results.footer.get("unfired", ()))
    if variants := results.variants():
        parts.append(shown("choices that this target makes where the standards leave one", "bold"))
        for choice, app, made, declined in variants:
            parts.append(shown(f"  {choice}{f' ({app})' if app else ''}: {often(made, declined)}"))
    if results.outside:
        seen = ", ".join(f"{k} ({n}x)" for k, n in sorted(results.outside.items()))
        parts.append(shown(f"seen to deviate outside the chosen profiles (no verdict): {seen}"))
    return Group(*parts)


def _unfired(unfired: Iterable[tuple[str, str]]) -> Iterator[RenderableType]:
    for reason, keys in by_reason(unfired):
        yield shown(f"  rules never exercised, {reason}: {len(keys)}")
        yield from (shown(f"    {key}", "dim") for key in keys)
