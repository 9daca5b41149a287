"""Finding out who is logged in at a server: prompt=none in a copy of the browser, with the answer redeemed by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from joserfc.errors import JoseError
from joserfc.jws import extract_compact
from sessionproof.model.vocabulary import NOBODY, SOMEBODY

from ..storezero.oidc_client import ProviderProblem, RelyingParty
from .browser import Browser, Tab
from .exchange import parsed
from .network import Network
from .reading import parameters_of

NOT_LOGGED_IN = ("login_required",)


def silent_user(
    network: Network, browser: Browser, party: RelyingParty, user_of: Callable[[Mapping[str, Any]], str]
) -> str:
    """Who is logged in at the server of this party with these cookies; empty where the answer does not tell.

    Nobody, somebody (consent is needed first), or whom `user_of` finds in the ID token. Changes nothing in `browser`,
    and leaves no exchange in the record: a probe is no part of a step.
    """
    recorded = len(network.exchanges)
    attempt = party.new_attempt()
    url = network.run(party.authorization_url(attempt, {"prompt": "none"}))
    went = browser.copy().navigate(Tab(), "GET", url, stop=_at(party.config.redirect_uri))
    who = ""
    if went.stopped_at is not None:
        answer = {**parameters_of(went.stopped_at), **went.fields}
        if answer.get("error") in NOT_LOGGED_IN:
            who = NOBODY
        elif answer.get("error") == "consent_required":
            who = SOMEBODY
        elif code := answer.get("code"):
            with suppress(ProviderProblem, JoseError, ValueError):
                tokens = network.run(party.redeem(code, attempt.verifier))
                # Straight from the token endpoint: who it is, is all that is asked (Core 3.1.3.7, rule 6).
                who = user_of(unverified_claims(str(tokens.get("id_token"))))
    network.forget_since(recorded)
    return who


def unverified_claims(token: str) -> dict[str, Any]:
    """What a JWS says. Raises JoseError or ValueError for anything that is none."""
    try:
        claims = parsed(extract_compact(token.encode()).payload)
    except RecursionError as error:
        raise ValueError("the token's header is nested too deeply") from error
    return claims if isinstance(claims, dict) else {}


def _at(address: str) -> Callable[[str], bool]:
    return lambda url: url.partition("?")[0].partition("#")[0] == address
