"""What the parts of one shop share, and one browser's visit to it."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .clock import Clock
from .cookies import Cookie
from .expiring import ExpiringStore
from .oidc_client import LoginAttempt
from .pages import page
from .parameters import Parameters
from .sessions import Lifetimes, SessionStore
from .shop_decisions import ShopDecisions
from .shop_records import ShopConfig, ShopSession


class ShopContext:
    """Configuration, state and decisions of one shop.

    `waiting` holds the logins under way of browsers without a session, where sessions are created at login only: by a
    cookie of its own, and never taken for a session. `notifications` are the logouts that the server told us of: `iss`
    with `sid`, `sub` or both.
    """

    def __init__(self, config: ShopConfig, clock: Clock, decisions: type[ShopDecisions]) -> None:
        secure = config.origin.startswith("https:")
        self.config = config
        self.sessions: SessionStore[ShopSession] = SessionStore(clock, config.lifetimes)
        self.waiting: SessionStore[ShopSession] = SessionStore(
            clock, Lifetimes(idle=config.login_seconds, absolute=config.lifetimes.absolute)
        )
        self.answers: ExpiringStore[Parameters] = ExpiringStore(clock, 60.0, limit=1000)
        self.decisions = decisions(config, self.sessions, clock)
        self.session_cookie = Cookie(
            f"{config.name}_session", secure, decisions.cookie_is_http_only, decisions.cookie_same_site
        )
        self.login_cookie = Cookie(f"{config.name}_login", secure)
        self.notifications: list[Mapping[str, Any]] = []

    def visit(self, request: Request) -> "ShopVisit":
        """Return the visit that this request is."""
        return ShopVisit(self, request.cookies)

    def page(self, template: str, visit: "ShopVisit", *, status: int = 200, **values: object) -> Response:
        """Return a page of this shop."""
        user = self.decisions.user_to_greet(visit.session)
        response = page(template, status=status, party=self.config.title, user=user, **values)
        response.headers.update(self.decisions.page_headers(visit.session))
        return response

    def pending_attempt(self, cookies: Mapping[str, str], state: str) -> LoginAttempt | None:
        """Return the login under way with `state` in the browser with these cookies; counts as no visit."""
        session = self.sessions.peek(self.session_cookie.read(cookies))
        waiting = self.waiting.peek(self.login_cookie.read(cookies))
        found = [one.pending[state] for one in (session, waiting) if one is not None and state in one.pending]
        return found[0].attempt if found else None

    def clear(self) -> None:
        """Forget all sessions and all logins under way."""
        self.sessions.clear()
        self.waiting.clear()
        self.answers.clear()
        self.notifications.clear()
        self.decisions.memory.clear()


class ShopVisit:
    """One request of a browser: its session as it was found, and as the request leaves it."""

    def __init__(self, context: ShopContext, cookies: Mapping[str, str]) -> None:
        self._context = context
        self.session: ShopSession | None = context.decisions.find_session(context.session_cookie.read(cookies))
        self._waiting: ShopSession | None = context.waiting.get(context.login_cookie.read(cookies))
        self._session_before = self.session.id if self.session else None
        self._waiting_before = self._waiting.id if self._waiting else None

    def session_for_login(self) -> ShopSession:
        """Return where a login that starts now is remembered, making it if there is none."""
        if self.session is not None:
            return self.session
        if self._context.config.session_created == "at start":
            self.session = self._context.decisions.create_session()
            return self.session
        if self._waiting is None:
            self._waiting = self._context.waiting.open(ShopSession())
        return self._waiting

    def session_with_login(self, state: str | None) -> ShopSession | None:
        """Return which of the browser's records started the login with `state`; its session when neither did."""
        if self._waiting is not None and state in self._waiting.pending:
            return self._waiting
        return self.session

    def look_again(self) -> None:
        """Forget what has ended while this request waited for something; to be called after every wait."""
        if self.session is not None and not self._context.sessions.holds(self.session):
            self.session = None
        if self._waiting is not None and not self._context.waiting.holds(self._waiting):
            self._waiting = None

    def still_has(self, record: ShopSession) -> bool:
        """Tell whether the browser's session, or its record of waiting logins, is this one."""
        return record is self.session or record is self._waiting

    def end_waiting(self, *, unless_needed: bool = False) -> None:
        """Forget the logins under way outside of the session; with `unless_needed` only if none is left."""
        if self._waiting is not None and not (unless_needed and self._waiting.pending):
            self._context.waiting.end(self._waiting)
            self._waiting = None

    def finish(self, response: Response) -> Response:
        """Send the browser the cookies that changed."""
        context = self._context
        context.session_cookie.follow(response, self._session_before, self.session.id if self.session else None)
        context.login_cookie.follow(response, self._waiting_before, self._waiting.id if self._waiting else None)
        return response
