"""One request and its answer, as recorded for the run log and for people who want to repeat it by hand."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx

EXCERPT = 4096
"""Bytes of a body that an exchange keeps."""

_LEFT_TO_CURL = {"host", "content-length", "accept-encoding", "connection"}


class Answer(NamedTuple):
    """A complete HTTP response; the body is decoded from its content encoding."""

    status: int
    headers: httpx.Headers
    body: bytes


def parsed(text: bytes) -> Any:
    """What JSON says. Raises ValueError for anything else, and for what is nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP request with its answer.

    Headers and bodies hold passwords, cookies and codes: they are left out of `repr`, and go into a log only through
    a redacting function (`Target.redact`).
    """

    method: str
    url: str
    request_headers: httpx.Headers = field(repr=False)
    request_body: bytes = field(repr=False)
    status: int
    response_headers: httpx.Headers = field(repr=False)
    body_excerpt: bytes = field(repr=False)
    seconds: float
    received: float = 0.0
    """When the answer was complete, in seconds since the epoch."""

    def curl(self, redact: Callable[[str], str] = str) -> str:
        """The request as a `curl` command line for a POSIX shell; credentials in headers are always masked.

        `redact` gets each text before it is quoted, to take out the secrets that it knows.
        """
        words = ["curl", "-i", redact(self.url)]
        if self.method != ("POST" if self.request_body else "GET"):
            words[1:1] = ["-X", self.method]
        for name, value in self.request_headers.multi_items():
            if name == "authorization":
                words += ["-H", f"{name}: {value.partition(' ')[0]} ..."]
            elif name not in _LEFT_TO_CURL:
                words += ["-H", f"{name}: {redact(value)}"]
        if self.request_body:
            words += ["--data-raw", redact(self.request_body.decode("utf-8", "replace"))]
        return shlex.join(words)
