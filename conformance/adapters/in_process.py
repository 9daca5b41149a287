"""The bundled reference in this process: function calls instead of sockets, a clock that is moved, true sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from secrets import token_urlsafe
from typing import Any, cast, get_args

from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import Observation, Stimulus

from ..adapter import Statement
from ..storezero.clock import ManualClock
from ..storezero.kinds import KINDS
from ..storezero.provider_context import IdTokenFault
from ..storezero.sessions import Lifetimes
from ..storezero.shop import Shop
from ..storezero.world import DEMO_PASSWORDS, DEMO_SECOND_FACTORS, Rules, World, build_world
from .applications import OwnApplication
from .browsing import BrowsingAdapter
from .driver import Driver, Login, ProviderClient
from .network import Network
from .reading import Seen, ServerSite, Sites
from .selectors import Selectors
from .upstream_tokens import UpstreamTokens
from .urls import Origin

FEATURES = frozenset(
    {
        "consent", "cancel", "federation", "federated_logout", "rp_initiated_logout", "refresh_tokens",
        "id_token_hint", "clock", "application under test", "server under test", "ID token at outlet",
        "switch user", "silent check", "local logout", "deny", "decline logout", "overlapping_requests",
        "backchannel_logout", "frontchannel_logout", "client at the server", "client at the provider",
        "tokens made to order", "silent answers of the provider",
        "confirm identity", "mfa", "fresh consents", "revocation", "upstream_logout", "remember_me", "password_change",
        "native application",
    }
)  # fmt: skip
"""What Storezero offers."""
PROFILES = (
    "core", "sso", "silent", "logout-rp", "hygiene", "isolation", "logout-backchannel", "logout-frontchannel",
    "federation", "expiry", "reauth", "consent", "mfa", "admin",
)  # fmt: skip
MADE_TO_ORDER = {"wrong token": "visit orders", "old login answer": "confirm identity"}
"""Stimuli whose ID token is made by the server's script, and what the application does to get it."""
TICK = 100_000.0
"""Seconds of the `wait` stimulus."""
STEP = 1.0
"""Seconds between two other steps, so that a login now is told from one before."""
FOREVER = 1e12


