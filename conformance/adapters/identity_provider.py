"""A real identity provider over HTTP: the suite is the authorization server that relies on it, and an application.

What the server knows of a login comes from the provider's ID tokens; whether the provider's session is there is found
out by silent probes, as the server that it relies on could make them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import FEDERATED, NOBODY, Stimulus

from ..adapter import Statement
from ..storezero.oidc_client import RelyingParty
from ..storezero.provider import OpenIDProvider
from ..storezero.provider_records import ProviderConfig, Upstream
from ..storezero.sessions import Lifetimes
from ..storezero.shop import Shop
from .applications import OwnApplication
from .browser import Browser
from .discovery import discover
from .driver import Driver, Login, ProviderClient
from .in_process import site_of
from .network import Network
from .offers import provider_offers
from .page import Page
from .played import DAY, LOGINS, USERS, client_of, public_client, public_shop
from .problems import FlowBroken
from .reading import ServerSite, Sites
from .remote_server import RemoteServer
from .rotation import PublishedKeys
from .selectors import Selectors
from .target import IdentityProviderTarget
from .upstream_tokens import UpstreamTokens
from .urls import Origin

APP = "shop"


class IdentityProviderAdapter(RemoteServer):
    """One identity provider, driven through a server and an application of ours."""

    def __init__(self, target: IdentityProviderTarget) -> None:
        """Nothing is contacted yet."""
        network = Network(timeout=target.pace.timeout, delay=target.pace.delay, ca_file=target.ca_file)
        super().__init__(network, target.redact, target.browser)
        self.target = target
        self.server = self._play_server()
        self.shop: Shop = public_shop(network, APP, self.server.origin, self)
        self._probes = False
        self._tokens = UpstreamTokens()

    def declare(self) -> Statement:
        """Read discovery, log each user in once through our server. Raises HarnessProblem."""
        target = self.target
        for origin in target.allowed_origins:
            self.network.reach(origin)
        with self.checks.of("discovery") as found:
            document = self.discretion.patiently(lambda: discover(self.network, target.issuer))
            found.say(f"{target.issuer} publishes its endpoints")
        self.checks.settle()
        self.learn_time(target.issuer)
        self._meet(document)
        self.scope = Scope("preflight", (), apps=(APP,))
        for user in self.driver.provider_users:
            with self.checks.of(f"login of {user}"):
                self.discretion.patiently(partial(self._learn, user))
        self.checks.settle()
        cancel, deny = self.discretion.patiently(lambda: provider_offers(self.driver, APP))
        self._probes = self.discretion.patiently(self._probing_is_harmless)
        declared = dict(target.features.declared)
        detected = {
            "federation": True,
            "client at the provider": True,
            "silent answers of the provider": self._probes,
            "provider consent": declared.pop("consent", True),
            "federated_logout": bool(document.get("end_session_endpoint") and target.client.post_logout_redirect_uri),
            "rp_initiated_logout": True,
            "local logout": True,
            "cancel": cancel,
            "deny": deny,
        }
        self.settle_time()
        features = frozenset(name for name, offered in (detected | declared).items() if offered)
        return Statement(
            target.name,
            target.role,
            frozenset({"IDP"}),
            features,
            tuple(target.profiles),
            status=False,
            apps=frozenset({APP}),
        )

    def reset(self, scope: Scope) -> None:
        """Fresh browsers, and parties of ours that have forgotten everything. The provider itself cannot be reset."""
        self.scope = scope
        self.server.reset()
        self.shop.reset()
        self._tokens.clear()
        self.forget()
        self.driver.reset(scope.browsers, scope.tabs)

    def sessions(self, browser: int, stimulus: Stimulus) -> Mapping[str, str]:
        """Our own parties tell theirs; the provider is asked by prompt=none in a copy of the browser."""
        del stimulus
        here = self.driver.people[browser].browser
        record = self.driver.apps[APP].record(here)
        found = {
            f"b{browser + 1}/{APP}": self.user_of(record.claims) if record else self.driver.apps[APP].who(here),
            f"b{browser + 1}/as": self._at_server(here),
        }
        if self._probes and (who := self._probe(here)):
            found[f"b{browser + 1}/idp"] = who
        return found

    def shops(self) -> Mapping[str, Shop]:
        """The application of ours."""
        return {APP: self.shop}

    def observes_cookies(self, party: str) -> bool:
        """Those of our own parties prove nothing."""
        del party
        return False

    def user_of(self, claims: Mapping[str, Any]) -> str:
        """Our own server says who it is; a user of the provider has the provider's name for them."""
        return self._ours.get(str(claims.get("sub"))) or str(claims.get("preferred_username"))

    def provider_claims(self, browser: int) -> Mapping[str, Any] | None:
        """Of the answer to a request by hand, or of the one that logged this browser in at our server."""
        cookies = self.driver.people[browser].browser.cookies(self.server.origin)
        return super().provider_claims(browser) or self._tokens.new(self.server, browser, cookies)

    def provider_user_of(self, claims: Mapping[str, Any]) -> str:
        """The user whose `sub` this was at the start of the run."""
        return self.known_user(claims)

    # Set-up

    def _play_server(self) -> OpenIDProvider:
        client, issuer = self.target.client, str(Origin.of(self.target.client.redirect_uri))
        self._leave = client.post_logout_redirect_uri or f"{issuer}/upstream/logged-out"
        upstream = Upstream("the identity provider", "idp", client_of(self.target.issuer, client), self._leave)
        lifetimes = Lifetimes(DAY, DAY)
        config = ProviderConfig("as", "sessionproof", issuer, (public_client(APP),), upstream, lifetimes)
        server = OpenIDProvider(config, passwords=USERS, clock=self, http=self.network.client())
        self.network.host(issuer, server.app)
        self._ours: dict[str, str] = {}
        return server

    def _meet(self, document: Mapping[str, Any]) -> None:
        target = self.target
        provider = ServerSite(
            target.issuer,
            frozenset(Origin.of(origin) for origin in target.allowed_origins),
            str(document["authorization_endpoint"]),
            str(document.get("end_session_endpoint", "")),
            names_issuer=False,
        )
        apps = {APP: OwnApplication(self.shop)}
        sites = Sites(
            apps, site_of(self.server.origin, self.server.discovery()), provider, Selectors(), target.selectors
        )
        users = {name: Login(user.username, user.password.get_secret_value()) for name, user in target.users.items()}
        PublishedKeys(self.network, str(document["jwks_uri"])).heed(self._party(), self)
        at_provider = ProviderClient(self._party(), self._leave)
        self.driver = Driver(self.network, sites, apps, LOGINS, users, at_provider, self.new_browser)

    def _party(self) -> RelyingParty:
        party = self.server.relying_party
        assert party is not None  # noqa: S101 - it has an upstream
        return party

    def _learn(self, user: str) -> None:
        """Log the user in once: their `sub` at the provider, and the account that our server makes of it."""
        person = self.driver.log_in(user, APP, federated=True)
        login = self.server.upstream_login(person.browser.cookies(self.server.origin))
        if login is None:
            raise FlowBroken(
                f"The login of {user} led past the identity provider.",
                "This is a defect of the suite: please report it.",
            )
        self.learn_user(user, login.subject)
        self._ours[str(person.records[APP].claims["sub"])] = user + FEDERATED

    def _at_server(self, browser: Browser) -> str:
        cookies = browser.cookies(self.server.origin)
        if (login := self.server.upstream_login(cookies)) is not None:
            return self.known_user({"sub": login.subject}) + FEDERATED
        session = self.server.session_status(cookies)
        return session.user or session.state

    def _probing_is_harmless(self) -> bool:
        """Whether probes in a copy disturb neither a login that is under way nor the session that comes of it."""
        user = next(iter(self.driver.provider_users))
        self.driver.reset(1, 1)
        browser = self.driver.people[0].browser
        self._to_provider()
        if self._probe(browser) != NOBODY:
            return False
        page = self._do("credentials", user)
        if page is not None and self.driver.sites.party(page.url) == "idp":
            self._do("allow")
        if self._probe(browser) != user:
            return False
        self.shop.reset()  # our own sessions only: the next login needs the provider's
        self.server.reset()
        page = self._to_provider()
        lands = page is not None and self.driver.sites.party(page.url) == APP
        return lands or self._probe(browser) == user

    def _to_provider(self) -> Page | None:
        self._do("visit orders", app=APP)
        return self._do("choose provider")

    def _do(self, action: str, arg: str = "", app: str = "") -> Page | None:
        """Do one step in the first browser; returns the page that stands still in it then."""
        self.driver.perform(Stimulus(action, app, arg))
        return self.driver.people[0].tabs[0].page

    def _probe(self, browser: Browser) -> str:
        return self.ask_silently(self._party(), browser)
