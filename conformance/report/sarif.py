"""SARIF 2.1.0, for code scanning: a rule for each requirement, a result for each confirmed finding.

Where the target file stands is where a result is shown. What could not be observed is a notification, never a result.
"""

import json
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from sessionproof.model.requirements import BY_ID

from ..flow import FlowFile, flow_id
from ..results import Line, Results
from ..runlog import Event
from ..verdict import Verdict
from .seen import flow_words
from .visible import visible
from .wording import source

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"MUST": "error", "SHOULD": "warning", "MAY": "note"}
UNSEEN = (Verdict.INCONCLUSIVE, Verdict.UNTESTED)


def sarif(results: Results, place: str) -> str:
    """The run as SARIF; `place`: the target file, relative to the repository (empty: no place is given)."""
    lines = [line for line in results.lines() if line.verdict is not Verdict.NOT_APPLICABLE]
    ids = [line.requirement.id for line in lines]
    run = {
        "tool": {"driver": _driver(lines)},
        "invocations": [
            {
                "executionSuccessful": bool(results.footer) and not results.footer.get("exit_code"),
                "toolExecutionNotifications": list(_notifications(results, lines)),
            }
        ],
        "results": [*_findings(results, ids, place), *_stale(results, ids, place)],
        "columnKind": "unicodeCodePoints",
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _driver(lines: list[Line]) -> dict[str, Any]:
    rules = [
        {
            "id": line.requirement.id,
            "shortDescription": {"text": line.requirement.sentence},
            "help": {"text": f"{line.requirement.level}. Source: {source(line.requirement.source)}"},
            "defaultConfiguration": {"level": LEVELS[line.requirement.level]},
            "properties": {"tags": [line.requirement.profile, line.requirement.level]},
        }
        for line in lines
    ]
    return {"name": "sessionproof", "version": version("sessionproof"), "rules": rules}


def _findings(results: Results, ids: list[str], place: str) -> Iterator[dict[str, Any]]:
    for finding in results.findings:
        if not finding["confirmed"] or finding["requirement"] not in ids:
            continue
        requirement, mismatch, flow = BY_ID[finding["requirement"]], finding["mismatch"], finding["flow"]
        seen = f"At {mismatch['place']}: expected {mismatch['expected']}, actual {mismatch['actual']}."
        steps = [{"location": {"message": {"text": visible(words)}}} for words in flow_words(flow["steps"])]
        result = {
            "ruleId": requirement.id,
            "ruleIndex": ids.index(requirement.id),
            "level": LEVELS[requirement.level],
            "message": {"text": visible(f"{requirement.sentence} {seen}")},
            "codeFlows": [{"threadFlows": [{"locations": steps}]}],
            "partialFingerprints": {"sessionproofFlow/v1": _flow_id(flow)},
            **_locations(place),
        }
        entry = results.known.get(requirement.id)
        if entry is not None and not entry["expired"]:
            reason = visible(f"{entry['reason']} (until {entry['until']})")
            result["suppressions"] = [{"kind": "external", "justification": reason}]
        yield result


def _stale(results: Results, ids: list[str], place: str) -> Iterator[dict[str, Any]]:
    for name, why in results.stale():
        rule = {"ruleIndex": ids.index(name)} if name in ids else {}
        text = visible(f"Known deviation {name} {why}.")
        yield {"ruleId": name, **rule, "level": "error", "message": {"text": text}, **_locations(place)}


def _notifications(results: Results, lines: list[Line]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line.verdict in UNSEEN:
            text = visible(f"{line.requirement.id} ({line.requirement.level}) is {line.verdict}: {line.reason}")
            yield {"level": "warning" if line.requirement.level == "MUST" else "note", "message": {"text": text}}
    if not results.footer:
        yield {"level": "error", "message": {"text": "The run was cut off: its log has no footer."}}
    elif stopped := results.footer.get("stopped"):
        yield {"level": "warning", "message": {"text": visible(f"The run stopped early: {stopped}")}}


def _flow_id(flow: Event) -> str:
    return flow_id(flow["scope"], FlowFile.model_validate(flow).stimuli())


def _locations(place: str) -> dict[str, Any]:
    if not place:
        return {}
    return {"locations": [{"physicalLocation": {"artifactLocation": {"uri": place}, "region": {"startLine": 1}}}]}
