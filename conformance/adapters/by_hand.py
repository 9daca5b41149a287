"""What no person does at a page: answers used again or planted, forms from elsewhere, requests that nobody sends."""

from __future__ import annotations

from dataclasses import replace
from secrets import token_urlsafe
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sessionproof.model.vocabulary import Stimulus

from .cookies import Jar
from .forms import login_form
from .problems import Unobservable
from .reading import Seen, TabMemory
from .urls import FOREIGN

if TYPE_CHECKING:
    from .driver import Driver, Person

ANOTHER_PORT = 49153
"""Where the native application listens for once: the first port above that of its usual address."""


def replay_callback(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Send the answer that logged this browser in to the application again."""
    method, url, fields = person.answers[stimulus.app]
    headers = {"Origin": driver.sites.server.issuer} if method == "POST" else {}
    went = person.browser.navigate(person.tabs[stimulus.tab], method, url, fields, headers)
    return driver.seen(person, stimulus, went)


def planted_callback(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Open an answer that another user's browser obtained and did not use."""
    other, accomplice = driver.accomplice(person)
    accomplice.browser.put(Jar(driver.apps[stimulus.app].origin))  # their own login there is never finished
    went = driver.way_to_answer(accomplice, other, stimulus.app, stop=True)
    fields = dict(went.fields)
    if stimulus.action == "planted callback without state":
        fields.pop("state", None)
        url = _without(went.stopped_at or "", "state")
    else:
        url = went.stopped_at or ""
    tab = person.tabs[stimulus.tab]
    method = "POST" if went.fields else "GET"
    headers = {"Origin": driver.sites.server.issuer} if went.fields else {}
    return driver.seen(person, stimulus, person.browser.navigate(tab, method, url, fields, headers))


def foreign_login_form(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Send the login form that another browser was shown, with another user's password, from a foreign page."""
    (other, _), app = driver.accomplice(person), driver.apps[stimulus.app]
    stranger = driver.fresh_person()
    method, url, fields = app.visit("visit orders", stranger.browser)
    stranger.browser.navigate(stranger.tabs[0], method, url, fields)
    form, login = login_form(driver.page(stranger.tabs[0]), driver.sites.selectors), driver.users[other]
    if form.password is None:
        raise Unobservable(
            "The first page of the login asks for no password, so that sending it from elsewhere proves nothing.",
            "AS-26 cannot be judged on this target.",
        )
    sent = form.form.submission(form.filled(login.username, login.password), form.button)
    tab = person.tabs[stimulus.tab]
    return driver.seen(
        person,
        stimulus,
        person.browser.navigate(tab, sent.method, sent.url, sent.fields, referrer=f"{FOREIGN}/", enctype=sent.enctype),
    )


def ask(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Send an authorization request that no application would send."""
    parameters = {
        "ask none and login": {"prompt": "none login"},
        "ask foreign redirect": {"redirect_uri": f"{FOREIGN}/callback"},
        "ask unknown response type": {"response_type": "nonsense"},
    }.get(stimulus.action)
    if parameters is None:
        parameters = {"prompt": "none", "id_token_hint": driver.foreign_hint(person, stimulus.app)}
    party = driver.shop(stimulus.app).relying_party
    attempt = party.new_attempt()
    person.memories[stimulus.tab] = TabMemory(attempt.state, "login", app=stimulus.app)
    url = driver.network.run(party.authorization_url(attempt, parameters))
    return driver.open(person, stimulus, url)


def ask_from_another_port(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Ask silently, as the native application does when it was given another port; the answer is not sent there."""
    party = driver.shop(stimulus.app).relying_party
    own, attempt = party.config.redirect_uri, party.new_attempt()
    elsewhere = urlunsplit(urlsplit(own)._replace(netloc=f"{urlsplit(own).hostname}:{ANOTHER_PORT}"))
    person.memories[stimulus.tab] = TabMemory(attempt.state, "login", app=stimulus.app)
    url = driver.network.run(party.authorization_url(attempt, {"prompt": "none", "redirect_uri": elsewhere}))
    tab = person.tabs[stimulus.tab]
    went = person.browser.navigate(tab, "GET", url, stop=lambda address: address.startswith(elsewhere))
    if went.stopped_at is not None:
        went = replace(went, stopped_at=own + went.stopped_at.removeprefix(elsewhere))
    return driver.seen(person, stimulus, went)


def end(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Open the logout endpoint by hand: without hint, with a foreign one, or wanting to go to a foreign address."""
    shop, state = driver.shop(stimulus.app), token_urlsafe(12)
    record = person.records.get(stimulus.app)
    parameters = {
        "client_id": shop.relying_party.config.client_id,
        "post_logout_redirect_uri": shop.config.post_logout_redirect_uri,
        "state": state,
    }
    if stimulus.action == "end with foreign hint":
        parameters["id_token_hint"] = driver.foreign_hint(person, stimulus.app)
    if stimulus.action == "end to foreign address":
        parameters["post_logout_redirect_uri"] = f"{FOREIGN}/logged-out"
        if record is not None:
            parameters["id_token_hint"] = record.id_token
    person.memories[stimulus.tab] = TabMemory(state, "logout", app=stimulus.app)
    url = driver.network.run(shop.relying_party.logout_url(parameters))
    return driver.open(person, stimulus, url or "")


def ask_provider(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Ask the identity provider in the server's name; its answer is taken here and gets to no server."""
    party = driver.provider_client().party
    attempt = party.new_attempt()
    person.memories[stimulus.tab] = TabMemory(attempt.state, "provider login", app=stimulus.app, by_hand=attempt)
    prompt = "none" if stimulus.action == "ask provider silently" else "login"
    return driver.open(person, stimulus, driver.network.run(party.authorization_url(attempt, {"prompt": prompt})))


def end_at_provider(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Send the browser to the identity provider's logout in the server's name."""
    party, logged_out = driver.provider_client()
    attempt = party.new_attempt()
    person.memories[stimulus.tab] = TabMemory(attempt.state, "provider logout", app=stimulus.app, by_hand=attempt)
    parameters = {
        "client_id": party.config.client_id,
        "post_logout_redirect_uri": logged_out,
        "state": attempt.state,
    }
    return driver.open(person, stimulus, driver.network.run(party.logout_url(parameters)) or "")


def _without(url: str, name: str) -> str:
    parts = urlsplit(url)
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != name]
    return urlunsplit(parts._replace(query=urlencode(kept)))
