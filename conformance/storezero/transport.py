"""Requests between the parties of one process: function calls instead of sockets."""

from collections.abc import Mapping

import httpx
from starlette.types import ASGIApp


class InProcessTransport(httpx.AsyncBaseTransport):
    """Hands each request to the ASGI application of its origin; there is nothing else to connect to."""

    def __init__(self) -> None:
        self._by_origin: dict[str, httpx.ASGITransport] = {}

    def add(self, apps: Mapping[str, ASGIApp]) -> None:
        """Add applications by their origin (scheme, host, port)."""
        for origin, app in apps.items():
            self._by_origin[origin] = httpx.ASGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request. Raises httpx.ConnectError for an origin that nobody was added for."""
        url = request.url
        origin = f"{url.scheme}://{url.netloc.decode('ascii')}"
        transport = self._by_origin.get(origin)
        if transport is None:
            raise httpx.ConnectError(f"nobody is at {origin} in this process", request=request)
        return await transport.handle_async_request(request)
