"""Faults that need two browsers or two tabs to be seen."""

from ..storezero.accounts import Account
from ..storezero.provider_decisions import ProviderDecisions
from ..storezero.provider_records import (
    ConsentInteraction,
    LogoutInteraction,
    ServerSession,
    UpstreamLogin,
)
from ..storezero.shop_decisions import ShopDecisions
from ..storezero.shop_records import LoginRecord, ShopSession
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
        self, interaction: ConsentInteraction | LogoutInteraction, session: ServerSession | None
    ) -> bool:
        if isinstance(interaction, ConsentInteraction):
            return session is not None and session.account is not None
        return super().still_concerns(interaction, session)


ISOLATION = (
    Mutant(
        "login-ends-sessions-in-other-browsers",
        "SB-162",
        "APP-16",
        at_shops(LoginEndsOtherBrowsers),
        profile="isolation",
    ),
    Mutant(
        "server-login-ends-sessions-in-other-browsers",
        "SB-178",
        "AS-24",
        at_server(ServerLoginEndsOtherBrowsers),
        profile="isolation",
    ),
    Mutant(
        "consent-counts-for-whoever-is-there",
        "SB-022",
        "AS-49",
        at_server(ConsentForWhoeverIsThere),
        profile="isolation",
    ),
)
"""Faults that the profile isolation is for."""
