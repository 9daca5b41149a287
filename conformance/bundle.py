"""The certificate bundle: statement, run log, report, versions and hashes in one ZIP archive.

Hashes are no signature: they show that the pieces belong together, not who made them.
"""

import hashlib
import json
import zipfile
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

from .certificate import LogCheck, fingerprint, shortcomings
from .errors import UsageProblem
from .report.page import html
from .report.run import Run, read_run
from .report.wording import reached

FORMAT = 1
LOG, REPORT, STATEMENT, MANIFEST = "run.jsonl", "report.html", "statement.json", "manifest.json"
FILES = (LOG, REPORT, STATEMENT)
"""What the manifest has hashes of."""


def make_bundle(log: Path, out: Path) -> list[str]:
    """Write the bundle of a run log; returns why it is no certificate (nothing: it is one). Equal logs, equal bundles.

    Raises UsageProblem for a log that does not fit together, or that this version judges otherwise than it was judged.
    """
    check = LogCheck()
    run = read_run(log, check.look)._replace(name=LOG)
    if wrong := check.results(run):
        raise UsageProblem(f"{log} does not fit together; run the suite again. {'; '.join(wrong)}")
    contents = {LOG: log.read_bytes(), REPORT: html(run).encode(), STATEMENT: _json(statement(run))}
    contents[MANIFEST] = _json(manifest(run, contents))
    try:
        out.touch(mode=0o644)
        out.write_bytes(_archive(contents))
    except OSError as error:
        raise UsageProblem(f"cannot write {out}: {error.strerror}; choose another --out") from error
    return shortcomings(run)


def statement(run: Run) -> dict[str, Any]:
    """The implementation conformance statement: what the target is, what it offers, and what it is certified for."""
    header = run.results.header
    return {"target": header["target"], "profiles": header["profiles"]}


def verdicts(run: Run) -> dict[str, str]:
    """The verdict on each requirement."""
    return {line.requirement.id: str(line.verdict) for line in run.results.lines()}


def manifest(run: Run, contents: dict[str, bytes]) -> dict[str, Any]:
    """What the bundle holds and says."""
    missing = shortcomings(run)
    return {
        "sessionproof bundle": FORMAT,
        "certificate": not missing,
        "shortcomings": missing,
        "verdict": str(run.results.verdict()),
        "cover": reached(run.results),
        "requirements": verdicts(run),
        "versions": {**run.results.header["versions"], "bundled with": version("sessionproof")},
        "fingerprint": fingerprint(),
        "files": {
            name: {"sha256": hashlib.sha256(contents[name]).hexdigest(), "bytes": len(contents[name])} for name in FILES
        },
    }


def _archive(contents: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            archive.writestr(info, contents[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode(errors="backslashreplace")