class InProcessAdapter(BrowsingAdapter):
    """Storezero, with the rules that it shall have."""

    def __init__(
        self, rules: Rules | None = None, name: str = "storezero", profiles: tuple[str, ...] = PROFILES
    ) -> None:
        """`rules` other than its own make a mutant of it."""
        super().__init__(Network())
        self.judges_applications = True
        self._rules = rules
        self._name = name
        self._profiles = profiles
        self._built: tuple[tuple[Lifetimes, ...], str] = ((), "")
        self._upstream_tokens = UpstreamTokens()
        self._world: World
        self._clock: ManualClock
        self._logins = {
            name: Login(name, password, DEMO_SECOND_FACTORS[name]) for name, password in DEMO_PASSWORDS.items()
        }

    def declare(self) -> Statement:
        """All four layers, all features, everything told truly."""
        with self.checks.of("reference") as found:
            found.say("it is in this process: nothing has to be reached")
        layers = frozenset({"APP", "AS", "IDP", "SYS"})
        apps = frozenset({"shop", "outlet", *KINDS})
        return Statement(self._name, "reference", layers, FEATURES, self._profiles, status=True, apps=apps)

    def reset(self, scope: Scope) -> None:
        """Fresh browsers, and a world in which nothing has happened."""
        self.scope = scope
        lifetimes = (
            _lifetimes(scope.local_idle, scope.local_absolute),
            _lifetimes(scope.server_idle, scope.server_absolute),
            _lifetimes(scope.remembered_idle, scope.remembered_absolute),
            _lifetimes(scope.provider_idle, scope.provider_absolute),
        )
        if (lifetimes, scope.notifies) != self._built:
            self._built = (lifetimes, scope.notifies)
            self._build(*lifetimes, scope.notifies)
        self._world.reset()
        self._upstream_tokens.clear()
        self.forget()
        self.driver.users = self._users()
        self.driver.reset(scope.browsers, scope.tabs)

    def perform(self, stimulus: Stimulus, *, distinct: bool = False) -> Observation:
        """Do one step; time passes by a second, or by a tick where that is the step."""
        self._clock.advance(STEP)
        return super().perform(stimulus, distinct=distinct)

    def play(self, stimulus: Stimulus) -> Seen:
        """Do one step in the browser; a wrong token is made by the server's script."""
        if stimulus.action == "wait":
            self._clock.advance(TICK)
            for person in self.driver.people:
                person.browser.age(TICK)
            return Seen()
        server = self._world.server
        match stimulus.action:
            case "administrator ends the sessions":
                self.network.run(server.end_sessions_of(stimulus.arg))
                return Seen()
            case "administrator disables the user":
                self.network.run(server.disable(stimulus.arg))
                return Seen()
            case "administrator sets a new password":
                login = replace(self.driver.users[stimulus.arg], password=f"password-{token_urlsafe(6)}")
                self.driver.users = {**self.driver.users, stimulus.arg: login}
                self.network.run(server.set_password(stimulus.arg, login.password))
                return Seen()
        if (asked := MADE_TO_ORDER.get(stimulus.action)) is None:
            return super().play(stimulus)
        script, fault = server.script, stimulus.arg if stimulus.arg in get_args(IdTokenFault) else None
        script.id_token_fault, script.old_login = (
            cast(IdTokenFault | None, fault),
            stimulus.action == "old login answer",
        )
        try:
            return super().play(stimulus._replace(action=asked, arg=""))
        finally:
            script.id_token_fault, script.old_login = None, False

    def now(self) -> float:
        """The time that all parties see."""
        return self._clock.now()

    def separate(self) -> None:
        """Every step has a second of its own anyway."""

    def sessions(self, browser: int, stimulus: Stimulus) -> Mapping[str, str]:
        """Every layer tells its session of this browser."""
        del stimulus
        cookies = self.driver.people[browser].browser.cookies
        world, found = self._world, dict[str, str]()
        for app in self.scope.apps:
            found[f"b{browser + 1}/{app}"] = self.driver.apps[app].who(self.driver.people[browser].browser)
        for name, server in (("as", world.server), ("idp", world.provider)):
            session = server.session_status(cookies(server.origin))
            found[f"b{browser + 1}/{name}"] = session.user or session.state
        return found

    def shops(self) -> Mapping[str, Shop]:
        """All of them."""
        return self._world.shops

    def observes_cookies(self, party: str) -> bool:
        """All of them; but our second application cannot be asked by prompt=none, since it gets no code."""
        return party != "as" or self.scope.apps[0] != "outlet"

    def user_of(self, claims: Mapping[str, Any]) -> str:
        """The name that belongs to the `sub`; a federated user's is in the token."""
        return self._subjects.get(str(claims.get("sub"))) or str(claims.get("preferred_username"))

    def provider_claims(self, browser: int) -> Mapping[str, Any] | None:
        """Of the answer to a request by hand, or of the one that logged this browser in at the server."""
        server = self._world.server
        cookies = self.driver.people[browser].browser.cookies(server.origin)
        return super().provider_claims(browser) or self._upstream_tokens.new(server, browser, cookies)

    def provider_user_of(self, claims: Mapping[str, Any]) -> str:
        """The name that belongs to the provider's `sub`."""
        return self._provider_subjects.get(str(claims.get("sub")), "unknown sub")

    def _users(self) -> dict[str, Login]:
        return {name: login for name, login in self._logins.items() if name != "mallory"}

    def _build(
        self, local: Lifetimes, server: Lifetimes, remembered: Lifetimes, provider: Lifetimes, notifies: str
    ) -> None:
        self._clock = ManualClock()
        self._world = world = build_world(
            self._clock,
            rules=self._rules,
            shop_lifetimes=local,
            server_lifetimes=server,
            remembered_lifetimes=remembered,
            provider_lifetimes=provider,
            notifies=notifies,
        )
        for party in world.parties:
            self.network.host(party.origin, party.app)
        apps = {name: OwnApplication(shop) for name, shop in world.shops.items()}
        sites = Sites(
            apps,
            site_of(world.server.origin, world.server.discovery()),
            site_of(world.provider.origin, world.provider.discovery()),
            Selectors(),
        )
        self._subjects, self._provider_subjects = (
            {account.sub: name for name in DEMO_PASSWORDS if (account := party.decisions.accounts.find(name))}
            for party in (world.server, world.provider)
        )
        client = world.server.relying_party
        at_provider = ProviderClient(client, f"{world.server.origin}/upstream/logged-out") if client else None
        self.driver = Driver(self.network, sites, apps, self._users(), self._logins, at_provider)
        self.driver.server, self.driver.user_of, self.driver.now = world.server, self.user_of, self.now
        self.driver.client_ids = {name: name for name in apps}
        self.driver.provider = world.provider


def _lifetimes(idle: int, absolute: int) -> Lifetimes:
    """Ticks as seconds, in the middle of a tick; for ever where there are none."""
    return Lifetimes(*((ticks - 0.5) * TICK if ticks else FOREVER for ticks in (idle, absolute)))


def site_of(origin: str, discovery: Mapping[str, object]) -> ServerSite:
    """Where a provider of Storezero's make is."""
    return ServerSite(
        str(discovery["issuer"]),
        frozenset({Origin.of(origin)}),
        str(discovery["authorization_endpoint"]),
        str(discovery["end_session_endpoint"]),
        names_issuer=True,
    )
