"""The relying-party half of OpenID Connect: used by the shop, and by the server towards its identity provider.

Discovery and keys are fetched once and kept. Nothing here knows about sessions or pages: the caller keeps the
`LoginAttempt` where it belongs to one browser, and hands it back together with the answer.
"""

import hashlib
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal
from urllib.parse import quote_plus

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from .clock import Clock
from .id_token_rules import IdTokenRules, InvalidIdToken, LogoutTokenRules
from .parameters import with_query
from .tokens import ALGORITHMS, TokenError

ResponseType = Literal["code", "id_token"]


class ClientAuth(StrEnum):
    """How a client authenticates at the token endpoint (Core 9); values as in metadata."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    NONE = "none"


MULTI_FACTOR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"
"""The `acr` of a login with a second factor."""
_KEY_REFRESH_SECONDS = 60.0


class ProviderProblem(Exception):
    """The provider could not be used or answered against the protocol; the message says what it did.

    `status` is the HTTP status of its answer, None where there was none.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class RelyingPartyConfig:
    """How we are registered at the provider `issuer`."""

    issuer: str
    client_id: str
    redirect_uri: str
    client_secret: str | None = field(default=None, repr=False)
    client_auth: ClientAuth = ClientAuth.BASIC
    response_type: ResponseType = "code"
    scope: str = "openid profile"
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Further parameters of every authorization request, for example `acr_values` or `max_age` (seconds)."""


@dataclass(frozen=True)
class LoginAttempt:
    """What one authorization request sent and its answer must match; fresh for every request."""

    state: str
    nonce: str
    verifier: str
    started_at: float
    max_age: int | None = None


class RelyingParty:
    """One client at one provider."""

    def __init__(
        self,
        config: RelyingPartyConfig,
        http: httpx.AsyncClient,
        clock: Clock,
        *,
        rules: type[IdTokenRules] = IdTokenRules,
        logout_rules: type[LogoutTokenRules] = LogoutTokenRules,
    ) -> None:
        self.config = config
        self.rules = rules(config.issuer, config.client_id, clock)
        self.logout_rules = logout_rules(config.issuer, config.client_id, clock)
        self._http = http
        self._clock = clock
        self._metadata: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None
        self._keys_fetched_at = 0.0

    async def metadata(self) -> Mapping[str, Any]:
        """Return the provider's discovery document, fetched once. Raises ProviderProblem."""
        if self._metadata is None:
            url = self.config.issuer.rstrip("/") + "/.well-known/openid-configuration"
            found = await self._json("GET", url)
            if found.get("issuer") != self.config.issuer:
                raise ProviderProblem(
                    f"{url} is of issuer {found.get('issuer')!r}, expected exactly {self.config.issuer!r}"
                )
            self._metadata = found
        return self._metadata

    def new_attempt(self, parameters: Mapping[str, str] | None = None) -> LoginAttempt:
        """Return the secrets of a new login: fresh state, nonce and PKCE verifier (RFC 9700 section 4.7)."""
        max_age = {**self.config.parameters, **(parameters or {})}.get("max_age")
        return LoginAttempt(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            started_at=self._clock.now(),
            max_age=int(max_age) if max_age is not None else None,
        )

    async def authorization_url(self, attempt: LoginAttempt, parameters: Mapping[str, str] | None = None) -> str:
        """Return the authorization request of `attempt` with `parameters` (Core 3.1.2.1). Raises ProviderProblem."""
        config = self.config
        query = {
            "response_type": config.response_type,
            "client_id": config.client_id,
            "redirect_uri": config.redirect_uri,
            "scope": config.scope,
            "state": attempt.state,
            "nonce": attempt.nonce,
        }
        if config.response_type == "code":
            query["code_challenge"] = challenge_of(attempt.verifier)
            query["code_challenge_method"] = "S256"
        else:
            query["response_mode"] = "form_post"
        query |= {**config.parameters, **(parameters or {})}
        return with_query(await self._endpoint("authorization_endpoint"), query)

    async def check_response_issuer(self, answer: Mapping[str, str]) -> None:
        """Check the `iss` of an authorization response, success or error (RFC 9207 2.4). Raises ProviderProblem."""
        metadata = await self.metadata()
        found = answer.get("iss")
        if found is None and not metadata.get("authorization_response_iss_parameter_supported"):
            return
        if found != self.config.issuer:
            raise ProviderProblem(f"the answer is from iss {found!r}, expected {self.config.issuer!r}")

    async def redeem(self, code: str, verifier: str, redirect_uri: str = "") -> dict[str, Any]:
        """Exchange a code at the token endpoint; return the token response. Raises ProviderProblem."""
        return await self._tokens(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri or self.config.redirect_uri,
                "code_verifier": verifier,
            }
        )

    async def refresh(self, refresh_token: str) -> dict[str, Any]:
        """Exchange a refresh token (Core 12); return the token response. Raises ProviderProblem."""
        return await self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})

    async def validate(self, id_token: str, attempt: LoginAttempt) -> dict[str, Any]:
        """Return the claims of the ID token that answers `attempt`. Raises InvalidIdToken or ProviderProblem."""
        claims = await self.verify_signature(id_token)
        self.rules.check(claims, nonce=attempt.nonce, max_age=attempt.max_age)
        return claims

    async def validate_logout_token(self, logout_token: str) -> dict[str, Any]:
        """Return the claims of a logout token for us. Raises InvalidIdToken or ProviderProblem."""
        claims = await self.verify_signature(logout_token, self.logout_rules)
        self.logout_rules.check_logout(claims)
        return claims

    async def verify_signature(self, id_token: str, rules: IdTokenRules | None = None) -> dict[str, Any]:
        """Return the claims of a token that the provider signed. Raises InvalidIdToken or ProviderProblem."""
        rules = rules or self.rules
        try:
            return rules.verify_signature(id_token, await self._provider_keys(), await self._algorithms())
        except TokenError as problem:
            # The provider may have changed its keys since we fetched them; ask again, but not for every forged token.
            if self._clock.now() - self._keys_fetched_at < _KEY_REFRESH_SECONDS:
                raise InvalidIdToken(str(problem)) from problem
        self._keys = None
        try:
            return rules.verify_signature(id_token, await self._provider_keys(), await self._algorithms())
        except TokenError as problem:
            raise InvalidIdToken(str(problem)) from problem

    async def logout_url(self, parameters: Mapping[str, str]) -> str | None:
        """Return the RP-initiated logout URL with `parameters`, or None when the provider has none."""
        if not (await self.metadata()).get("end_session_endpoint"):
            return None
        return with_query(await self._endpoint("end_session_endpoint"), parameters)

    async def _tokens(self, form: dict[str, str]) -> dict[str, Any]:
        headers = {}
        secret = self.config.client_secret or ""
        if self.config.client_auth is ClientAuth.BASIC:
            # Both halves are form-encoded before they are joined (RFC 6749 section 2.3.1).
            pair = f"{quote_plus(self.config.client_id)}:{quote_plus(secret)}"
            headers["authorization"] = "Basic " + b64encode(pair.encode()).decode()
        else:
            form["client_id"] = self.config.client_id
            if self.config.client_auth is ClientAuth.POST:
                form["client_secret"] = secret
        return await self._json("POST", await self._endpoint("token_endpoint"), data=form, headers=headers)

    async def _provider_keys(self) -> KeySet:
        if self._keys is None:
            document = await self._json("GET", await self._endpoint("jwks_uri"))
            try:
                self._keys = KeySet.import_key_set(_usable_keys(document))
            except (JoseError, KeyError, TypeError, ValueError) as problem:
                raise ProviderProblem(f"the provider's key set cannot be read: {problem}") from problem
            self._keys_fetched_at = self._clock.now()
        return self._keys

    async def _algorithms(self) -> Sequence[str]:
        offered = (await self.metadata()).get("id_token_signing_alg_values_supported")
        return [name for name in ALGORITHMS if name in offered] if isinstance(offered, list) else ["RS256"]

    async def _endpoint(self, name: str) -> str:
        url = (await self.metadata()).get(name)
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise ProviderProblem(f"the discovery document of {self.config.issuer} has no usable {name}: {url!r}")
        return url

    async def _json(self, method: str, url: str, **options: Any) -> dict[str, Any]:
        try:
            response = await self._http.request(method, url, **options)
        except httpx.HTTPError as problem:
            raise ProviderProblem(f"{method} {url} failed: {problem or type(problem).__name__}") from problem
        answered = f"{method} {url} answered {response.status_code}"
        try:
            body = response.json()
        except ValueError:
            raise ProviderProblem(f"{answered} without JSON", response.status_code) from None
        if not isinstance(body, dict):
            raise ProviderProblem(f"{answered} with {type(body).__name__}, expected a JSON object")
        if not response.is_success:
            said = f"{body.get('error')} {body.get('error_description', '')}"
            raise ProviderProblem(f"{answered}: {said}", response.status_code)
        return body


def challenge_of(verifier: str) -> str:
    """Return the S256 code challenge of a PKCE verifier (RFC 7636 section 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _usable_keys(document: Mapping[str, Any]) -> Any:
    # A key set may hold keys for encryption, or of kinds that we do not know; neither may spoil the rest.
    return {
        "keys": [
            key for key in document["keys"] if key.get("kty") in ("EC", "RSA", "OKP") and key.get("use", "sig") == "sig"
        ]
    }
