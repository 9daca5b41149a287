"""Starts and stops a target by the command in its file's `[start]` section."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from ..errors import UsageProblem
from .page import shown
from .problems import TargetNotStarted
from .target_sections import Start

_GRACE = 5.0  # seconds between asking the target to end and ending it


class NotTrusted(UsageProblem):
    """The target file would run a command, and nobody said that it may."""

    def __init__(self, command: list[str], hint: str) -> None:
        super().__init__(f"The target file wants to run a program: {shown(' '.join(command), 200)}\n{hint}")


class TargetProcess:
    """A started target, as a context manager: starts at entry, stops at exit.

    start, folder -- the section, and the folder of its file, where the command runs.
    environ -- its whole environment: a command that is trusted to run gets what a shell would give it.
    trust -- must be True for anything to run. The default is False, because target files are passed around: a file
        that somebody else wrote must not run programs merely because it was named on a command line.
    redact -- takes secrets out of what the target printed, before it gets into an error message.
    """

    def __init__(
        self,
        start: Start,
        folder: Path,
        environ: Mapping[str, str],
        *,
        trust: bool = False,
        redact: Callable[[str], str] = str,
    ) -> None:
        self._start = start
        self._folder = folder
        self._environ = environ
        self._trust = trust
        self._redact = redact
        self._process: subprocess.Popen[str] | None = None
        self._ready = threading.Event()
        self._last_words: deque[str] = deque(maxlen=10)

    def __enter__(self) -> Self:
        """Runs the command and waits for its ready line; raises NotTrusted or TargetNotStarted."""
        if not self._trust:
            raise NotTrusted(
                self._start.command,
                "If you trust the file, allow it with --trust; or start the target yourself and remove [start].",
            )
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user said that this command may run
                self._start.command,
                cwd=self._folder,
                env=dict(self._environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,  # a group of its own, so that what a start script started is stopped too
            )
        except OSError as error:
            raise TargetNotStarted(
                f"`{self._start.command[0]}` cannot be run in {self._folder}: {error.strerror}.",
                "Correct `start.command`; a program in the folder of the file begins with './'.",
            ) from error
        self._listen(self._process.stdout, self._start.ready)
        self._listen(self._process.stderr, None)
        self._await_ready(self._process)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process id, which is also its group's, while it runs."""
        return self._process.pid if self._process else None

    def stop(self) -> None:
        """Asks the process and its children to end (SIGTERM), and ends them after five seconds (SIGKILL)."""
        process, self._process = self._process, None
        if process is None:
            return
        _signal(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
        _signal(process.pid, signal.SIGKILL)  # children that outlived it
        process.wait()

    def _await_ready(self, process: subprocess.Popen[str]) -> None:
        deadline = time.monotonic() + self._start.timeout
        while not self._ready.wait(0.02):
            if process.poll() is not None:
                what = f"ended with exit code {process.returncode} before it was ready"
            elif time.monotonic() > deadline:
                what = f"did not print “{self._start.ready}” within {self._start.timeout:g} seconds"
            else:
                continue
            self.stop()
            raise TargetNotStarted(
                f"The target {what}. Its last words: {' / '.join(self._last_words) or 'none'}.",
                f"Run `{shown(' '.join(self._start.command), 200)}` in {self._folder} by hand, or correct `[start]`.",
            )

    def _listen(self, stream: IO[str] | None, ready: str | None) -> None:
        """Reads a stream to its end, lest the target blocks on a full pipe."""

        def read() -> None:
            for line in stream or ():
                self._last_words.append(shown(self._redact(line), 200))
                if ready is not None and ready in line:
                    self._ready.set()

        threading.Thread(target=read, daemon=True).start()


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)
