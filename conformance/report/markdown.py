"""A run as Markdown, for a pull request or the summary of a job: the answer, the findings, what did not simply pass.

Whatever may come from a target stands in code spans and code blocks that it cannot leave: no links, no mentions, no
tables of its own.
"""

import re
from collections.abc import Iterator

from ..verdict import Verdict
from . import wording
from .page_findings import FindingView, finding_views
from .run import Run
from .visible import visible

MARKS = {"fail": "❌", "warning": "⚠️", "known deviation": "🟡", "not confirmed": "❔"}


def markdown(run: Run) -> str:
    """The page; it needs nothing beside it."""
    results, target = run.results, run.results.header["target"]
    sign = {Verdict.PASS: "✅", Verdict.FAIL: "❌"}.get(results.verdict(), "❔")
    lines = [f"## {sign} {wording.answer(results).capitalize()}: {code(target['name'])}", ""]
    lines += [f"sessionproof, {code(target['role'])}, {code(wording.numbers(results))}  ", wording.effort(results)]
    lines += [f"\n> {code(f'known deviation {name} {why}')}" for name, why in results.stale()]
    if short := wording.cut_short(results):
        lines += ["", f"> {code(short)}"]
    for finding in finding_views(run):
        lines += ["", *_finding(finding)]
    lines += ["", *_rest(run)]
    return "\n".join(lines) + "\n"


def code(text: str) -> str:
    """The text in a code span, which nothing in it can end; also inside a table."""
    plain = visible(text).replace("|", "\\|") or " "
    fence = "`" * (max(map(len, re.findall("`+", plain)), default=0) + 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def block(lines: list[str], language: str = "") -> Iterator[str]:
    """The lines in a code block, which nothing in them can end."""
    plain = [visible(line) for line in lines]
    fence = "`" * max(3, max((len(run) + 1 for line in plain for run in re.findall("`+", line)), default=3))
    yield from (f"{fence}{language}", *plain, fence)


def _finding(finding: FindingView) -> Iterator[str]:
    level = f" ({finding.requirement.level})" if finding.requirement else ""
    yield f"### {MARKS[finding.kind]} {finding.kind}: {code(finding.id)}{level}"
    yield ""
    if finding.requirement:
        yield f"{finding.requirement.sentence} *{finding.intent}* Source: {wording.source(finding.requirement.source)}."
        yield ""
    yield "| | |"
    yield "| --- | --- |"
    yield f"| when | step {len(finding.words)}: {code(finding.words[-1][0])} |"
    yield f"| where | {code(finding.place)} |"
    yield f"| expected | {code(finding.expected)} |"
    yield f"| seen | {code(finding.actual)} |"
    if finding.doubt:
        yield f"| in doubt | {code(finding.doubt)} |"
    yield ""
    flow = "A flow, not yet as short as can be" if finding.cut else "The shortest flow"
    yield f"<details><summary>{flow}, from fresh browsers</summary>"
    yield ""
    for number, (words, meaning) in enumerate(finding.words, 1):
        yield f"{number}. {code(words)}" + (f" {meaning}" if meaning else "")
    if finding.last:
        yield ""
        lines = [exchange.curl for exchange in finding.last]
        yield from block([*lines, *([f"# {finding.look.told}", finding.look.curl] if finding.look else [])], "sh")
    yield ""
    yield "</details>"


def _rest(run: Run) -> Iterator[str]:
    wanted = (Verdict.INCONCLUSIVE, Verdict.UNTESTED)
    lines = [line for line in run.results.lines() if line.verdict in wanted]
    if lines:
        yield "| requirement | level | verdict | why |"
        yield "| --- | --- | --- | --- |"
        for line in lines:
            yield f"| {line.requirement.id} | {line.requirement.level} | {line.verdict} | {code(line.reason)} |"
        yield ""
    done = ", ".join(f"{done} of {wanted} {name}" for name, (done, wanted) in wording.exercised(run.results).items())
    yield f"Exercised: {done}. Cover reached: {code(wording.reached(run.results))}."
