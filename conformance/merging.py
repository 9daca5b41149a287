"""Puts the logs of the parts of one run together, as if it had been one run: the same verdicts, one finding a fault."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .claim import claim
from .errors import UsageProblem
from .invocation import ABOUT
from .runlog import Event, RunLog, read_log


def merge_logs(paths: Sequence[Path]) -> list[Event]:
    """The events of the whole run. Raises UsageProblem where a part is missing, cut off, or of another run."""
    logs = [(path, list(read_log(path))) for path in paths]
    header = _header(logs)
    footers = []
    for path, events in logs:
        if events[-1]["event"] != "footer":
            raise UsageProblem(f"{path} has no footer: that part was cut off; `run --resume` with its options goes on")
        footers.append(events[-1])
    middle = [event for _, events in logs for event in events[1:-1]]
    findings = _findings(middle)
    others = [event for event in middle if event["event"] != "finding"]
    footer = _footer(footers, findings)
    return [header, *others, *findings, {**footer, "claim": claim(header["target"], footer)}]


def write_log(path: Path, events: Iterable[Event]) -> None:
    """Write a whole log. Raises UsageProblem where that is not possible."""
    log = RunLog(path)
    try:
        for event in events:
            log.write(event)
    finally:
        log.close()


def _header(logs: Sequence[tuple[Path, list[Event]]]) -> Event:
    first = logs[0][1][0]
    of = first.get("shard", [0, 0])[1]
    seen: dict[int, Path] = {}
    for path, events in logs:
        header = events[0]
        number, parts = header.get("shard", [0, 0])
        if not parts:
            raise UsageProblem(f"{path} is of a whole run, not of a part of one (--shard)")
        if number in seen:
            raise UsageProblem(f"{path} and {seen[number]} are both part {number} of {parts}")
        seen[number] = path
        for key in sorted({*first, *header} - {"shard", *ABOUT}):
            if first.get(key) != header.get(key) or parts != of:
                one, other = (json.dumps(each.get(key), ensure_ascii=False)[:200] for each in (first, header))
                raise UsageProblem(f"{path} is of another run than {logs[0][0]}: {key} {other}, and not {one}")
    if missing := [str(number) for number in range(1, of + 1) if number not in seen]:
        raise UsageProblem(f"part {', '.join(missing)} of {of} is missing: give the logs of all parts")
    return {key: value for key, value in first.items() if key != "shard"}


def _findings(events: Iterable[Event]) -> list[Event]:
    """Of the same fault the one that is confirmed, and of these the shortest."""
    found: dict[tuple[str, str], Event] = {}
    for event in events:
        if event["event"] == "finding":
            last = event["flow"]["steps"][-1]
            by_hand = last["action"] in ("wrong token", "redeem wrongly")
            key = (event["requirement"], last.get("arg", "") if by_hand else "")
            if key not in found or _worth(event) > _worth(found[key]):
                found[key] = event
    return list(found.values())


def _worth(finding: Event) -> tuple[bool, int]:
    return finding["confirmed"], -len(finding["flow"]["steps"])


def _footer(footers: Sequence[Event], findings: Sequence[Event]) -> Event:
    fired = {key for footer in footers for key in footer.get("fired", ())}
    reasons: dict[str, str] = {}
    for footer in footers:
        reasons |= {key: why for key, why in footer["unfired"] if key not in fired and key not in reasons}
    shown: Counter[tuple[str, str]] = Counter()
    declined: Counter[tuple[str, str]] = Counter()
    met: Counter[str] = Counter()
    for footer in footers:
        shown.update({(choice, app): made for choice, app, made, _ in footer["choices"]})
        declined.update({(choice, app): times for choice, app, times in footer["declined"]})
        met.update({requirement: times for requirement, times, _ in footer["findings"]})
    seconds = [footer["seconds"] for footer in footers]
    return {
        "event": "footer",
        "flows": sum(footer["flows"] for footer in footers),
        "steps": sum(footer["steps"] for footer in footers),
        "stopped": "; ".join(dict.fromkeys(footer["stopped"] for footer in footers if footer["stopped"])),
        "exit_code": next((footer["exit_code"] for footer in footers if footer["exit_code"]), 0),
        "coverage": _united(footer["coverage"] for footer in footers),
        "states": {name: pair for footer in footers for name, pair in footer["states"].items()},
        "rules": [len(fired), len(fired) + len(reasons)],
        "unfired": sorted(map(list, reasons.items())),
        "choices": sorted([*choice, made, declined[choice]] for choice, made in shown.items()),
        "findings": [[f["requirement"], met[f["requirement"]], f["confirmed"]] for f in findings],
        "requests": sum(footer["requests"] for footer in footers),
        "seconds": {
            "waited": round(sum(each["waited"] for each in seconds), 3),
            "paused": round(sum(each["paused"] for each in seconds), 3),
            "total": max(each["total"] for each in seconds),
        },
    }


def _united(coverages: Iterable[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for coverage in coverages:
        for strength, scopes in coverage.items():
            found.setdefault(strength, {}).update(scopes)
    return found
