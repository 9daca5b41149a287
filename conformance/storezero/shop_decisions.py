"""Every rule of the shop that concerns sessions, one small method each.

The routes ask these questions and do what they are told. A subclass that answers one of them differently is a shop with
exactly that fault. The checks on ID tokens are in `id_token_rules`.
"""

from collections.abc import Mapping
from typing import Any

from .clock import Clock
from .cookies import SameSite
from .id_token_rules import IdTokenRules, LogoutTokenRules
from .sessions import SessionStore
from .shop_records import LoginRecord, LogoutScope, PendingLogin, ShopConfig, ShopSession

MAX_PENDING_LOGINS = 20
"""Per session; beyond it the oldest is forgotten."""


class ShopDecisions:
    """The rules of one shop.

    `id_token_rules`, `logout_token_rules`: the checks on tokens of the provider. `memory`: what a rule remembers from
    one request to the next, until the shop is reset; the rules here remember nothing.
    """

    id_token_rules: type[IdTokenRules] = IdTokenRules
    logout_token_rules: type[LogoutTokenRules] = LogoutTokenRules
    cookie_is_http_only: bool = True
    cookie_same_site: SameSite | None = "lax"

    def __init__(self, config: ShopConfig, sessions: SessionStore[ShopSession], clock: Clock) -> None:
        self.config = config
        self.sessions = sessions
        self.clock = clock
        self.memory: dict[str, Any] = {}

    # The session

    def find_session(self, session_id: str | None) -> ShopSession | None:
        """Return the live session of this id; an id that we did not make is nobody's and is never adopted."""
        return self.sessions.get(session_id)

    def create_session(self) -> ShopSession:
        """Open an anonymous session (seed B1)."""
        return self.sessions.open(ShopSession())

    def is_authenticated(self, session: ShopSession | None) -> bool:
        """Only a completed login makes a session authenticated; a login under way does not."""
        return session is not None and session.login is not None

    def user_to_greet(self, session: ShopSession | None) -> str:
        """Return the name that a page shows: of the session that asks for it, and empty for nobody."""
        return session.user if session else ""

    def end_session(self, session: ShopSession) -> None:
        """End the session on the server, with the logins that are under way in it."""
        self.sessions.end(session)

    # Starting a login

    def safe_return_to(self, wanted: str) -> str:
        """Return the page to come back to: a path of this shop, else home (RFC 9700 section 4.11, open redirector)."""
        is_path = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
        return wanted if is_path and wanted.isprintable() else "/"

    def remember_login(self, session: ShopSession, pending: PendingLogin) -> None:
        """Bind the login to this browser."""
        now = self.clock.now()
        session.pending = {state: one for state, one in session.pending.items() if not self.login_is_late(one, now)}
        while len(session.pending) >= MAX_PENDING_LOGINS:
            del session.pending[next(iter(session.pending))]
        session.pending[pending.attempt.state] = pending

    # Finishing a login

    def find_login(self, session: ShopSession | None, state: str | None) -> PendingLogin | None:
        """Return the login that an answer with `state` belongs to: one that this browser started, and no other."""
        if session is None or state is None:
            return None
        pending = session.pending.get(state)
        return None if pending is None or self.login_is_late(pending, self.clock.now()) else pending

    def forget_login(self, session: ShopSession | None, pending: PendingLogin) -> None:
        """An answer is accepted once."""
        if session is not None:
            session.pending.pop(pending.attempt.state, None)

    def login_is_late(self, pending: PendingLogin, now: float) -> bool:
        """A login that took too long has to start again."""
        return now - pending.attempt.started_at >= self.config.login_seconds

    def log_in(self, session: ShopSession | None, login: LoginRecord) -> ShopSession:
        """Make the session that is authenticated now (seed A6, B9); what the browser held before is dead."""
        if session is None:
            session = self.create_session()
        elif self.belongs_to_another_user(session, login.claims):
            session = self.replace_session(session)
        else:
            self.renew_session(session)
        self.record_login(session, login)
        return session

    def belongs_to_another_user(self, session: ShopSession, claims: Mapping[str, Any]) -> bool:
        """Users are told apart by `sub`; an anonymous session belongs to nobody yet."""
        return session.login is not None and session.login.claims["sub"] != claims["sub"]

    def replace_session(self, former: ShopSession) -> ShopSession:
        """Another user: the former session ends, and nothing of it carries over."""
        self.end_session(former)
        return self.create_session()

    def renew_session(self, session: ShopSession) -> None:
        """The first user, or the same again: fresh id, fresh lifetimes."""
        self.rotate_session_id(session)
        self.sessions.restart(session)

    def rotate_session_id(self, session: ShopSession) -> None:
        """Change the id that the browser holds (ASVS 7.2.4)."""
        self.sessions.rotate(session)

    def record_login(self, session: ShopSession, login: LoginRecord) -> None:
        """Write down who logged in."""
        session.login = login

    def session_after_error(self, session: ShopSession | None) -> ShopSession | None:
        """An answer that is an error, or that was not accepted, changes no session."""
        return session

    def session_after_silent_check(self, session: ShopSession | None, error: str) -> ShopSession | None:
        """A silent check found nobody logged in at the server: end the authenticated session, where so configured."""
        if session is None or error != "login_required" or self.config.silent_login_required == "keep":
            return session
        if self.is_authenticated(session):
            self.end_session(session)
            return None
        return session

    def page_after_silent_check(self, session: ShopSession | None, pending: PendingLogin) -> str:
        """Back to the page asked for, but not to one that would go on to ask for a login: nobody wanted to log in."""
        return pending.return_to if self.is_authenticated(session) else "/"

    # Logging out

    def accepts_origin(self, origin: str | None) -> bool:
        """A logout comes from our own pages; browsers say where a form was when it is posted."""
        return origin is None or origin == self.config.origin

    def logout_reaches_server(self, scope: LogoutScope) -> bool:
        """A local logout leaves the server's session alone; the other two end it."""
        return scope is not LogoutScope.LOCAL

    def logout_reaches_provider(self, scope: LogoutScope) -> bool:
        """Only the federated logout asks for the end of the session at the identity provider."""
        return scope is LogoutScope.FEDERATED

    def session_after_logout(self, session: ShopSession, _scope: LogoutScope) -> ShopSession | None:
        """Log out of this shop, whatever else ends: on the server, and the browser holds no session afterwards."""
        self.end_session(session)
        return None

    def page_after_logout(self) -> str:
        """A page that needs no login: one that does would log the user in again where the server still knows him."""
        return self.config.logged_out_path

    def logout_hint(self, login: LoginRecord | None) -> str | None:
        """Tell the server whose session is meant, so that it need not ask."""
        return login.id_token if login else None

    # Being told of a logout

    def sessions_named(self, claims: Mapping[str, Any]) -> list[ShopSession]:
        """Return the sessions that a valid logout token ends: the one of `sid`, or else all of `sub`."""
        by = "sid" if isinstance(claims.get("sid"), str) else "sub"
        return [s for s in self.sessions if s.login is not None and s.login.claims.get(by) == claims[by]]

    def end_named(self, sessions: list[ShopSession]) -> None:
        """End them on the server; their browsers find out at the next request."""
        for session in sessions:
            self.end_session(session)

    def frontchannel_names(self, session: ShopSession, issuer: str | None, sid: str | None) -> bool:
        """Only a request with this session's own `iss` and `sid` ends it: anybody can make a browser send one."""
        claims = session.login.claims if session.login else {}
        return sid is not None and (claims.get("iss"), claims.get("sid")) == (issuer, sid)

    def session_after_wait(self, session: ShopSession | None) -> ShopSession | None:
        """A page that took its time does not bring back a session that ended meanwhile."""
        return session if session is not None and self.sessions.holds(session) else None

    def page_headers(self, _session: ShopSession | None) -> Mapping[str, str]:
        """Further headers of a page; a page says who is logged in, so no cache may keep it (that is the default)."""
        return {}
