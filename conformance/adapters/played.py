"""The parties that the suite plays: an application's server, the provider behind a server, and applications at both."""

from __future__ import annotations

from ..storezero.clock import Clock, SystemClock
from ..storezero.oidc_client import ClientAuth, RelyingPartyConfig
from ..storezero.provider import OpenIDProvider
from ..storezero.provider_records import Client as Registered
from ..storezero.provider_records import ProviderConfig
from ..storezero.sessions import Lifetimes
from ..storezero.shop import Shop
from ..storezero.shop_records import ShopConfig
from ..storezero.tokens import signing_key
from .driver import Login
from .network import Network
from .target_sections import Client

DAY = 86_400.0
USERS = {"alice": "alice-password", "bob": "bob-password"}
"""Users of the suite's own provider: nobody else's secrets."""
LOGINS = {name: Login(name, password) for name, password in USERS.items()}


def played_provider(name: str, issuer: str, signing: str, *clients: Registered) -> OpenIDProvider:
    """A provider with the suite's users; `name` is for its cookies. Its sessions live for a day."""
    config = ProviderConfig(name, "sessionproof", issuer, clients, lifetimes=Lifetimes(DAY, DAY))
    return OpenIDProvider(config, passwords=USERS, clock=SystemClock(), key=signing_key(issuer, signing))


def registered(client: Client, name: str) -> Registered:
    """The target as a client of the played provider, as its file describes it."""
    return Registered(
        client_id=client.client_id,
        name=name,
        redirect_uris=(client.redirect_uri,),
        post_logout_redirect_uris=tuple(filter(None, [client.post_logout_redirect_uri])),
        client_secret=client.client_secret.get_secret_value() if client.client_secret else None,
        client_auth=ClientAuth(client.token_endpoint_auth_method),
        response_types=("code", "id_token"),
        grant_types=("authorization_code", "implicit", "refresh_token"),
        first_party=True,
    )


def client_of(issuer: str, client: Client) -> RelyingPartyConfig:
    """A party of ours as a client of the target, as its file describes it."""
    return RelyingPartyConfig(
        issuer=issuer,
        client_id=client.client_id,
        redirect_uri=client.redirect_uri,
        client_secret=client.client_secret.get_secret_value() if client.client_secret else None,
        client_auth=ClientAuth(client.token_endpoint_auth_method),
        scope=client.scope,
    )


def public_client(name: str) -> Registered:
    """An application of ours at a provider of ours, see `public_shop`."""
    return Registered(
        client_id=name,
        name=name,
        redirect_uris=(f"{_origin(name)}/callback",),
        post_logout_redirect_uris=(f"{_origin(name)}/logged-out",),
        client_auth=ClientAuth.NONE,
        first_party=True,
    )


def public_shop(network: Network, name: str, issuer: str, clock: Clock) -> Shop:
    """That application itself, hosted on the network."""
    party = RelyingPartyConfig(issuer, name, f"{_origin(name)}/callback", client_auth=ClientAuth.NONE)
    config = ShopConfig(name, name.capitalize(), _origin(name), party, lifetimes=Lifetimes(DAY, DAY), login_seconds=DAY)
    shop = Shop(config, http=network.client(), clock=clock)
    network.host(_origin(name), shop.app)
    return shop


def _origin(name: str) -> str:
    return f"http://{name}.test"
