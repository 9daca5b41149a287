"""A run log, read once for every report that can be made of it."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ..errors import UsageProblem
from ..results import Results
from ..runlog import Event, read_log
from .usage import Usage


class Run(NamedTuple):
    """What a log says in the end, and what it exercised. `name`: of the file; `digest`: its SHA-256 in hexadecimal."""

    name: str
    digest: str
    results: Results
    usage: Usage


def read_run(path: Path, look: Callable[[Event], None] | None = None) -> Run:
    """Read a whole log, event by event; `look` gets to see each. Raises UsageProblem for what is no log."""
    results, usage = Results(), Usage()
    try:
        for event in read_log(path):
            results.add(event)
            usage.add(event)
            if look:
                look(event)
        results.lines()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageProblem(f"{path} is no run log of this version: {type(error).__name__} at {error}") from error
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Run(path.name, digest, results, usage)
