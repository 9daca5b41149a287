"""Further faults of the authorization server, each copied from a bug in the field."""

from ..storezero.accounts import Account
from ..storezero.authorization_decisions import WITH_SECOND_FACTOR
from ..storezero.oidc_client import LoginAttempt
from ..storezero.parameters import Parameters
from ..storezero.provider_decisions import ProviderDecisions
from ..storezero.provider_records import (
    AuthorizationRequest,
    ConsentInteraction,
    Interaction,
    ServerSession,
    UpstreamLogin,
)
from ..storezero.tokens import Claims
from .mutant import Mutant
from .server import NewestPageAnswersForAll, at_server


class IdentifierKeptAtSecondFactor(ProviderDecisions):
    """A second factor raises the session under the identifier that it has."""

    def confirm_second_factor(self, session: ServerSession) -> None:
        session.amr = WITH_SECOND_FACTOR


class ReauthenticationOrphansSession(ProviderDecisions):
    """A new login by the same user makes a second session, and the first one lives on without a browser."""

    def log_in(
        self,
        session: ServerSession | None,
        account: Account,
        *,
        auth_time: float,
        amr: tuple[str, ...],
        upstream: UpstreamLogin | None = None,
    ) -> ServerSession:
        again = session is not None and session.account == account
        former = None if again else session
        return super().log_in(former, account, auth_time=auth_time, amr=amr, upstream=upstream)


class ConsentInsteadOfLogin(ProviderDecisions):
    """prompt=login of an application that needs consent leads to the consent page, and to no login."""

    def prompt_asks_for_login(self, request: AuthorizationRequest) -> bool:
        return request.client.first_party and super().prompt_asks_for_login(request)


class FederatedLoginHasNoTime(ProviderDecisions):
    """The time of a login is written down where passwords are checked; for all others it is 0."""

    def upstream_auth_time(self, claims: Claims) -> float:
        return 0.0


class FederatedLoginClaimsSecondFactor(ProviderDecisions):
    """Whoever comes through the identity provider is said to have given a second factor there."""

    def upstream_amr(self, claims: Claims) -> tuple[str, ...]:
        return WITH_SECOND_FACTOR


class SecondFactorAskedOnce(ProviderDecisions):
    """That a second factor was asked for is taken for that it was given."""

    def wants_second_factor(self, request: AuthorizationRequest) -> bool:
        wanted = super().wants_second_factor(request)
        return wanted and self.memory.setdefault("asked", request) is request


class FederatedLoginNeedsNoSecondFactor(ProviderDecisions):
    """Whoever comes through the identity provider is not asked for a second factor."""

    def needs_second_factor(self, request: AuthorizationRequest, session: ServerSession) -> bool:
        return session.upstream is None and super().needs_second_factor(request, session)


class AddressAnswersConsent(ProviderDecisions):
    """What a form says is read from its body and from its address, and the address counts."""

    def answered_fields(self, form: Parameters, query: Parameters) -> Parameters:
        return {**form, **query}


class RefusedConsentStillCounts(ProviderDecisions):
    """A consent page still counts when it was answered, so that one who refused can allow."""

    def close_interaction(self, interaction_id: str) -> None:
        if not isinstance(self.find_interaction(interaction_id), ConsentInteraction):
            super().close_interaction(interaction_id)


class NoFederatedLoginIsFresh(ProviderDecisions):
    """`max_age=0` is compared with the time at which the identity provider's answer arrives, which is always later."""

    def upstream_login_is_fresh(self, request: AuthorizationRequest, attempt: LoginAttempt, claims: Claims) -> bool:
        return request.max_age != 0 and super().upstream_login_is_fresh(request, attempt, claims)


class ConsentRememberedWhenAsked(ProviderDecisions):
    """What a consent page asks for is written down as granted when it is shown."""

    def needs_consent(self, request: AuthorizationRequest, session: ServerSession) -> bool:
        needed = super().needs_consent(request, session)
        self.remember_consent(request, session)
        return needed


class OneLoginPageForEachBrowser(NewestPageAnswersForAll):
    """A browser has one login page: a second one makes the form of the first unusable."""

    def find_interaction(self, interaction_id: str | None) -> Interaction | None:
        newest = super().find_interaction(interaction_id)
        return newest if newest is ProviderDecisions.find_interaction(self, interaction_id) else None


class EachApplicationToldOnce(ProviderDecisions):
    """Where several sessions of a user end, an application is told of the first one alone."""

    def participants(self, session: ServerSession) -> list[str]:
        told: set[str] = self.memory.setdefault(str(session.account), set())
        left = [client for client in session.participants if client not in told]
        told.update(left)
        return left


SERVER_FIELD = (
    Mutant("identifier-kept-at-second-factor", "AS-59", at_server(IdentifierKeptAtSecondFactor), profile="hygiene"),
    Mutant("re-authentication-orphans-session", "AS-59", at_server(ReauthenticationOrphansSession), profile="hygiene"),
    Mutant("consent-instead-of-login", "AS-15", at_server(ConsentInsteadOfLogin)),
    Mutant("federated-login-has-no-time", "AS-54", at_server(FederatedLoginHasNoTime), profile="federation"),
    Mutant("federated-login-claims-second-factor", "AS-54", at_server(FederatedLoginClaimsSecondFactor), profile="mfa"),
    Mutant("second-factor-asked-once", "AS-10", at_server(SecondFactorAskedOnce), profile="mfa"),
    Mutant(
        "federated-login-needs-no-second-factor", "AS-54", at_server(FederatedLoginNeedsNoSecondFactor), profile="mfa"
    ),
    Mutant("address-answers-consent", "AS-07", at_server(AddressAnswersConsent), profile="consent"),
    Mutant("refused-consent-still-counts", "AS-07", at_server(RefusedConsentStillCounts), profile="consent"),
    Mutant("no-federated-login-is-fresh", "AS-37", at_server(NoFederatedLoginIsFresh), ("AS-39",), "federation"),
    # Who refuses is taken for somebody who has granted, too.
    Mutant(
        "consent-remembered-when-asked", "AS-44", at_server(ConsentRememberedWhenAsked), ("AS-07",), profile="consent"
    ),
    Mutant("one-login-page-for-each-browser", "AS-03", at_server(OneLoginPageForEachBrowser), profile="isolation"),
    Mutant("each-application-told-once", "AS-42", at_server(EachApplicationToldOnce), profile="admin"),
)
"""Faults of the authorization server, in the order of the bugs."""
