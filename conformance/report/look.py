"""How somebody sees by hand whose session there is after the last step of a finding: one more request."""

import shlex
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from ..runlog import Event

ASKS = ("client_id", "redirect_uri", "response_type")
"""What every authorization request has."""
OWN = ("prompt", "max_age", "acr_values", "id_token_hint")
"""What would make it another question than whether somebody is logged in."""
SERVER = (
    "prompt=none asks the server without a page: a code, consent_required or interaction_required says that somebody "
    "is logged in, login_required that nobody is."
)
APPLICATION = (
    "The page that needs login shows whose session there is; a redirect to the server says that there is none."
)


class Exchange(NamedTuple):
    """One HTTP exchange: the request, the status of its answer, and the `curl` line for it; `step` counts from 1.

    `played`: it went to a party that the suite played, where nothing listens after the run.
    """

    step: int
    request: str
    status: str
    curl: str
    played: bool

    @property
    def url(self) -> str:
        """The address that was asked for."""
        return self.request.partition(" ")[2]


class Look(NamedTuple):
    """A request that shows a session, and how to read its answer."""

    told: str
    curl: str


def look(finding: Event, exchanges: Sequence[Exchange]) -> Look | None:
    """What shows the session that is wrong; None where something else is, or no request of the flow can be used.

    The `curl` lines of a flow share one jar: with several browsers the jar would hold the cookies of all.
    """
    browser, _, party = str(finding["mismatch"]["place"]).partition("/")
    steps = finding["flow"]["steps"]
    if browser != "b1" or any(step.get("browser") for step in steps):
        return None
    real = [exchange for exchange in exchanges if not exchange.played]
    if party == "as":
        asked = [exchange.url for exchange in real if asks(exchange.url)]
        return Look(SERVER, _silent(asked[-1])) if asked else None
    visits = [n for n, s in enumerate(steps, 1) if s["action"] == "visit orders" and s.get("app") == party]
    opened = [exchange.curl for exchange in real if exchange.step in visits[:1]]
    return Look(APPLICATION, opened[0]) if opened else None


def asks(url: str) -> bool:
    """Whether it is an authorization request."""
    return parse_qs(urlsplit(url).query).keys() >= set(ASKS)


def _silent(url: str) -> str:
    """The `curl` line of the same authorization request with `prompt=none`."""
    parts = urlsplit(url)
    query = [*((name, value) for name, value in parse_qsl(parts.query) if name not in OWN), ("prompt", "none")]
    return f"curl -i -b - -c jar {shlex.quote(urlunsplit(parts._replace(query=urlencode(query))))} <>jar"
