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
from .visible import shown

COLOURS = {
    "pass": "green",
    "fail": "red",
    "warning": "yellow",
    "known deviation": "yellow",
    "inconclusive": "magenta",
    "untested": "magenta",
    "not applicable": "dim",
}
ANSWERS = {
    Verdict.PASS: "CONFORMS",
    Verdict.FAIL: "DOES NOT CONFORM",
    Verdict.INCONCLUSIVE: "INCONCLUSIVE",
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
    verdict = results.verdict()
    target, footer = results.header["target"], results.footer
    counts = {v: sum(line.verdict is v for line in results.lines()) for v in Verdict}
    numbers = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    seconds = footer.get("seconds", {})
    return Group(
        *_title(f"{answer(results)}: {target['name']} ({target['role']})", COLOURS[verdict]),
        shown(f"profiles {', '.join(results.header['profiles'])}: {numbers}"),
        shown(
            f"{footer.get('flows', 0)} flows, {footer.get('steps', 0)} steps, {footer.get('requests', 0)} requests"
            f" in {seconds.get('total', 0):.1f} s, of which {seconds.get('waited', 0):.1f} s were the target's"
        ),
        *([shown(f"stopped early: {footer['stopped']}", "magenta")] if footer.get("stopped") else []),
        *([] if footer else [shown("the log has no footer: the run was cut off", "magenta")]),
        *(shown(f"known deviation {name} {why}", "red") for name, why in results.stale()),
    )


def answer(results: Results) -> str:
    """The verdict on the whole run in words; what a file of the user's makes of it, too."""
    verdicts = {line.verdict for line in results.lines()}
    if results.stale() and Verdict.FAIL not in verdicts:
        return "KNOWN DEVIATIONS OUT OF DATE"
    but = ", but for known deviations" if Verdict.KNOWN in verdicts and results.verdict() is Verdict.PASS else ""
    return ANSWERS[results.verdict()] + but


def _finding(finding: Event, known: Mapping[str, Event]) -> RenderableType:
    requirement = BY_ID.get(finding["requirement"])
    mismatch, flow = finding["mismatch"], finding["flow"]["steps"]
    level = requirement.level if requirement else ""
    word = "not confirmed" if not finding["confirmed"] else "warning" if level == "SHOULD" else "fail"
    if word != "not confirmed" and not known.get(finding["requirement"], {"expired": True})["expired"]:
        word = "known deviation"
    lines = _title(f"{word}: {finding['requirement']} ({level})", COLOURS.get(word, "magenta"))
    if finding["doubt"]:
        lines.append(shown(f"  {finding['doubt']}"))
    if requirement:
        lines += [shown(f"  {requirement.sentence}"), shown(f"  source: {requirement.source}", "dim")]
    what = "flow (the time was used up before it was as short as can be)" if finding.get("cut") else "shortest flow"
    lines.append(shown(f"  {what}, in {finding['flow']['scope']}, from fresh browsers:"))
    for number, step in enumerate(flow, 1):
        lines.append(shown(f"    {number}. {step_words(step)}{'   <- here' if number == len(flow) else ''}"))
    lines += [
        shown(f"  at {mismatch['place']}: expected {mismatch['expected']}"),
        shown(f"  {' ' * len(mismatch['place'])}     actual   {mismatch['actual']}"),
    ]
    last = [e["curl"] for e in finding["exchanges"] if e.get("step") == len(flow)]
    if last:
        lines.append(shown("  the last step by hand (cookies and secrets left out; all steps are in the log):"))
        lines += [shown(f"    {curl}", "dim") for curl in last]
    return Group(*lines)


def step_words(step: Event) -> str:
    """One step of a flow file in words."""
    words = [step["action"], step.get("arg", ""), f"at {step['app']}" if step.get("app") else ""]
    where = (
        f"(browser {step.get('browser', 0) + 1}, tab {step.get('tab', 0) + 1})"
        if step.get("browser") or step.get("tab")
        else ""
    )
    return " ".join(w for w in (*words, where) if w)


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
    footer = results.footer
    fired, rules = footer.get("rules", (0, 0))
    visited, states = (sum(pair[i] for pair in footer.get("states", {}).values()) for i in (0, 1))
    parts: list[RenderableType] = [
        *_title("exercised"),
        shown(f"  requirements: {sum(line.witnessed > 0 for line in results.lines())} of {len(results.lines())}"),
        shown(f"  rules of the tables: {fired} of {rules}"),
        shown(f"  states of the model: {visited} of {states}"),
    ]
    for strength, scopes in footer.get("coverage", {}).items():
        if scopes and strength != "rules":
            done, wanted = (sum(pair[i] for pair in scopes.values()) for i in (0, 1))
            short = ", ".join(f"{name} {pair[0]}/{pair[1]}" for name, pair in scopes.items() if pair[0] < pair[1])
            parts.append(shown(f"  {strength}: {done} of {wanted}" + (f"; short in {short}" if short else "")))
    parts += _unfired(footer.get("unfired", ()))
    if variants := results.variants():
        parts.append(shown("choices that this target makes where the standards leave one", "bold"))
        for choice, app, made, declined in variants:
            often = "always" if not declined else f"{made} of {made + declined} times"
            parts.append(shown(f"  {choice}{f' ({app})' if app else ''}: {often}"))
    if results.outside:
        seen = ", ".join(f"{k} ({n}x)" for k, n in sorted(results.outside.items()))
        parts.append(shown(f"seen to deviate outside the chosen profiles (no verdict): {seen}"))
    return Group(*parts)


def _unfired(unfired: Iterable[tuple[str, str]]) -> Iterator[RenderableType]:
    by_reason: dict[str, list[str]] = {}
    for key, reason in unfired:
        by_reason.setdefault(reason, []).append(key)
    for reason, keys in sorted(by_reason.items()):
        yield shown(f"  rules never exercised, {reason}: {len(keys)}")
        yield from (shown(f"    {key}", "dim") for key in keys)
