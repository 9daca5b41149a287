"""The only source of time, so that a test can let half an hour pass without waiting."""

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time in seconds since the epoch."""

    def now(self) -> float:
        """Return the present time in seconds since the epoch."""
        ...


class SystemClock:
    """The computer's clock."""

    def now(self) -> float:
        """Return the present time in seconds since the epoch."""
        return time.time()


class ManualClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        """Return the present time in seconds since the epoch."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass. Raises ValueError for a negative number: deadlines assume that time only grows."""
        if seconds < 0:
            raise ValueError(f"a clock cannot go back: got advance({seconds}), expected 0 seconds or more")
        self._now += seconds
