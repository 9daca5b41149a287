"""What an attacker or a client does at the token endpoint: codes redeemed wrongly or again, refresh tokens."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from joserfc.errors import JoseError
from sessionproof.model.vocabulary import Stimulus

from ..storezero.clock import SystemClock
from ..storezero.oidc_client import ClientAuth, ProviderProblem, RelyingParty
from .overlapping import redeem_twice
from .probing import unverified_claims
from .problems import TargetFailed
from .reading import Seen, parameters_of
from .urls import FOREIGN

if TYPE_CHECKING:
    from .driver import Driver, Person


def redeem_wrongly(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Log in as far as the answer, then redeem its code wrongly: with something else, or twice at once."""
    shop, tab = driver.shop(stimulus.app), person.tabs[stimulus.tab]
    went = person.browser.navigate(
        tab, "GET", f"{shop.origin}/account/orders", stop=driver.is_answer(driver.apps[stimulus.app])
    )
    seen = driver.seen(person, stimulus, went)
    code = parameters_of(went.stopped_at or "").get("code")
    if code is None:
        return seen
    party, redirect_uri = shop.relying_party, ""
    verifier = "a-verifier-that-was-never-sent-to-anybody-0123456789"
    if stimulus.arg != "verifier":
        state = parameters_of(went.stopped_at or "").get("state", "")
        attempt = shop.pending_attempt(person.browser.cookies(shop.origin), state)
        verifier = attempt.verifier if attempt else ""
    if stimulus.action == "redeem twice at once":
        seen.trace.append(redeem_twice(driver.network, party, code, verifier))
        return seen
    if stimulus.arg == "redirect_uri":
        redirect_uri = f"{FOREIGN}/callback"
    if stimulus.arg == "client":
        party = _other_client(driver, stimulus.app)
        redirect_uri = shop.relying_party.config.redirect_uri
    _token(driver, seen, lambda: party.redeem(code, verifier, redirect_uri))
    return seen


def redeem_again(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Send the code of the last login to the token endpoint once more."""
    record, seen = person.records[stimulus.app], Seen()
    party = driver.shop(stimulus.app).relying_party
    _token(driver, seen, lambda: party.redeem(record.code or "", record.attempt.verifier))
    return seen


def refresh(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Use the refresh token of the last login; what replaces it is kept."""
    seen, party = Seen(), driver.shop(stimulus.app).relying_party
    tokens = _token(driver, seen, lambda: party.refresh(person.refresh_tokens[stimulus.app]))
    if new := tokens.get("refresh_token"):
        person.refresh_tokens[stimulus.app] = str(new)
    original = person.records[stimulus.app].claims.get("auth_time")
    with suppress(JoseError, ValueError):
        refreshed = unverified_claims(str(tokens.get("id_token"))).get("auth_time", original)
        if original is not None:
            seen.facets["refreshed"] = (
                "unchanged" if refreshed == original else f"auth_time {refreshed!r}, not {original!r}"
            )
    return seen


def _other_client(driver: Driver, app: str) -> RelyingParty:
    """Another application's; where the target file names no other, one that nobody has registered."""
    for name in driver.apps:
        if name != app:
            return driver.shop(name).relying_party
    own = driver.shop(app).relying_party.config
    nobody = replace(own, client_id=f"not-{own.client_id}", client_secret=None, client_auth=ClientAuth.NONE)
    return RelyingParty(nobody, driver.network.client(), SystemClock())


def _token(driver: Driver, seen: Seen, ask: Callable[[], Coroutine[Any, Any, dict[str, Any]]]) -> Mapping[str, object]:
    try:
        tokens = driver.network.run(ask())
    except ProviderProblem as problem:
        if problem.status is None or problem.status >= 500:
            raise TargetFailed(
                f"The token endpoint could not answer: {problem}.", "Look into the target's log."
            ) from problem
        seen.trace.append("token refused")
        return {}
    seen.trace.append("token accepted")
    return tokens
