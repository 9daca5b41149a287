"""Puts a party that the suite plays on a real socket, so that a target's own back channel can reach it."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from .problems import TargetNotStarted
from .urls import Origin


class Hosted:
    """Serves one application on the loopback address of `origin` in a thread, until it is closed."""

    def __init__(self, origin: str, app: ASGIApp) -> None:
        """Raises TargetNotStarted if the address is taken or is not one of this machine."""
        place = Origin.of(origin)
        # With the protocol: asyncio looks at it, and without it each answer comes 40 ms later (Nagle's algorithm).
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((place.host, place.port))
            listener.listen()
        except OSError as error:
            listener.close()
            raise TargetNotStarted(
                f"The suite cannot listen at {origin}, where the target expects the party that it plays: "
                f"{error.strerror}.",
                "Stop what listens there, or choose another loopback address in the target file and at the target.",
            ) from error
        config = uvicorn.Config(app, log_level="error", lifespan="off", access_log=False, ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        self._thread.join(timeout=5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
