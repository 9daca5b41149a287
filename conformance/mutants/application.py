"""Faults of the application: how it keeps its own session, and which answers of the server it believes.

Both shops take the wrong decision, so that a fault shows with the code flow and with the ID token flow alike.
"""

from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from json import loads
from typing import Any

from joserfc.jwk import KeySet

from ..storezero.id_token_rules import IdTokenRules
from ..storezero.pages import PageError
from ..storezero.shop_decisions import ShopDecisions
from ..storezero.shop_records import LoginRecord, LogoutScope, PendingLogin, ShopSession
from ..storezero.world import Rules
from .mutant import Mutant


def at_shops(decisions: type[ShopDecisions]) -> Rules:
    """Both shops decide in this way."""
    return Rules(shop=decisions, outlet=decisions)


# The session


class AnySessionCounts(ShopDecisions):
    """A session is enough, whether or not the login that it was made for succeeded."""

    def is_authenticated(self, session: ShopSession | None) -> bool:
        return session is not None


class ExpiredSessionsServed(ShopDecisions):
    """Sessions are read through a cache that knows no deadlines."""

    def find_session(self, session_id: str | None) -> ShopSession | None:
        found = super().find_session(session_id)
        if found is not None:
            self.memory[found.id] = found
        return found or self.memory.get(session_id or "")


class VisitsProlongEverything(ShopDecisions):
    """Every visit starts both lifetimes anew."""

    def find_session(self, session_id: str | None) -> ShopSession | None:
        found = super().find_session(session_id)
        if found is not None:
            self.sessions.restart(found)
        return found


class IdleTimeNeverSlides(ShopDecisions):
    """Nobody counts the visits, so an active user is logged out."""

    def find_session(self, session_id: str | None) -> ShopSession | None:
        return self.sessions.peek(session_id)


class EndedSessionReopened(ShopDecisions):
    """A session is made by writing back the last one, which has ended."""

    def create_session(self) -> ShopSession:
        last: ShopSession | None = self.memory.get("last")
        ended = last is not None and not self.sessions.holds(last)
        session = self.sessions.open(last) if last is not None and ended else super().create_session()
        self.memory["last"] = session
        return session


class PageFromCache(ShopDecisions):
    """A page that is open to everybody comes from a cache, with the name of the user that it was made for."""

    def user_to_greet(self, session: ShopSession | None) -> str:
        user = super().user_to_greet(session)
        if user:
            self.memory["user"] = user
        return str(self.memory.get("user", ""))


# Starting a login


class OneLoginAtATime(ShopDecisions):
    """A login that was started and left blocks the next one."""

    def remember_login(self, session: ShopSession, pending: PendingLogin) -> None:
        if session.pending:
            raise PageError(409, "A login is under way already.")
        super().remember_login(session, pending)


class OneSlotForTheWayBack(ShopDecisions):
    """The page to come back to is lost when a second login starts."""

    def remember_login(self, session: ShopSession, pending: PendingLogin) -> None:
        super().remember_login(session, replace(pending, return_to="/") if session.pending else pending)


# Finishing a login


class StateOfAnybody(ShopDecisions):
    """`state` is looked up among the logins of all browsers."""

    def find_login(self, session: ShopSession | None, state: str | None) -> PendingLogin | None:
        found = [one.pending[state] for one in self.sessions if state in one.pending] if state else []
        return super().find_login(session, state) or next(iter(found), None)


class StateIsNeverUsedUp(ShopDecisions):
    """A `state` that was right once is right for ever."""

    def find_login(self, session: ShopSession | None, state: str | None) -> PendingLogin | None:
        found = super().find_login(session, state)
        if found is not None and state is not None:
            self.memory[state] = found
        return found or self.memory.get(state or "")


class NonceNotCompared(IdTokenRules):
    """`nonce` is sent and never compared."""

    def check_nonce(self, claims: Mapping[str, Any], nonce: str) -> None:
        pass


class IssuerNotCompared(IdTokenRules):
    """An ID token of any issuer will do."""

    def check_issuer(self, claims: Mapping[str, Any]) -> None:
        pass


class AudienceNotCompared(IdTokenRules):
    """An ID token for another application will do."""

    def check_audience(self, claims: Mapping[str, Any]) -> None:
        pass


class ExpiryNotChecked(IdTokenRules):
    """An ID token is good for ever."""

    def check_expiry(self, claims: Mapping[str, Any]) -> None:
        pass


