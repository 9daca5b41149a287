"""The seed's world: shop, a second application, their authorization server, and the identity provider behind it.

In process by default (plain function calls through ASGI, no sockets); `serve` puts the same world on sockets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from secrets import token_urlsafe
from typing import Any

import httpx

from . import kinds
from .clock import Clock, SystemClock
from .oidc_client import ClientAuth, RelyingPartyConfig, ResponseType
from .provider import OpenIDProvider
from .provider_decisions import ProviderDecisions
from .provider_records import REMEMBERED, Client, ProviderConfig, Upstream
from .sessions import Lifetimes
from .shop import Shop
from .shop_decisions import ShopDecisions
from .shop_records import BACKCHANNEL_PATH, FRONTCHANNEL_PATH, SessionCreated, ShopConfig, SilentLoginRequired
from .transport import InProcessTransport

DEMO_PASSWORDS: Mapping[str, str] = {
    "alice": "alice-password",
    "bob": "bob-password",
    "mallory": "mallory-password",
}
"""Demonstration users, of the same names at the server and at the identity provider, but other accounts there."""
DEMO_SECOND_FACTORS: Mapping[str, str] = {
    "alice": "JBSWY3DPEHPK3PXPALICEAAA",
    "bob": "JBSWY3DPEHPK3PXPBOBBOBAA",
    "mallory": "JBSWY3DPEHPK3PXPMALLORYA",
}
"""The secrets of their one-time passwords (RFC 6238, base32)."""

PROVIDER_TITLE = "Facelog"


@dataclass(frozen=True)
class Origins:
    """Where the four parties are: scheme, host and port, without a slash at the end."""

    shop: str = "http://shop.test"
    outlet: str = "http://outlet.test"
    server: str = "http://as.test"
    provider: str = "http://idp.test"


@dataclass(frozen=True)
class World:
    """The four parties, and in process applications of other `kinds` by name; each has `.origin` and `.app`."""

    shop: Shop
    outlet: Shop
    kinds: Mapping[str, Shop]
    server: OpenIDProvider
    provider: OpenIDProvider
    clock: Clock
    http: httpx.AsyncClient
    transport: httpx.AsyncBaseTransport | None
    """Reaches the parties from outside, in process; None on sockets."""

    @property
    def parties(self) -> tuple[Shop | OpenIDProvider, ...]:
        """All of them."""
        return (*self.shops.values(), self.server, self.provider)

    @property
    def shops(self) -> Mapping[str, Shop]:
        """The applications by name."""
        return {"shop": self.shop, "outlet": self.outlet, **self.kinds}

    def reset(self) -> None:
        """Forget everything that happened; keys, users and registrations stay."""
        for party in self.parties:
            party.reset()

    async def aclose(self) -> None:
        """Close the connections between the parties."""
        await self.http.aclose()


@dataclass(frozen=True)
class Rules:
    """Whose decisions each party takes; a subclass in one place is a world with that fault."""

    shop: type[ShopDecisions] = ShopDecisions
    outlet: type[ShopDecisions] = ShopDecisions
    native: type[ShopDecisions] = ShopDecisions
    spa: type[ShopDecisions] = ShopDecisions
    page: type[ShopDecisions] = ShopDecisions
    server: type[ProviderDecisions] = ProviderDecisions
    provider: type[ProviderDecisions] = ProviderDecisions


def build_world(
    clock: Clock | None = None,
    origins: Origins | None = None,
    *,
    rules: Rules | None = None,
    passwords: Mapping[str, str] = DEMO_PASSWORDS,
    shop_response_type: ResponseType = "code",
    session_created: SessionCreated = "at start",
    silent_login_required: SilentLoginRequired = "end",
    shop_lifetimes: Lifetimes | None = None,
    server_lifetimes: Lifetimes | None = None,
    remembered_lifetimes: Lifetimes | None = None,
    provider_lifetimes: Lifetimes | None = None,
    notifies: str = "",
    on_sockets: bool = False,
) -> World:
    """Build the parties and connect them: in process, or over HTTP where `on_sockets` (the caller serves the apps).

    Everybody shares `clock` (the system's by default) and the users of `passwords` (user name to password). The
    outlet is a third-party application with response_type=id_token; the shop is ours, with a secret. `notifies`: the
    server tells both of a logout through the `back channel` or the `front channel`, or not at all.
    """
    clock, origins, rules = clock or SystemClock(), origins or Origins(), rules or Rules()
    in_process = None if on_sockets else InProcessTransport()
    # No proxy of the environment may come between the parties.
    http = httpx.AsyncClient(transport=in_process, trust_env=False)
    upstream_client = _client("server-at-idp", "The shop's login server", origins.server, path="/upstream")
    provider = OpenIDProvider(
        ProviderConfig(
            "idp", PROVIDER_TITLE, origins.provider, (upstream_client,), lifetimes=provider_lifetimes or Lifetimes()
        ),
        passwords=passwords,
        clock=clock,
        decisions=rules.provider,
    )
    shop_client = replace(
        _client("shop", "Storezero", origins.shop, response_types=(shop_response_type,)),
        **_notified(origins.shop, notifies),
    )
    outlet_client = Client(
        client_id="outlet",
        name="Storezero Outlet",
        redirect_uris=(f"{origins.outlet}/callback",),
        post_logout_redirect_uris=(f"{origins.outlet}/logged-out",),
        client_auth=ClientAuth.NONE,
        response_types=("id_token",),
        grant_types=("implicit",),
        **_notified(origins.outlet, notifies),
    )
    further = () if on_sockets else kinds.clients()
    server = OpenIDProvider(
        ProviderConfig(
            "as",
            "Storezero Login",
            origins.server,
            (shop_client, outlet_client, *further),
            upstream=Upstream(
                label=PROVIDER_TITLE,
                suffix="idp",
                relying_party=_registration(upstream_client, origins.provider),
                post_logout_redirect_uri=upstream_client.post_logout_redirect_uris[0],
            ),
            lifetimes=server_lifetimes or Lifetimes(),
            remembered_lifetimes=remembered_lifetimes or REMEMBERED,
        ),
        passwords=passwords,
        second_factors=DEMO_SECOND_FACTORS,
        clock=clock,
        http=http,
        decisions=rules.server,
    )

    def shop(name: str, origin: str, client: Client, decisions: type[ShopDecisions]) -> Shop:
        config = ShopConfig(
            name=name,
            title=client.name,
            origin=origin,
            relying_party=_registration(client, origins.server),
            session_created=session_created,
            silent_login_required=silent_login_required,
            lifetimes=shop_lifetimes or Lifetimes(),
        )
        return Shop(config, http=http, clock=clock, decisions=decisions)

    world = World(
        shop=shop("shop", origins.shop, shop_client, rules.shop),
        outlet=shop("outlet", origins.outlet, outlet_client, rules.outlet),
        kinds={
            client.client_id: shop(
                client.client_id, kinds.KINDS[client.client_id].origin, client, getattr(rules, client.client_id)
            )
            for client in further
        },
        server=server,
        provider=provider,
        clock=clock,
        http=http,
        transport=in_process,
    )
    if in_process is not None:
        in_process.add({party.origin: party.app for party in world.parties})
    return world


def _client(
    client_id: str, name: str, origin: str, *, path: str = "", response_types: tuple[ResponseType, ...] = ("code",)
) -> Client:
    # First-party clients with a secret, made anew in each process; the public one is written out above.
    return Client(
        client_id=client_id,
        name=name,
        redirect_uris=(f"{origin}{path}/callback",),
        post_logout_redirect_uris=(f"{origin}{path}/logged-out",),
        client_secret=token_urlsafe(32),
        response_types=response_types,
        grant_types=("authorization_code", "implicit", "refresh_token"),
        first_party=True,
    )


def _notified(origin: str, how: str) -> dict[str, Any]:
    if how == "back channel":
        return {"backchannel_logout_uri": origin + BACKCHANNEL_PATH}
    return {"frontchannel_logout_uri": origin + FRONTCHANNEL_PATH} if how == "front channel" else {}


def _registration(client: Client, issuer: str) -> RelyingPartyConfig:
    # The application's side of the same registration.
    return RelyingPartyConfig(
        issuer=issuer,
        client_id=client.client_id,
        client_secret=client.client_secret,
        redirect_uri=client.redirect_uris[0],
        client_auth=client.client_auth,
        response_type=client.response_types[0],
    )
