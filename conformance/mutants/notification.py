"""Faults of telling and being told of a logout: back channel and front channel."""

from collections.abc import Mapping, Sequence
from secrets import token_urlsafe
from typing import Any

from joserfc.jwk import KeySet

from ..storezero.id_token_rules import LogoutTokenRules
from ..storezero.provider_decisions import ProviderDecisions
from ..storezero.provider_records import AuthorizationRequest, ServerSession
from ..storezero.shop_decisions import ShopDecisions
from ..storezero.shop_records import ShopSession
from ..storezero.world import Rules
from .application import at_shops, claims_of
from .mutant import Mutant
from .server import at_server

BACK, FRONT = "logout-backchannel", "logout-frontchannel"


class OnlySidIsUnderstood(ShopDecisions):
    """A logout token that names only the user ends nothing."""

    def sessions_named(self, claims: Mapping[str, Any]) -> list[ShopSession]:
        return super().sessions_named(claims) if "sid" in claims else []


class EverybodyIsLoggedOut(ShopDecisions):
    """A logout token ends every session."""

    def sessions_named(self, claims: Mapping[str, Any]) -> list[ShopSession]:
        return list(self.sessions)


class FrontChannelIgnored(ShopDecisions):
    """A front-channel logout ends nothing."""

    def frontchannel_names(self, session: ShopSession, issuer: str | None, sid: str | None) -> bool:
        return False


class SignatureNotChecked(LogoutTokenRules):
    """A logout token is read, not verified."""

    def verify_signature(self, id_token: str, keys: KeySet, algorithms: Sequence[str]) -> dict[str, Any]:
        return claims_of(id_token)


class IssuerNotCompared(LogoutTokenRules):
    """Anybody's logout token will do."""

    def check_issuer(self, claims: Mapping[str, Any]) -> None:
        pass


class AudienceNotCompared(LogoutTokenRules):
    """A logout token for another application will do."""

    def check_audience(self, claims: Mapping[str, Any]) -> None:
        pass


class ExpiryNotChecked(LogoutTokenRules):
    """An old logout token will do."""

    def check_expiry(self, claims: Mapping[str, Any]) -> None:
        pass


class EventsNotChecked(LogoutTokenRules):
    """Any token of the server will do."""

    def check_events(self, claims: Mapping[str, Any]) -> None:
        pass


class NonceAccepted(LogoutTokenRules):
    """A token with a nonce, as ID tokens have it, will do."""

    def check_no_nonce(self, claims: Mapping[str, Any]) -> None:
        pass


class LatestIsTold(ProviderDecisions):
    """Of those who take part only the latest is remembered."""

    def participants(self, session: ServerSession) -> list[str]:
        return session.participants[-1:]


class OnlyPromptedTakePart(ProviderDecisions):
    """An application that was answered without a prompt is not remembered."""

    def note_participant(self, request: AuthorizationRequest, session: ServerSession) -> None:
        if session.auth_time == self.clock.now():
            super().note_participant(request, session)


class FirstIsTold(ProviderDecisions):
    """Only the first application of a session is told."""

    def participants(self, session: ServerSession) -> list[str]:
        return session.participants[:1]


class SidChangesWithEachAnswer(ProviderDecisions):
    """The session gets a new `sid` whenever something is written down with it."""

    def note_participant(self, request: AuthorizationRequest, session: ServerSession) -> None:
        super().note_participant(request, session)
        session.sid = token_urlsafe(8)


def _checks(rules: type[LogoutTokenRules]) -> Rules:
    class Decisions(ShopDecisions):
        logout_token_rules = rules

    return at_shops(Decisions)


NOTIFICATION = (
    Mutant("logout-token-with-sub-ends-nothing", "APP-21", at_shops(OnlySidIsUnderstood), profile=BACK),
    Mutant("logout-token-ends-everybodys-sessions", "APP-21", at_shops(EverybodyIsLoggedOut), profile=BACK),
    Mutant("logout-token-not-verified", "APP-22", _checks(SignatureNotChecked), profile=BACK),
    Mutant("logout-token-of-any-issuer", "APP-22", _checks(IssuerNotCompared), profile=BACK),
    Mutant("logout-token-for-any-audience", "APP-22", _checks(AudienceNotCompared), profile=BACK),
    Mutant("expired-logout-token-accepted", "APP-22", _checks(ExpiryNotChecked), profile=BACK),
    Mutant("logout-token-without-event-accepted", "APP-22", _checks(EventsNotChecked), profile=BACK),
    Mutant("logout-token-with-nonce-accepted", "APP-22", _checks(NonceAccepted), profile=BACK),
    Mutant("front-channel-logout-ignored", "APP-23", at_shops(FrontChannelIgnored), profile=FRONT),
    Mutant("latest-application-told-alone", "AS-33", at_server(LatestIsTold), ("AS-57",), profile=BACK),
    Mutant("first-application-told-alone", "AS-34", at_server(FirstIsTold), profile=FRONT),
    Mutant(
        "sid-changes-with-each-answer", "AS-35", at_server(SidChangesWithEachAnswer), ("AS-33", "AS-57"), profile=BACK
    ),
    Mutant("silent-login-takes-no-part", "AS-57", at_server(OnlyPromptedTakePart), profile=BACK),
)
"""Faults that the profiles logout-backchannel and logout-frontchannel are for."""
