"""A real authorization server over HTTP: the suite plays the applications, and finds sessions by silent probes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import FEDERATED, NOBODY, Stimulus

from ..adapter import Statement
from ..checks import Found
from ..storezero.oidc_client import ProviderProblem
from ..storezero.provider import OpenIDProvider
from ..storezero.sessions import Lifetimes
from ..storezero.shop import Shop
from ..storezero.shop_decisions import ShopDecisions
from ..storezero.shop_records import ShopConfig, ShopSession
from .applications import OwnApplication
from .browser import Browser, Navigation, Tab
from .clock import moment
from .discovery import discover
from .driver import Driver, Login, Person
from .hosting import Hosted
from .in_process import site_of
from .network import Network
from .offers import offers_cancel, offers_decline, offers_deny
from .page import shown
from .played import DAY, LOGINS, client_of, played_provider, registered
from .preflight import claims_of, find_login_form, tell_cookies, try_clients, try_logout
from .problems import FlowBroken, StateAltered
from .reading import ServerSite, Sites
from .remote_server import RemoteServer
from .rotation import PublishedKeys
from .target import AuthorizationServerTarget
from .target_sections import Client, Features
from .urls import Origin

HEEDS = "heeds notifications"
PATIENCE = 3.0
"""Seconds that a server may take to send logout tokens after its answer."""


class _ToldApplication(ShopDecisions):
    """An application of ours: it hears of every logout, and heeds it where the model says that there is one to heed."""

    def end_named(self, sessions: list[ShopSession]) -> None:
        """End them, or only take note."""
        if self.memory.get(HEEDS):
            super().end_named(sessions)


class BlackBoxAdapter(RemoteServer):
    """One authorization server, driven and observed from outside."""

    def __init__(self, target: AuthorizationServerTarget) -> None:
        """Nothing is contacted yet."""
        network = Network(timeout=target.pace.timeout, delay=target.pace.delay, ca_file=target.ca_file)
        super().__init__(network, target.redact, target.browser)
        self.patience = PATIENCE
        self.target = target
        self._probes = True
        self._shops: dict[str, Shop] = {}
        self._provider: OpenIDProvider | None = None
        self._hosted: list[Hosted] = []
        if (upstream := target.upstream) is not None:
            client = registered(upstream, target.name)
            self._provider = played_provider("idp", upstream.issuer, upstream.signing, client)
            self._hosted.append(Hosted(upstream.issuer, self._provider.app))
            network.host(upstream.issuer, self._provider.app)

    def declare(self) -> Statement:
        """Read discovery, log each user in once, and find out what the server offers. Raises HarnessProblem."""
        target = self.target
        for origin in target.allowed_origins:
            self.network.reach(origin)
        with self.checks.of("discovery") as found:
            document = self.discretion.patiently(lambda: discover(self.network, target.issuer))
            found.say(f"{target.issuer} publishes its endpoints")
        self.checks.settle()
        self._play_applications(document)
        self.learn_time(target.issuer)
        app = next(iter(self.driver.apps))
        with self.checks.of("login form") as found:
            remembers = bool(target.features.remember_me)
            self.discretion.patiently(lambda: find_login_form(found, self.driver, remembers=remembers))
        self.checks.settle()
        refreshes = self._learn_users()
        try_clients(self.checks, self.driver, self.discretion)
        declared = target.features.declared
        detected = {
            "rp_initiated_logout": "end_session_endpoint" in document and self._may_return(),
            "refresh_tokens": refreshes,
            "id_token_hint": True,
            "consent": True,
            "native application": "native" in target.clients,
            "cancel": self.discretion.patiently(lambda: offers_cancel(self.driver, app)),
            "server under test": True,
            "client at the server": True,
            "federation": self._learn_federated_users(),
            "deny": self.discretion.patiently(lambda: offers_deny(self.driver, app)),
            "decline logout": self.discretion.patiently(lambda: offers_decline(self.driver, app)),
            "switch user": True,
            "overlapping_requests": True,
            "backchannel_logout": bool(document.get("backchannel_logout_supported"))
            and all(client.backchannel_logout_uri for client in target.clients.values()),
            "silent check": True,
            "confirm identity": True,
            "local logout": True,
        }
        with self.checks.of("session") as found:
            self._probes = self.discretion.patiently(lambda: self._probing_is_harmless(found))
        self.checks.settle()
        self.settle_time()
        features = frozenset(name for name, offered in (detected | declared).items() if offered)
        with self.checks.of("features") as found:
            found.say(", ".join(sorted(features & set(Features.model_fields))) or "none")
        if self.checks.thorough and "rp_initiated_logout" in features:
            with self.checks.of("logout") as found:
                self.discretion.patiently(lambda: self._try_logout(found, app))
            self.checks.settle()
        layers = frozenset({"AS", "SYS"})
        return Statement(
            target.name,
            target.role,
            layers,
            features,
            tuple(target.profiles),
            status=False,
            apps=frozenset(target.clients),
            unfinished_logins=target.pace.unfinished_logins,
        )

    def reset(self, scope: Scope) -> None:
        """Fresh browsers. The server itself cannot be reset: consents of its users stay."""
        self.scope = scope
        self.forget()
        self.driver.reset(scope.browsers, scope.tabs)
        for shop in self._shops.values():
            shop.reset()
            shop.decisions.memory[HEEDS] = bool(scope.notifies)
        if self._provider is not None:
            self._provider.reset()

    def sessions(self, browser: int, stimulus: Stimulus) -> Mapping[str, str]:
        """The applications are ours and tell it; the server is asked by prompt=none in a copy of the browser."""
        found: dict[str, str] = {}
        for app in self.scope.apps:
            record = self.driver.apps[app].record(self.driver.people[browser].browser)
            who = self.driver.apps[app].who(self.driver.people[browser].browser)
            found[f"b{browser + 1}/{app}"] = self.user_of(record.claims) if record else who
        if self._provider is not None:
            session = self._provider.session_status(self.driver.people[browser].browser.cookies(self._provider.origin))
            found[f"b{browser + 1}/idp"] = session.user or session.state
        if self._probes:
            person = self.driver.people[browser]
            who = self.probe(person, stimulus.app or next(iter(person.records), self.scope.apps[0]))
            if who:
                found[f"b{browser + 1}/as"] = who
        return found

    def user_of(self, claims: Mapping[str, Any]) -> str:
        """The user whose `sub` this was at the start of the run."""
        return self.known_user(claims)

    def probe(self, person: Person, app: str) -> str:
        """Who is logged in at the server with these cookies; empty where that cannot be known without disturbing."""
        return self.driver.silent_user(person.browser, app)

    def shops(self) -> Mapping[str, Shop]:
        """All applications are ours."""
        return self._shops

    def observes_cookies(self, party: str) -> bool:
        """The server's, where looking does no harm."""
        return party == "as" and self._probes

    def close(self) -> None:
        """Stop listening, and close connections."""
        for hosted in self._hosted:
            hosted.close()
        super().close()

    # Set-up

    def _play_applications(self, document: Mapping[str, Any]) -> None:
        target = self.target
        self._shops = {name: self._application(name, client) for name, client in target.clients.items()}
        keys = PublishedKeys(self.network, str(document["jwks_uri"]))
        for shop in self._shops.values():
            keys.heed(shop.relying_party, self)
        apps = {name: OwnApplication(shop) for name, shop in self._shops.items()}
        sites = Sites(
            apps,
            ServerSite(
                target.issuer,
                frozenset(Origin.of(origin) for origin in target.allowed_origins),
                str(document["authorization_endpoint"]),
                str(document.get("end_session_endpoint", "")),
                names_issuer=bool(document.get("authorization_response_iss_parameter_supported")),
            ),
            site_of(self._provider.origin, self._provider.discovery()) if self._provider else None,
            target.selectors,
        )
        users = {name: Login(user.username, user.password.get_secret_value()) for name, user in target.users.items()}
        upstream = LOGINS if self._provider else None
        self.driver = Driver(self.network, sites, apps, users, upstream, new_browser=self.new_browser)
        self.driver.user_of = self.user_of

    def _application(self, name: str, client: Client) -> Shop:
        origin = str(Origin.of(client.redirect_uri))
        leave = client.post_logout_redirect_uri or f"{origin}/logged-out"
        party = client_of(self.target.issuer, client)
        config = ShopConfig(
            name=name,
            title=name.capitalize(),
            origin=origin,
            relying_party=party,
            lifetimes=Lifetimes(DAY, DAY),
            login_seconds=DAY,
            logged_out_path=leave.removeprefix(origin),
        )
        # A clock that is wrong there is not at issue.
        shop = Shop(config, http=self.network.client(), clock=self, decisions=_ToldApplication)
        self.network.host(origin, shop.app)
        if client.backchannel_logout_uri:
            self._hosted.append(Hosted(str(Origin.of(client.backchannel_logout_uri)), shop.app))
        return shop

    def _learn_users(self) -> bool:
        """Log each user in once: their `sub`, and whether the applications are given refresh tokens."""
        app = next(iter(self.driver.apps))
        self.scope = Scope("preflight", (), apps=(app,))
        refreshes: list[bool] = []
        for user in self.driver.users:
            with self.checks.of(f"login of {user}") as found:
                refreshes.append(self.discretion.patiently(partial(self._learn_user, user, app)))
                found.say(f"with client {app}, and the code was redeemed")
        self.checks.settle()
        return all(refreshes)

    def _learn_user(self, user: str, app: str) -> bool:
        self.driver.reset(1, 1)
        tokens = self.driver.tokens_of(user, app, self._wait_for_telling_moment)
        claims = claims_of(tokens)
        subject, issued, last = str(claims["sub"]), moment(claims.get("iat")), self.network.exchanges[-1]
        if self._offset and issued is not None:
            self._offset = self._offset.narrowed(issued, last.received - last.seconds, last.received)
        self.learn_user(user, subject)
        return self._refreshes(str(tokens.get("refresh_token", "")), app)

    def _refreshes(self, token: str, app: str) -> bool:
        """Whether a refresh token works at all: of one that never does, a refusal after logout would prove nothing."""
        if not token:
            return False
        try:
            self.network.run(self._shops[app].relying_party.refresh(token))
        except ProviderProblem:
            return False
        return True

    def _wait_for_telling_moment(self) -> None:
        wait = self._offset.until_telling(time.time()) if self._offset else 0.0
        time.sleep(wait)
        self.network.paused += wait

    def _learn_federated_users(self) -> bool:
        """Log each user of the provider in once, through it: their `sub` at the server. False without a provider."""
        if self._provider is None:
            return False
        app = next(iter(self.driver.apps))
        for user in LOGINS:
            log_in = partial(self.driver.tokens_of, user, app, federated=True)
            subject = str(claims_of(self.discretion.patiently(log_in))["sub"])
            if other := self._subjects.get(subject):
                raise FlowBroken(
                    f"{user}, coming from the identity provider, gets the same `sub` as {other}: {shown(subject, 40)}.",
                    "This breaks AS-56 if nobody linked the two accounts; unlink them, or use other users.",
                )
            self._subjects[subject] = user + FEDERATED
        return True

    def _try_logout(self, found: Found, app: str) -> None:
        person = try_logout(found, self.driver, app)
        if self.probe(person, app) not in (NOBODY, ""):
            found.note("the session outlived it", "If that is not meant, the run will say so.")

    def _may_return(self) -> bool:
        return all(client.post_logout_redirect_uri for client in self.target.clients.values())

    def _login_page(self, browser: Browser) -> Navigation:
        shop = next(iter(self._shops.values()))
        return browser.navigate(Tab(), "GET", f"{shop.origin}/account/orders")

    def _probing_is_harmless(self, found: Found) -> bool:
        """Whether a probe in a copy leaves the original logged in, for it may rotate the cookie under its feet."""
        app, user = next(iter(self.driver.apps)), next(iter(self.driver.users))
        try:
            person = self.driver.log_in(user, app)
        except StateAltered as problem:
            found.note(problem.cause, problem.hint)
            return False
        tell_cookies(found, person.browser, self.target.allowed_origins)
        if self.probe(person, app) != user:
            found.note(
                "prompt=none does not tell who is logged in",
                "The server's session is then known only from what the browser is shown.",
            )
            return False
        self._shops[app].reset()  # the application's session only: the next visit needs the server's
        went = self._login_page(person.browser)
        if went.page is not None and self.driver.sites.party(went.page.url) == app:
            found.say("prompt=none tells whose it is, and disturbs nothing")
            return True
        found.note(
            "asking with prompt=none in a copy of the browser ends it",
            "The server's session is then known only from what the browser is shown.",
        )
        return False
