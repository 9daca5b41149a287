"""Further faults of the application, each copied from a bug in the field."""

from collections.abc import Mapping
from typing import Any

from ..storezero.shop_decisions import ShopDecisions
from ..storezero.shop_records import LoginRecord, PendingLogin, ShopSession
from .application import at_shops
from .mutant import Mutant


class FormerSessionOrphaned(ShopDecisions):
    """The session of the user before is left behind when another one logs in."""

    def replace_session(self, former: ShopSession) -> ShopSession:
        return self.create_session()


class IdentifierKeptAtFederatedLogin(ShopDecisions):
    """Only the server's own users get a fresh identifier; those of an identity provider keep the one before login."""

    def log_in(self, session: ShopSession | None, login: LoginRecord) -> ShopSession:
        federated = "@" in str(login.claims.get("preferred_username"))
        if session is None or session.login is not None or not federated:
            return super().log_in(session, login)
        self.record_login(session, login)
        return session


class LogoutTokenEndsNothing(ShopDecisions):
    """A logout token is received, and nothing is done about it."""

    def end_named(self, sessions: list[ShopSession]) -> None:
        pass


class MissingStateFits(ShopDecisions):
    """An answer without `state` fits the login that was started last, in whatever browser."""

    def find_login(self, session: ShopSession | None, state: str | None) -> PendingLogin | None:
        if state is not None:
            return super().find_login(session, state)
        pending = [login for one in self.sessions for login in one.pending.values()]
        return max(pending, key=lambda login: login.attempt.started_at, default=None)


class FirstSilentAnswerRefused(ShopDecisions):
    """A silent answer is compared with the user before, also where there was none."""

    def log_in(self, session: ShopSession | None, login: LoginRecord) -> ShopSession:
        if login.silent and (session is None or session.login is None):
            return session or self.create_session()
        return super().log_in(session, login)


class LogoutLeadsToLogin(ShopDecisions):
    """After a logout the browser is sent to a page that starts a login."""

    def page_after_logout(self) -> str:
        return "/login"


class OneSessionOfEachUser(ShopDecisions):
    """The index from users to sessions has one place for each user: the last login is found by it, and no other."""

    def sessions_named(self, claims: Mapping[str, Any]) -> list[ShopSession]:
        found = super().sessions_named(claims)
        return found if "sid" in claims else found[-1:]


class ExpiredSessionComesBack(ShopDecisions):
    """A session that has expired is turned away once, and not deleted."""

    def find_session(self, session_id: str | None) -> ShopSession | None:
        found = super().find_session(session_id)
        key = session_id or ""
        if found is not None:
            self.memory[key] = [found]
        kept: list[ShopSession] = self.memory.get(key, [])
        if found is None and len(kept) == 1:
            kept *= 2
            return None
        return found or (kept[0] if kept else None)


APPLICATION_FIELD = (
    Mutant("former-local-session-orphaned", "APP-13", at_shops(FormerSessionOrphaned), profile="hygiene"),
    Mutant("identifier-kept-at-federated-login", "APP-10", at_shops(IdentifierKeptAtFederatedLogin), profile="hygiene"),
    Mutant(
        "logout-token-ends-nothing",
        "APP-21",
        at_shops(LogoutTokenEndsNothing),
        profile="logout-backchannel",
    ),
    Mutant("answer-without-state-accepted", "APP-06", at_shops(MissingStateFits)),
    Mutant("first-silent-answer-refused", "APP-09", at_shops(FirstSilentAnswerRefused), profile="silent"),
    Mutant("one-session-of-each-user-found", "APP-21", at_shops(OneSessionOfEachUser), profile="logout-backchannel"),
    Mutant("logout-leads-to-login", "APP-12", at_shops(LogoutLeadsToLogin)),
    Mutant("expired-session-comes-back", "APP-03", at_shops(ExpiredSessionComesBack), profile="expiry"),
)
"""Faults of the application, in the order of the bugs."""
