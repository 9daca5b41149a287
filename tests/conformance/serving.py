"""Storezero's authorization server on a real socket, made to misbehave on demand, and the target file for it."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Literal

import httpx
import uvicorn
from sessionproof.conformance.storezero.clock import Clock
from sessionproof.conformance.storezero.provider import OpenIDProvider
from sessionproof.conformance.storezero.provider_decisions import ProviderDecisions
from sessionproof.conformance.storezero.provider_records import Client, ProviderConfig
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .command import CANARIES

TARGET = """
role = "authorization-server"
name = "Storezero Login"
issuer = "{issuer}"
profiles = ["core"]

[clients.shop]
client_id = "shop"
client_secret = "env:SESSIONPROOF_SHOP_SECRET"
redirect_uri = "http://shop.test/callback"
post_logout_redirect_uri = "http://shop.test/logged-out"

[clients.outlet]
client_id = "outlet"
client_secret = "env:SESSIONPROOF_OUTLET_SECRET"
redirect_uri = "http://outlet.test/callback"
post_logout_redirect_uri = "http://outlet.test/logged-out"

[users]
alice = {{ username = "alice", password = "env:SESSIONPROOF_ALICE_PASSWORD" }}
bob = {{ username = "bob", password = "env:SESSIONPROOF_BOB_PASSWORD" }}
"""


def target_file(folder: Path, issuer: str, changes: Mapping[str, str] | None = None, more: str = "") -> Path:
    """A target file for the server at `issuer`, with pieces of its text replaced and `more` at its end."""
    text = TARGET.format(issuer=issuer) + more
    for old, new in (changes or {}).items():
        assert old in text, f"{old} is not in the target file"
        text = text.replace(old, new)
    path = folder / "target.toml"
    path.write_text(text, encoding="utf-8")
    return path


def client(name: str, backchannel_logout_uri: str | None = None, secrets: Mapping[str, str] = CANARIES) -> Client:
    """An application of the target file as the server knows it."""
    return Client(
        client_id=name,
        name=name.capitalize(),
        redirect_uris=(f"http://{name}.test/callback",),
        post_logout_redirect_uris=(f"http://{name}.test/logged-out",),
        client_secret=secrets[f"SESSIONPROOF_{name.upper()}_SECRET"],
        grant_types=("authorization_code", "refresh_token"),
        first_party=name == "shop",
        backchannel_logout_uri=backchannel_logout_uri,
    )


@dataclass
class Switch:
    """Stands before a server: lets it die or stall after so many authorization requests, and writes its Date headers.

    `late`: seconds by which these are renewed too late.
    """

    app: ASGIApp
    clock: Clock
    late: float
    after: int | None = None
    then: Literal["die", "stall"] = "die"
    requests: int = 0

    def __post_init__(self) -> None:
        self.server: uvicorn.Server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests += scope["path"] == "/authorize"
        if self.after is None or self.requests <= self.after:
            await self.app(scope, receive, self._dated(send))
            return
        if self.then == "die":
            for listener in self.server.servers:
                listener.close()
            for connection in list(self.server.server_state.connections):
                if connection.transport is not None:
                    connection.transport.abort()
        await asyncio.sleep(3600)

    def _dated(self, send: Send) -> Send:
        async def later(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = formatdate(self.clock.now() - self.late, usegmt=True)
                message["headers"] = [*message["headers"], (b"date", date.encode())]
            await send(message)

        return later


@dataclass
class Served:
    """A running server."""

    issuer: str
    provider: OpenIDProvider
    switch: Switch


class ShiftedClock:
    """A clock that is wrong by a fixed time."""

    def __init__(self, ahead: float) -> None:
        self._ahead = ahead

    def now(self) -> float:
        return time.time() + self._ahead


@contextlib.contextmanager
def serving(
    *,
    after: int | None = None,
    then: Literal["die", "stall"] = "die",
    ahead: float = 0.0,
    late: float = 0.0,
    decisions: type[ProviderDecisions] = ProviderDecisions,
    secrets: Mapping[str, str] = CANARIES,
    more_users: Mapping[str, str] | None = None,
    clients: tuple[Client, ...] | None = None,
    around: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> Iterator[Served]:
    """Serve Storezero Login at a free port of the loopback address, until the block ends.

    `after`, `then`: what becomes of it after so many authorization requests. `ahead`: seconds by which its clock is
    ahead; `late`: those by which it renews its Date headers too late. `clients`: others than shop and outlet.
    `around`: puts something before it, see `faults`.
    """
    # With the protocol: asyncio looks at it, and without it each answer comes 40 ms later (Nagle's algorithm).
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
    clock = ShiftedClock(ahead)
    provider = _provider(issuer, clock, decisions, secrets, more_users or {}, clients)
    switch = Switch(provider.app, clock, late, after, then)
    config = uvicorn.Config(
        around(switch), log_level="critical", lifespan="off", access_log=False, ws="none", date_header=False
    )
    switch.server = uvicorn.Server(config)
    thread = threading.Thread(target=switch.server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield Served(issuer, provider, switch)
    finally:
        switch.server.should_exit = switch.server.force_exit = True
        thread.join(timeout=10)
        listener.close()
        assert not thread.is_alive()


def _provider(
    issuer: str,
    clock: Clock,
    decisions: type[ProviderDecisions],
    secrets: Mapping[str, str],
    more_users: Mapping[str, str],
    clients: tuple[Client, ...] | None,
) -> OpenIDProvider:
    clients = clients or tuple(client(name, secrets=secrets) for name in ("shop", "outlet"))
    passwords = {name: secrets[f"SESSIONPROOF_{name.upper()}_PASSWORD"] for name in ("alice", "bob")}
    passwords |= more_users
    notifies = any(client.backchannel_logout_uri for client in clients)
    return OpenIDProvider(
        ProviderConfig("as", "Storezero Login", issuer, clients),
        passwords=passwords,
        clock=clock,
        http=httpx.AsyncClient(trust_env=False) if notifies else None,
        decisions=decisions,
    )
