"""Plays stimuli: what each of the model's actions means for browsers, applications and token endpoints.

The applications are Storezero's, whether they are under test or played by the suite; what they do not offer by a link
(requests made by hand, codes redeemed wrongly) is in `by_hand` and `redeeming`, done as an attacker would do it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any, NamedTuple

import pyotp
from joserfc.errors import JoseError
from sessionproof.model.vocabulary import Stimulus

from ..storezero.oidc_client import ProviderProblem, RelyingParty
from ..storezero.provider import OpenIDProvider
from ..storezero.shop import Shop
from ..storezero.shop_records import LoginRecord
from .applications import Application, OwnApplication, Visit
from .browser import Browser, Navigation, Tab
from .buttons import Press
from .by_hand import (
    ask,
    ask_from_another_port,
    ask_provider,
    end,
    end_at_provider,
    foreign_login_form,
    planted_callback,
    replay_callback,
)
from .forms import LoginForm, choose_button, code_form, find_login_form, login_form, ticked
from .kept_cookies import application_cookies, provider_cookies, server_cookies
from .navigation import joined
from .network import Network
from .notifications import frontchannel_logout, logout_token, provider_logout_token
from .overlapping import log_out_during_slow_page
from .page import Page
from .probing import silent_user, unverified_claims
from .problems import FlowBroken, LoginRefused, StateAltered
from .reading import Seen, Sites, TabMemory, parameters_of, read
from .redeeming import redeem_again, redeem_wrongly, refresh
from .refusing import allow_after_all, deny_despite_the_address, note_refusal
from .selectors import Selectors
from .words import Meaning

NOT_LOGGED_IN = ("absent", "anonymous", "nobody")

BUTTONS = {
    "cancel": Meaning.CANCEL,
    "choose provider": Meaning.PROVIDER,
    "allow": Meaning.ALLOW,
    "deny": Meaning.DENY,
    "confirm logout": Meaning.CONFIRM_LOGOUT,
    "decline logout": Meaning.DECLINE_LOGOUT,
}


@dataclass(frozen=True)
class Login:
    """What a user types."""

    username: str
    password: str = field(repr=False)
    second_factor: str = field(default="", repr=False)
    """The secret of the one-time passwords (RFC 6238), in base32."""


class ProviderClient(NamedTuple):
    """The authorization server as a client of the identity provider; `logged_out`: where a logout there leads."""

    party: RelyingParty
    logged_out: str


@dataclass
class Person:
    """One browser with its tabs, and what is remembered of it: answers that could be used again, and old forms."""

    browser: Browser
    tabs: list[Tab]
    memories: list[TabMemory]
    records: dict[str, LoginRecord] = field(default_factory=dict)
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Visit] = field(default_factory=dict)
    login: LoginForm | None = None
    consent: Press | None = None
    refused: Press | None = None
    """The button that would have allowed what was refused last."""
    user: str = ""
    known: dict[str, str] = field(default_factory=dict)
    """Who is logged in at which party, as was last seen."""
    kept: dict[str, Browser] = field(default_factory=dict)
    """The browser as it was before a login, or with a session that is over, by kind and party."""
    provider_claims: Mapping[str, Any] | None = None
    """What the identity provider's answer to the last request by hand says."""


