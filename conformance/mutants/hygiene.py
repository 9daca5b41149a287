"""Faults of how sessions are kept: identifiers that stay, sessions that live on, forms and codes that count twice."""

from collections.abc import Mapping

from ..storezero.authorization_decisions import InteractionDecisions
from ..storezero.provider_decisions import ProviderDecisions
from ..storezero.provider_records import (
    Interaction,
    LoginInteraction,
    ServerSession,
    Ticket,
    UpstreamAttempt,
    UpstreamLogout,
)
from ..storezero.shop_decisions import ShopDecisions
from ..storezero.shop_records import LogoutScope, ShopSession
from .application import at_shops
from .mutant import Mutant
from .server import at_server


class IdentifierKeptAtLogin(ShopDecisions):
    """The session becomes authenticated under the identifier that it had before."""

    def rotate_session_id(self, session: ShopSession) -> None:
        pass


class LogoutDeletesOnlyCookie(ShopDecisions):
    """A logout takes the cookie away and leaves the session."""

    def session_after_logout(self, session: ShopSession, _scope: LogoutScope) -> ShopSession | None:
        return None


class SessionGoesToNextUser(ShopDecisions):
    """Another user takes over the session of the one before, with its identifier."""

    def replace_session(self, former: ShopSession) -> ShopSession:
        return former


class CookieForScripts(ShopDecisions):
    """Scripts can read the session cookie."""

    cookie_is_http_only = False


class SlowPageStoresSession(ShopDecisions):
    """A page stores the session that it began with when it is done."""

    def session_after_wait(self, session: ShopSession | None) -> ShopSession | None:
        if session is not None and not self.sessions.holds(session):
            return self.sessions.open(session)
        return session


class PagesForEveryCache(ShopDecisions):
    """Pages are given out to be cached, whoever they are for."""

    def page_headers(self, _session: ShopSession | None) -> Mapping[str, str]:
        return {"cache-control": "public, max-age=60"}


class ServerIdentifierKept(ProviderDecisions):
    """The server's session is logged in under the identifier that it had before."""

    def rotate_session_id(self, session: ServerSession) -> None:
        if session.account is not None:
            super().rotate_session_id(session)


class ServerIdentifierKeptForSameUser(ProviderDecisions):
    """A login of the same user leaves the identifier as it is."""

    def rotate_session_id(self, session: ServerSession) -> None:
        if session.account is None:
            super().rotate_session_id(session)


class FormSentFromAnywhere(ProviderDecisions):
    """A login form counts in every browser."""

    def belongs_to_browser(self, record: Interaction | UpstreamAttempt | UpstreamLogout, browser: str | None) -> bool:
        return isinstance(record, LoginInteraction) or InteractionDecisions.belongs_to_browser(self, record, browser)


class ServerSessionOrphaned(ProviderDecisions):
    """The session of the user before is left behind when another one logs in."""

    def replace_session(self, former: ServerSession) -> ServerSession:
        return self.create_session()


class ServerCookieOfAnySite(ProviderDecisions):
    """The server's cookie has no SameSite attribute."""

    cookie_same_site = None


class CodesMarkedTooLate(ProviderDecisions):
    """Whether a code was used is looked up in a store that is written later."""

    def is_unused(self, ticket: Ticket) -> bool:
        first = self.memory.setdefault(f"first use of {id(ticket)}", self.clock.now())
        return bool(first == self.clock.now())


HYGIENE = (
    Mutant("session-identifier-kept-at-login", "APP-10", at_shops(IdentifierKeptAtLogin), profile="hygiene"),
    Mutant("local-logout-keeps-session", "APP-13", at_shops(LogoutDeletesOnlyCookie), profile="hygiene"),
    Mutant("session-passed-to-next-user", "APP-15", at_shops(SessionGoesToNextUser), profile="hygiene"),
    Mutant("session-cookie-for-scripts", "APP-25", at_shops(CookieForScripts), profile="hygiene"),
    Mutant("slow-page-brings-session-back", "APP-29", at_shops(SlowPageStoresSession), profile="hygiene"),
    Mutant("account-page-for-every-cache", "APP-31", at_shops(PagesForEveryCache), profile="hygiene"),
    Mutant("server-identifier-kept-at-login", "AS-21", at_server(ServerIdentifierKept), profile="hygiene"),
    Mutant("login-form-counts-in-every-browser", "AS-26", at_server(FormSentFromAnywhere), profile="hygiene"),
    Mutant("former-server-session-orphaned", "AS-32", at_server(ServerSessionOrphaned), profile="hygiene"),
    Mutant("server-cookie-of-any-site", "AS-45", at_server(ServerCookieOfAnySite), profile="hygiene"),
    Mutant("code-works-twice-at-once", "AS-47", at_server(CodesMarkedTooLate), profile="hygiene"),
    Mutant(
        "server-identifier-kept-for-same-user",
        "AS-59",
        at_server(ServerIdentifierKeptForSameUser),
        profile="hygiene",
    ),
)
"""Faults that the profile hygiene is for."""
