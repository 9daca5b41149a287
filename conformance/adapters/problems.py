"""What can go wrong on our side or on the way to the target.

None of these is a verdict: a run that meets one is inconclusive, with the cause and with what to do about it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..errors import HarnessProblem as HarnessProblem


class ForeignOrigin(HarnessProblem):
    """A request for an origin that the target file does not name; nothing was sent."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"{url} is at an origin that this run may not contact; nothing was sent.",
            "If it belongs to the target, add its origin to `origins` in the target file.",
        )
        self.url = url


class TargetUnreachable(HarnessProblem):
    """No connection: refused, no route, or the host name is unknown."""

    exit_code = 5


class TargetTimeout(HarnessProblem):
    """Connection, answer or body took longer than the time limit."""

    exit_code = 5


class TargetHungUp(HarnessProblem):
    """The connection was closed or reset before the answer was complete."""

    exit_code = 5


class NotHttp(HarnessProblem):
    """The answer is not valid HTTP/1.1, or its body cannot be decoded."""


class TlsFailed(HarnessProblem):
    """The TLS handshake or the certificate check failed."""


class BodyTooLarge(HarnessProblem):
    """The body is larger than the limit; reading stopped there."""


class TooManyRedirects(HarnessProblem):
    """One navigation was redirected more often than a browser follows."""


class RateLimited(HarnessProblem):
    """The target answered 429 Too Many Requests; `retry_after`: seconds that it asks to wait, if it says so."""

    retry_after: float | None = None


class TargetUnavailable(HarnessProblem):
    """The target, or what stands before it, says that it cannot answer now (503, 504): that is no answer."""

    exit_code = 5
    retry_after: float | None = None


class PartyFailed(HarnessProblem):
    """One of the suite's own parties raised an error instead of answering: a defect of the suite."""


class BrowserFailed(HarnessProblem):
    """Chromium could not be started, or failed while it ran the scripts of a page."""

    exit_code = 5

    def __init__(self, error: Exception) -> None:
        """Of the error only its first line, without addresses: they hold codes and tokens."""
        line = re.sub(r"\S+://\S+", "<address>", (str(error).splitlines() or [""])[0])[:200]
        super().__init__(
            f"Chromium failed: {line}",
            "Check that `chromium --headless --dump-dom about:blank` works on this machine for this user.",
        )


class FormNotFound(HarnessProblem):
    """A page holds no form, button or link of the meaning that was looked for, or several that fit equally well."""

    exit_code = 7


class TargetNotStarted(HarnessProblem):
    """The command of the target file's `[start]` section may not run, could not run, or did not become ready."""

    exit_code = 5


class DiscoveryMismatch(HarnessProblem):
    """What the issuer publishes cannot be used, or is another issuer's."""

    exit_code = 6


class LoginRefused(HarnessProblem):
    """The test credentials of the target file do not log in."""

    exit_code = 8


class FlowBroken(HarnessProblem):
    """A login that everything else depends on did not lead back to the application."""


class Unobservable(FlowBroken):
    """What a step would show cannot be seen on this target, now or later."""

    lasting = True


class StateAltered(FlowBroken):
    """It did not because the server's answer does not echo `state`: a run shows that by itself, and judges it."""


class TargetFailed(HarnessProblem):
    """The target answered with a server error (500 to 599) where a verdict needs an answer."""


class KeysChanged(HarnessProblem):
    """A token is signed with a key that was not published before; `ask` asks for the keys again."""

    def __init__(self, cause: str, hint: str, ask: Callable[[], None]) -> None:
        super().__init__(cause, hint)
        self.ask = ask


PASSING = (TargetUnreachable, TargetTimeout, TargetHungUp, TargetUnavailable, TargetFailed, RateLimited, KeysChanged)
"""Trouble that may be over at the next try."""
