"""Real servers that misbehave, parties to browse, and pages to read."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
from sessionproof.conformance.adapters.browser import Browser
from sessionproof.conformance.adapters.network import Network
from sessionproof.conformance.adapters.page import Page
from starlette.applications import Starlette
from starlette.routing import Route

from .web import AS, SHOP, Site, Web

Talk = Callable[[socket.socket], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Talk], str]]:
    """Starts a server that does with each connection whatever `talk` does; gives its origin."""
    listeners: list[socket.socket] = []

    def start(talk: Talk) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def handle(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):
                talk(connection)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=handle, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.close()


@pytest.fixture
def network() -> Iterator[Network]:
    with Network(timeout=5) as made:
        yield made


@pytest.fixture
def page() -> Callable[..., Page]:
    """Makes a page of HTML, as if it had been shown at as.test."""

    def make(html: str, url: str = "http://as.test/dir/login?x=1", status: int = 200, **headers: str) -> Page:
        fields = {"content-type": "text/html; charset=utf-8", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return Page(url, status, httpx.Headers(fields), html.encode())

    return make


@pytest.fixture
def web(network: Network) -> Web:
    server, shop = Site(), Site()
    for origin, site in ((AS, server), (SHOP, shop)):
        network.host(origin, Starlette(routes=[Route("/{path:path}", site.answer, methods=["GET", "POST", "HEAD"])]))
    return Web(server, shop, Browser(network))
