"""The network of one run: which origins exist, how each is reached, and what was said.

Real servers are reached over sockets, the suite's own parties in process through ASGI. An origin that is neither is
foreign: a request for it is refused before anything is sent.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from starlette.types import ASGIApp

from .exchange import EXCERPT, Answer, Exchange
from .page import shown
from .problems import (
    ForeignOrigin,
    HarnessProblem,
    NotHttp,
    PartyFailed,
    RateLimited,
    TargetTimeout,
    TargetUnavailable,
)
from .sockets import SocketTransport, decoded
from .urls import Origin

T = TypeVar("T")
DEEP = "Look at the answers of its endpoints: JSON with some levels is expected there."


class Network:
    """Maps origins to transports, measures, and records.

    timeout -- seconds for one whole exchange.
    delay -- seconds to pause before each request to a real server (rate limits).
    ca_file -- certificates in PEM format to trust instead of the usual ones.
    overlapping -- ask real servers from worker threads, so that the event loop runs on while one answers. Needed when a
        party of ours must answer the server meanwhile (back-channel logout), or for requests at the same time. Without
        it such a request blocks the loop, which is 0.1 ms faster each.

    Everything runs on one private event loop, driven from outside by `run`; use it from one thread, and close it.
    """

    def __init__(
        self, *, timeout: float = 10.0, delay: float = 0.0, ca_file: Path | None = None, overlapping: bool = False
    ) -> None:
        self.timeout = timeout
        self.delay = delay
        self.overlapping = overlapping
        self.transport = RoutingTransport(self)
        self.waited = 0.0
        """Seconds spent waiting for real servers so far, and for nothing else."""
        self.paused = 0.0
        """Seconds spent in `delay` so far."""
        self.requests = 0
        """Requests that were sent so far, to real servers and to parties in process."""
        self.answered = 0
        """Answers of real servers so far that were none of 429, 503 or 504."""
        self.healthy = ""
        """The first address at which a real server has shown a page or a document (200)."""
        self.exchanges: deque[Exchange] = deque(maxlen=200)
        """The latest exchanges, oldest first; `forget` empties it."""
        self.closing: list[Callable[[], Coroutine[Any, Any, None]]] = []
        """What to do before the network closes."""
        self._parties: dict[Origin, httpx.ASGITransport | None] = {}  # None: a real server
        self._sockets = SocketTransport(timeout, ca_file)
        self._loop = asyncio.new_event_loop()
        self._hidden: HarnessProblem | None = None

    def reach(self, origin: str) -> None:
        """Lets requests to this origin ("https://host:port") go to the real server there."""
        self._parties[Origin.of(origin)] = None

    def host(self, origin: str, app: ASGIApp, *, ours: bool = True) -> None:
        """Answers requests to this origin ("http://shop.test") in process by an ASGI application.

        What goes wrong in one that is not `ours` is its own answer (500), as it would be over HTTP.
        """
        self._parties[Origin.of(origin)] = httpx.ASGITransport(app, raise_app_exceptions=ours)

    def __contains__(self, origin: object) -> bool:
        return origin in self._parties

    def is_real(self, url: str) -> bool:
        """Whether a real server answers at this address, and not a party in process."""
        return self._parties.get(Origin.of(url), False) is None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine to its end on the network's loop.

        Raises what it raises; and a HarnessProblem that a party of ours met on its own way to the target and turned
        into an error page, so that no trouble of ours can pass for an answer of the target.
        """
        self._hidden = None
        try:
            result = self._loop.run_until_complete(work)
        except RecursionError as error:
            raise NotHttp("An answer of the target is nested too deeply to be read.", DEEP) from error
        except HarnessProblem as problem:
            if self._hidden is not None and self._hidden is not problem:
                raise self._hidden from problem
            raise
        if self._hidden is not None:
            raise self._hidden
        return result

    def client(self) -> httpx.AsyncClient:
        """A client without cookies for a party's own requests (back channel), routed like all others."""
        return httpx.AsyncClient(transport=self.transport, trust_env=False)

    async def send(self, request: httpx.Request, origin: Origin | None = None) -> Answer:
        """Sends one request and reads the answer; follows nothing. `origin` saves working it out again.

        Raises ForeignOrigin and the other HarnessProblems; any status except 429, 503 and 504 is an answer.
        """
        origin = origin or _origin(request.url)
        if origin not in self._parties:
            raise ForeignOrigin(str(request.url))
        party = self._parties[origin]
        body = await request.aread()
        if self.delay and party is None:
            await asyncio.sleep(self.delay)
            self.paused += self.delay
        started = time.perf_counter()
        self.requests += 1
        try:
            answer = await (self._ask_server(request, origin) if party is None else self._ask(party, request, origin))
        finally:
            seconds = time.perf_counter() - started
            if party is None:
                self.waited += seconds
        heard = (answer.status, answer.headers, answer.body[:EXCERPT], seconds, time.time())
        self.exchanges.append(Exchange(request.method, str(request.url), request.headers, body, *heard))
        if party is None:
            _check_status(answer, origin)
            self.answered += 1
            if answer.status == 200 and request.method == "GET":
                self.healthy = self.healthy or str(request.url)
        return answer

    async def _ask_server(self, request: httpx.Request, origin: Origin) -> Answer:
        if self.overlapping:
            return await asyncio.to_thread(self._sockets.send, request, origin)
        return self._sockets.send(request, origin)

    async def _ask(self, party: httpx.ASGITransport, request: httpx.Request, origin: Origin) -> Answer:
        try:
            async with asyncio.timeout(self.timeout):
                response = await party.handle_async_request(request)
                body = b"".join([piece async for piece in response.aiter_raw()])
        except (HarnessProblem, RecursionError):
            raise
        except TimeoutError as error:
            raise TargetTimeout(
                f"{origin}, in process, did not answer within {self.timeout:g} seconds.", "Raise `pace.timeout`."
            ) from error
        except Exception as error:
            raise PartyFailed(
                f"{origin}, in process, failed at {request.method} {request.url.path}: {error!r}.",
                "This is a defect of the suite, not of the target: please report it.",
            ) from error
        return decoded(Answer(response.status_code, response.headers, body), origin)

    def note(self, problem: HarnessProblem) -> None:
        """Remembers the first problem of a party's own request, for `run` to raise."""
        self._hidden = self._hidden or problem

    def forget(self) -> None:
        """Drops the recorded exchanges."""
        self.exchanges.clear()

    def forget_since(self, recorded: int) -> None:
        """Drops all but the first so many recorded exchanges: what came after them were probes of our own."""
        while len(self.exchanges) > recorded:
            self.exchanges.pop()

    def close(self) -> None:
        """Closes connections, cancels what parties left running, and closes the event loop."""
        self._sockets.close()
        if not self._loop.is_closed():
            while self.closing:
                self._loop.run_until_complete(self.closing.pop()())
            self._loop.run_until_complete(_cancel_others())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class RoutingTransport(httpx.AsyncBaseTransport):
    """An httpx transport over a Network, for clients that parties of ours use themselves."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Routes by origin; a HarnessProblem is raised here and again by `Network.run`."""
        try:
            answer = await self._network.send(request)
        except HarnessProblem as problem:
            self._network.note(problem)
            raise
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _check_status(answer: Answer, origin: Origin) -> None:
    """Raises RateLimited or TargetUnavailable for an answer that only puts off."""
    if answer.status not in (429, 503, 504):
        return
    said = answer.headers.get("retry-after", "")
    problem: RateLimited | TargetUnavailable
    if answer.status == 429:
        problem = RateLimited(
            f"{origin} answered 429 Too Many Requests (Retry-After: {shown(said, 40) or 'not sent'}).",
            "Raise `pace.delay` in the target file, or lift the limit for the test users.",
        )
    else:
        problem = TargetUnavailable(
            f"{origin} answered {answer.status}: it cannot answer now.",
            "Look into the target's log and at what stands before it; if it is overloaded, raise `pace.delay`.",
        )
    problem.retry_after = float(said) if re.fullmatch(r"[0-9]{1,6}", said) else None
    raise problem


def _origin(url: httpx.URL) -> Origin:
    try:
        return Origin.of(url)
    except ValueError as error:
        raise ForeignOrigin(str(url)) from error
