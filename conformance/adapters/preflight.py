"""What is looked at before a run, beside what an adapter has to learn anyway; see `checks.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from joserfc.errors import JoseError
from sessionproof.model.vocabulary import Stimulus

from ..checks import Checks, Found
from .browser import Browser, Tab
from .clock import Offset
from .discretion import Discretion
from .driver import Driver, Person
from .forms import find_login_form as find_form
from .forms import login_form, ticked
from .offers import offers
from .page import shown
from .probing import unverified_claims
from .problems import FlowBroken
from .words import Meaning


def tell_clock(found: Found, offset: Offset | None) -> None:
    """How far the target's clock is from ours."""
    if offset is None:
        found.note(
            "its answers have no Date header that tells its time",
            "Let the server send one: without it nothing is judged that needs its time (auth_time).",
        )
    else:
        found.say(f"ahead of ours by {offset.low:.1f} to {offset.high:.1f} s")


def tell_cookies(found: Found, browser: Browser, origins: Iterable[str]) -> None:
    """The names of the cookies that a login left."""
    names = sorted({name for origin in origins for name in browser.cookies(origin)})
    if names:
        found.say(f"cookies {', '.join(shown(name, 40) for name in names)}")
    else:
        found.note(
            "the login left no cookie",
            "Without one no session lasts: its Set-Cookie lines must be for this host, and Secure only with https.",
        )


def find_login_form(found: Found, driver: Driver, *, remembers: bool = False) -> None:
    """What the login form asks for. Raises FormNotFound, or FlowBroken where no page of the server comes.

    `remembers`: there must be a box for a login that outlives the browser, unless the password is on another page.
    """
    app, browser = next(iter(driver.apps)), driver.fresh_person().browser
    method, url, fields = driver.apps[app].visit("visit orders", browser)
    went = browser.navigate(Tab(), method, url, fields)
    if went.page is not None and driver.sites.party(went.page.url) == "idp":
        found.say("none of its own: the browser is sent to the identity provider at once")
        return
    if went.page is None or driver.sites.party(went.page.url) != "as":
        where = went.foreign or (went.page.url if went.page else "nowhere")
        raise FlowBroken(
            f"A login that {app} began ended at {shown(where.partition('?')[0], 200)}, before a login page.",
            f"Check `clients.{app}` in the target file, and name all origins of the target in `origins`.",
        )
    if went.page.status >= 400 and find_form(went.page, driver.sites.selectors_at(went.page.url)) is None:
        raise FlowBroken(
            f"The server refuses the login that {app} began, with status {went.page.status}: "
            f"{shown(went.page.text, 200)}",
            f"Check client id, redirect URI and scope in `clients.{app}` of the target file.",
        )
    form = login_form(went.page, driver.sites.selectors_at(went.page.url))
    asked = [name for name, field in (("user name", form.username), ("password", form.password)) if field]
    if remembers and form.password is not None:
        asked += [f"a tick in {shown(name, 40)}" for name in ticked(went.page, form)]
    found.say(f"“{went.page.title}” asks for {' and '.join(asked)}")


def try_clients(checks: Checks, driver: Driver, discretion: Discretion) -> None:
    """Log in once with each client but the first: it has a redirect URI and a secret of its own."""
    user = next(iter(driver.users))
    for app in list(driver.apps)[1:]:
        with checks.of(f"client {app}") as found:
            claims_of(discretion.patiently(partial(driver.tokens_of, user, app)))
            found.say("its code was redeemed")
    checks.settle()


def try_logout(found: Found, driver: Driver, app: str) -> Person:
    """Log in and out again; returns the browser. What is wrong here, a run judges: it is a note."""
    driver.reset(1, 1)
    person = driver.log_in(next(iter(driver.users)), app)
    driver.people = [person]
    driver.perform(Stimulus("log out everywhere", app))
    page = person.tabs[0].page
    if page is not None and driver.sites.party(page.url) == "as" and offers(driver, page, Meaning.CONFIRM_LOGOUT):
        driver.perform(Stimulus("confirm logout"))
        page = person.tabs[0].page
    if page is not None and driver.sites.party(page.url) == app:
        found.say("the browser is back at the application")
    else:
        where = f"“{page.title}” at {shown(page.url.partition('?')[0], 100)}" if page else "nowhere"
        found.note(
            f"the browser did not come back to the application; it is at {where}",
            f"Check that `clients.{app}.post_logout_redirect_uri` is registered at the server.",
        )
    return person


def claims_of(tokens: Mapping[str, object]) -> dict[str, Any]:
    """What the ID token says. Raises FlowBroken where there is none with a `sub`."""
    with suppress(JoseError, ValueError):
        claims = unverified_claims(str(tokens.get("id_token")))
        if "sub" in claims:
            return claims
    raise FlowBroken(
        "The token endpoint's answer to a login holds no ID token with a `sub` (Core 3.1.3.3).",
        "Check that the clients of the target file may ask for the scope openid.",
    )
