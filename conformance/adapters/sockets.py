"""HTTP over real sockets with one deadline for everything: connecting, TLS, sending, waiting and reading.

Blocking, on purpose. A request through httpcore's asyncio pool costs 0.2 to 0.4 ms more than through its blocking one,
which against a server that answers in 2 ms is a good part of all time. `Network` moves it to a worker thread when
something else has to run meanwhile.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpcore
import httpx

from .exchange import Answer
from .problems import (
    BodyTooLarge,
    HarnessProblem,
    NotHttp,
    TargetHungUp,
    TargetTimeout,
    TargetUnreachable,
    TlsFailed,
)
from .urls import Origin

MAX_BODY = 2 * 1024 * 1024
"""Bytes of a response body that are read, before and after decoding."""

_KEEP_ALIVE = 1.5  # seconds: shorter than any common server's, so that none hangs up on a request under way


class SocketTransport:
    """Sends requests to real servers, reusing connections. Safe to use from several threads.

    timeout -- seconds for one whole exchange.
    ca_file -- certificates in PEM format to trust instead of the usual ones.
    """

    def __init__(self, timeout: float, ca_file: Path | None = None) -> None:
        self.timeout = timeout
        self._ca_file = ca_file
        self._backend = _DeadlineBackend()
        self._made: httpcore.ConnectionPool | None = None

    @property
    def _pool(self) -> httpcore.ConnectionPool:
        if self._made is None:  # loading certificates takes 20 ms: not before the first real target
            try:
                context = ssl.create_default_context(cafile=self._ca_file)
            except OSError as error:
                raise TlsFailed(
                    f"The certificates in {self._ca_file or 'the system store'} cannot be loaded: {error}.",
                    "`ca_file` in the target file must name a file with certificates in PEM format.",
                ) from error
            self._made = httpcore.ConnectionPool(
                ssl_context=context, keepalive_expiry=_KEEP_ALIVE, network_backend=self._backend
            )
        return self._made

    def send(self, request: httpx.Request, origin: Origin) -> Answer:
        """The answer to a request whose body has been read; raises a HarnessProblem of the fitting kind."""
        url = httpcore.URL(
            scheme=origin.scheme, host=origin.host, port=origin.port, target=request.url.raw_path or b"/"
        )
        wire = httpcore.Request(request.method, url, headers=request.headers.raw, content=request.content)
        self._backend.start(self.timeout)
        try:
            return self._exchange(wire, origin)
        except TargetHungUp:
            if request.method != "GET" or self._backend.connected():
                raise
            # As browsers do: the server closed an idle connection at the very moment when it was used again.
            return self._exchange(wire, origin)

    def _exchange(self, wire: httpcore.Request, origin: Origin) -> Answer:
        try:
            response = self._pool.handle_request(wire)
            try:
                assert isinstance(response.stream, Iterable)  # noqa: S101 - narrows the type: the pool is blocking
                body = _joined(response.stream, origin)
            finally:
                response.close()
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise _problem(error, origin, self.timeout) from error
        return decoded(Answer(response.status, httpx.Headers(response.headers), body), origin)

    def close(self) -> None:
        """Closes all connections."""
        if self._made is not None:
            self._made.close()


def decoded(answer: Answer, origin: Origin) -> Answer:
    """The answer with its Content-Encoding undone, in small pieces so that a compressed bomb stops at the limit."""
    if "content-encoding" not in answer.headers:
        return answer
    pieces = (answer.body[i : i + 1024] for i in range(0, len(answer.body), 1024))
    try:
        body = _joined(httpx.Response(200, headers=answer.headers, content=pieces).iter_bytes(), origin)
    except httpx.DecodingError as error:
        raise NotHttp(
            f"{origin} sent a body that does not match its Content-Encoding: {error}.",
            "Check the server or what stands before it.",
        ) from error
    headers = [pair for pair in answer.headers.raw if pair[0].lower() not in (b"content-encoding", b"content-length")]
    return Answer(answer.status, httpx.Headers(headers), body)


def _joined(pieces: Iterable[bytes], origin: Origin) -> bytes:
    parts: list[bytes] = []
    size = 0
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size > MAX_BODY:
            raise BodyTooLarge(
                f"{origin} sent a body larger than {MAX_BODY} bytes; reading stopped there.",
                "Login pages are far smaller: check that the address is the one that was meant.",
            )
    return b"".join(parts)


def _problem(error: Exception, origin: Origin, timeout: float) -> HarnessProblem:
    detail = str(error) or type(error).__name__
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None:
        return TlsFailed(
            f"TLS with {origin} failed: {detail}.",
            "For a certificate of your own, name its issuer's certificate in `ca_file` of the target file.",
        )
    if isinstance(error, httpcore.TimeoutException):
        return TargetTimeout(
            f"{origin} did not answer completely within {timeout:g} seconds.",
            "Check that the target is healthy, or raise `pace.timeout` in the target file.",
        )
    if isinstance(error, httpcore.ConnectError):
        return TargetUnreachable(
            f"No connection to {origin}: {detail}.", "Start the target, and check host and port in the target file."
        )
    if isinstance(error, httpcore.NetworkError) or "disconnected" in detail or "closed" in detail:
        return TargetHungUp(
            f"{origin} closed the connection before its answer was complete: {detail}.",
            "Look into the target's log: it may have crashed.",
        )
    return NotHttp(
        f"{origin} did not answer in HTTP/1.1: {detail}.", "Check that the port is the target's, and http or https."
    )


class _DeadlineBackend(httpcore.NetworkBackend):
    """httpcore limits single reads; a server that drips bytes never exceeds that. This limits the whole exchange."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()
        self._clock = threading.local()

    def start(self, seconds: float) -> None:
        self._clock.deadline = time.monotonic() + seconds
        self._clock.connected = False

    def connected(self) -> bool:
        """True if the exchange needed a new connection."""
        return bool(self._clock.connected)

    def left(self) -> float:
        seconds: float = self._clock.deadline - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("the time for the whole exchange is over")
        return seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        self._clock.connected = True
        limit = self.left() if timeout is None else min(timeout, self.left())
        return _DeadlineStream(self._inner.connect_tcp(host, port, limit, local_address, socket_options), self)


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, clock: _DeadlineBackend) -> None:
        self._inner = inner
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline is stricter
        return self._inner.read(max_bytes, self._clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the deadline is stricter
        self._inner.write(buffer, self._clock.left())

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is stricter
    ) -> httpcore.NetworkStream:
        return _DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, self._clock.left()), self._clock)

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
