"""Faults of consent."""

from ..storezero.parameters import Parameters
from ..storezero.provider_decisions import ProviderDecisions
from ..storezero.provider_records import AuthorizationRequest, ConsentInteraction, ServerSession
from .mutant import Mutant
from .server import at_server


class RefusalRemembered(ProviderDecisions):
    """Consent that was refused counts as decided, and decided as given."""

    def consent_is_given(self, interaction: ConsentInteraction, form: Parameters) -> bool:
        self.remember_consent(interaction.request, interaction.session)
        return super().consent_is_given(interaction, form)


class OneConsentForAllScopes(ProviderDecisions):
    """Whoever has granted something to an application has granted everything."""

    def consent_is_remembered(self, request: AuthorizationRequest, session: ServerSession) -> bool:
        return request.client.client_id in session.consents


class OneConsentForAllUsers(ProviderDecisions):
    """What one user has granted, the next one in the same browser has granted too."""

    def replace_session(self, former: ServerSession) -> ServerSession:
        session = super().replace_session(former)
        session.consents = former.consents
        return session


class ConsentNotNeededSilently(ProviderDecisions):
    """`prompt=none` looks at the login alone."""

    def needs_consent(self, request: AuthorizationRequest, session: ServerSession) -> bool:
        return not self.must_be_silent(request) and super().needs_consent(request, session)


class PromptConsentIgnored(ProviderDecisions):
    """Remembered consent overrides `prompt=consent`."""

    def needs_consent(self, request: AuthorizationRequest, session: ServerSession) -> bool:
        return not request.client.first_party and not self.consent_is_remembered(request, session)


class SelectAccountIgnored(ProviderDecisions):
    """`prompt=select_account` is answered from the session that is there."""

    def prompt_asks_for_login(self, request: AuthorizationRequest) -> bool:
        return "login" in request.prompt


CONSENT = (
    Mutant("refused-consent-counts-as-given", "AS-07", at_server(RefusalRemembered), profile="consent"),
    Mutant("consent-covers-all-scopes", "AS-44", at_server(OneConsentForAllScopes), profile="consent"),
    Mutant("consent-of-former-user-counts", "AS-44", at_server(OneConsentForAllUsers), profile="consent"),
    Mutant(
        "silent-check-needs-no-consent",
        "AS-07",
        at_server(ConsentNotNeededSilently),
        ("AS-44",),
        profile="consent",
    ),
    Mutant("prompt-consent-ignored", "AS-43", at_server(PromptConsentIgnored), profile="consent"),
    Mutant("select-account-ignored", "AS-43", at_server(SelectAccountIgnored), profile="consent"),
)
"""Faults that the profile consent is for."""
