"""Faults of re-authentication and of the second factor."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..storezero.accounts import Account
from ..storezero.authorization_decisions import PASSWORD, WITH_SECOND_FACTOR
from ..storezero.id_token_rules import IdTokenRules
from ..storezero.parameters import Parameters
from ..storezero.provider_decisions import ProviderDecisions
from ..storezero.provider_records import AuthorizationRequest, Grant, ServerSession, UpstreamLogin
from ..storezero.shop_decisions import ShopDecisions
from .application import at_shops
from .mutant import Mutant
from .server import at_server


class LoginTimeNotChecked(IdTokenRules):
    """`auth_time` is not looked at."""

    def check_auth_time(self, claims: Mapping[str, Any], max_age: int | None) -> None:
        del claims, max_age


class AnyLoginIsRecent(ShopDecisions):
    """The application sends `max_age` and believes whatever comes back."""

    id_token_rules = LoginTimeNotChecked


class MaxAgeIgnored(ProviderDecisions):
    """`max_age` asks for nothing."""

    def login_is_too_old(self, request: AuthorizationRequest, session: ServerSession) -> bool:
        return False


class MaxAgeZeroIsNone(ProviderDecisions):
    """`max_age=0` is taken for no `max_age`, since 0 is false."""

    def login_is_too_old(self, request: AuthorizationRequest, session: ServerSession) -> bool:
        return bool(request.max_age) and super().login_is_too_old(request, session)


class AskingIsLogin(ProviderDecisions):
    """Whoever is asked to authenticate again has done so."""

    def login_is_too_old(self, request: AuthorizationRequest, session: ServerSession) -> bool:
        if not super().login_is_too_old(request, session):
            return False
        session.auth_time = self.clock.now()
        return True


class GivingUpIsEnough(ProviderDecisions):
    """Whoever gives up a re-authentication is answered from the session that is there."""

    def cancel_refuses(self, session: ServerSession | None) -> bool:
        return self.logged_in_account(session) is None


class FormerUserConfirmed(ProviderDecisions):
    """A re-authentication is answered for the user who was to be asked, whoever logs in."""

    def login_is_too_old(self, request: AuthorizationRequest, session: ServerSession) -> bool:
        self.memory["asked"] = session.account
        return super().login_is_too_old(request, session)

    def make_grant(self, request: AuthorizationRequest, session: ServerSession, account: Account) -> Grant:
        asked = self.memory.get("asked") if request.max_age is not None else None
        return super().make_grant(request, session, asked or account)

    def grant_is_alive(self, grant: Grant) -> bool:
        return not grant.revoked and self.state.sessions.holds(grant.session)


class ClaimsWhatWasAskedFor(ProviderDecisions):
    """A request for a second factor is answered with the claim of one: the half of two faults."""

    def make_grant(self, request: AuthorizationRequest, session: ServerSession, account: Account) -> Grant:
        grant = super().make_grant(request, session, account)
        return replace(grant, amr=WITH_SECOND_FACTOR) if self.wants_second_factor(request) else grant


class SecondFactorForgotten(ClaimsWhatWasAskedFor):
    """A second factor counts for its own request, and is not written down with the session."""

    def second_factor_counts(self, session: ServerSession) -> bool:
        return self.memory.pop("given", None) is session

    def confirm_second_factor(self, session: ServerSession) -> None:
        self.memory["given"] = session

    def record_login(
        self,
        session: ServerSession,
        account: Account,
        auth_time: float,
        amr: tuple[str, ...],
        upstream: UpstreamLogin | None,
    ) -> None:
        if amr == WITH_SECOND_FACTOR:
            self.confirm_second_factor(session)
        super().record_login(session, account, auth_time, PASSWORD, upstream)


class SecondFactorOnlyAtLogin(ProviderDecisions):
    """Who is logged in already is not asked for a second factor."""

    def needs_second_factor(self, request: AuthorizationRequest, session: ServerSession) -> bool:
        return False


class AskedForIsDone(ClaimsWhatWasAskedFor, SecondFactorOnlyAtLogin):
    """A login with a second factor is claimed because it was asked for."""

    def password_is_enough(self, request: AuthorizationRequest) -> bool:
        return True


class AnyCodeFits(ProviderDecisions):
    """The one-time password is asked for, and not compared."""

    def second_factor_fits(self, account: Account, form: Parameters) -> bool:
        return bool(form.get("code"))


class PasswordAloneLogsIn(ProviderDecisions):
    """The session is logged in by the password, and the second factor is asked for afterwards."""

    def session_after_password(self, session: ServerSession | None, account: Account) -> ServerSession | None:
        return self.log_in(session, account, auth_time=self.clock.now(), amr=PASSWORD)


class SecondFactorOfAnother(ProviderDecisions):
    """When another user logs in, the session keeps the second factor that the former one gave."""

    def replace_session(self, former: ServerSession) -> ServerSession:
        session = super().replace_session(former)
        self.memory["amr"] = former.amr
        return session

    def record_login(
        self,
        session: ServerSession,
        account: Account,
        auth_time: float,
        amr: tuple[str, ...],
        upstream: UpstreamLogin | None,
    ) -> None:
        super().record_login(session, account, auth_time, self.memory.pop("amr", ()) or amr, upstream)


AUTHENTICATION = (
    Mutant("auth-time-not-checked", "APP-30", at_shops(AnyLoginIsRecent), profile="reauth"),
    Mutant("max-age-ignored", "AS-17", at_server(MaxAgeIgnored), profile="reauth"),
    Mutant("max-age-zero-ignored", "AS-17", at_server(MaxAgeZeroIsNone), profile="reauth"),
    Mutant("prompt-counts-as-login", "AS-18", at_server(AskingIsLogin), profile="reauth"),
    Mutant("cancelled-re-authentication-answered", "AS-16", at_server(GivingUpIsEnough), profile="reauth"),
    Mutant(
        "re-authentication-answered-for-former-user",
        "AS-20",
        at_server(FormerUserConfirmed),
        profile="reauth",
    ),
    Mutant("second-factor-forgotten", "AS-09", at_server(SecondFactorForgotten), profile="mfa"),
    Mutant("acr-claimed-because-asked-for", "AS-10", at_server(AskedForIsDone), profile="mfa"),
    Mutant("no-step-up-of-a-session", "AS-10", at_server(SecondFactorOnlyAtLogin), profile="mfa"),
    Mutant("any-one-time-password-fits", "AS-11", at_server(AnyCodeFits), profile="mfa"),
    Mutant("half-finished-login-is-a-login", "AS-52", at_server(PasswordAloneLogsIn), profile="mfa"),
    Mutant("second-factor-of-former-user-counts", "AS-10", at_server(SecondFactorOfAnother), profile="mfa"),
)
"""Faults that the profiles reauth and mfa are for."""
