"""The events of a run log: what each line holds, made from what was played and judged."""

from collections.abc import Sequence
from typing import Any

from sessionproof.model.state import Scope

from .adapter import Statement
from .flow import flow_id, flow_json
from .runlog import VERSION, Event
from .verdict import Finding, Judgement, Problem, Verdict


def header(statement: Statement, versions: dict[str, str], plan: dict[str, Any], selected: frozenset[str]) -> Event:
    """What was tested, how, and with which versions of what."""
    return {
        "event": "header",
        "version": VERSION,
        "versions": versions,
        "target": {
            "name": statement.name,
            "role": statement.role,
            "version": statement.version,
            "layers": sorted(statement.layers),
            "features": sorted(statement.features),
            "status": statement.status,
            **({"beyond": dict(sorted(statement.beyond.items()))} if statement.beyond else {}),
        },
        **plan,
        "selected": sorted(selected),
    }


def flow(scope: Scope, generator: str, played: Sequence[Judgement], verdict: Verdict, problem: Problem | None) -> Event:
    """One flow that was played: its steps, and how it ended."""
    return {
        "event": "flow",
        "id": flow_id(scope.name, [j.stimulus for j in played]),
        "scope": scope.name,
        "generator": generator,
        "verdict": str(verdict),
        **(problem._asdict() if problem else {}),
        "steps": [step(judgement) for judgement in played],
    }


def step(judgement: Judgement) -> Event:
    """One step: what was done, seen and judged."""
    event: Event = {
        "do": list(judgement.stimulus),
        "trace": list(judgement.observation.trace),
        "facets": judgement.observation.facets,
        "verdict": str(judgement.verdict),
        "witnessed": list(judgement.witnessed),
    }
    if judgement.mismatches:
        event["mismatches"] = [m._asdict() for m in judgement.mismatches]
    if judgement.outside:
        event["outside"] = [m._asdict() for m in judgement.outside]
    return event


def finding(found: Finding) -> Event:
    """One fault, with the shortest flow that shows it."""
    return {
        "event": "finding",
        "requirement": found.requirement,
        "confirmed": found.confirmed,
        "doubt": found.doubt,
        "cut": found.cut,
        "mismatch": found.mismatch._asdict(),
        "generator": found.generator,
        "found_after": found.found_after,
        "flow": flow_json(found.scope, list(found.flow), found.requirement),
        "steps": [step(judgement) for judgement in found.judgements],
        "exchanges": list(found.exchanges),
    }


def problem(found: Problem) -> Event:
    """Why a run could not go on."""
    return {"event": "problem", **found._asdict()}
