"""An adapter in any language: a program that the suite starts, which reads requests and writes answers as JSON lines.

What the program does wrong is trouble of the harness, never a verdict on the target.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError, create_model
from sessionproof.model import state, vocabulary

from .. import adapter
from ..checks import Checks
from ..errors import HarnessProblem
from . import json_messages as messages
from .page import shown
from .problems import TargetNotStarted, TargetTimeout
from .target import AdapterTarget

LONGEST = 4 * 1024 * 1024
"""Bytes of one answer."""
GRACE = 2.0
"""Seconds between asking the program to end and ending it."""
PROTOCOL_HINT = "Correct the adapter: `sessionproof schema --adapter` describes its messages."

M = TypeVar("M", bound=BaseModel)


class AdapterBroken(HarnessProblem):
    """The program does not speak the protocol, or has ended."""


class JsonLinesAdapter:
    """One program. It is started when it is first needed, and again at the next flow after it broke."""

    def __init__(self, target: AdapterTarget, environ: Mapping[str, str]) -> None:
        """Nothing runs yet. `environ`: the program's whole environment."""
        self.target = target
        self.checks = Checks()
        self._environ = dict(environ)
        self._process: subprocess.Popen[bytes] | None = None
        self._buffer = b""
        self._number = 0
        self._last_words: deque[str] = deque(maxlen=5)
        self._listener: threading.Thread | None = None
        self._before = adapter.Effort()
        self._effort = adapter.Effort()

    def declare(self) -> adapter.Statement:
        """The program's own statement, with the name and profiles of the file. Raises HarnessProblem."""
        target = self.target
        with self.checks.of("adapter") as found:
            said = self._ask(messages.Declare(number=0), messages.Statement)
            found.say(f"`{shown(' '.join(target.command), 100)}` speaks version {said.protocol} of the protocol")
        self.checks.settle()
        with self.checks.of("features") as found:
            found.say(", ".join(sorted(said.features)) or "none")
        return adapter.Statement(
            target.name,
            target.role,
            frozenset(said.layers),
            frozenset(said.features),
            tuple(target.profiles or said.profiles),
            status=said.status,
            version=said.version,
            apps=frozenset(said.apps),
            unfinished_logins=said.unfinished_logins,
        )

    def reset(self, scope: state.Scope) -> None:
        """Begin anew, in a new process if the former one broke."""
        lifetimes = {name: value for name, value in scope._asdict().items() if name.endswith(("_idle", "_absolute"))}
        sent = messages.Scope(
            name=scope.name,
            actions=list(scope.actions),
            apps=list(scope.apps),
            users=list(scope.users),
            provider_users=list(scope.provider_users),
            browsers=scope.browsers,
            tabs=scope.tabs,
            lifetimes=lifetimes,
            notifies=scope.notifies,
        )
        self._ask(messages.Reset(number=0, scope=sent), messages.Nothing)

    def perform(self, stimulus: vocabulary.Stimulus, *, distinct: bool = False) -> vocabulary.Observation:
        """Have one step done."""
        request = messages.Perform(number=0, stimulus=messages.Stimulus(**stimulus._asdict()), distinct=distinct)
        seen = self._ask(request, messages.Observation)
        return vocabulary.Observation(tuple(seen.trace), dict(seen.facets))

    def exchanges(self) -> tuple[dict[str, Any], ...]:
        """Those of the last step."""
        found = self._ask(messages.AskExchanges(number=0), messages.Exchanges)
        redact = self.target.redact
        return tuple(
            {"request": redact(e.request), "status": e.status, "curl": redact(e.curl)} for e in found.exchanges
        )

    def effort(self) -> adapter.Effort:
        """What it cost so far, also in processes that broke; while none runs, what was last known."""
        if self._process is not None:
            with suppress(HarnessProblem):
                said = self._ask(messages.AskEffort(number=0), messages.Effort)
                now = adapter.Effort(said.requests, said.waited, said.paused)
                pairs = zip(self._before, now, strict=True)
                self._effort = adapter.Effort(*(one + other for one, other in pairs))  # type: ignore[arg-type]
        return self._effort

    def close(self) -> None:
        """Let the program end, and end it where it does not."""
        if self._process is not None:
            with suppress(HarnessProblem):
                self._ask(messages.Close(number=0), messages.Nothing)
        self._stop()

    # One message

    def _ask(self, request: BaseModel, expected: type[M]) -> M:
        """Send a request and validate its answer. After anything but a proper answer the process is given up."""
        self._start()
        self._number += 1
        try:
            line = self._exchange(request.model_copy(update={"number": self._number}))
            return self._valid(line, expected)
        except _Told as told:
            raise AdapterBroken(self.target.redact(told.cause), self.target.redact(told.hint)) from None
        except HarnessProblem:
            self._before = self._effort
            self._stop()
            raise

    def _valid(self, line: bytes, expected: type[M]) -> M:
        try:
            head = messages.Answer.model_validate_json(line)
        except ValidationError:
            head = None
        if head is not None and head.problem is not None and head.number == self._number:
            raise _Told(head.problem.cause, head.problem.hint)
        answer = _answer_with(expected)
        try:
            found = answer.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "the line"
            what = first["msg"].removeprefix("Value error, ")
            raise AdapterBroken(
                f"The adapter's answer is not what was asked for, at {where}: {what}. "
                f"It wrote: {self._shown(line, 200)}",
                PROTOCOL_HINT,
            ) from None
        number, ok = found.number, found.ok  # type: ignore[attr-defined]
        if number != self._number:
            what = f"The adapter answered request {number}; the request was {self._number}."
            raise AdapterBroken(what, PROTOCOL_HINT)
        result: M = ok
        return result

    def _exchange(self, request: BaseModel) -> bytes:
        process = self._process
        if process is None or process.stdin is None:
            raise AdapterBroken("The adapter is not running.", "This is a defect of the suite: please report it.")
        try:
            process.stdin.write(request.model_dump_json().encode() + b"\n")
            process.stdin.flush()
        except OSError:
            raise self._ended(process) from None
        return self._line(process)

    def _line(self, process: subprocess.Popen[bytes]) -> bytes:
        deadline = time.monotonic() + self.target.timeout
        stream = process.stdout
        if stream is None:
            raise self._ended(process)
        with selectors.DefaultSelector() as waiting:
            waiting.register(stream, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                if len(self._buffer) > LONGEST:
                    raise AdapterBroken(f"The adapter wrote a line of more than {LONGEST} bytes.", PROTOCOL_HINT)
                if not waiting.select(max(0.0, deadline - time.monotonic())):
                    raise TargetTimeout(
                        f"The adapter did not answer within {self.target.timeout:g} seconds.{self._words()}",
                        "Look at what it waits for, or raise `timeout` in the target file.",
                    )
                piece = os.read(stream.fileno(), 65_536)
                if not piece:
                    raise self._ended(process)
                self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    # The process

    def _start(self) -> None:
        if self._process is not None:
            return
        self._buffer = b""
        self._last_words.clear()
        try:
            process = subprocess.Popen(  # noqa: S603 - the user said that this command may run
                self.target.command,
                cwd=self.target.folder,
                env=self._environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # a group of its own, so that what it started is stopped too
            )
        except OSError as error:
            raise TargetNotStarted(
                f"`{self.target.command[0]}` cannot be run in {self.target.folder}: {error.strerror}.",
                "Correct `command`; a program in the folder of the file begins with './'.",
            ) from error
        self._process = process

        def listen() -> None:
            for line in process.stderr or ():
                self._last_words.append(self._shown(line, 200))

        self._listener = threading.Thread(target=listen, daemon=True)
        self._listener.start()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE if process.poll() is None else 0)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _ended(self, process: subprocess.Popen[bytes]) -> HarnessProblem:
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
        if self._listener is not None:
            self._listener.join(GRACE)
        code = process.poll()
        how = "closed its output" if code is None else f"ended with exit code {code}"
        return AdapterBroken(f"The adapter {how} instead of answering.{self._words()}", "Run it by hand to see why.")

    def _words(self) -> str:
        return f" Its last words: {' / '.join(self._last_words)}" if self._last_words else ""

    def _shown(self, line: bytes, limit: int) -> str:
        return shown(self.target.redact(line[: limit * 4].decode("utf-8", "replace")), limit)


class _Told(Exception):
    """The adapter itself says that it met trouble: it goes on."""

    def __init__(self, cause: str, hint: str) -> None:
        super().__init__(cause)
        self.cause, self.hint = cause, hint


def _answer_with(expected: type[M]) -> type[BaseModel]:
    if expected not in _ANSWERS:
        _ANSWERS[expected] = create_model("Answer", __base__=messages.Message, number=(int, ...), ok=(expected, ...))
    return _ANSWERS[expected]


_ANSWERS: dict[type[BaseModel], type[BaseModel]] = {}
