"""What the endpoints of one OpenID provider share, and one browser's visit to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import Response

from .clock import Clock
from .cookies import Cookie
from .pages import PageError, page, redirect
from .parameters import Parameters, with_query
from .provider_decisions import ProviderDecisions
from .provider_records import Client, Grant, Interaction, ProviderConfig, ProviderState, ServerSession
from .tokens import Claims, SigningKey, TokenError, sign, signing_key, unsigned, verify

IdTokenFault = Literal["nonce", "iss", "aud", "signature", "unsigned", "expired"]


class OutOfDate(PageError):
    """Something that works once was used already, or its time is over, or it never was ours."""

    def __init__(self) -> None:
        super().__init__(400, "This page is out of date: it was answered already, or too late. Please start again.")


@dataclass
class Script:
    """Faults on demand, for a provider that stands in when a relying party is tested.

    `id_token_fault` spoils one thing in every ID token issued while it is set; all but "signature" and
    "unsigned" (`alg: none`) are signed with the right key. `old_login`: whoever is logged in is not asked again, and
    the ID token tells of a login of long ago.
    """

    id_token_fault: IdTokenFault | None = None
    old_login: bool = False

    def sign(self, claims: Claims, key: SigningKey) -> str:
        """Return the signed ID token, spoiled as the script says."""
        spoiled: dict[str, object] = {}
        if self.old_login:
            spoiled["auth_time"] = int(claims["auth_time"]) - 24 * 3600
        match self.id_token_fault:
            case "nonce":
                spoiled["nonce"] = "nonce-of-another-login"
            case "iss":
                spoiled["iss"] = "http://another-issuer.invalid"
            case "aud":
                spoiled["aud"] = "another-client"
            case "expired":
                spoiled["exp"] = int(claims["iat"]) - 3600
            case "signature":
                key = replace(signing_key("nobody whose key is published", key.alg), kid=key.kid)
            case "unsigned":
                return unsigned(claims)
        return sign({**claims, **spoiled}, key)


class ProviderContext:
    """Configuration, state, decisions and keys of one provider, for its endpoints."""

    def __init__(
        self, config: ProviderConfig, state: ProviderState, decisions: ProviderDecisions, key: SigningKey, clock: Clock
    ) -> None:
        secure = config.issuer.startswith("https:")
        self.config = config
        self.state = state
        self.decisions = decisions
        self.key = key
        self.public_keys = KeySet([key.key])
        self.clock = clock
        self.script = Script()
        self.clients: Mapping[str, Client] = {client.client_id: client for client in config.clients}
        self.session_cookie = Cookie(
            f"{config.name}_session", secure, decisions.cookie_is_http_only, decisions.cookie_same_site
        )
        self.browser_cookie = Cookie(f"{config.name}_browser", secure)

    def visit(self, request: Request) -> "Visit":
        """Return the visit that this request is."""
        return Visit(self, request.cookies)

    def page(self, template: str, visit: "Visit | None" = None, *, status: int = 200, **values: object) -> Response:
        """Return a page of this provider."""
        account = self.decisions.logged_in_account(visit.session) if visit else None
        user = account.username if account else ""
        return page(template, status=status, party=self.config.title, user=user, **values)

    def id_token(self, grant: Grant) -> str:
        """Return a signed ID token for this grant."""
        return self.script.sign(self.decisions.id_token_claims(grant), self.key)

    def verify_hint(self, hint: str) -> Claims:
        """Return the claims of an ID token of ours, expired or not (RP-Initiated Logout 2). Raises TokenError."""
        claims = verify(hint, self.public_keys, [self.key.alg])
        if claims.get("iss") != self.config.issuer:
            raise TokenError(f"the token is of issuer {claims.get('iss')!r}")
        return claims

    def find_interaction(self, visit: "Visit", interaction_id: str | None) -> Interaction:
        """Return the open interaction. Raises PageError 400 when it is unknown, used, expired, or another browser's."""
        interaction = self.decisions.find_interaction(interaction_id)
        if interaction is None:
            raise OutOfDate
        if not self.decisions.belongs_to_browser(interaction, visit.browser):
            raise PageError(400, "This page was opened in another browser. Please start again in this one.")
        return interaction


class Visit:
    """One request of a browser: its session as it was found, and as the request leaves it.

    The session tells who is logged in. The browser's own mark tells whose pages are waiting; it proves no login, and it
    outlives logins and logouts, so that a form left open in another tab still leads somewhere. Whoever plants a mark in
    another browser gains nothing by it: its pages still ask for credentials, and the session stays where the login was.
    """

    def __init__(self, context: ProviderContext, cookies: Mapping[str, str]) -> None:
        self._context = context
        self.session: ServerSession | None = context.decisions.find_session(context.session_cookie.read(cookies))
        self.browser = context.browser_cookie.read(cookies)
        self._session_before = self.session.id if self.session else None
        self._browser_before = self.browser

    def mark_browser(self) -> str:
        """Return the browser's mark, giving it one if it has none."""
        if self.browser is None:
            self.browser = self._context.state.sessions.new_id()
        return self.browser

    def look_again(self) -> None:
        """Forget the session if it has ended while this request waited for something; to be called after every wait."""
        if self.session is not None and not self._context.state.sessions.holds(self.session):
            self.session = None

    def finish(self, response: Response) -> Response:
        """Send the browser the cookies that changed."""
        now = self.session.id if self.session else None
        lasts = self._context.decisions.cookie_lasts(self.session) if self.session else None
        self._context.session_cookie.follow(response, self._session_before, now, lasts)
        self._context.browser_cookie.follow(response, self._browser_before, self.browser)
        return response


def repeat_as_get(request: Request, parameters: Parameters, cookie: Cookie) -> Response | None:
    """Answer a POST that came without our session cookie by asking for the same as GET; None for every other request.

    Browsers leave a Lax cookie out of a POST from another site. Without this a logged-in user would look logged out.
    """
    if request.method != "POST" or cookie.read(request.cookies) is not None:
        return None
    return redirect(with_query(str(request.url.replace(query="")), parameters))
