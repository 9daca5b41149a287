"""Runs of the suite on a fake target, and what their logs say."""

import time
from collections.abc import Callable, Sequence

from sessionproof.conformance.plan import Plan
from sessionproof.conformance.results import Results
from sessionproof.conformance.runlog import Event
from sessionproof.conformance.runner import Runner
from sessionproof.conformance.verdict import Verdict
from sessionproof.model.requirements import BY_ID

from .fake import FakeAdapter

RULES = Plan(("silent",), cover="rules", search=0)


def run(
    adapter: FakeAdapter, plan: Plan = RULES, now: Callable[[], float] = time.monotonic, whole: bool = False
) -> list[Event]:
    """The events of a run: the stories, then the scope `silent`; `whole`: all scopes of the profiles."""
    events: list[Event] = []
    runner = Runner(adapter, plan, events.append, now=now)
    runner.scopes = [scope for scope in runner.scopes if whole or scope.name == "silent"]
    runner.run()
    return events


def of(events: Sequence[Event], kind: str) -> list[Event]:
    return [event for event in events if event["event"] == kind]


def verdicts(events: Sequence[Event]) -> dict[str, Verdict]:
    return {line.requirement.id: line.verdict for line in Results.of(events).lines()}


def never_passed_unseen(events: Sequence[Event]) -> None:
    """No requirement passes that no step of the log witnesses."""
    witnessed = {
        identifier for event in of(events, "flow") for step in event["steps"] for identifier in step["witnessed"]
    }
    for identifier, verdict in verdicts(events).items():
        assert verdict is not Verdict.PASS or identifier in witnessed or BY_ID[identifier].level == "MAY"
