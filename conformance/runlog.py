"""The run log: JSON lines, written as the run goes. Header, flows with their steps, findings, footer.

Every report is a function of it. A log without a footer is of a run that was cut off, and is said to be so.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from .errors import UsageProblem

VERSION = 1
Event = dict[str, Any]


class RunLog:
    """Writes events to a file, each one at once and onto the disk; does nothing when there is no path."""

    def __init__(self, path: Path | None, keep: int = 0) -> None:
        """Open `path`, readable for its owner only. Raises UsageProblem when that is not possible.

        `keep`: bytes of it that stay; the rest goes when the first event is written.
        """
        self._file: IO[str] | None = None
        self._keep = keep
        self._on_disk = False
        if path is not None:
            try:
                path.touch(mode=0o600)
                self._on_disk = path.is_file()  # a terminal or /dev/null stays what it is
                if self._on_disk:
                    path.chmod(0o600)
                # A lone surrogate (JSON can hold one) is written as the escape that it is in JSON, too.
                self._file = path.open("a", encoding="utf-8", errors="backslashreplace")
                if not keep:
                    self._cut()
            except OSError as error:
                raise UsageProblem(
                    f"cannot write the run log {path}: {error.strerror}; choose another --log"
                ) from error

    def write(self, event: Event) -> None:
        """Append one event. It is not lost any more, whatever happens to this process or machine."""
        if self._file:
            if self._keep:
                self._cut()
            self._file.write(json.dumps(event, separators=(",", ":"), ensure_ascii=False) + "\n")
            self._file.flush()
            if self._on_disk:
                os.fsync(self._file.fileno())

    def _cut(self) -> None:
        if self._file and self._on_disk:
            self._file.truncate(self._keep)
        self._keep = 0

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()


def read_log(path: Path) -> Iterator[Event]:
    """The events of a log. Raises UsageProblem for what is no log, and for a line that was cut off."""
    number = 0
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                event = json.loads(line)
                if number == 1 and not is_header(event):
                    raise UsageProblem(f"{path}: no run log of version {VERSION}")
                yield event
    except ValueError as error:
        raise UsageProblem(
            f"{path}, line {number}: cut off or no JSON: the run did not end well; `run --log {path} --resume` with "
            "its other options goes on with it"
        ) from error
    except OSError as error:
        raise UsageProblem(f"cannot read the run log {path}: {error.strerror}") from error
    if not number:
        raise UsageProblem(f"{path} is empty: no run log of version {VERSION}")


def is_header(event: object) -> bool:
    """Whether this is how a run log begins."""
    return isinstance(event, dict) and event.get("event") == "header" and event.get("version") == VERSION
