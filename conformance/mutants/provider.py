"""Faults of the way through the identity provider: of the provider itself, and of the server that relies on it."""

from collections.abc import Mapping

from ..storezero.accounts import Account
from ..storezero.parameters import Parameters
from ..storezero.provider_decisions import ProviderDecisions
from ..storezero.provider_records import (
    AuthorizationRequest,
    LoginInteraction,
    LogoutRequest,
    ServerSession,
    UpstreamLogin,
)
from ..storezero.shop_decisions import ShopDecisions
from ..storezero.shop_records import LogoutScope
from ..storezero.tokens import Claims
from ..storezero.world import Rules
from .application import at_shops
from .hygiene import ServerIdentifierKept, ServerSessionOrphaned
from .mutant import Mutant
from .server import (
    ExistingLoginWins,
    LogoutEndsAllSessionsOfUser,
    PromptLoginIgnored,
    SilentRequestMayShowPages,
    at_server,
)

UNVERIFIED = Account("unverified", "unverified@idp")
"""The federated user before the provider has vouched for anybody."""

# The server as the provider's client


class MergedByName(ProviderDecisions):
    """A federated user is taken for the local user of the same name."""

    def upstream_account(self, claims: Mapping[str, object]) -> Account:
        return self.accounts.find(str(claims.get("preferred_username"))) or super().upstream_account(claims)


class LoggedInBeforeTheAnswer(ProviderDecisions):
    """The session was logged in before the provider's answer was looked at, and stays so when it is an error."""

    def session_after_upstream_failure(self, session: ServerSession | None) -> ServerSession | None:
        if session is not None:
            session.account = UNVERIFIED
        return session


class ProviderNotTold(ProviderDecisions):
    """A federated logout ends here."""

    def logout_goes_upstream(self, logout: LogoutRequest) -> bool:
        return False


class ProviderAlwaysTold(ProviderDecisions):
    """Every logout goes on to the provider."""

    def logout_goes_upstream(self, logout: LogoutRequest) -> bool:
        return True


class FederatedLogoutNotAskedFor(ShopDecisions):
    """The federated logout asks the server for a plain one."""

    def logout_reaches_provider(self, scope: LogoutScope) -> bool:
        return False


# The provider itself


class NameIsEnough(ProviderDecisions):
    """A user name is enough to log in."""

    def authenticate(self, form: Parameters) -> Account | None:
        return self.accounts.find(form.get("username", ""))


class AbandonedLoginCounts(ProviderDecisions):
    """A session in which a login page was left open counts as logged in."""

    def logged_in_account(self, session: ServerSession | None) -> Account | None:
        return super().logged_in_account(session) or (self.accounts.find("alice") if session else None)


class ProviderLoginIsNow(ProviderDecisions):
    """A login through the identity provider counts from now on, however old the provider's session is."""

    def upstream_auth_time(self, claims: Claims) -> float:
        return self.clock.now()


class AnotherSubjectMerged(ProviderDecisions):
    """Whomever the identity provider names: the session that is there stays its user's."""

    def log_in(
        self,
        session: ServerSession | None,
        account: Account,
        *,
        auth_time: float,
        amr: tuple[str, ...],
        upstream: UpstreamLogin | None = None,
    ) -> ServerSession:
        if upstream is not None and session is not None and session.account is not None:
            account = session.account
        return super().log_in(session, account, auth_time=auth_time, amr=amr, upstream=upstream)


class ReauthenticationNotPassedOn(ProviderDecisions):
    """A re-authentication is answered with whatever session the identity provider has."""

    def upstream_parameters(self, interaction: LoginInteraction) -> dict[str, str]:
        return {}


class AlwaysAsks(ProviderDecisions):
    """The provider forgets its users from one login to the next."""

    def needs_login(self, request: AuthorizationRequest, session: ServerSession | None) -> bool:
        return True


class ExpiryForgotten(ProviderDecisions):
    """A session of the provider lasts as long as somebody visits it."""

    def find_session(self, session_id: str | None) -> ServerSession | None:
        session = super().find_session(session_id)
        if session is not None:
            self.state.sessions.restart(session)
        return session


class LogoutKeepsSession(ProviderDecisions):
    """The provider's logout ends nothing."""

    def session_after_logout(self, session: ServerSession) -> ServerSession | None:
        return session


def at_provider(decisions: type[ProviderDecisions]) -> Rules:
    """The identity provider decides in this way."""
    return Rules(provider=decisions)


PROVIDER = (
    Mutant("federated-user-merged-by-name", "AS-37", at_server(MergedByName), profile="federation"),
    Mutant("failed-provider-login-leaves-user", "AS-38", at_server(LoggedInBeforeTheAnswer), profile="federation"),
    Mutant("abandoned-provider-login-counts", "IDP-01", at_provider(AbandonedLoginCounts), profile="federation"),
    Mutant("provider-takes-any-password", "IDP-02", at_provider(NameIsEnough), profile="federation"),
    Mutant("other-subject-merged-into-session", "AS-39", at_server(AnotherSubjectMerged), profile="federation"),
    Mutant("old-provider-session-counts-as-new", "AS-54", at_server(ProviderLoginIsNow), profile="federation"),
    Mutant(
        "reauthentication-not-passed-on",
        "AS-40",
        at_server(ReauthenticationNotPassedOn),
        ("AS-39",),
        profile="federation",
    ),
    Mutant("provider-always-asks", "IDP-03", at_provider(AlwaysAsks), profile="federation"),
    Mutant("every-logout-goes-to-provider", "IDP-04", at_server(ProviderAlwaysTold), profile="federation"),
    Mutant("provider-never-told-of-logout", "IDP-05", at_server(ProviderNotTold), profile="federation"),
    Mutant("federated-logout-not-asked-for", "IDP-05", at_shops(FederatedLogoutNotAskedFor), profile="federation"),
    Mutant("provider-session-never-ends", "IDP-13", at_provider(ExpiryForgotten), profile="expiry"),
    Mutant("provider-logout-keeps-session", "IDP-05", at_provider(LogoutKeepsSession), profile="federation"),
    Mutant("provider-keeps-former-user", "IDP-07", at_provider(ExistingLoginWins), profile="federation"),
    Mutant(
        "provider-shows-page-at-silent-check",
        "IDP-08",
        at_provider(SilentRequestMayShowPages),
        profile="federation",
    ),
    Mutant("provider-ignores-prompt-login", "IDP-09", at_provider(PromptLoginIgnored), profile="federation"),
    Mutant("provider-identifier-kept", "IDP-10", at_provider(ServerIdentifierKept), profile="hygiene"),
    Mutant("former-provider-session-orphaned", "IDP-12", at_provider(ServerSessionOrphaned), profile="hygiene"),
    Mutant(
        "provider-logout-ends-other-browsers",
        "IDP-11",
        at_provider(LogoutEndsAllSessionsOfUser),
        profile="federation",
    ),
)
"""Faults of the way through the identity provider."""
