"""Faults of logins that outlive the browser (remember me), and of what ends them."""

from dataclasses import replace

from ..storezero.accounts import Account
from ..storezero.authorization_decisions import LONGEST_COOKIE
from ..storezero.parameters import Parameters
from ..storezero.provider_decisions import ProviderDecisions
from ..storezero.provider_records import AuthorizationRequest, Grant, ServerSession
from ..storezero.sessions import Lifetimes
from .mutant import Mutant
from .server import at_server


class RememberedUnasked(ProviderDecisions):
    """Everybody is remembered, whether or not the box is ticked."""

    def asks_to_be_remembered(self, form: Parameters) -> bool:
        return True


class EveryCookiePersistent(ProviderDecisions):
    """The browser keeps the cookie of a session that is not to be remembered too."""

    def cookie_lasts(self, session: ServerSession) -> int | None:
        return LONGEST_COOKIE


class CookieOfTheBrowserSession(ProviderDecisions):
    """The session is remembered, and its cookie goes with the browser."""

    def cookie_lasts(self, session: ServerSession) -> int | None:
        return None


class OneTimeForBoth(ProviderDecisions):
    """A session that is remembered lives no longer than any other."""

    def remembered_lifetimes(self) -> Lifetimes:
        return self.config.lifetimes


class VisitProlongs(ProviderDecisions):
    """Each visit starts the absolute lifetime of a session that is remembered anew."""

    def find_session(self, session_id: str | None) -> ServerSession | None:
        session = super().find_session(session_id)
        if session is not None and session.remembered:
            self.state.sessions.restart(session)
        return session


class FactorForgetsToRemember(ProviderDecisions):
    """The second factor gives the session a new cookie, which goes with the browser."""

    def confirm_second_factor(self, session: ServerSession) -> None:
        super().confirm_second_factor(session)
        session.remembered = False
        self.rotate_session_id(session)


class NextUserRemembered(ProviderDecisions):
    """Whoever logs in after a user who is remembered is remembered too."""

    def replace_session(self, former: ServerSession) -> ServerSession:
        session = super().replace_session(former)
        session.remembered, session.lifetimes = former.remembered, former.lifetimes
        return session


class LogoutKeepsRemembered(ProviderDecisions):
    """A logout ends only what would end with the browser."""

    def session_after_logout(self, session: ServerSession) -> ServerSession | None:
        return session if session.remembered else super().session_after_logout(session)


class RememberedIsFresh(ProviderDecisions):
    """The ID token of a session that is remembered says that the user has just logged in."""

    def make_grant(self, request: AuthorizationRequest, session: ServerSession, account: Account) -> Grant:
        grant = super().make_grant(request, session, account)
        return replace(grant, auth_time=self.clock.now()) if session.remembered else grant


class RememberedNotAskedAgain(ProviderDecisions):
    """prompt=login is answered from a session that is remembered."""

    def needs_login(self, request: AuthorizationRequest, session: ServerSession | None) -> bool:
        remembered = session is not None and session.remembered and self.prompt_asks_for_login(request)
        return not remembered and super().needs_login(request, session)


class RememberedNeverTooOld(ProviderDecisions):
    """`max_age` does not count for a session that is remembered."""

    def login_is_too_old(self, request: AuthorizationRequest, session: ServerSession) -> bool:
        return not session.remembered and super().login_is_too_old(request, session)


class PasswordChangeEndsNothing(ProviderDecisions):
    """The sessions that were begun with the old password live on."""

    def ends_with_password(self) -> bool:
        return False


class RememberedNotEnded(ProviderDecisions):
    """An administrator ends the sessions of open browsers, and not those that are remembered."""

    def sessions_of(self, username: str) -> list[ServerSession]:
        return [session for session in super().sessions_of(username) if not session.remembered]


class ToldOfRememberedOnly(ProviderDecisions):
    """Applications are told of a logout only where the session was to be remembered."""

    def participants(self, session: ServerSession) -> list[str]:
        return super().participants(session) if session.remembered else []


def _fault(
    name: str,
    requirement: str,
    decisions: type[ProviderDecisions],
    also: tuple[str, ...] = (),
    profile: str = "expiry",
) -> Mutant:
    return Mutant(name, requirement, at_server(decisions), also, profile)


REMEMBERING = (
    _fault("cookie-of-session-persistent", "AS-50", EveryCookiePersistent),
    _fault("cookie-of-remembered-login-not-persistent", "AS-50", CookieOfTheBrowserSession),
    _fault("remembered-login-with-usual-lifetimes", "AS-50", OneTimeForBoth),
    _fault("visit-prolongs-remembered-login", "AS-50", VisitProlongs),
    _fault("second-factor-ends-remembering", "AS-50", FactorForgetsToRemember),
    _fault("next-user-remembered-too", "AS-50", NextUserRemembered),
    _fault("remembered-login-survives-logout", "AS-28", LogoutKeepsRemembered),
    _fault("remembered-login-moves-auth-time", "AS-18", RememberedIsFresh),
    _fault("remembered-login-not-asked-again", "AS-15", RememberedNotAskedAgain),
    _fault("remembered-login-never-too-old", "AS-17", RememberedNeverTooOld),
    _fault("remembered-without-being-asked", "AS-50", RememberedUnasked, ("AS-36",), "admin"),
    _fault("password-change-ends-nothing", "AS-42", PasswordChangeEndsNothing, (), "admin"),
    _fault("administrator-ends-no-remembered-session", "AS-42", RememberedNotEnded, ("AS-46",), "admin"),
    _fault("logout-told-of-remembered-only", "AS-57", ToldOfRememberedOnly, ("AS-33",), "logout-backchannel"),
)
"""All but two are seen only where somebody may ask to be remembered."""
