"""What all adapters share that drive a target through browsers: steps, claims relative to earlier ones, exchanges."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import RIGHT_PASSWORD, Observation, Stimulus

from ..adapter import Effort, Statement
from ..checks import Checks
from ..storezero.oidc_client import MULTI_FACTOR
from ..storezero.shop import Shop
from ..storezero.shop_records import LoginRecord
from .applications import visible_user
from .browser import Browser
from .chromium import Chromium
from .clock import moment
from .curl import curl_lines, masked
from .discretion import Discretion
from .driver import Driver
from .kept_cookies import cookie_faults, keep, session_cookies
from .network import Network
from .reading import Seen
from .target import Browsers

FACETS_OF_APPLICATIONS = ("shown", "landed", "caching")
"""What only an application under test can do wrong."""
LOGINS = (*RIGHT_PASSWORD, "choose provider")
"""Stimuli by which somebody may log in at the server, whether or not a token shows it at once."""
STRONG = frozenset({"mfa", "otp", "hwk", "swk", "sms", "tel"})
"""Values of `amr` that speak of a second factor (RFC 8176)."""
POLL = 0.05
"""Seconds between two looks."""
CLOCK_ERROR = 0.05
"""Seconds by which our idea of the target's time may be wrong."""


class BrowsingAdapter(ABC):
    """Plays steps through a `Driver`; subclasses say how the sessions are found out."""

    def __init__(self, network: Network, redact: Callable[[str], str] = str, browser: Browsers = "built-in") -> None:
        """`driver` and `judges_applications` are set by the subclass. Raises UsageProblem if there is no such browser.

        `browser`: the one of the target file; `new_browser` makes it.
        """
        self.network = network
        self.discretion = Discretion(network)
        self.checks = Checks()
        self.new_browser: Callable[[], Browser] = (
            Chromium(network).browser if browser == "chromium" else lambda: Browser(network)
        )
        self.driver: Driver
        self.scope: Scope
        self.judges_applications = False
        self.knows_time = True
        self.patience = 0.0
        """Seconds in which a server tells applications of a logout, at the latest."""
        self.blur = 0.0
        """Seconds by which it may be later at the target than `now` says."""
        self.redact = self.checks.redact = redact
        self._sids: dict[tuple[int, str], str] = {}
        self._subs: dict[tuple[int, str], str] = {}
        self._session_cookies: dict[str, frozenset[str]] = {}
        self._last_login: dict[tuple[int, str], float] = {}
        """When somebody last logged in with a browser at a server (`as`, `idp`), as far as that is known."""

    def perform(self, stimulus: Stimulus, *, distinct: bool = False) -> Observation:
        """Do one step and say what was seen."""
        if distinct:
            self.separate()
        self.network.forget()
        person = self.driver.people[stimulus.browser]
        before = self.now()
        cookies = person.browser.copy() if self.scope.keeps_cookies else None
        told = {app: len(shop.notifications) for app, shop in self.shops().items()}
        seen = self.play(stimulus)
        facets = dict(seen.facets)
        if not self.judges_applications:
            for name in FACETS_OF_APPLICATIONS:
                facets.pop(name, None)
        for app in self.scope.apps:
            record = self.driver.apps[app].record(person.browser)
            if record is not None and record is not person.records.get(app):
                facets.update(self._claims(stimulus.browser, app, record, before))
                self.driver.note_login(person, app, record)
        if (claims := self.provider_claims(stimulus.browser)) is not None:
            facets["provider_sub"] = self.provider_user_of(claims)
            age = self._age((stimulus.browser, "idp"), claims.get("auth_time"), before)
            facets |= {"provider_auth_time": age} if age else {}
        if stimulus.action in LOGINS:
            self._last_login |= {(stimulus.browser, server): self.now() for server in ("as", "idp")}
        if self.scope.notifies:
            facets.update(self._told(stimulus.browser, told, leaves="return" in seen.trace))
        for browser in range(len(self.driver.people)):
            facets.update(self.sessions(browser, stimulus))
        if "answer" in seen.trace and (app := self.driver.app_of(stimulus)):
            facets.update(self._cookies(stimulus.browser, app, facets))
        if cookies is not None:
            keep(person, cookies, facets, stimulus.browser, seen, stimulus)
        facets["layers"] = _layers(facets, stimulus.browser, self.scope)
        if not facets["layers"]:
            del facets["layers"]
        return Observation(tuple(seen.trace), facets)

    def play(self, stimulus: Stimulus) -> Seen:
        """Do one step in the browser."""
        return self.driver.perform(stimulus)

    def exchanges(self) -> tuple[dict[str, Any], ...]:
        """The exchanges of the last step, redacted."""
        return tuple(
            {"request": f"{e.method} {masked(self.redact(e.url))}", "status": e.status, "curl": line}
            for e, line in curl_lines(self.network.exchanges, self.redact)
        )

    def effort(self) -> Effort:
        """What it cost so far."""
        return Effort(self.network.requests, self.network.waited, self.network.paused)

    def close(self) -> None:
        """Close connections."""
        self.network.close()

    @abstractmethod
    def declare(self) -> Statement:
        """The conformance statement."""

    @abstractmethod
    def reset(self, scope: Scope) -> None:
        """Fresh browsers, and a fresh target where that can be had."""

    @abstractmethod
    def now(self) -> float:
        """The target's time, in seconds since the epoch."""

    @abstractmethod
    def separate(self) -> None:
        """Let time pass until whole seconds tell this step's login from those before."""

    @abstractmethod
    def sessions(self, browser: int, stimulus: Stimulus) -> Mapping[str, str]:
        """The facets `b1/shop`, `b1/as`, ... of one browser, as far as they can be known."""

    @abstractmethod
    def user_of(self, claims: Mapping[str, Any]) -> str:
        """The model's name of the user whom an ID token names."""

    @abstractmethod
    def shops(self) -> Mapping[str, Shop]:
        """The applications that are ours, by name: they say what the server told them."""

    def provider_claims(self, browser: int) -> Mapping[str, Any] | None:
        """What an ID token says that the identity provider issued in this step, where that can be known."""
        person = self.driver.people[browser]
        claims, person.provider_claims = person.provider_claims, None
        return claims

    def provider_user_of(self, claims: Mapping[str, Any]) -> str:
        """The model's name of the user whom such a token names."""
        return str(claims.get("preferred_username"))

    def forget(self) -> None:
        """Fresh browsers: nothing before counts."""
        self._sids.clear()
        self._subs.clear()
        self._last_login.clear()

    def _told(self, browser: int, before: Mapping[str, int], *, leaves: bool) -> Mapping[str, str]:
        """Which applications were told, rightly, that this browser's session has ended.

        A server may tell them after its answer: where the step `leaves` it, those that have a session are waited for.
        """
        shops = {app: shop for app, shop in self.shops().items() if app in self.scope.apps}

        def told(app: str) -> bool:
            sid, sub = self._sids.get((browser, app)), self._subs.get((browser, app))
            new = shops[app].notifications[before[app] :]
            return any(n.get("sid", sid) == sid and n.get("sub", sub) == sub for n in new)

        here, deadline = self.driver.people[browser].browser, time.monotonic() + self.patience
        while leaves and time.monotonic() < deadline:
            if not any(self.driver.apps[app].record(here) and not told(app) for app in shops):
                break
            time.sleep(POLL)
            self.network.paused += POLL
        return {f"told {app}": "yes" if told(app) else "no" for app in shops}

    def _cookies(self, browser: int, app: str, facets: Mapping[str, str]) -> Mapping[str, str]:
        """Whether the session cookies are safe, where somebody has just logged in; which they are is found out once."""
        here, found = self.driver.people[browser].browser, {}
        addresses = [exchange.url for exchange in self.network.exchanges]
        server = self.driver.sites.server
        places = {"cookies": (app, frozenset({self.driver.apps[app].origin})), "as_cookies": ("as", server.origins)}
        for facet, (party, origins) in places.items():
            if facets.get(f"b{browser + 1}/{party}") in self.driver.users and self.observes_cookies(party):
                if party not in self._session_cookies:
                    self._session_cookies[party] = session_cookies(here, origins, self._who_at(party, app))
                names, cookies = self._session_cookies[party], [c for origin in origins for c in here.jar(origin)]
                if names:
                    secure = all(origin.scheme == "https" for origin in origins)
                    found[facet] = cookie_faults(cookies, names, secure=secure, addresses=addresses)
        return found

    def _who_at(self, party: str, app: str) -> Callable[[Browser], str]:
        if party == "as":
            return lambda browser: self.driver.silent_user(browser, app)
        return lambda browser: visible_user(self.driver.apps[party], browser)

    @abstractmethod
    def observes_cookies(self, party: str) -> bool:
        """Whether the cookies of an application, or of the server (`as`), are those of a party under test."""

    def _claims(self, browser: int, app: str, record: LoginRecord, before: float) -> Mapping[str, str]:
        """The claims as the model states them: the user, and what is the same as before or new."""
        claims = record.claims
        facets = {"sub": self.user_of(claims)}
        self._subs[browser, app] = str(claims.get("sub"))
        sid, former = claims.get("sid"), self._sids.get((browser, app))
        if isinstance(sid, str):
            self._sids[browser, app] = sid
            if former is not None:
                facets["sid"] = "same" if sid == former else "new"
        if age := self._age((browser, "as"), claims.get("auth_time"), before):
            facets["auth_time"] = age
        facets["acr"] = _authentication(claims)
        return facets

    def _age(self, session: tuple[int, str], auth_time: object, before: float) -> str:
        """`now` for a time in this step, which began at `before`; `before`; or nothing where it cannot be told."""
        if not self.knows_time or (logged_in := moment(auth_time)) is None:
            return ""
        latest = self._last_login.get(session, 0.0) + self.blur
        age = "before" if logged_in < int(before - CLOCK_ERROR) else ""
        if not age and int(logged_in) > int(latest + CLOCK_ERROR):
            age = "now"
        if latest < logged_in < self.now() + self.blur + 1:  # no later answer with the same one is news
            self._last_login[session] = logged_in - self.blur
        return age


def _authentication(claims: Mapping[str, Any]) -> str:
    """What an ID token says of how the user authenticated: by password alone, or with a `second factor`."""
    amr = claims.get("amr")
    methods = {str(method) for method in amr} if isinstance(amr, list) else set()
    return "second factor" if methods & STRONG or claims.get("acr") == MULTI_FACTOR else "password"


def _layers(facets: Mapping[str, str], browser: int, scope: Scope) -> str:
    """Which layers of this browser are logged in; empty where one of them is not known."""
    names = [*scope.apps, "as", *(["idp"] if scope.provider_users else [])]
    values = [facets.get(f"b{browser + 1}/{name}") for name in names]
    if None in values:
        return ""
    nobody = ("absent", "created", "anonymous", "nobody")
    return "+".join(name for name, value in zip(names, values, strict=True) if value not in nobody) or "nobody"
