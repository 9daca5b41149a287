"""Decides whether trouble on the way to the target is worth another try, and how long to wait before it.

What passes by itself (a reset, a restart, a busy moment) must not cost a verdict; what does not pass must not cost much
time. So there are few tries, with growing waits, and none for a target that is gone until it has answered again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from .network import Network
from .problems import (
    PASSING,
    HarnessProblem,
    KeysChanged,
    RateLimited,
    TargetTimeout,
    TargetUnavailable,
    TargetUnreachable,
)

T = TypeVar("T")

WAITS = (0.1, 0.3, 1.0, 3.0)
"""Seconds to wait before the second, third, ... try."""


class Discretion:
    """Of one run; `sleep` waits so many seconds."""

    def __init__(self, network: Network, sleep: Callable[[float], None] = time.sleep) -> None:
        self._network = network
        self._sleep = sleep
        self._gone_at = 0
        """How many answers there had been when tries were used up."""

    def wait(self, problem: HarnessProblem, tried: int) -> None:
        """Wait before the next try, after so many; raise `problem` where there is to be none."""
        if not isinstance(problem, PASSING):
            raise problem
        absent = isinstance(problem, TargetUnreachable | TargetTimeout)  # from the beginning: nothing to wait for
        gone = self._network.answered == self._gone_at and (absent or self._gone_at > 0)
        often = tried >= (2 if isinstance(problem, TargetTimeout) else len(WAITS) + 1)
        seconds = WAITS[min(tried, len(WAITS)) - 1]
        if isinstance(problem, RateLimited | TargetUnavailable) and problem.retry_after is not None:
            seconds = max(seconds, problem.retry_after)
        if gone or often or seconds > max(self._network.timeout, *WAITS):
            self._gone_at = self._network.answered
            raise problem
        if isinstance(problem, KeysChanged):
            problem.ask()
            return
        self._sleep(seconds)
        self._network.paused += seconds

    def patiently(self, work: Callable[[], T]) -> T:
        """What `work` gives, which begins anew at each try. Raises the HarnessProblem of the last one."""
        tried = 0
        while True:
            try:
                return work()
            except PASSING as problem:
                tried += 1
                self.wait(problem, tried)
