"""Whether a run is a certificate: it conforms, it skipped nothing, and its log fits together in itself."""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sessionproof.model.vocabulary import Stimulus

from .flow import flow_id
from .report.run import Run
from .runlog import Event
from .verdict import Verdict

ROOT = Path(__file__).parent.parent
JUDGING = ("model/*.py", "diagrams/*.py", "diagrams/*.svg", "conformance/report/**/*.*", "conformance/*.py")
"""Everything that a verdict or a report depends on, beside the log."""


def shortcomings(run: Run) -> list[str]:
    """Why a run is no certificate, one sentence each; empty if it is one."""
    results, footer = run.results, run.results.footer
    found = []
    for verdict, words in (
        (Verdict.FAIL, "the target does not conform: {}"),
        (Verdict.KNOWN, "the target deviates, which a file accepts for a while: {}"),
        (Verdict.INCONCLUSIVE, "could not be observed: {}"),
        (Verdict.UNTESTED, "not tested: {}"),
    ):
        if ids := [line.requirement.id for line in results.lines() if line.verdict is verdict]:
            found.append(words.format(", ".join(ids)))
    found += [f"known deviation {name} {why}" for name, why in results.stale()]
    if shard := results.header.get("shard"):
        found.append(f"it is part {shard[0]} of {shard[1]} of a run: `sessionproof merge` puts them together")
    if results.header.get("only"):
        found.append("only some requirements of the profiles were chosen (--only)")
    if not results.lines():
        found.append("no requirement was chosen")
    if not footer:
        found.append("the run was cut off: its log has no footer")
    elif footer.get("stopped"):
        found.append(f"the run stopped early: {footer['stopped']}")
    if results.flows["inconclusive"]:
        found.append(f"{results.flows['inconclusive']} of {sum(results.flows.values())} flows were inconclusive")
    return found


class LogCheck:
    """Looks at each event of a log and notes what does not fit the rest of it."""

    def __init__(self) -> None:
        """Nothing has been seen yet."""
        self.headers = self.flows = self.steps = self.findings = 0
        self.footer: Event = {}
        self.wrong: list[str] = []
        self._blamed: set[str] = set()
        self._found: set[str] = set()
        self._selected: frozenset[str] = frozenset()

    def look(self, event: Event) -> None:
        """Take the next event."""
        if self.footer:
            self.wrong.append(f"the log goes on after its footer with {event['event']!r}")
        match event["event"]:
            case "header":
                self.headers += 1
                self._selected = frozenset(event["selected"])
            case "flow":
                self._flow(event)
            case "finding":
                self.findings += 1
                self._found.add(event["requirement"])
            case "footer":
                self.footer = event

    def _flow(self, event: Event) -> None:
        steps = event["steps"]
        self.flows += 1
        self.steps += len(steps)
        if event["id"] != flow_id(event["scope"], [Stimulus(*step["do"]) for step in steps]):
            self.wrong.append(f"flow {event['id']} is not the one of this id")
        ended = steps[-1]["verdict"] if steps else "pass"
        if event["verdict"] not in ({"pass": "pass", "warning": "pass"}.get(ended, ended), "inconclusive"):
            self.wrong.append(f"flow {event['id']} ended with {ended}, but says {event['verdict']}")
        for step in steps:
            wrong = step.get("mismatches", ())[: 1 if step["verdict"] == "fail" else None]
            self._blamed.update(m["requirement"] for m in wrong)

    def results(self, run: Run) -> list[str]:
        """Everything that does not fit, once the whole log has been seen."""
        found = list(dict.fromkeys(self.wrong))
        if self.headers != 1:
            found.append(f"the log has {self.headers} headers")
        if missing := sorted(self._blamed & self._selected - self._found):
            found.append(f"flows deviate from {', '.join(missing)}, but there is no such finding")
        if self.footer:
            told = {name: self.footer.get(name) for name in ("flows", "steps")}
            if told != {"flows": self.flows, "steps": self.steps}:
                found.append(f"the footer counts {told}, the log holds {self.flows} flows with {self.steps} steps")
            if len(self.footer.get("findings", ())) != self.findings:
                found.append(f"the footer does not count {self.findings} findings")
            if self.footer.get("choices") != _choices(run):
                found.append("the choices that the footer tells are not those that the flows show")
        if run.usage.differing:
            found.append(f"{run.usage.differing} of {run.usage.steps} steps are judged otherwise than the log says")
        return found


def _choices(run: Run) -> list[list[object]]:
    return sorted([*pair, times, run.usage.declined[pair]] for pair, times in run.usage.shown.items())


@cache
def fingerprint() -> str:
    """SHA-256 of everything that verdicts and reports depend on beside the log, in hexadecimal."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield from sorted({path for pattern in JUDGING for path in ROOT.glob(pattern) if path.suffix != ".pyc"})
