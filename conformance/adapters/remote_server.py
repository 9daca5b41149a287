"""What is the same for every real OpenID provider under test: its clock, its users, and silent probes."""

from __future__ import annotations

import time
from abc import ABC
from collections.abc import Callable, Mapping
from typing import Any

from ..storezero.oidc_client import RelyingParty
from .browser import Browser
from .browsing import CLOCK_ERROR, BrowsingAdapter
from .clock import Offset, clock_offset
from .network import Network
from .page import shown
from .preflight import tell_clock
from .probing import silent_user
from .problems import FlowBroken
from .target import Browsers


class RemoteServer(BrowsingAdapter, ABC):
    """An adapter whose target is an OpenID provider somewhere else; subclasses say which part it plays."""

    def __init__(self, network: Network, redact: Callable[[str], str], browser: Browsers) -> None:
        """Nothing is contacted yet."""
        super().__init__(network, redact, browser)
        self._offset: Offset | None = None
        self._subjects: dict[str, str] = {}

    def now(self) -> float:
        """The target's time, as the stamps in its answers have told it: so late, or later by `blur`."""
        return time.time() + (self._offset.low if self._offset else 0.0)

    def separate(self) -> None:
        """Wait until the target's clock shows another second than at any login before."""
        latest = max(self._last_login.values(), default=0.0) + self.blur
        wait = int(latest + CLOCK_ERROR) + 1 + 2 * CLOCK_ERROR - self.now()
        if 0 < wait < 4:
            time.sleep(wait)
            self.network.paused += wait

    def learn_time(self, issuer: str) -> None:
        """Find out how late it is there."""
        with self.checks.of("clock") as found:
            self._offset = clock_offset(self.network, issuer)
            tell_clock(found, self._offset)
        self.checks.settle()

    def settle_time(self) -> None:
        """Nothing more will be learnt about the time there: take it as it is known."""
        self.knows_time = self._offset is not None
        self.blur = self._offset.high - self._offset.low if self._offset else 0.0

    def learn_user(self, user: str, subject: str) -> None:
        """Remember whose `sub` this is. Raises FlowBroken when it is somebody else's already."""
        if (other := self._subjects.get(subject, user)) != user:
            raise FlowBroken(
                f"The users {other} and {user} get the same `sub`, {shown(subject, 40)}.",
                "Name two different users in `users` of the target file.",
            )
        self._subjects[subject] = user

    def known_user(self, claims: Mapping[str, Any]) -> str:
        """The user whose `sub` this was at the start of the run."""
        subject = str(claims.get("sub"))
        return self._subjects.get(subject) or f"unknown sub {shown(subject, 40)}"

    def ask_silently(self, party: RelyingParty, browser: Browser) -> str:
        """Who is logged in at the target with these cookies, by prompt=none in a copy of the browser.

        Empty where that cannot be told. The probe is ours, and no part of the step.
        """
        return silent_user(self.network, browser, party, self.known_user)
