"""Goes on with a run that was cut off: what its log holds is told again, and only the rest is played on the target.

A runner decides by what it observes and by nothing else. So it is run from the start, with the observations of the log
in place of the target's, until the log ends; then it is in the state in which the run was cut off. Every event on the
way is compared with the log's: a log that does not fit is refused, not mended.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import Observation, Stimulus

from .adapter import Adapter, Effort, Statement
from .errors import HarnessProblem, UsageProblem
from .flow import FlowFile
from .invocation import ABOUT
from .plan import Plan
from .results import Results
from .runlog import VERSION, Event, is_header
from .verdict import Finding, Mismatch

IGNORED = ("event", "version", "known", *ABOUT)
"""What may differ in the headers of two parts of one run."""


class CutLog(NamedTuple):
    """The log of a run that did not come to its end.

    `events`: those that are whole, the header first. `size`: bytes up to the end of the last one. `torn`: the number of
    the line that was cut off; 0 if none was. `ended`: whether nothing is left to do.
    """

    events: list[Event]
    size: int
    torn: int
    ended: bool


def read_cut(path: Path) -> CutLog:
    """What is whole in a log. No file, an empty one, or a torn header: nothing. Raises UsageProblem for other files.

    Trouble that ended a run is left out, with its last flows: the target may be there again.
    """
    try:
        content = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise UsageProblem(f"cannot read the run log {path}: {error.strerror}") from error
    ends: list[int] = []
    events: list[Event] = []
    size = torn = 0
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        event = _whole(line)
        if event is None and number < len(lines):
            raise UsageProblem(f"{path}, line {number}: no JSON, in the middle of the file: it cannot be resumed")
        if event is None:
            torn = number
            break
        if number == 1 and not is_header(event):
            raise UsageProblem(f"{path}: no run log of version {VERSION}; --resume would overwrite it")
        size += len(line)
        events.append(event)
        ends.append(size)
    if events and events[-1]["event"] == "footer":
        if not isinstance(code := events[-1].get("exit_code"), int):
            raise UsageProblem(f"{path}, line {len(events)}: a footer without an exit code: it cannot be resumed")
        if not code:
            return CutLog(events, size, torn, ended=True)
        events.pop()
    if events and events[-1]["event"] == "problem":
        events.pop()
        while len(events) > 1 and "cause" in events[-1]:
            events.pop()
    return CutLog(events, ends[len(events) - 1] if events else 0, torn, ended=False)


def ended_like(path: Path, cut: CutLog, plan: Plan, profiles: tuple[str, ...]) -> Results:
    """The results of a run that had come to its end already. Raises UsageProblem if it was another run than this."""
    header = cut.events[0]
    wanted: dict[str, object] = {"cover": plan.cover, "search": plan.search, "seed": plan.seed, "steps": plan.steps}
    if profiles:
        wanted["profiles"] = list(profiles)
    if plan.seconds is not None:
        wanted["seconds"] = plan.seconds
    for key, value in wanted.items():
        if header.get(key) != value:
            raise UsageProblem(
                f"{path} is of a run that came to its end, with {key} {header.get(key)}, and not {value}: begin anew "
                "without --resume"
            )
    return Results.of(cut.events)


def _whole(line: bytes) -> Event | None:
    if not line.endswith(b"\n"):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


class Past:
    """An adapter that answers as the log says for as long as that reaches, and then hands over to the target."""

    def __init__(self, adapter: Adapter, path: Path, events: list[Event], now: Callable[[], float] = time.monotonic):
        """`adapter`: the target. `events`: of the log at `path`. `now`: seconds of a clock that goes on."""
        self._adapter = adapter
        self._path = path
        self._events = events
        self._told = 0
        self._step = 0
        self._now = now
        self._spent: Event = {"requests": 0, "seconds": {"total": 0.0, "waited": 0.0, "paused": 0.0}}
        self._handover: tuple[float, Effort] | None = None

    # For the runner

    def now(self) -> float:
        """Seconds since the run began, not counting those between its parts."""
        total = float(self._spent["seconds"]["total"])
        return total + (self._now() - self._handover[0] if self._handover else 0.0)

    def recall(self, finding: Finding) -> bool:
        """Fill in a finding as the log has it; False if it is to be investigated."""
        event = self._next()
        if event is None:
            return False
        if event["event"] != "finding" or event["requirement"] != finding.requirement:
            raise self._unfit(f"a finding of {finding.requirement}")
        finding.confirmed, finding.doubt, finding.cut = event["confirmed"], event["doubt"], event["cut"]
        finding.mismatch = Mismatch(**event["mismatch"])
        finding.flow = tuple(FlowFile.model_validate(event["flow"]).stimuli())
        return True

    def recorded(self, event: Event) -> Event | None:
        """The log's own event in place of one that the runner emits; None for a new one."""
        known = self._next()
        if known is None:
            return None
        if event["event"] == known["event"] == "header":
            _compare_headers(self._path, known, event)
        elif any(known.get(key) != event.get(key) for key in ("event", "id", "generator", "verdict", "requirement")):
            raise self._unfit(f"{event['event']} {event.get('id') or event.get('requirement', '')}")
        self._spent = known.get("spent", self._spent)
        self._told += 1
        self._next()  # from the last one on, time goes on
        return known

    @property
    def over(self) -> bool:
        """Whether everything in the log was told."""
        return self.left == 0

    @property
    def left(self) -> int:
        """Events of the log that were not told yet."""
        return len(self._events) - self._told

    # The adapter

    def declare(self) -> Statement:
        """The target's own."""
        return self._adapter.declare()

    def reset(self, scope: Scope) -> None:
        """Begin with the next flow of the log, or on the target."""
        event, self._step = self._next(), 0
        if event is None:
            self._adapter.reset(scope)
            return
        if event["event"] != "flow" or event["scope"] != scope.name:
            raise self._unfit(f"a flow in {scope.name}")
        if not event["steps"]:
            self._end(event)

    def perform(self, stimulus: Stimulus, *, distinct: bool = False) -> Observation:
        """What the log saw of the step, or the target's answer."""
        event = self._next()
        if event is None:
            return self._adapter.perform(stimulus, distinct=distinct)
        steps = event["steps"]
        if self._step == len(steps) and "cause" in event:
            self._end(event)
        if self._step >= len(steps) or steps[self._step]["do"] != list(stimulus):
            raise self._unfit(f"step {self._step + 1} of a flow, {stimulus}")
        step = steps[self._step]
        self._step += 1
        if self._step == len(steps) and "cause" not in event:
            self._end(event)
        return Observation(tuple(step["trace"]), dict(step["facets"]))

    def exchanges(self) -> tuple[dict[str, Any], ...]:
        """The target's own; of what the log tells there are none."""
        return self._adapter.exchanges()

    def effort(self) -> Effort:
        """What all parts of the run cost."""
        seconds, requests = self._spent["seconds"], int(self._spent["requests"])
        before = Effort(requests, float(seconds["waited"]), float(seconds["paused"]))
        if self._handover is None:
            return before
        pairs = zip(before, self._adapter.effort(), self._handover[1], strict=True)
        return Effort(*(one + other - start for one, other, start in pairs))  # type: ignore[arg-type]

    def close(self) -> None:
        """The target's own."""
        self._adapter.close()

    def _next(self) -> Event | None:
        if self._told < len(self._events):
            return self._events[self._told]
        if self._handover is None:
            self._handover = (self._now(), self._adapter.effort())
        return None

    def _end(self, event: Event) -> None:
        """Time goes on at the end of a flow. Raises the HarnessProblem that ended it."""
        self._spent = event["spent"]
        if "cause" in event:
            problem = HarnessProblem(event["cause"], event["hint"])
            problem.lasting = bool(event.get("lasting"))
            problem.exit_code = event["exit_code"]
            raise problem

    def _unfit(self, what: str) -> UsageProblem:
        return UsageProblem(
            f"{self._path}, line {self._told + 1}: the run does not go as this log says (now: {what}); it may be of "
            "another version, another target, or changed. Begin anew without --resume."
        )


def _compare_headers(path: Path, known: Event, event: Event) -> None:
    before, after = (_flat(json.loads(json.dumps(header))) for header in (known, event))
    for key in sorted({*before, *after}, key=lambda key: (key == "selected", key)):
        one, other = before.get(key), after.get(key)
        if one != other:
            raise UsageProblem(
                f"{path} cannot be resumed: {key} was {json.dumps(one, ensure_ascii=False)}, and is now "
                f"{json.dumps(other, ensure_ascii=False)}. Give the same options and target, or begin anew without "
                "--resume."
            )


def _flat(header: Event) -> Event:
    """The header with the target's and the versions' entries as entries of its own."""
    header = {key: value for key, value in header.items() if key not in IGNORED}
    inner = {f"{key} {name}": value[name] for key, value in header.items() if isinstance(value, dict) for name in value}
    return inner | {key: value for key, value in header.items() if not isinstance(value, dict)}
