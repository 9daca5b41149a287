"""Faults of what an administrator does to a user, and of logouts that the identity provider tells of."""

from ..storezero.accounts import Account
from ..storezero.provider_decisions import ProviderDecisions
from ..storezero.provider_records import Grant, ServerSession
from ..storezero.tokens import Claims
from .mutant import Mutant
from .notification import SignatureNotChecked
from .server import at_server


class OneSessionEnded(ProviderDecisions):
    """Of several sessions of a user only the latest ends."""

    def sessions_of(self, username: str) -> list[ServerSession]:
        return super().sessions_of(username)[-1:]


class DisabledKeepsSession(ProviderDecisions):
    """Disabling keeps a user from logging in, and leaves the sessions that are there."""

    def ends_when_disabled(self) -> bool:
        return False


class DisabledMayLogIn(ProviderDecisions):
    """Disabling ends the sessions, and the login does not look at it."""

    def may_log_in(self, account: Account) -> bool:
        return True


class DisabledMayRefresh(ProviderDecisions):
    """The refresh tokens of a disabled user work on."""

    def grant_is_alive(self, grant: Grant) -> bool:
        return super().grant_is_alive(grant) or grant.account.username in self.state.disabled


class ProviderLogoutIgnored(ProviderDecisions):
    """A logout at the identity provider is heard of and ends nothing."""

    def sessions_named_upstream(self, claims: Claims) -> list[ServerSession]:
        return []


class AnyProviderLogoutToken(ProviderDecisions):
    """The identity provider's logout tokens are not verified."""

    upstream_logout_rules = SignatureNotChecked


ADMINISTRATION = (
    Mutant("administrator-ends-one-session-of-several", "AS-42", at_server(OneSessionEnded), profile="admin"),
    Mutant("disabled-user-keeps-session", "AS-46", at_server(DisabledKeepsSession), profile="admin"),
    Mutant("disabled-user-logs-in", "AS-46", at_server(DisabledMayLogIn), profile="admin"),
    Mutant("disabled-user-refreshes", "AS-46", at_server(DisabledMayRefresh), profile="admin"),
    Mutant("provider-logout-ignored", "AS-55", at_server(ProviderLogoutIgnored), profile="federation"),
    Mutant("provider-logout-token-not-verified", "AS-55", at_server(AnyProviderLogoutToken), profile="federation"),
)
"""Faults that the profile admin is for, and those of notifications from the identity provider."""