class SignatureNotChecked(IdTokenRules):
    """The claims are read without looking at the signature."""

    def verify_signature(self, id_token: str, keys: KeySet, algorithms: Sequence[str]) -> dict[str, Any]:
        return claims_of(id_token)


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, whoever signed it."""
    return dict(loads(urlsafe_b64decode(token.split(".")[1] + "===")))


def _checks(rules: type[IdTokenRules]) -> Rules:
    class Decisions(ShopDecisions):
        id_token_rules = rules

    return at_shops(Decisions)


class SecondLoginLosesSession(ShopDecisions):
    """The session of a user who logs in again is ended, and nothing takes its place."""

    def renew_session(self, session: ShopSession) -> None:
        if session.login is None:
            super().renew_session(session)
        else:
            self.end_session(session)


class FirstUserStays(ShopDecisions):
    """Whoever is logged in stays so, whoever the answer is about."""

    def log_in(self, session: ShopSession | None, login: LoginRecord) -> ShopSession:
        return session if session is not None and session.login is not None else super().log_in(session, login)


class SilentAnswerNotRead(ShopDecisions):
    """A silent check is content with any answer, and does not look whose it is."""

    def log_in(self, session: ShopSession | None, login: LoginRecord) -> ShopSession:
        if login.silent and session is not None and session.login is not None:
            return session
        return super().log_in(session, login)


class SilentErrorFallsBack(ShopDecisions):
    """A silent check that finds nobody, again, brings back the user whom the one before logged out."""

    def session_after_silent_check(self, session: ShopSession | None, error: str) -> ShopSession | None:
        former: LoginRecord | None = self.memory.get("login")
        if session is not None and session.login is not None:
            self.memory["login"] = session.login
        elif session is not None and former is not None:
            session.login = former
            return session
        return super().session_after_silent_check(session, error)


class SilentErrorStartsLogin(ShopDecisions):
    """After a silent check that found nobody the browser goes on to a page that asks for a login."""

    def page_after_silent_check(self, session: ShopSession | None, pending: PendingLogin) -> str:
        return pending.return_to


# Logging out


class LocalLogoutOnlyRedirects(ShopDecisions):
    """The local logout shows its page and ends nothing."""

    def session_after_logout(self, session: ShopSession, scope: LogoutScope) -> ShopSession | None:
        return session if scope is LogoutScope.LOCAL else super().session_after_logout(session, scope)


class GlobalLogoutLeavesItToTheServer(ShopDecisions):
    """A logout that goes to the server does not end the local session."""

    def session_after_logout(self, session: ShopSession, scope: LogoutScope) -> ShopSession | None:
        return super().session_after_logout(session, scope) if scope is LogoutScope.LOCAL else session


class LogoutEndsAllSessionsOfUser(ShopDecisions):
    """A local logout ends the sessions of its user in all browsers."""

    def session_after_logout(self, session: ShopSession, scope: LogoutScope) -> ShopSession | None:
        user = session.user
        self.sessions.end_where(lambda one: bool(user) and one.user == user)
        return super().session_after_logout(session, scope)


class EveryLogoutReachesServer(ShopDecisions):
    """The local logout logs out at the server too."""

    def logout_reaches_server(self, scope: LogoutScope) -> bool:
        return True


class GlobalLogoutStaysLocal(ShopDecisions):
    """The logout that should go to the server does not."""

    def logout_reaches_server(self, scope: LogoutScope) -> bool:
        return scope is LogoutScope.FEDERATED


APPLICATION = (
    Mutant("session-counts-before-login", "APP-01", at_shops(AnySessionCounts), ("APP-03",)),
    Mutant("cached-page-greets-former-user", "APP-02", at_shops(PageFromCache)),
    Mutant(
        "expired-session-still-served",
        "APP-03",
        at_shops(ExpiredSessionsServed),
        ("APP-02",),
        profile="expiry",
    ),
    Mutant("login-left-open-blocks-the-next", "APP-04", at_shops(OneLoginAtATime), ("APP-27",)),
    Mutant("state-not-bound-to-browser", "APP-06", at_shops(StateOfAnybody)),
    Mutant("used-answer-accepted-again", "APP-07", at_shops(StateIsNeverUsedUp)),
    Mutant("nonce-not-compared", "APP-08", _checks(NonceNotCompared)),
    Mutant("issuer-not-compared", "APP-08", _checks(IssuerNotCompared)),
    Mutant("audience-not-compared", "APP-08", _checks(AudienceNotCompared)),
    Mutant("expired-id-token-accepted", "APP-08", _checks(ExpiryNotChecked)),
    Mutant("signature-not-checked", "APP-08", _checks(SignatureNotChecked)),
    Mutant("login-by-same-user-loses-session", "APP-09", at_shops(SecondLoginLosesSession)),
    Mutant("second-silent-error-brings-user-back", "APP-11", at_shops(SilentErrorFallsBack), profile="silent"),
    Mutant("local-logout-only-redirects", "APP-12", at_shops(LocalLogoutOnlyRedirects)),
    Mutant("local-logout-ends-server-session", "APP-14", at_shops(EveryLogoutReachesServer), profile="sso"),
    Mutant("first-user-stays-logged-in", "APP-15", at_shops(FirstUserStays), ("APP-28",)),
    Mutant("second-login-forgets-the-page-asked-for", "APP-18", at_shops(OneSlotForTheWayBack)),
    Mutant(
        "global-logout-keeps-local-session",
        "APP-20",
        at_shops(GlobalLogoutLeavesItToTheServer),
        profile="logout-rp",
    ),
    Mutant("visits-prolong-local-session-for-ever", "APP-24", at_shops(VisitsProlongEverything), profile="expiry"),
    Mutant("idle-time-of-local-session-never-slides", "APP-24", at_shops(IdleTimeNeverSlides), profile="expiry"),
    Mutant("failed-silent-check-starts-login", "APP-27", at_shops(SilentErrorStartsLogin), profile="silent"),
    Mutant("silent-answer-for-other-user-ignored", "APP-28", at_shops(SilentAnswerNotRead), profile="silent"),
    Mutant(
        "ended-local-session-reopened",
        "SYS-04",
        at_shops(EndedSessionReopened),
        ("APP-08",),
        profile="logout-rp",
    ),
    Mutant("global-logout-stays-local", "SYS-05", at_shops(GlobalLogoutStaysLocal), profile="logout-rp"),
    Mutant(
        "local-logout-ends-other-browsers",
        "SYS-05",
        at_shops(LogoutEndsAllSessionsOfUser),
        ("AS-53",),
        profile="logout-rp",
    ),
)
"""Faults of the application."""
