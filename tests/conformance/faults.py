"""Faults of a server and of the way to it, put before an ASGI application that a real socket serves."""

import asyncio
import random
import socket
import struct
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Fault = Callable[[ASGIApp, Scope, Receive, Send], Awaitable[None]]
"""Answers a request in place of the application, with its help or without."""

Choose = Callable[[Scope, int], Fault | None]

NO_LINGER = struct.pack("ii", 1, 0)
"""Lets a socket that is closed be reset."""


@dataclass
class Faulty:
    """Asks `choose` at each request, with its number counted from 1, for the fault that it meets."""

    app: ASGIApp
    choose: Choose
    requests: int = 0
    met: Counter[str] = field(default_factory=Counter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests += 1
        fault = self.choose(scope, self.requests)
        if fault is None:
            await self.app(scope, receive, send)
        else:
            self.met[fault.__name__] += 1
            await fault(self.app, scope, receive, send)


async def reset(_app: ASGIApp, _scope: Scope, _receive: Receive, send: Send) -> None:
    """The connection is reset before anything was done."""
    _abort(send)


async def lost(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """The connection is reset when all was done, and the answer never arrives."""

    async def nowhere(_message: object) -> None:
        pass

    await app(scope, receive, nowhere)
    _abort(send)


async def hang(_app: ASGIApp, _scope: Scope, _receive: Receive, _send: Send) -> None:
    """No answer comes."""
    await asyncio.sleep(3600)


def answer(status: int, body: bytes = b"", *headers: tuple[bytes, bytes]) -> Fault:
    """Another answer than the application's."""

    async def answered(_app: ASGIApp, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})

    answered.__name__ = f"answer {status}"
    return answered


def adding(*headers: tuple[bytes, bytes]) -> Fault:
    """The application's answer with further headers."""

    async def added(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        async def more(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        await app(scope, receive, more)

    return added


def late(seconds: float) -> Fault:
    """The answer comes so much later."""

    async def late(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(seconds)
        await app(scope, receive, send)

    return late


def drip(seconds: float) -> Fault:
    """A page comes byte by byte, one in so many seconds, for ever."""

    async def drip(_app: ASGIApp, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        while True:
            await send({"type": "http.response.body", "body": b"<", "more_body": True})
            await asyncio.sleep(seconds)

    return drip


def now_and_then(seed: int, one_in: int, limit: float) -> Choose:
    """A random fault at one request of so many: reset, answer lost, 503, or late by up to `limit` seconds."""
    draw = random.Random(seed)

    def choose(_scope: Scope, _number: int) -> Fault | None:
        if draw.randrange(one_in):
            return None
        return draw.choice([reset, lost, answer(503), late(draw.uniform(0, limit))])

    return choose


def _abort(send: Any) -> None:
    transport = send.__self__.transport
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    transport.abort()
