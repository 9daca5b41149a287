"""A real application over HTTP: the suite is its authorization server, with a login page, a session and a script."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any, cast, get_args

from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import Stimulus

from ..adapter import Statement
from ..checks import Found
from ..storezero.clock import SystemClock
from ..storezero.provider import OpenIDProvider
from ..storezero.provider_context import IdTokenFault
from ..storezero.shop import Shop
from .applications import NOBODY, Application, OwnApplication, RealApplication
from .browser import Tab
from .browsing import BrowsingAdapter
from .driver import Driver
from .hosting import Hosted
from .in_process import site_of
from .network import Network
from .offers import offers
from .page import shown
from .played import LOGINS, played_provider, public_client, public_shop, registered
from .preflight import tell_cookies
from .problems import FlowBroken
from .reading import Seen, Sites
from .selectors import Selectors
from .target import ApplicationTarget
from .urls import resolve
from .words import Meaning

APP = "shop"
"""What the model calls the application under test."""
OTHER = "outlet"
"""A second application, ours: what the first one does must not depend on it."""


class ApplicationAdapter(BrowsingAdapter):
    """One application, driven through its pages and judged by whom they show."""

    def __init__(self, target: ApplicationTarget) -> None:
        """Start to listen as the application's authorization server. Raises TargetNotStarted."""
        super().__init__(
            Network(timeout=target.pace.timeout, delay=target.pace.delay, ca_file=target.ca_file),
            target.redact,
            target.browser,
        )
        self.target = target
        self.judges_applications = True
        self.knows_time = False
        self.provider = _provider(target)
        self._hosted = Hosted(target.provider.issuer, self.provider.app)
        self.network.host(self.provider.origin, self.provider.app)
        for origin in target.allowed_origins:
            self.network.reach(origin)
        app = RealApplication(target.base, target.client, target.pages)
        self._other = public_shop(self.network, OTHER, target.provider.issuer, SystemClock())
        apps: dict[str, Application] = {APP: app, OTHER: OwnApplication(self._other)}
        sites = Sites(apps, site_of(self.provider.origin, self.provider.discovery()), None, Selectors())
        self.app = app
        self.driver = Driver(self.network, sites, apps, LOGINS, new_browser=self.new_browser)
        self.driver.server, self.driver.user_of = self.provider, self.user_of
        self.driver.client_ids = {APP: target.client.client_id, OTHER: OTHER}

    def declare(self) -> Statement:
        """Log in once to see that the file describes the application rightly. Raises HarnessProblem."""
        target = self.target
        self.driver.reset(1, 1)
        with self.checks.of("application") as found:
            browser = self.driver.fresh_person().browser
            public = resolve(target.base, target.pages.public)
            page = self.discretion.patiently(lambda: browser.navigate(Tab(), "GET", public)).page
            found.say(f"{target.base} answers" + (f": “{page.title}”" if page and page.title else ""))
        self.checks.settle()
        with self.checks.of("login") as found:
            person = self.discretion.patiently(lambda: self.driver.log_in("alice", APP))
            if (who := self.discretion.patiently(lambda: self.app.who(person.browser))) != "alice":
                raise FlowBroken(
                    f"After a login as alice the application shows {who!r} in {target.pages.user!r}; "
                    "'alice' was expected.",
                    "Correct `pages.user` or `pages.user_prefix`; the name is the claim preferred_username, or sub.",
                )
            self.discretion.patiently(lambda: self.app.find_buttons(person.browser))
            found.say(f"at the provider that the suite plays; {target.pages.user} shows alice")
            tell_cookies(found, person.browser, target.allowed_origins)
        self.checks.settle()
        pages = target.pages
        offered = {
            "application under test": True,
            "tokens made to order": True,
            "cancel": True,
            "deny": True,
            "decline logout": True,
            "switch user": bool(pages.switch),
            "silent check": bool(pages.silent),
            "local logout": bool(pages.logout_here),
            "rp_initiated_logout": bool(pages.logout),
            "overlapping_requests": bool(pages.slow),
            "backchannel_logout": bool(target.client.backchannel_logout_uri),
            "frontchannel_logout": bool(target.client.frontchannel_logout_uri),
        }
        features = frozenset(name for name, value in offered.items() if value)
        with self.checks.of("features") as found:
            found.say(", ".join(sorted(features)))
        if self.checks.thorough:
            for action in filter(pages.of, ("log out everywhere", "log out here")):
                with self.checks.of(action) as found:
                    self.discretion.patiently(partial(self._try_logout, action, found))
            self.checks.settle()
        layers = frozenset({"APP"})
        return Statement(
            target.name,
            target.role,
            layers,
            features,
            tuple(target.profiles),
            status=False,
            unfinished_logins=target.pace.unfinished_logins,
        )

    def _try_logout(self, action: str, found: Found) -> None:
        """Log in and out again. What is wrong here, a run judges: it is a note."""
        self.driver.reset(1, 1)
        person = self.driver.log_in("alice", APP)
        self.driver.people = [person]
        self.driver.perform(Stimulus(action, APP))
        page = person.tabs[0].page
        if page is not None and self.driver.sites.party(page.url) == "as":
            if not offers(self.driver, page, Meaning.CONFIRM_LOGOUT):
                found.note(
                    f"the suite's server refuses the logout: {shown(page.text, 200)}",
                    "Check `client.post_logout_redirect_uri` in the target file: the application asks for another.",
                )
                return
            self.driver.perform(Stimulus("confirm logout"))
        if (who := self.app.who(person.browser)) == NOBODY:
            found.say("nobody is logged in after it")
        else:
            found.note(f"the application still shows {who!r}", "If `pages` names the right button, the run will tell.")

    def reset(self, scope: Scope) -> None:
        """Fresh browsers, and a server of ours that has forgotten everything."""
        self.scope = scope
        self.provider.reset()
        self._other.reset()
        self.forget()
        self.driver.reset(scope.browsers, scope.tabs)

    def play(self, stimulus: Stimulus) -> Seen:
        """Do one step in the browser; a wrong token is made by our server's script."""
        if stimulus.action != "wrong token":
            return super().play(stimulus)
        script = self.provider.script
        script.id_token_fault = cast(IdTokenFault, stimulus.arg if stimulus.arg in get_args(IdTokenFault) else None)
        try:
            return super().play(stimulus._replace(action="visit orders", arg=""))
        finally:
            script.id_token_fault = None

    def now(self) -> float:
        """Our own time: the server is ours."""
        return time.time()

    def separate(self) -> None:
        """The application's session has no time stamp that is looked at."""

    def sessions(self, browser: int, stimulus: Stimulus) -> Mapping[str, str]:
        """The application is asked by a visit in a copy of the browser; our server tells the truth."""
        del stimulus
        here = self.driver.people[browser].browser
        recorded = len(self.network.exchanges)
        found = {f"b{browser + 1}/{app}": self.driver.apps[app].who(here) for app in self.scope.apps}
        self.network.forget_since(recorded)  # the probe is ours: it is not part of the step
        session = self.provider.session_status(here.cookies(self.provider.origin))
        found[f"b{browser + 1}/as"] = session.user or session.state
        return found

    def shops(self) -> Mapping[str, Shop]:
        """Nobody is told by our server unless a step says so."""
        return {}

    def observes_cookies(self, party: str) -> bool:
        """Those of the application under test."""
        return party == APP

    def user_of(self, claims: Mapping[str, Any]) -> str:
        """Not needed: an application keeps its tokens to itself."""
        return str(claims.get("preferred_username"))

    def close(self) -> None:
        """Stop listening, and close connections."""
        self._hosted.close()
        super().close()


def _provider(target: ApplicationTarget) -> OpenIDProvider:
    own = target.provider
    return played_provider("as", own.issuer, own.signing, registered(target.client, target.name), public_client(OTHER))
