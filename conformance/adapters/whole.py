"""A deployed application, its server and the provider behind that, judged together through the browser alone.

Nobody of ours takes part: no client, no back channel. The application's session is seen on its status page, those of
the servers by visits in copies of the browser, where these were seen to be harmless.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import FEDERATED, NOBODY, SOMEBODY, Stimulus

from ..adapter import Statement
from ..storezero.shop import Shop
from .applications import RealApplication
from .browser import Browser, Tab
from .browsing import BrowsingAdapter
from .discovery import discover
from .driver import Driver, Login
from .network import Network
from .offers import offers_cancel, offers_decline, offers_deny, provider_offers
from .page import shown
from .problems import FlowBroken
from .reading import Seen, ServerSite, Sites, TabMemory, page_kind, parameters_of
from .target import WholeTarget
from .target_sections import Party
from .urls import Origin, resolve
from .visits import Visits

APP = "shop"
"""What the model calls the application."""
FORMS = ("consent", "provider consent")
CLIENT = "a browser alone cannot show it: it takes a client of the suite's at the server"
TOKENS = "a browser alone cannot show it: it stands in tokens, which the parties hand on among themselves"
AT_PROVIDER = "a browser alone cannot show it: it takes a client of the suite's at the identity provider"
BEYOND = {
    "APP-08": "a browser alone cannot show it: it takes ID tokens that are made to order",
    "APP-30": "a browser alone cannot show it: it takes answers that are made to order",
    "AS-44": "it takes users whose consents are forgotten before each flow",
    "APP-28": "it takes two applications at one server",
    **dict.fromkeys(("AS-14", "AS-19", "AS-22", "AS-23", "AS-43", "AS-47"), CLIENT),
    **dict.fromkeys(("AS-18", "AS-54"), TOKENS),
    **dict.fromkeys(("IDP-06", "IDP-08", "IDP-10", "IDP-11", "IDP-12"), AT_PROVIDER),
}
"""Requirements of which nothing can be seen in this role."""


class WholeAdapter(BrowsingAdapter):
    """All parties of one deployment, driven through the application's pages."""

    def __init__(self, target: WholeTarget) -> None:
        """Nothing is contacted yet."""
        super().__init__(
            Network(timeout=target.pace.timeout, delay=target.pace.delay, ca_file=target.ca_file),
            target.redact,
            target.browser,
        )
        self.target = target
        self.judges_applications = True
        self.knows_time = False
        self.app = RealApplication(target.base, None, target.pages)
        self.visits: Visits
        self._probes: dict[str, Callable[[Browser], str]] = {}

    def declare(self) -> Statement:
        """Read both discovery documents and log everybody in once, each way. Raises HarnessProblem."""
        target, again = self.target, self.discretion.patiently
        for origin in target.allowed_origins:
            self.network.reach(origin)
        with self.checks.of("discovery") as found:
            server, provider = (again(partial(self._site, party)) for party in (target.server, target.provider))
            found.say(f"{target.server.issuer} and {target.provider.issuer} publish their endpoints")
        self.checks.settle()
        sites = Sites({APP: self.app}, server, provider, target.server.selectors, target.provider.selectors)
        users, provider_users = (
            {name: Login(user.username, user.password.get_secret_value()) for name, user in party.users.items()}
            for party in (target.server, target.provider)
        )
        self.driver = Driver(self.network, sites, {APP: self.app}, users, provider_users, new_browser=self.new_browser)
        self.visits = Visits(sites, self.app, map(Origin.of, [target.base, *target.origins]))
        self.driver.who_at_server = lambda browser, _app: self.visits.at_server(browser)
        self.scope = Scope("preflight", (), apps=(APP,))
        with self.checks.of("application") as found:
            self.app.redirect_uri = again(self._redirect_uri)
            found.say(f"sends the browser to the server, which answers at {self.app.redirect_uri}")
        self.checks.settle()
        with self.checks.of("logins") as found:
            self.app.names = again(self._names)
            found.say(f"the application shows {', '.join(self.app.names)}")
        self.checks.settle()
        features = again(self._features)
        observers = {"as": self.visits.at_server, "idp": self.visits.at_provider}
        self._probes = {name: ask for name, ask in observers.items() if again(partial(self._is_harmless, name, ask))}
        return Statement(
            target.name,
            target.role,
            frozenset({"APP", "AS", "IDP", "SYS"}),
            features,
            tuple(target.profiles),
            status=False,
            apps=frozenset({APP}),
            tokens=False,
            beyond=BEYOND,
        )

    def reset(self, scope: Scope) -> None:
        """Fresh browsers; nothing else can be reset."""
        self.scope = scope
        self.forget()
        self.driver.reset(scope.browsers, scope.tabs)

    def play(self, stimulus: Stimulus) -> Seen:
        """Do one step; whom a page shows is left to the status page, which tells it of every step."""
        seen = super().play(stimulus)
        seen.facets.pop("shown", None)
        return seen

    def now(self) -> float:
        """Our own time; no time stamp of theirs is seen."""
        return time.time()

    def separate(self) -> None:
        """No time stamp is seen."""

    def sessions(self, browser: int, stimulus: Stimulus) -> Mapping[str, str]:
        """The application tells its own; the servers are visited."""
        del stimulus
        here, recorded = self.driver.people[browser].browser, len(self.network.exchanges)
        found = {f"b{browser + 1}/{APP}": self.app.who(here)}
        for name, ask in self._probes.items():
            if (name != "idp" or self.scope.provider_users) and (who := ask(here)):
                found[f"b{browser + 1}/{name}"] = who
        self.network.forget_since(recorded)
        return found

    def shops(self) -> Mapping[str, Shop]:
        """None is ours."""
        return {}

    def observes_cookies(self, party: str) -> bool:
        """Everybody's whose session can be seen."""
        return party == APP or party in self._probes

    def user_of(self, claims: Mapping[str, Any]) -> str:
        """Not needed: no token is seen."""
        return str(claims.get("sub"))

    # Set-up

    def _site(self, party: Party) -> ServerSite:
        document = discover(self.network, party.issuer)
        return ServerSite(
            party.issuer,
            frozenset(map(Origin.of, party.all_origins)),
            str(document["authorization_endpoint"]),
            str(document.get("end_session_endpoint", "")),
            names_issuer=bool(document.get("authorization_response_iss_parameter_supported")),
        )

    def _redirect_uri(self) -> str:
        """Where answers arrive, as the application's own request says."""
        asked, method, url = self._asked("visit orders", self.new_browser(), self.driver.sites.server.authorize)
        if not (found := asked.get("redirect_uri")):
            raise FlowBroken(
                f"{method} {url} of the application does not lead to {self.driver.sites.server.authorize} with a"
                " redirect_uri.",
                "Correct `pages.protected` or `server.issuer` in the target file. Pushed requests cannot be read.",
            )
        return resolve(self.target.base, found)

    def _asked(self, action: str, browser: Browser, endpoint: str) -> tuple[Mapping[str, str], str, str]:
        """The parameters of the application's request to an endpoint of the server, empty if it makes none."""
        method, url, fields = self.app.visit(action, browser)
        went = browser.navigate(Tab(), method, url, fields, stop=lambda there: there.partition("?")[0] == endpoint)
        return ({**parameters_of(went.stopped_at), **went.fields} if went.stopped_at else {}), method, url

    def _names(self) -> dict[str, str]:
        """How the application shows each user, whichever way they come."""
        names: dict[str, str] = {}
        for user, federated in ((user, way) for user in self.driver.users for way in (False, True)):
            name = user + FEDERATED if federated else user
            browser = self.driver.log_in(user, APP, federated=federated).browser
            self.app.find_buttons(browser)
            text = self.app.who(browser)
            if other := names.get(text):
                raise FlowBroken(
                    f"The application shows {other} and {name} alike: {shown(text, 60)}.",
                    "Use users whom it shows by different names; `pages.user` says where.",
                )
            names[text] = name
        return names

    def _features(self) -> frozenset[str]:
        pages, driver = self.target.pages, self.driver
        cancel, deny = provider_offers(driver, APP)
        found = {
            "application under test": True,
            "server under test": True,
            "consent": True,
            "provider consent": True,
            "federation": True,
            "cancel": offers_cancel(driver, APP) and cancel,
            "deny": offers_deny(driver, APP) and deny,
            "decline logout": offers_decline(driver, APP),
            "switch user": bool(pages.switch),
            "silent check": bool(pages.silent),
            "local logout": bool(pages.logout_here),
            "rp_initiated_logout": bool(pages.logout) and self._learn_logout(),
            "federated_logout": bool(pages.logout_provider),
            "overlapping_requests": bool(pages.slow),
        }
        return frozenset(name for name, offered in (found | self.target.features.declared).items() if offered)

    def _learn_logout(self) -> bool:
        """Whether the logout page leads to the server's logout; where from there, as its request says."""
        browser = self.driver.log_in(next(iter(self.driver.users)), APP).browser
        asked, _, url = self._asked("log out everywhere", browser, self.driver.sites.server.end_session)
        if not asked:
            raise FlowBroken(
                f"{url} of the application does not lead to the server's end_session_endpoint.",
                "Correct `pages.logout` in the target file; a logout of the application alone is `logout_here`.",
            )
        if leave := asked.get("post_logout_redirect_uri"):
            self.app.post_logout_redirect_uri = resolve(self.target.base, leave)
        return True

    def _is_harmless(self, name: str, ask: Callable[[Browser], str]) -> bool:
        """Whether visits disturb neither a login that is under way, nor the sessions that come of it."""
        user = next(iter(self.driver.users))
        through = name == "idp"
        expected = user + FEDERATED if through else user
        self.driver.reset(1, 1)
        person = self.driver.people[0]
        self._start_login(through=through)
        if ask(person.browser) != NOBODY:
            return False
        self._do("credentials", user)
        self._consent()
        if self.app.who(person.browser) != expected:
            return False
        if ask(person.browser) not in (user, SOMEBODY) or self.app.who(person.browser) != expected:
            return False
        nearer = {self.app.origin, *(self.driver.sites.server.origins if through else ())}
        person.browser = self.visits.without(person.browser, nearer)
        self._start_login(through=through)
        self._consent()
        return self.app.who(person.browser) == expected

    def _start_login(self, *, through: bool) -> None:
        self._do("visit orders", app=APP)
        if through:
            self._do("choose provider")

    def _consent(self) -> None:
        person = self.driver.people[0]
        for _ in FORMS:
            page = person.tabs[0].page
            if page is not None and page_kind(self.driver.sites, page, TabMemory(about="login")) in FORMS:
                self._do("allow")

    def _do(self, action: str, arg: str = "", app: str = "") -> None:
        self.driver.perform(Stimulus(action, app, arg))
