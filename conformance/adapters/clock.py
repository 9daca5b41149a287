"""How far a target's clock is ahead of ours, from the Date headers of its answers (RFC 9110 section 6.6.1)."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import httpx

from .network import Network

PATIENCE = 2.5
"""Seconds to wait for a Date to change; servers that renew it once a second do so within one."""
PAUSE = 0.01


def clock_ahead(network: Network, url: str) -> float | None:
    """Seconds by which the target's clock is ahead, right to about 20 milliseconds; None if its answers do not tell.

    A Date counts whole seconds, so it is asked for until it changes: at that moment the target's second begins.
    """
    first: float | None = None
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        network.run(network.send(httpx.Request("GET", url)))
        date = network.exchanges[-1].response_headers.get("date")
        try:
            second = parsedate_to_datetime(date).timestamp() if date else None
        except (ValueError, TypeError, OverflowError):
            second = None
        if second is None:
            return None
        if first is None:
            first = second
        elif second != first:
            return second - network.exchanges[-1].received
        time.sleep(PAUSE)
    return None
