"""The web shop: an OpenID Connect relying party with server-side sessions.

Home and checkout are open to everybody; "My Account / All Orders" needs a login, and asking for it without one starts
one. It works against any OpenID provider that it is registered at.
"""

from collections.abc import Mapping
from secrets import token_urlsafe

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .clock import Clock
from .oidc_client import LoginAttempt, ProviderProblem, RelyingParty
from .pages import ErrorPages, PageError, redirect
from .parameters import read_form
from .shop_context import ShopContext, ShopVisit
from .shop_decisions import ShopDecisions
from .shop_login import ShopLogin
from .shop_records import LogoutScope, SessionStatus, ShopConfig


class Shop:
    """One shop: `app` is its ASGI application, `decisions` its rules, `relying_party` its half of OpenID Connect."""

    def __init__(
        self,
        config: ShopConfig,
        *,
        http: httpx.AsyncClient,
        clock: Clock,
        decisions: type[ShopDecisions] = ShopDecisions,
    ) -> None:
        """Make a shop that reaches its provider through `http`, which stays the caller's to close."""
        self.config = config
        self.origin = config.origin
        self.relying_party = RelyingParty(config.relying_party, http, clock, rules=decisions.id_token_rules)
        self._context = ShopContext(config, clock, decisions)
        self.decisions = self._context.decisions
        self.sessions = self._context.sessions
        self.session_cookie = self._context.session_cookie
        self._login = ShopLogin(self._context, self.relying_party)
        errors = ErrorPages(config.title, lambda cookies: self.session_status(cookies).user or "")
        self.app = Starlette(
            routes=[
                Route("/account/orders", self._orders, methods=["GET"]),
                *self._login.routes(),
                Route("/checkout", self._checkout, methods=["GET"]),
                Route("/logout", self._logout, methods=["POST"]),
                Route(config.logged_out_path, self._logged_out, methods=["GET"]),
                Route("/", self._home, methods=["GET"]),
            ],
            exception_handlers={PageError: errors, HTTPException: errors},
        )

    def session_status(self, cookies: Mapping[str, str]) -> SessionStatus:
        """Return what the browser with these cookies of our origin has here; counts as no visit and changes nothing."""
        session = self.sessions.peek(self._context.session_cookie.read(cookies))
        if session is None:
            return SessionStatus("absent")
        if session.login is None:
            return SessionStatus("anonymous")
        return SessionStatus("authenticated", session.user, session.login.claims, session.login)

    def pending_attempt(self, cookies: Mapping[str, str], state: str) -> LoginAttempt | None:
        """Return the login under way with `state` in the browser with these cookies; changes nothing."""
        return self._context.pending_attempt(cookies, state)

    def reset(self) -> None:
        """Forget all sessions and all logins under way; what was discovered about the provider stays."""
        self._context.clear()

    async def _home(self, http: Request) -> Response:
        return self._page("home", http)

    async def _checkout(self, http: Request) -> Response:
        return self._page("checkout", http)

    async def _logged_out(self, http: Request) -> Response:
        # Nothing depends on this page, so the `state` that comes with it need not be compared with anything.
        return self._page("shop_logged_out", http)

    async def _orders(self, http: Request) -> Response:
        visit = self._context.visit(http)
        if not self.decisions.is_authenticated(visit.session):
            return await self._login.begin(visit, http.url.path)
        return visit.finish(self._context.page("account", visit, path=http.url.path))

    async def _logout(self, http: Request) -> Response:
        form = await read_form(http)
        if not self.decisions.accepts_origin(http.headers.get("origin")):
            raise PageError(403, f"This logout was asked for by another site: {http.headers.get('origin')}.")
        try:
            scope = LogoutScope(form.get("scope", ""))
        except ValueError:
            raise PageError(400, f"The logout must say how far it goes: scope={'|'.join(LogoutScope)}.") from None
        visit = self._context.visit(http)
        login = visit.session.login if visit.session else None
        if visit.session is not None:
            visit.session = self.decisions.session_after_logout(visit.session, scope)
        visit.end_waiting()
        if not self.decisions.logout_reaches_server(scope):
            return visit.finish(redirect(self.config.logged_out_path))
        federated = self.decisions.logout_reaches_provider(scope)
        return visit.finish(await self._leave(visit, self.decisions.logout_hint(login), federated=federated))

    async def _leave(self, visit: ShopVisit, hint: str | None, *, federated: bool) -> Response:
        # RP-Initiated Logout 1.0: the local session has ended already, whatever becomes of the rest.
        parameters = {
            **({"id_token_hint": hint} if hint else {}),
            "client_id": self.config.relying_party.client_id,
            "post_logout_redirect_uri": self.config.post_logout_redirect_uri,
            "state": token_urlsafe(16),
            **({"federated": "1"} if federated else {}),
        }
        try:
            url = await self.relying_party.logout_url(parameters)
        except ProviderProblem as problem:
            message = f"You are logged out here, but the login server could not be told: {problem}"
            return self._context.page("error", visit, status=502, message=message)
        return redirect(url or self.config.logged_out_path)

    def _page(self, template: str, http: Request) -> Response:
        visit = self._context.visit(http)
        return visit.finish(self._context.page(template, visit, path=http.url.path))
