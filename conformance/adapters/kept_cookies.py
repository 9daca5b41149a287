"""Cookies that were kept: of before a login, and of a session that is over; presented again, and looked at.

A value that changes proves nothing (where the whole session is in the cookie, it changes each time): what counts is
whether the old one still works.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sessionproof.model.vocabulary import NOBODY, RIGHT_PASSWORD, SOMEBODY, Stimulus

from .applications import Application, visible_user
from .browser import Browser
from .cookies import Cookie
from .probing import silent_user
from .problems import Unobservable
from .reading import Seen
from .urls import Origin

if TYPE_CHECKING:
    from .driver import Driver, Person

SERVER, PROVIDER = "as", "idp"
LOGGED_OUT = ("", "absent", "created", "anonymous", NOBODY)
ENTERED = {
    SERVER: ("page account", "page checkout", "page home", "page error", "page consent"),
    PROVIDER: ("provider answer", "page provider consent"),
}
"""How the trace of a step ends in which somebody logged in at the server, and begins where it was at the provider."""


def keep(
    person: Person, before: Browser, facets: Mapping[str, str], number: int, seen: Seen, stimulus: Stimulus
) -> None:
    """Put the cookies of `before` this step away, if the step began or ended a session; `number`: the browser's."""
    for name, now in ((n.partition("/")[2], v) for n, v in facets.items() if n.startswith(f"b{number + 1}/")):
        was = person.known.get(name, "")
        user = "" if now in LOGGED_OUT else now
        if name in (SERVER, PROVIDER):
            there = seen.trace[-1:] if name == SERVER else seen.trace[:1]
            actions = (*RIGHT_PASSWORD, "second factor")
            entered = stimulus.action in actions and there and there[0] in ENTERED[name]
            changed = "login" if entered and not was else "former" if (entered and was) or (was and not user) else ""
        else:
            changed = "" if user == was else "former" if was else "login"
        if changed:
            person.kept[f"{changed} {name}"] = before
        person.known[name] = was if user == SOMEBODY and was else user


def application_cookies(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Present the application's kept cookies in a browser that has nothing else."""
    app = driver.apps[stimulus.app]
    stranger = _stranger(driver, person, stimulus, app.origin, stimulus.app)
    who, here = visible_user(app, stranger), visible_user(app, person.browser.copy())
    return Seen(["turned away" if who == NOBODY else "let in" if who == here else "let in as another user"])


def server_cookies(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Ask the server with prompt=none and its kept cookies."""
    stranger = _stranger(driver, person, stimulus, *driver.sites.server.origins, SERVER)
    who = driver.silent_user(stranger, stimulus.app)
    if not who:
        raise Unobservable(
            "The answer to a silent request with old cookies of the server does not tell who is logged in.",
            "Nothing can be said about these cookies on this target.",
        )
    return Seen(["turned away" if who == NOBODY else "let in"])


def provider_cookies(driver: Driver, person: Person, stimulus: Stimulus) -> Seen:
    """Ask the identity provider with prompt=none and its kept cookies."""
    provider = driver.sites.provider
    stranger = _stranger(driver, person, stimulus, *(provider.origins if provider else ()), PROVIDER)
    who = silent_user(driver.network, stranger, driver.provider_client().party, lambda _claims: SOMEBODY)
    if not who:
        raise Unobservable(
            "The answer to a silent request with old cookies of the provider does not tell who is logged in.",
            "Nothing can be said about these cookies on this target.",
        )
    return Seen(["turned away" if who == NOBODY else "let in"])


def _stranger(driver: Driver, person: Person, stimulus: Stimulus, *where: Origin | str) -> Browser:
    *origins, party = where
    kind = "login" if stimulus.action.endswith("before login") else "former"
    kept = person.kept.get(f"{kind} {party}")
    if kept is None:
        raise Unobservable(
            f"No cookies of {party} were kept, since nobody was seen to log in or out there.",
            "Its sessions cannot be observed on this target: leave the profile hygiene out.",
        )
    stranger = driver.fresh_person().browser
    for origin in origins:
        stranger.put(kept.jar(origin))
    return stranger


def session_cookies(browser: Browser, origins: frozenset[Origin], who: Callable[[Browser], str]) -> frozenset[str]:
    """The names of the cookies without which nobody is logged in, as `who` says: one is left out at a time."""
    found: set[str] = set()
    for origin in origins:
        for name in {cookie.name for cookie in browser.jar(origin)}:
            without = browser.copy()
            without.put(browser.jar(origin).copy(without=name))
            if who(without) in LOGGED_OUT:
                found.add(name)
    return frozenset(found)


def cookie_faults(cookies: list[Cookie], names: frozenset[str], *, secure: bool, addresses: list[str]) -> str:
    """What is wrong with the session cookies among `cookies` (ASVS V3): `safe`, or each fault in words.

    `secure`: they come over https. `addresses`: where the browser has just been; an identifier in one is a fault.
    """
    faults = []
    for cookie in cookies:
        if cookie.name not in names:
            continue
        if not cookie.http_only:
            faults.append(f"{cookie.name} is not HttpOnly")
        if cookie.same_site not in ("lax", "strict"):
            faults.append(
                f"{cookie.name} has SameSite={cookie.same_site}"
                if cookie.same_site
                else f"{cookie.name} has no SameSite"
            )
        if secure and not cookie.secure:
            faults.append(f"{cookie.name} is not Secure")
        if len(cookie.value) >= 8 and any(cookie.value in address for address in addresses):
            faults.append(f"the value of {cookie.name} is in an address")
    return "; ".join(faults) or "safe"


def application_session_cookies(app: Application, browser: Browser) -> frozenset[str]:
    """The application's session cookies in a browser that is logged in there."""
    return session_cookies(browser, frozenset({app.origin}), lambda copy: visible_user(app, copy))
