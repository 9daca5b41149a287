"""The web shop: an OpenID Connect relying party with server-side sessions.

Home and checkout are open to everybody; "My Account / All Orders" needs a login, and asking for it without one starts
one. It works against any OpenID provider that it is registered at.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .clock import Clock
from .oidc_client import LoginAttempt, RelyingParty
from .pages import ErrorPages, PageError
from .shop_context import ShopContext
from .shop_decisions import ShopDecisions
from .shop_login import ShopLogin
from .shop_logout import ShopLogout
from .shop_records import SessionStatus, ShopConfig


class Shop:
    """One shop: `app` is its ASGI application, `decisions` its rules, `relying_party` its half of OpenID Connect.

    `notifications`: the logouts that the server told it of. `pause`: what its slow page waits for.
    """

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
        self.relying_party = RelyingParty(
            config.relying_party,
            http,
            clock,
            rules=decisions.id_token_rules,
            logout_rules=decisions.logout_token_rules,
        )
        self._context = ShopContext(config, clock, decisions)
        self.decisions = self._context.decisions
        self.sessions = self._context.sessions
        self.session_cookie = self._context.session_cookie
        self.notifications = self._context.notifications
        self.pause: Callable[[], Awaitable[object]] = partial(asyncio.sleep, config.slow_seconds)
        self._login = ShopLogin(self._context, self.relying_party)
        errors = ErrorPages(config.title, lambda cookies: self.session_status(cookies).user or "")
        self.app = Starlette(
            routes=[
                Route("/account/orders", self._orders, methods=["GET"]),
                Route("/account/invoice", self._slow, methods=["GET"]),
                *self._login.routes(),
                Route("/checkout", self._checkout, methods=["GET"]),
                *ShopLogout(self._context, self.relying_party).routes(),
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

    async def _slow(self, http: Request) -> Response:
        visit = self._context.visit(http)
        if not self.decisions.is_authenticated(visit.session):
            return await self._login.begin(visit, http.url.path)
        await self.pause()
        visit.session = self.decisions.session_after_wait(visit.session)
        return visit.finish(self._context.page("account", visit, path=http.url.path))

    def _page(self, template: str, http: Request) -> Response:
        visit = self._context.visit(http)
        return visit.finish(self._context.page(template, visit, path=http.url.path))
