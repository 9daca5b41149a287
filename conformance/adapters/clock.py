"""How far a target's clock is ahead of ours, as far as the time stamps in its answers tell."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import httpx

from .network import Network
from .problems import PASSING

PATIENCE = 2.5
"""Seconds to wait for a Date to change; servers that renew it once a second do so within one."""
PAUSE = 0.01
LAG = 1.2
"""Seconds by which a Date may be late: some servers renew it about once a second, whenever that is (uvicorn does)."""
USUAL = 0.1
"""Most servers renew it in time; seconds that this may take."""


def moment(stamp: object) -> float | None:
    """A time stamp of a token, in seconds since the epoch; None for what is none (NaN, a number without end)."""
    if isinstance(stamp, bool) or not isinstance(stamp, int | float) or not abs(stamp) < 1e12:
        return None
    return float(stamp)


class Offset(NamedTuple):
    """Seconds by which the target's clock is ahead of ours: at least `low`, at most `high`."""

    low: float
    high: float

    def narrowed(self, second: float, sent: float, received: float) -> Offset:
        """With a stamp in whole seconds that was made between two moments of ours.

        One that contradicts what is known already is left out: it may have been backdated on purpose.
        """
        found = Offset(max(self.low, int(second) - received), min(self.high, int(second) + 1 - sent))
        return found if found.low < found.high else self

    def until_telling(self, now: float) -> float:
        """Seconds until a stamp narrows this most: the target's second begins then, if it usually is in time."""
        if self.high - self.low <= USUAL:
            return 0.0
        guess = self.low + (USUAL if self.high - self.low > LAG - USUAL else (self.high - self.low) / 2)
        return -(now + guess) % 1


def clock_offset(network: Network, url: str) -> Offset | None:
    """What the Date headers say (RFC 9110 section 6.6.1); None if there are none, or none that changes.

    A Date counts whole seconds, so it is asked for until it changes: at that moment, or before, its second has begun.
    """
    first: float | None = None
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            network.run(network.send(httpx.Request("GET", url)))
        except PASSING:
            if time.monotonic() >= deadline:
                raise
            continue
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
            ahead = second - network.exchanges[-1].received
            return Offset(ahead, ahead + LAG)
        time.sleep(PAUSE)
    return None
