"""Checks a certificate bundle: complete, every hash right, every verdict the one that the log gives.

A bundle comes from somebody else: sizes are bounded, nothing in it is run or unpacked by its name.
"""

import hashlib
import json
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from .bundle import FORMAT, LOG, MANIFEST, REPORT, STATEMENT, statement, verdicts
from .certificate import LogCheck, fingerprint, shortcomings
from .errors import UsageProblem
from .report.page import html
from .report.run import read_run
from .report.visible import shown
from .report.wording import reached

NAMES = {LOG, REPORT, STATEMENT, MANIFEST}
LARGEST = 1 << 30
"""Bytes that the files of a bundle may have together."""


class Verification(NamedTuple):
    """What a bundle is worth.

    `wrong`: what does not fit together. `unsure`: what this version cannot check. `missing`: why it is no certificate.
    `manifest`, `statement`: what the bundle says of itself and of its target; empty if it has none.
    """

    wrong: list[str]
    unsure: list[str]
    missing: list[str]
    manifest: dict[str, Any]
    statement: dict[str, Any]

    @property
    def exit_code(self) -> int:
        """0 for a certificate, 1 for a bundle that does not fit or a target that does not conform, else 2."""
        if self.wrong or self.manifest.get("verdict") == "fail":
            return 1
        return 2 if self.missing or self.unsure else 0


def verify(path: Path) -> Verification:
    """Check the bundle at `path`. Raises UsageProblem for a file that is none."""
    contents = _contents(path)
    if missing := sorted(NAMES - contents.keys()):
        return Verification([f"{name} is missing" for name in missing], [], [], {}, {})
    try:
        told = json.loads(contents[MANIFEST])
        said = json.loads(contents[STATEMENT])
        hashes = {name: entry["sha256"] for name, entry in told["files"].items()}
        form = told["sessionproof bundle"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Verification([f"{MANIFEST} or {STATEMENT} is none"], [], [], {}, {})
    if form != FORMAT:
        raise UsageProblem(f"{path} is a bundle of format {form!r}, not {FORMAT}: use the version that made it")
    wrong = [
        f"{name} is not the file that the manifest tells (SHA-256)"
        for name in (LOG, REPORT, STATEMENT)
        if hashes.get(name) != hashlib.sha256(contents[name]).hexdigest()
    ]
    return _judged(contents, told, said, wrong)


def print_verification(out: Console, path: Path, found: Verification) -> None:
    """Say whether the bundle is a certificate, for what, and if it is none, why."""
    if found.wrong:
        out.print(shown(f"{path} does not fit together: it was changed, or never was a certificate", "bold red"))
    elif found.unsure:
        out.print(shown(f"{path} cannot be verified here", "bold magenta"))
    elif found.exit_code:
        out.print(shown(f"{path} fits together, but is no certificate", "bold magenta"))
    else:
        target, profiles = found.statement["target"], ", ".join(found.statement["profiles"])
        out.print(shown(f"{path} is a certificate: {target['name']} ({target['role']}) conforms", "bold green"))
        out.print(shown(f"profiles {profiles}: every requirement that applies was observed and met"))
        out.print(shown(f"cover reached: {found.manifest['cover']}"))
        out.print("Hashes are no signature: they show that the pieces belong together, not who made them.")
    for line in (*found.wrong, *found.unsure, *found.missing):
        out.print(shown(f"  {line}"))


def _judged(contents: dict[str, bytes], told: dict[str, Any], said: Any, wrong: list[str]) -> Verification:
    check = LogCheck()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / LOG
        log.write_bytes(contents[LOG])
        try:
            run = read_run(log, check.look)
            found, page = check.results(run), html(run)
        except UsageProblem as problem:
            return Verification([*wrong, str(problem).replace(f"{log}", LOG)], [], [], told, {})
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as problem:
            return Verification([*wrong, f"{LOG} cannot be read: {type(problem).__name__}"], [], [], told, {})
    if told.get("requirements") != verdicts(run) or told.get("verdict") != str(run.results.verdict()):
        found.append("the verdicts in the manifest are not those that the log gives")
    if told.get("cover") != reached(run.results):
        found.append("the cover in the manifest is not the one that the log tells")
    if said != statement(run):
        found.append("the statement is not the one that the log begins with")
    missing = shortcomings(run)
    if told.get("certificate") is not (not missing) or told.get("shortcomings") != missing:
        found.append("the manifest does not tell rightly whether the run is a certificate")
    if contents[REPORT] != page.encode():
        found.append("the report is not the one that the log gives")
    if told.get("fingerprint") != fingerprint():
        # Another version may judge and write otherwise: nothing of that is evidence against the bundle.
        versions = told.get("versions")
        made = versions.get("bundled with", "unknown") if isinstance(versions, dict) else "unknown"
        unsure = [f"another version of sessionproof made it ({made}); verify it with that one", *found]
        return Verification(wrong, unsure, missing, told, statement(run))
    return Verification([*wrong, *found], [], missing, told, statement(run))


def _contents(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if len(names) != len(set(names)) or not set(names) <= NAMES:
                raise UsageProblem(f"{path} is no certificate bundle: it holds {', '.join(sorted(names)[:5])}")
            if sum(entry.file_size for entry in entries) > LARGEST:
                raise UsageProblem(f"{path} is too large for a certificate bundle")
            return {entry.filename: archive.read(entry) for entry in entries}
    except OSError as error:
        raise UsageProblem(f"cannot read {path}: {error.strerror}") from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise UsageProblem(f"{path} is no certificate bundle, or damaged: {error}") from error
