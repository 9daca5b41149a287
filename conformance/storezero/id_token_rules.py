"""The checks on an ID token that a relying party must make (Core 3.1.3.7), one method each."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from joserfc.jwk import KeySet

from .clock import Clock
from .tokens import verify

LEEWAY_SECONDS = 5.0
"""How far the provider's clock may be from ours."""


LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
"""What `events` of a logout token holds (Back-Channel Logout 1.0 section 2.4)."""


class InvalidIdToken(Exception):
    """A token that must not log anybody in or out; the message says which check it failed."""


class IdTokenRules:
    """Judges an ID token: first its signature, then its claims. Every check of a claim raises InvalidIdToken."""

    what = "ID token"

    def __init__(self, issuer: str, client_id: str, clock: Clock) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._clock = clock

    def verify_signature(self, id_token: str, keys: KeySet, algorithms: Sequence[str]) -> dict[str, Any]:
        """Return the claims of a token that one of the provider's `keys` signed (rule 6). Raises TokenError."""
        return verify(id_token, keys, algorithms)

    def check(self, claims: Mapping[str, Any], *, nonce: str, max_age: int | None) -> None:
        """Make all checks for the login that was started with `nonce` and `max_age` (seconds, or None)."""
        self.check_subject(claims)
        self.check_issuer(claims)
        self.check_audience(claims)
        self.check_expiry(claims)
        self.check_issued_at(claims)
        self.check_nonce(claims, nonce)
        self.check_auth_time(claims, max_age)

    def check_subject(self, claims: Mapping[str, Any]) -> None:
        """`sub` names the user (Core 2)."""
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise InvalidIdToken(f"the {self.what} names no user: sub is missing or not a string")

    def check_issuer(self, claims: Mapping[str, Any]) -> None:
        """`iss` is the issuer that we discovered (rule 2)."""
        if claims.get("iss") != self._issuer:
            raise InvalidIdToken(f"the {self.what} is from iss {claims.get('iss')!r}, expected {self._issuer!r}")

    def check_audience(self, claims: Mapping[str, Any]) -> None:
        """`aud` contains us, and with several audiences `azp` is us (rules 3 to 5)."""
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if self._client_id not in audiences:
            raise InvalidIdToken(f"the {self.what} is for aud {audience!r}, expected {self._client_id!r}")
        if claims.get("azp", None if len(audiences) > 1 else self._client_id) != self._client_id:
            raise InvalidIdToken(
                f"the {self.what} was given to azp {claims.get('azp')!r}, expected {self._client_id!r}"
            )

    def check_expiry(self, claims: Mapping[str, Any]) -> None:
        """`exp` is in the future (rule 9)."""
        if self._seconds(claims, "exp") <= self._clock.now() - LEEWAY_SECONDS:
            raise InvalidIdToken(f"the {self.what} has expired: exp {claims['exp']}, now {self._clock.now():.0f}")

    def check_issued_at(self, claims: Mapping[str, Any]) -> None:
        """`iat` is not in the future (rule 10)."""
        if self._seconds(claims, "iat") > self._clock.now() + LEEWAY_SECONDS:
            raise InvalidIdToken(
                f"the {self.what} is from the future: iat {claims['iat']}, now {self._clock.now():.0f}"
            )

    def check_nonce(self, claims: Mapping[str, Any], nonce: str) -> None:
        """`nonce` is the one that this login sent (rule 11)."""
        if claims.get("nonce") != nonce:
            raise InvalidIdToken(f"the {self.what} belongs to another login: its nonce is not the one that was sent")

    def check_auth_time(self, claims: Mapping[str, Any], max_age: int | None) -> None:
        """When `max_age` was asked for, `auth_time` is there and recent enough (rule 13)."""
        if max_age is None:
            return
        age = self._clock.now() - self._seconds(claims, "auth_time")
        if age > max_age + LEEWAY_SECONDS:
            raise InvalidIdToken(f"the user logged in {age:.0f} seconds ago, asked for at most {max_age}")

    def _seconds(self, claims: Mapping[str, Any], name: str) -> float:
        value = claims.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise InvalidIdToken(f"the {self.what} has no usable {name}: found {value!r}, expected a number of seconds")
        return float(value)


class LogoutTokenRules(IdTokenRules):
    """Judges a logout token (Back-Channel Logout 1.0 section 2.6): much as an ID token, and then what makes it one."""

    what = "logout token"

    def check_logout(self, claims: Mapping[str, Any]) -> None:
        """Make all checks."""
        self.check_issuer(claims)
        self.check_audience(claims)
        self.check_expiry(claims)
        self.check_issued_at(claims)
        self.check_events(claims)
        self.check_no_nonce(claims)
        self.check_names_somebody(claims)

    def check_events(self, claims: Mapping[str, Any]) -> None:
        """`events` says that it is a logout (rule 6), so that no ID token can pass for one."""
        events = claims.get("events")
        if not isinstance(events, Mapping) or not isinstance(events.get(LOGOUT_EVENT), Mapping):
            raise InvalidIdToken(f"the {self.what} is about no logout: events is {events!r}")

    def check_no_nonce(self, claims: Mapping[str, Any]) -> None:
        """There is no `nonce` (rule 7), for the same reason."""
        if "nonce" in claims:
            raise InvalidIdToken(f"the {self.what} has a nonce, as only ID tokens may")

    def check_names_somebody(self, claims: Mapping[str, Any]) -> None:
        """It names a session, a user, or both (rule 5)."""
        if not any(isinstance(claims.get(name), str) for name in ("sid", "sub")):
            raise InvalidIdToken(f"the {self.what} names neither sid nor sub")
