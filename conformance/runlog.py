"""The run log: JSON lines, written as the run goes. Header, flows with their steps, findings, footer.

Every report is a function of it. A log without a footer is of a run that was cut off, and is said to be so.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from .errors import UsageProblem

VERSION = 1
Event = dict[str, Any]


class RunLog:
    """Writes events to a file, each one at once; does nothing when there is no path."""

    def __init__(self, path: Path | None) -> None:
        """Open `path` anew, readable for its owner only. Raises UsageProblem when that is not possible."""
        self._file: IO[str] | None = None
        if path is not None:
            try:
                path.touch(mode=0o600)
                if path.is_file():  # a terminal or /dev/null stays what it is
                    path.chmod(0o600)
                # A lone surrogate (JSON can hold one) is written as the escape that it is in JSON, too.
                self._file = path.open("w", encoding="utf-8", errors="backslashreplace")
            except OSError as error:
                raise UsageProblem(
                    f"cannot write the run log {path}: {error.strerror}; choose another --log"
                ) from error

    def write(self, event: Event) -> None:
        """Append one event."""
        if self._file:
            self._file.write(json.dumps(event, separators=(",", ":"), ensure_ascii=False) + "\n")
            self._file.flush()

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
                if number == 1 and not _is_header(event):
                    raise UsageProblem(f"{path}: no run log of version {VERSION}")
                yield event
    except ValueError as error:
        raise UsageProblem(f"{path}, line {number}: cut off or no JSON: the run did not end well") from error
    except OSError as error:
        raise UsageProblem(f"cannot read the run log {path}: {error.strerror}") from error
    if not number:
        raise UsageProblem(f"{path} is empty: no run log of version {VERSION}")


def _is_header(event: object) -> bool:
    return isinstance(event, dict) and event.get("event") == "header" and event.get("version") == VERSION
