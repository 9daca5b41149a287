"""What the HTML report shows in its lists: requirements with their evidence, rules with their counts, choices."""

from collections.abc import Iterable
from typing import NamedTuple

from sessionproof.diagrams.citations import cited
from sessionproof.diagrams.words import CHOICES
from sessionproof.model.intents import INTENTS
from sessionproof.model.network import MACHINES
from sessionproof.model.requirements import Requirement
from sessionproof.model.table import SAME, Compiled

from .machine_charts import status
from .page_findings import FindingView
from .run import Run
from .seen import flow_words
from .wording import often

SHOWN_FIRST = ("fail", "warning", "known deviation", "inconclusive", "untested", "pass", "not applicable")
SHOWN = 8
"""Steps of an example; a longer one is only counted."""


class RequirementView(NamedTuple):
    """A requirement with its verdict. `example`: the steps of the shortest flow that met it; `length`: how many."""

    requirement: Requirement
    verdict: str
    seen: int
    reason: str
    intent: str
    example: list[str]
    length: int
    scope: str
    rules: int
    rules_exercised: int


class RuleView(NamedTuple):
    """A row of a table with what the run did to it."""

    states: str
    message: str
    guard: str
    choice: str
    answer: str
    ids: str
    times: int
    status: str
    reason: str


class ChoiceView(NamedTuple):
    """A choice (MAY) that the target makes, where and how often; `ids`: the requirements that leave it."""

    choice: str
    app: str
    often: str
    ids: str


def requirement_views(run: Run, findings: Iterable[FindingView]) -> list[RequirementView]:
    """Every requirement of the chosen profiles: first what did not pass, then in the order of the catalogue."""
    differences = {f.id: f"expected: {f.expected}; seen: {f.actual}" for f in findings if not f.doubt}
    citing: dict[str, list[str]] = {}
    for rule in _rules():
        for identifier in cited(rule):
            citing.setdefault(identifier, []).append(rule.key)
    views = []
    for line in run.results.lines():
        identifier = line.requirement.id
        evidence = run.usage.seen.get(identifier)
        flow = evidence.flow if evidence else ()
        keys = citing.get(identifier, [])
        views.append(
            RequirementView(
                line.requirement,
                str(line.verdict),
                line.witnessed,
                differences.get(identifier, line.reason),
                INTENTS.get(identifier, ""),
                flow_words([s._asdict() for s in flow]) if len(flow) <= SHOWN else [],
                len(flow),
                evidence.scope if evidence else "",
                len(keys),
                sum(run.usage.fired[key] > 0 for key in keys),
            )
        )
    return sorted(views, key=lambda view: SHOWN_FIRST.index(view.verdict))


def rule_views(run: Run, broken: frozenset[str]) -> dict[str, list[RuleView]]:
    """The rows of each machine's table, by the machine's name."""
    reasons = dict(run.results.footer.get("unfired", ()))
    offered = frozenset(run.results.header["target"]["features"])
    return {
        machine.name: [_rule(rule, run, broken, reasons, offered) for rule in machine.compiled] for machine in MACHINES
    }


def choice_views(run: Run) -> list[ChoiceView]:
    """The choices that the target was seen to make."""
    return [
        ChoiceView(choice, app, often(made, declined), ", ".join(CHOICES.get(choice, ())))
        for choice, app, made, declined in run.results.variants()
    ]


def _rules() -> list[Compiled]:
    return [rule for machine in MACHINES for rule in machine.compiled]


def _rule(
    rule: Compiled, run: Run, broken: frozenset[str], reasons: dict[str, str], offered: frozenset[str]
) -> RuleView:
    row, state = rule.rule, status([rule.key], run.usage, broken)
    if state == "unseen" and row.needs and row.needs not in offered:
        reason = f"the target does not declare {row.needs}"
    else:
        reason = reasons.get(rule.key, "") if state == "unseen" else ""
    to = "stays" if row.to == SAME else f"→ {row.to}"
    return RuleView(
        row.state.replace("|", ", "),
        row.message,
        row.guard,
        row.variant,
        " / ".join(filter(None, (to, row.reply))),
        ", ".join(cited(rule)),
        run.usage.fired[rule.key],
        state,
        reason,
    )
