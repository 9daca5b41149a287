"""What the HTML report shows of a finding: what is wrong, the flow, the sessions, and how to see it by hand."""

import json
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from markupsafe import Markup
from sessionproof.model.intents import INTENTS
from sessionproof.model.possible import needs
from sessionproof.model.requirements import BY_ID, Requirement

from ..flow import FlowFile, flow_id
from ..runlog import Event
from ..verdict import Verdict
from .flow_chart import flow_chart
from .flow_steps import Step, flow_steps
from .look import Exchange, Look, asks, look
from .run import Run
from .seen import flow_words, meaning, place_words, value_words
from .state_table import Row, state_table
from .wording import finding_kind

ORDER = (Verdict.FAIL, Verdict.WARNING, Verdict.KNOWN, "not confirmed")


class FindingView(NamedTuple):
    """A finding, ready to be shown.

    `met`: how many flows showed it. `cut`: the time was used up before its flow was as short as can be. `last`: what
    can be repeated of the last step, `overlap` whether its requests were on their way at the same time; `look`: what
    shows afterwards whose session there is.
    """

    anchor: str
    kind: str
    id: str
    requirement: Requirement | None
    intent: str
    place: str
    expected: str
    actual: str
    doubt: str
    met: int
    cut: bool
    found_after: int
    generator: str
    scope: str
    words: list[tuple[str, str]]
    steps: list[Step]
    chart: Markup
    sessions: list[Row]
    exchanges: list[Exchange]
    last: list[Exchange]
    overlap: bool
    look: Look | None
    flow_id: str
    flow_file: list[str]


def finding_views(run: Run) -> list[FindingView]:
    """The findings of a run, worst first."""
    met = {(entry[0], entry[2]): entry[1] for entry in run.results.footer.get("findings", ())}
    known = run.results.known
    views = [
        _view(
            run,
            number,
            finding,
            finding_kind(finding, known),
            met.get((finding["requirement"], finding["confirmed"]), 1),
        )
        for number, finding in enumerate(run.results.findings, 1)
    ]
    return sorted(views, key=lambda view: ORDER.index(view.kind))


def _view(run: Run, number: int, finding: Event, kind: str, met: int) -> FindingView:
    identifier, mismatch, flow = finding["requirement"], finding["mismatch"], finding["flow"]
    steps = flow_steps(finding)
    chart = flow_chart(steps, f"The flow that shows {identifier}") if steps else ""
    exchanges = _exchanges(run.results.header["target"], finding["exchanges"])
    retracer = run.usage.retracer
    return FindingView(
        anchor=f"finding-{number}",
        kind=kind,
        id=identifier,
        requirement=BY_ID.get(identifier),
        intent=INTENTS.get(identifier, ""),
        place=place_words(mismatch),
        expected=value_words(mismatch, "expected"),
        actual=value_words(mismatch, "actual"),
        doubt=finding["doubt"],
        met=met,
        cut=finding.get("cut", False),
        found_after=finding["found_after"],
        generator=finding["generator"],
        scope=flow["scope"],
        words=list(zip(flow_words(flow["steps"]), map(meaning, flow["steps"]), strict=True)),
        steps=steps,
        chart=Markup(chart),  # noqa: S704, ElementTree has escaped it
        sessions=state_table(retracer, finding) if retracer else [],
        exchanges=exchanges,
        last=[e for e in exchanges if e.step == len(flow["steps"]) and not e.played],
        overlap="overlapping_requests" in needs(flow["steps"][-1]["action"]),
        look=look(finding, exchanges),
        flow_id=flow_id(flow["scope"], FlowFile.model_validate(flow).stimuli()),
        flow_file=json.dumps(flow, indent=2, ensure_ascii=False).split("\n"),
    )


def _exchanges(target: Event, exchanges: Sequence[Event]) -> list[Exchange]:
    """Whose a request is, the authorization requests among them tell: their own address, and their `redirect_uri`."""
    servers, applications = set[str](), set[str]()
    for exchange in exchanges:
        if asks(url := _url(exchange)):
            servers.add(_origin(url))
            applications.update(_origin(address) for address in parse_qs(urlsplit(url).query)["redirect_uri"])
    played = (applications if "APP" not in target["layers"] else set()) | (
        servers if "AS" not in target["layers"] else set()
    )
    return [
        Exchange(
            exchange.get("step", 0),
            exchange.get("request", ""),
            str(exchange.get("status", "")),
            exchange.get("curl", ""),
            _origin(_url(exchange)) in played,
        )
        for exchange in exchanges
    ]


def _url(exchange: Event) -> str:
    return str(exchange.get("request", "")).partition(" ")[2]


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])
