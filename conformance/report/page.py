"""A run as one HTML file: no network, no build step, nothing that a target said is ever interpreted.

Every value goes through `visible` (control and direction characters) and through the escaping of the template; style
and script are allowed by their hashes only, so that no other script can run whatever stands in the page.
"""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sessionproof.model.network import MACHINES

from ..invocation import command, played_on
from ..verdict import Verdict
from . import wording
from .machine_charts import machine_charts
from .page_findings import finding_views
from .page_rows import SHOWN_FIRST, choice_views, requirement_views, rule_views
from .run import Run
from .seen import APP, AS, IDP
from .visible import visible

TEMPLATES = Path(__file__).parent / "templates"
ENDINGS = 100
"""Flows that did not pass which are listed; the others are counted."""
ROLES = {
    "application": "an application (relying party)",
    "authorization-server": "an authorization server (OpenID provider)",
    "identity-provider": "an identity provider behind a server (OpenID provider)",
    "whole": "an application, its server and the provider behind that, as a browser sees them",
    "adapter": "what a program drives",
    "reference": "the bundled reference",
}
LAYERS = {"APP": APP, "AS": AS, "IDP": IDP, "SYS": "all layers together"}
SIGNS = {
    "pass": "✓",
    "fail": "✗",
    "warning": "!",
    "known deviation": "≈",
    "inconclusive": "?",
    "not confirmed": "?",
    "untested": "○",
    "not applicable": "–",
}


def _harmless(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_templates = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_harmless,
    trim_blocks=True,
    lstrip_blocks=True,
)


def html(run: Run) -> str:
    """The page; equal logs of equal names give equal pages."""
    style, script = (_file(name) for name in ("report.css", "report.js"))
    results = run.results
    lines = [line for line in results.lines() if line.verdict is not Verdict.NOT_APPLICABLE]
    observed = sum(
        line.witnessed > 0 or line.verdict in (Verdict.FAIL, Verdict.WARNING, Verdict.KNOWN) for line in lines
    )
    findings = finding_views(run)
    broken = frozenset(f["mismatch"]["rule"] for f in results.findings if f["confirmed"])
    layers = set(results.header["target"]["layers"])
    own = {
        name for name, layer in zip((m.name for m in MACHINES), ("APP", "AS", "IDP"), strict=True) if layer in layers
    }
    return _templates.get_template(
        "report.html"
    ).render(
        style=Markup(style),  # noqa: S704, our own file
        script=Markup(script),  # noqa: S704
        policy=_policy(style, script),
        run=run,
        results=results,
        header=results.header,
        footer=results.footer,
        target=results.header["target"],
        role=ROLES.get(results.header["target"]["role"], results.header["target"]["role"]),
        verdict=str(results.verdict()),
        answer=wording.answer(results),
        counts=sorted(wording.counts(results).items(), key=lambda pair: SHOWN_FIRST.index(str(pair[0]))),
        observed=observed,
        applicable=len(lines),
        stale=results.stale(),
        cut_short=wording.cut_short(results),
        exercised=list(wording.exercised(results).items())[1:],
        covers=list(wording.covers(results)),
        reached=wording.reached(results),
        claim=list(map(str, results.footer.get("claim", ()))),
        findings=findings,
        requirements=requirement_views(run, findings),
        rules=rule_views(run, broken),
        charts=[(chart, Markup(chart.svg), chart.machine in own) for chart in machine_charts(run.usage, broken)],  # noqa: S704
        machines=sorted(((m.name, m.title, m.name in own) for m in MACHINES), key=lambda machine: not machine[2]),
        choices=choice_views(run),
        not_tested=_not_tested(run),
        unfired=wording.by_reason(results.footer.get("unfired", ())),
        problems=_problems(run),
        endings=run.usage.endings[:ENDINGS],
        more_endings=max(0, len(run.usage.endings) - ENDINGS),
        flows=_flows(run),
        command=command(results.header),
        on=played_on(results.header),
        signs=SIGNS,
        layers=LAYERS,
        source=wording.source,
    )


def _policy(style: str, script: str) -> str:
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _not_tested(run: Run) -> list[tuple[str, list[str]]]:
    wanted = (Verdict.UNTESTED, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE)
    return wording.by_reason(
        (line.requirement.id, f"{line.verdict}: {line.reason}")
        for line in run.results.lines()
        if line.verdict in wanted
    )


def _problems(run: Run) -> list[tuple[str, str, int]]:
    """What kept the suite from observing: cause, what to do, how often."""
    found: dict[tuple[str, str], int] = {}
    for problem in run.results.problems:
        key = (problem["cause"], problem.get("hint", ""))
        found[key] = found.get(key, 0) + 1
    return [(*key, times) for key, times in found.items()]


def _flows(run: Run) -> list[tuple[str, dict[str, int]]]:
    """How many flows of each generator ended how."""
    found: dict[str, dict[str, int]] = {}
    for (generator, verdict), number in run.usage.flows.items():
        found.setdefault(generator, {})[verdict] = number
    return list(found.items())


def _file(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8").strip()
