"""Faults that need two browsers or two tabs to be seen."""

from ..storezero.accounts import Account
from ..storezero.provider_decisions import ProviderDecisions
from ..storezero.provider_records import (
    ConsentInteraction,
    LogoutInteraction,
    SecondFactorInteraction,
    ServerSession,
    UpstreamLogin,
)
from ..storezero.shop_decisions import ShopDecisions
from ..storezero.shop_records import LoginRecord, PendingLogin, ShopSession
from .application import at_shops
from .mutant import Mutant
from .server import at_server


class LoginEndsOtherBrowsers(ShopDecisions):
    """There is one session for each user: a login ends those in other browsers."""

    def record_login(self, session: ShopSession, login: LoginRecord) -> None:
        super().record_login(session, login)
        self.sessions.end_where(lambda one: one is not session and one.user == session.user)


class ServerLoginEndsOtherBrowsers(ProviderDecisions):
    """The same at the server."""

    def record_login(
        self,
        session: ServerSession,
        account: Account,
        auth_time: float,
        amr: tuple[str, ...],
        upstream: UpstreamLogin | None,
    ) -> None:
        super().record_login(session, account, auth_time, amr, upstream)
        self.state.sessions.end_where(lambda one: one is not session and one.account == account)


class ConsentForWhoeverIsThere(ProviderDecisions):
    """A consent counts for whoever is logged in when it is given."""

    def still_concerns(
        self,
        interaction: SecondFactorInteraction | ConsentInteraction | LogoutInteraction,
        session: ServerSession | None,
    ) -> bool:
        if isinstance(interaction, ConsentInteraction):
            return session is not None and session.account is not None
        return super().still_concerns(interaction, session)


class ConsentRevivesSession(ProviderDecisions):
    """A consent page that was open when its session ended brings the session back."""

    def still_concerns(
        self,
        interaction: SecondFactorInteraction | ConsentInteraction | LogoutInteraction,
        session: ServerSession | None,
    ) -> bool:
        return super().still_concerns(interaction, session) or (
            isinstance(interaction, ConsentInteraction) and self.logged_in_account(session) is None
        )

    def session_for_consent(
        self, session: ServerSession | None, interaction: ConsentInteraction
    ) -> ServerSession | None:
        if self.logged_in_account(session) is None:
            return self.state.sessions.open(interaction.session)
        return session


class LatestLoginOnly(ShopDecisions):
    """A browser has one login under way; the answer to an earlier one ends the session that is there."""

    def remember_login(self, session: ShopSession, pending: PendingLogin) -> None:
        session.pending.clear()
        super().remember_login(session, pending)

    def find_login(self, session: ShopSession | None, state: str | None) -> PendingLogin | None:
        found = super().find_login(session, state)
        self.memory["stray"] = found is None
        return found

    def session_after_error(self, session: ShopSession | None) -> ShopSession | None:
        return None if self.memory.pop("stray", False) else super().session_after_error(session)


ISOLATION = (
    Mutant(
        "answer-to-an-earlier-login-ends-session",
        "APP-19",
        at_shops(LatestLoginOnly),
        ("APP-07", "APP-06"),
        profile="isolation",
    ),
    Mutant("open-consent-revives-session", "AS-48", at_server(ConsentRevivesSession), profile="isolation"),
    Mutant(
        "login-ends-sessions-in-other-browsers",
        "APP-16",
        at_shops(LoginEndsOtherBrowsers),
        profile="isolation",
    ),
    Mutant(
        "server-login-ends-sessions-in-other-browsers",
        "AS-24",
        at_server(ServerLoginEndsOtherBrowsers),
        profile="isolation",
    ),
    Mutant(
        "consent-counts-for-whoever-is-there",
        "AS-49",
        at_server(ConsentForWhoeverIsThere),
        profile="isolation",
    ),
)
"""Faults that the profile isolation is for."""
