"""Events of a run log as a test wants them: the smallest that results and reports can be made of."""

from collections.abc import Mapping, Sequence
from typing import Any

from sessionproof.conformance.results import Results
from sessionproof.conformance.runlog import VERSION, Event
from sessionproof.model.vocabulary import Stimulus

EVERYTHING = ("APP", "AS", "IDP", "SYS")


def header(
    *profiles: str, layers: Sequence[str] = EVERYTHING, features: Sequence[str] = (), name: str = "target"
) -> Event:
    target = {"name": name, "role": "model", "version": "", "layers": layers, "features": features, "status": True}
    return {"event": "header", "version": VERSION, "versions": {}, "target": target, "profiles": profiles}


def flow(*witnessed: str, facets: Mapping[str, str] | None = None, outside: Sequence[str] = (), **more: str) -> Event:
    """One flow of one step."""
    step = {
        "do": list(Stimulus("visit orders", "shop")),
        "trace": [],
        "facets": facets or {},
        "verdict": "pass",
        "witnessed": list(witnessed),
        "outside": [{"requirement": identifier} for identifier in outside],
    }
    return {"event": "flow", "id": "", "scope": "core", "generator": "", "verdict": "pass", "steps": [step], **more}


def trouble(cause: str) -> Event:
    """A flow that the harness could not finish."""
    return {**flow(), "verdict": "inconclusive", "cause": cause, "hint": "", "exit_code": 5}


def finding(requirement: str, doubt: str = "", actual: str = "page login", **more: Any) -> Event:
    """A confirmed finding, unless there is a `doubt`."""
    return {
        "event": "finding",
        "requirement": requirement,
        "confirmed": not doubt,
        "doubt": doubt,
        "mismatch": {
            "requirement": requirement,
            "rule": "",
            "place": "trace 2",
            "expected": "answer",
            "actual": actual,
        },
        "generator": "",
        "found_after": 1,
        "flow": {
            "scope": "core",
            "steps": [
                {"action": "visit orders", "app": "shop"},
                {"action": "credentials", "arg": "alice", "browser": 1},
            ],
        },
        "steps": [],
        "exchanges": [{"step": 1, "curl": "curl first"}, {"step": 2, "curl": "curl last"}],
        **more,
    }


def footer(stopped: str = "", exit_code: int = 0, choices: Sequence[Sequence[Any]] = (), **more: Any) -> Event:
    return {"event": "footer", "stopped": stopped, "exit_code": exit_code, "choices": choices, **more}


def results(*events: Event) -> Results:
    return Results.of(events)