class Driver:
    """Plays one stimulus after the other, in any of several browsers. Raises HarnessProblem where it cannot."""

    def __init__(
        self,
        network: Network,
        sites: Sites,
        apps: Mapping[str, Application],
        users: Mapping[str, Login],
        provider_users: Mapping[str, Login] | None = None,
        at_provider: ProviderClient | None = None,
        new_browser: Callable[[], Browser] | None = None,
    ) -> None:
        """`apps` are hosted on `network` already; `users` by the model's names.

        `at_provider`: the server as a client of the identity provider, where the suite may make its requests.
        """
        self._new_browser = new_browser or (lambda: Browser(network))
        self.network = network
        self.sites = sites
        self.apps = apps
        self.users = users
        self.provider_users = provider_users or {}
        self._at_provider = at_provider
        self.people: list[Person] = []
        self.server: OpenIDProvider | None = None
        """The server, where the suite plays it."""
        self.provider: OpenIDProvider | None = None
        """The identity provider, where it can be made to tell of logouts."""
        self.client_ids: Mapping[str, str] = {}
        """How the applications are registered there."""
        self.who_at_server: Callable[[Browser, str], str] | None = None
        """How to find out who is logged in there, where it is not by prompt=none."""
        self.now: Callable[[], float] = time.time
        """The target's time, in seconds since the epoch."""
        self.user_of: Callable[[Mapping[str, Any]], str] = str
        """The model's name of the user whom an ID token names."""
        self._accomplices: dict[str, Person] = {}
        self._hints: dict[tuple[str, str], str] = {}

    def reset(self, browsers: int, tabs: int) -> None:
        """Fresh browsers for everybody."""
        self.people = [self._person(tabs) for _ in range(browsers)]
        self._accomplices = {}

    def forget_tokens(self) -> None:
        """The target was reset: what other users' sessions gave is worth nothing any more."""
        self._hints = {}

    def perform(self, stimulus: Stimulus) -> Seen:
        """Do one step; return what the browser went through."""
        person = self.people[stimulus.browser]
        if (meaning := BUTTONS.get(stimulus.action)) is not None:
            return self._press(person, stimulus, meaning)
        if (play := PLAYS.get(stimulus.action)) is not None:
            return play(self, person, stimulus)
        memory = person.memories[stimulus.tab]
        memory.asked, memory.app, memory.by_hand = stimulus.action, stimulus.app, None
        method, url, fields = self.apps[stimulus.app].visit(stimulus.action, person.browser)
        went = person.browser.navigate(person.tabs[stimulus.tab], method, url, fields)
        return self.seen(person, stimulus, went)

    def log_in(self, user: str, app: str, *, federated: bool = False) -> Person:
        """Log `user` in with a fresh browser that nobody observes. Raises LoginRefused, FormNotFound and others."""
        person = self._person(1)
        went = self.way_to_answer(person, user, app, stop=False, federated=federated)
        if self.apps[app].who(person.browser) in NOT_LOGGED_IN:
            if read(self.sites, went, TabMemory(), "").facets.get("state") == "altered":
                raise StateAltered(
                    f"The answer to the login as {user} does not repeat the `state` of its request (Core 3.1.2.5).",
                    "The application refused it, as it must: correct the server.",
                )
            where = went.page.text if went.page else went.foreign or ""
            raise FlowBroken(
                f"After the login as {user} the application has no session. It says: {where[:300]}",
                "Check client id, secret and redirect URI in the target file, and the target's log.",
            )
        if (record := self.apps[app].record(person.browser)) is not None:
            self.note_login(person, app, record)
        return person

    def fresh_person(self) -> Person:
        """A browser that nobody observes."""
        return self._person(1)

    def page_after_password(self, person: Person, user: str, app: str) -> Page | None:
        """The server's page that follows the right password, a consent page for one; None if it was the answer."""
        method, url, fields = self.apps[app].visit("visit orders", person.browser)
        until = self.is_answer(self.apps[app])
        person.browser.navigate(person.tabs[0], method, url, fields, stop=until)
        went = self._fill(person.browser, person.tabs[0], self.users[user], until)
        return went.page

    def tokens_of(
        self, user: str, app: str, before_redeeming: Callable[[], None] = lambda: None, *, federated: bool = False
    ) -> Mapping[str, object]:
        """Log `user` in with a fresh browser and redeem the code by hand: no application has to like the answer.

        `federated`: through the identity provider, as its user of this name.
        """
        party = self.shop(app).relying_party
        attempt = party.new_attempt()
        start = Visit("GET", self.network.run(party.authorization_url(attempt)), {})
        went = self.way_to_answer(self._person(1), user, app, stop=True, start=start, federated=federated)
        code = {**parameters_of(went.stopped_at or ""), **went.fields}.get("code", "")
        before_redeeming()
        try:
            return self.network.run(party.redeem(code, attempt.verifier))
        except ProviderProblem as problem:
            raise FlowBroken(
                f"The answer to the login as {user} cannot be redeemed: {problem}",
                "Check client id, secret and redirect URI in the target file, and the target's log.",
            ) from problem

    # What a person does at a page of a server

    def _press(self, person: Person, stimulus: Stimulus, meaning: Meaning) -> Seen:
        tab = person.tabs[stimulus.tab]
        action = choose_button(self.page(tab), meaning, self._selectors(tab))
        came_from = self._party(tab)
        if meaning is Meaning.ALLOW and isinstance(action, Press) and came_from == "as":
            person.consent = action
        if meaning is Meaning.DENY and came_from == "as":
            note_refusal(person, self.page(tab), self._selectors(tab))
        went = person.browser.choose(tab, action, stop=self._stop(person, stimulus))
        return self.seen(person, stimulus, went, came_from)

    def credentials(self, person: Person, stimulus: Stimulus) -> Seen:
        """Fill in the login page that stands in the tab."""
        tab = person.tabs[stimulus.tab]
        at_provider = self._party(tab) == "idp"
        login = (self.provider_users if at_provider else self.users)[stimulus.arg or next(iter(self.users))]
        if stimulus.action == "wrong credentials":
            login = Login(login.username, f"wrong-{token_urlsafe(6)}")
        elif not at_provider:
            person.user = stimulus.arg
        came_from = self._party(tab)
        if not at_provider:
            person.login = find_login_form(self.page(tab), self.sites.selectors) or person.login
        remember = stimulus.action == "credentials to be remembered"
        went = self._fill(person.browser, tab, login, self._stop(person, stimulus), remember=remember)
        return self.seen(person, stimulus, went, came_from)

    def _fill(
        self,
        browser: Browser,
        tab: Tab,
        login: Login,
        stop: Callable[[str], bool] | None = None,
        *,
        remember: bool = False,
    ) -> Navigation:
        went: Navigation | None = None
        for _ in range(2):  # name and password may be on two pages
            page = self.page(tab)
            form = login_form(page, self._selectors(tab))
            values = form.filled(login.username, login.password)
            if remember and (form.remember is not None or form.password is not None):
                values |= ticked(page, form)
                remember = False
            sent = browser.submit(tab, form.form, values, form.button, stop=stop)
            went = joined(went, sent) if went else sent
            if form.password is not None or sent.page is None:
                break
        assert went is not None  # noqa: S101 - the loop runs at least once
        return went

    def second_factor(self, person: Person, stimulus: Stimulus) -> Seen:
        """Fill in the page for the one-time password that stands in the tab."""
        tab = person.tabs[stimulus.tab]
        form = code_form(self.page(tab), self._selectors(tab))
        secret, now = self.users[person.user].second_factor, self.now()
        code = pyotp.TOTP(secret).at(int(now))
        if stimulus.action == "wrong second factor":
            code = f"{(int(code) + 500_000) % 1_000_000:06}"
        came_from = self._party(tab)
        went = person.browser.submit(tab, form.form, {form.code.name: code}, form.button)
        return self.seen(person, stimulus, went, came_from)

    def restart_browser(self, person: Person, _stimulus: Stimulus) -> Seen:
        """Close the browser and open it again: session cookies and all pages are gone."""
        person.browser.restart()
        person.tabs = [Tab() for _ in person.tabs]
        person.memories = [TabMemory() for _ in person.tabs]
        return Seen()

    def resend_form(self, person: Person, stimulus: Stimulus) -> Seen:
        """Send the old forms of the server once more: the login without its password, the consent as it was given."""
        tab = Tab()
        went: Navigation | None = None
        if person.login is not None:
            form = person.login
            went = person.browser.submit(tab, form.form, form.filled("", ""), form.button)
        if person.consent is not None and (went is None or went.page is not None):
            went = person.browser.choose(tab, person.consent)
        if went is None:
            raise FlowBroken("There is no old form to send again.", "This is a defect of the suite: please report it.")
        return self.seen(person, stimulus, went, "as")

    # Helpers

    def app_of(self, stimulus: Stimulus) -> str:
        """The application that a step is about: the one that it names, or that caused what stands in the tab."""
        return stimulus.app or self.people[stimulus.browser].memories[stimulus.tab].app

    def silent_user(self, browser: Browser, app: str) -> str:
        """Who is logged in at the server with these cookies; empty where that cannot be told."""
        if self.who_at_server is not None:
            return self.who_at_server(browser, app)
        return silent_user(self.network, browser, self.shop(app).relying_party, self.user_of)

    def note_login(self, person: Person, app: str, record: LoginRecord) -> None:
        """Remember an answer that logged a browser in, for what may be done with it later."""
        person.records[app] = record
        if token := (record.token_response or {}).get("refresh_token"):
            person.refresh_tokens[app] = str(token)

    def _person(self, tabs: int) -> Person:
        return Person(self._new_browser(), [Tab() for _ in range(tabs)], [TabMemory() for _ in range(tabs)])

    def open(self, person: Person, stimulus: Stimulus, url: str) -> Seen:
        """Open an address in the tab of a step."""
        stop = self._stop(person, stimulus)
        went = person.browser.navigate(person.tabs[stimulus.tab], "GET", url, stop=stop)
        return self.seen(person, stimulus, went)

    def _stop(self, person: Person, stimulus: Stimulus) -> Callable[[str], bool] | None:
        """What is asked for by hand comes back to nobody: where its answer would reach the server, the way ends."""
        if person.memories[stimulus.tab].by_hand is None:
            return None
        return lambda url: self.sites.party(url) == "as"

    def _take_provider_answer(self, person: Person, memory: TabMemory, went: Navigation) -> None:
        code = {**parameters_of(went.stopped_at or ""), **went.fields}.get("code")
        if memory.by_hand is not None and code:
            with suppress(ProviderProblem, JoseError, ValueError):
                tokens = self.network.run(self.provider_client().party.redeem(code, memory.by_hand.verifier))
                person.provider_claims = unverified_claims(str(tokens.get("id_token")))

    def seen(self, person: Person, stimulus: Stimulus, went: Navigation, came_from: str = "") -> Seen:
        """What a navigation of this step showed."""
        self._note_answers(person, went)
        self._take_provider_answer(person, person.memories[stimulus.tab], went)
        return read(self.sites, went, person.memories[stimulus.tab], came_from)

    def _note_answers(self, person: Person, went: Navigation) -> None:
        for hop in went.hops:
            if "code=" in hop.url or {"code", "id_token"} & hop.fields.keys():
                for name, app in self.apps.items():
                    if _place(hop.url) == app.redirect_uri:
                        person.answers[name] = Visit(hop.method, hop.url, dict(hop.fields))

    def page(self, tab: Tab) -> Page:
        """The page that stands in a tab. Raises FlowBroken if none does."""
        if tab.page is None:
            raise FlowBroken("No page stands in this tab.", "This is a defect of the suite: please report it.")
        return tab.page

    def _selectors(self, tab: Tab) -> Selectors:
        return self.sites.selectors_at(self.page(tab).url)

    def provider_client(self) -> ProviderClient:
        """The server as a client of the identity provider."""
        if self._at_provider is None:
            raise FlowBroken("No client at the provider.", "This is a defect of the suite: please report it.")
        return self._at_provider

    def _party(self, tab: Tab) -> str:
        return self.sites.party(tab.page.url) if tab.page else ""

    def shop(self, app: str) -> Shop:
        """The shop behind an application of ours: requests made by hand need its credentials."""
        found = self.apps[app]
        if not isinstance(found, OwnApplication):
            raise FlowBroken(f"{app} is not played by the suite.", "This is a defect of the suite: please report it.")
        return found.shop

    def is_answer(self, app: Application) -> Callable[[str], bool]:
        """Whether an address is one that the answer to a login goes to."""
        return lambda url: _place(url) == app.redirect_uri

    def accomplice(self, person: Person) -> tuple[str, Person]:
        """Another user than the one who logged in with this browser last, with a browser that is made when needed."""
        other = next(name for name in reversed(list(self.users)) if name != person.user)
        if other not in self._accomplices:
            self._accomplices[other] = self._person(1)
        return other, self._accomplices[other]

    def foreign_hint(self, person: Person, app: str) -> str:
        """An ID token of another user, issued to this application."""
        other, _ = self.accomplice(person)
        if (other, app) not in self._hints:
            self._hints[other, app] = self.log_in(other, app).records[app].id_token
        return self._hints[other, app]

    def way_to_answer(
        self,
        person: Person,
        user: str,
        app: str,
        *,
        stop: bool,
        start: Visit | None = None,
        federated: bool = False,
    ) -> Navigation:
        """Ask for the page that needs login and do what is asked, as far as the answer or the page behind it."""
        tab = person.tabs[0]
        until = self.is_answer(self.apps[app]) if stop else None
        method, url, fields = start or self.apps[app].visit("visit orders", person.browser)
        went = person.browser.navigate(tab, method, url, fields, stop=until)
        filled = False
        while went.page is not None and self.sites.party(went.page.url) not in self.sites.apps:
            page, selectors = went.page, self.sites.selectors_at(went.page.url)
            if filled and (form := find_login_form(page, selectors)) and form.password is not None and form.username:
                raise LoginRefused(
                    f"The server shows its login page again after the password of {user} was sent"
                    f" (“{page.title}”, status {page.status}).",
                    f"Check `users.{user}` in the target file: user name and password are not accepted.",
                )
            if federated and self.sites.party(page.url) == "as" and not filled:
                action = choose_button(page, Meaning.PROVIDER, selectors)
                went = joined(went, person.browser.choose(tab, action, stop=until))
                federated = False
            elif not filled or find_login_form(page, selectors):
                form = login_form(page, selectors)
                login = (self.provider_users if self.sites.party(page.url) == "idp" else self.users)[user]
                sent = form.filled(login.username, login.password)
                went = joined(went, person.browser.submit(tab, form.form, sent, form.button, stop=until))
                filled = form.password is not None
            else:
                action = choose_button(page, Meaning.ALLOW, selectors)
                went = joined(went, person.browser.choose(tab, action, stop=until))
        if went.foreign is not None or (stop and went.stopped_at is None):
            raise FlowBroken(
                f"The login as {user} ended at {(went.foreign or (went.page.url if went.page else 'nowhere'))[:200]}.",
                "Check the redirect URI in the target file, and name all origins of the target in `origins`.",
            )
        return went


