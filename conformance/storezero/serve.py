"""The seed's world on sockets, for clicking through it in a browser.

Each party has a loopback address of its own: cookies are shared across the ports of one host, so on one address the
parties would overwrite each other's.
"""

import errno
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from .world import DEMO_PASSWORDS, Origins, Rules, World, build_world

Address = tuple[str, int]


class ServeError(Exception):
    """The world cannot be served; the message says what to do about it."""


@dataclass(frozen=True)
class Addresses:
    """Where each party listens: host and port; port 0 takes any free one."""

    shop: Address = ("127.0.0.1", 8101)
    server: Address = ("127.0.0.2", 8102)
    provider: Address = ("127.0.0.3", 8103)
    outlet: Address = ("127.0.0.4", 8104)


class RunningWorld:
    """A world with its listening sockets: `run` serves it until it is stopped."""

    def __init__(self, addresses: Addresses | None = None, rules: Rules | None = None) -> None:
        """Take the addresses. Raises ServeError when one of them cannot be had."""
        addresses = addresses or Addresses()
        self.sockets: list[socket.socket] = []
        try:
            shop, server, provider, outlet = (
                self._listen(address)
                for address in (addresses.shop, addresses.server, addresses.provider, addresses.outlet)
            )
        except ServeError:
            self._close()
            raise
        origins = Origins(
            shop=_origin(shop), outlet=_origin(outlet), server=_origin(server), provider=_origin(provider)
        )
        self.world = build_world(origins=origins, rules=rules, on_sockets=True)
        apps = {party.origin: party.app for party in self.world.parties}
        config = uvicorn.Config(_ByAddress(apps), log_level="error", lifespan="off", access_log=False, ws="none")
        self._server = uvicorn.Server(config)

    def run(self) -> None:
        """Serve until `stop` is called or the process is told to end (SIGINT, SIGTERM)."""
        try:
            self._server.run(sockets=self.sockets)
        finally:
            self._close()

    def stop(self) -> None:
        """Let `run` return; to be called from another thread."""
        self._server.should_exit = True

    def _listen(self, address: Address) -> socket.socket:
        # With the protocol: asyncio looks at it, and without it each answer comes 40 ms later (Nagle's algorithm).
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.sockets.append(listener)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen()
        except OSError as problem:
            raise ServeError(_explain(problem, address)) from problem
        return listener

    def _close(self) -> None:
        for listener in self.sockets:
            listener.close()


def serve(addresses: Addresses | None = None, say: Callable[[str], object] = print) -> None:
    """Serve the world until SIGINT or SIGTERM, after telling through `say` what to click. Raises ServeError."""
    running = RunningWorld(addresses)
    # uvicorn handles these signals itself while it runs, and raises them once more afterwards, for whoever handled them
    # before. This handler is for the moments before and after.
    previous = [(one, signal.signal(one, lambda *_: running.stop())) for one in (signal.SIGINT, signal.SIGTERM)]
    try:
        say(guide(running.world))
        running.run()
    finally:
        for number, handler in previous:
            signal.signal(number, handler)


def guide(world: World) -> str:
    """Return what to click to see the seed's two stories."""
    users = ", ".join(f"{name} / {password}" for name, password in DEMO_PASSWORDS.items())
    return f"""Storezero is ready.

  shop              {world.shop.origin}
  outlet            {world.outlet.origin}   (a second application, of somebody else)
  login server      {world.server.origin}
  identity provider {world.provider.origin}

Users, at the login server and at the identity provider: {users}

Story 1, user name and password: open {world.shop.origin}/account/orders and log in as alice.
  Two sessions exist now. Open {world.outlet.origin}/account/orders: nobody asks for a password again.
Story 2, identity provider: log out everywhere, open {world.shop.origin}/account/orders once more, choose
  "Log in with Facelog" and log in as bob. Three sessions exist now. Log out everywhere and log in with Facelog again:
  it still knows you. "Log out also at the identity provider" ends that session too.

Stop with Ctrl+C."""


class _ByAddress:
    """One server for all parties: a request goes to the application of the address that it arrived at."""

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self._apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host, port = scope["server"]
        await self._apps[f"http://{host}:{port}"](scope, receive, send)


def _origin(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


def _explain(problem: OSError, address: Address) -> str:
    where = f"{address[0]}:{address[1]}"
    if problem.errno == errno.EADDRINUSE:
        return f"{where} is taken by another program: stop that one, or choose another port."
    if problem.errno == errno.EADDRNOTAVAIL:
        return f"{where} is no address of this computer; on macOS, add it: sudo ifconfig lo0 alias {address[0]}"
    if problem.errno == errno.EACCES:
        return f"{where} needs privileges: choose a port above 1023."
    return f"cannot listen at {where}: {problem.strerror}"
