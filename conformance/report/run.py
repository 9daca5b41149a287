"""A run log, read once for every report that can be made of it."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from ..results import Results
from ..runlog import read_log
from .usage import Usage


class Run(NamedTuple):
    """What a log says in the end, and what it exercised. `name`: of the file; `digest`: its SHA-256 in hexadecimal."""

    name: str
    digest: str
    results: Results
    usage: Usage


def read_run(path: Path) -> Run:
    """Read a whole log, event by event. Raises UsageProblem for what is no log."""
    results, usage = Results(), Usage()
    for event in read_log(path):
        results.add(event)
        usage.add(event)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Run(path.name, digest, results, usage)
