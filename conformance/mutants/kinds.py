"""Faults that show in one kind of application only: native, in the front channel, without a backend."""

from urllib.parse import urlsplit

from ..storezero.oidc_client import ClientAuth
from ..storezero.provider_decisions import ProviderDecisions
from ..storezero.provider_records import Client, Grant
from ..storezero.shop_decisions import ShopDecisions
from ..storezero.shop_records import LogoutScope, ShopSession
from ..storezero.world import Rules
from .application import NonceNotCompared, SilentAnswerNotRead, StateOfAnybody
from .mutant import Mutant
from .server import at_server


class PortCompared(ProviderDecisions):
    """A native application is answered at the port that was registered, and at no other."""

    def is_registered_redirect_uri(self, client: Client, uri: str) -> bool:
        return uri in client.redirect_uris


class OnlyPathCompared(ProviderDecisions):
    """Of the redirect URI of a native application only the path is compared."""

    def is_registered_redirect_uri(self, client: Client, uri: str) -> bool:
        paths = [urlsplit(registered).path for registered in client.redirect_uris]
        return (client.native and urlsplit(uri).path in paths) or super().is_registered_redirect_uri(client, uri)


class PublicClientNeedsNoVerifier(ProviderDecisions):
    """A code of an application without a secret works without the PKCE verifier."""

    def verifier_fits(self, grant: Grant, verifier: str | None) -> bool:
        return grant.client.client_auth is ClientAuth.NONE or super().verifier_fits(grant, verifier)


class FrontChannelNonce(ShopDecisions):
    """The nonce of an ID token that came through the browser is not compared."""

    id_token_rules = NonceNotCompared


class TokensKept(ShopDecisions):
    """After the logout the tokens stay where the page keeps them."""

    def session_after_logout(self, session: ShopSession, scope: LogoutScope) -> ShopSession | None:
        return session


KINDS = (
    Mutant("loopback-port-compared", "AS-60", at_server(PortCompared)),
    Mutant("native-application-answered-at-any-host", "AS-58", at_server(OnlyPathCompared)),
    Mutant("public-client-needs-no-verifier", "AS-23", at_server(PublicClientNeedsNoVerifier)),
    Mutant("native-application-takes-answers-of-others", "APP-06", Rules(native=StateOfAnybody)),
    Mutant("front-channel-nonce-not-compared", "APP-08", Rules(outlet=FrontChannelNonce)),
    Mutant("page-keeps-tokens-after-logout", "APP-12", Rules(page=TokensKept)),
    Mutant("page-goes-on-as-former-user", "APP-28", Rules(page=SilentAnswerNotRead), profile="silent"),
)
"""All are seen with one of the applications, and with none of the others."""