def _place(url: str) -> str:
    return url.partition("?")[0].partition("#")[0]


PLAYS: dict[str, Callable[[Driver, Person, Stimulus], Seen]] = {
    "credentials": Driver.credentials,
    "credentials to be remembered": Driver.credentials,
    "wrong credentials": Driver.credentials,
    "restart browser": Driver.restart_browser,
    "resend form": Driver.resend_form,
    "replay callback": replay_callback,
    "planted callback": planted_callback,
    "planted callback without state": planted_callback,
    "redeem again": redeem_again,
    "redeem wrongly": redeem_wrongly,
    "refresh": refresh,
    "ask none and login": ask,
    "ask with foreign hint": ask,
    "ask foreign redirect": ask,
    "ask from another port": ask_from_another_port,
    "ask unknown response type": ask,
    "end without hint": end,
    "end with foreign hint": end,
    "end to foreign address": end,
    "deny despite the address": deny_despite_the_address,
    "allow after all": allow_after_all,
    "foreign login form": foreign_login_form,
    "redeem twice at once": redeem_wrongly,
    "cookies from before login": application_cookies,
    "cookies of a former session": application_cookies,
    "server cookies from before login": server_cookies,
    "server cookies of a former session": server_cookies,
    "log out during a slow page": log_out_during_slow_page,
    "logout token": logout_token,
    "wrong logout token": logout_token,
    "provider logout token": provider_logout_token,
    "wrong provider logout token": provider_logout_token,
    "second factor": Driver.second_factor,
    "wrong second factor": Driver.second_factor,
    "front-channel logout": frontchannel_logout,
    "ask provider again": ask_provider,
    "ask provider silently": ask_provider,
    "end at provider": end_at_provider,
    "provider cookies from before login": provider_cookies,
    "provider cookies of a former session": provider_cookies,
}
"""The actions that are more than a page opened or a button pressed."""
