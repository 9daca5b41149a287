"""Turns what a browser went through into what the judge compares: the trace and the facets of one step.

Only crossings from one party to another count, whatever redirects a party makes within itself; and the page that stands
still in the end, recognised by its forms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from ..storezero.oidc_client import LoginAttempt
from .applications import Application
from .browser import Navigation
from .forms import choose_button, find_code_form, find_login_form
from .navigation import origin_of
from .page import Page, shown
from .problems import FormNotFound
from .selectors import Selectors
from .urls import Origin
from .words import Meaning


@dataclass(frozen=True)
class ServerSite:
    """Where an OpenID provider is: the authorization server, or the identity provider behind it."""

    issuer: str
    origins: frozenset[Origin]
    authorize: str
    end_session: str
    names_issuer: bool
    """Whether its answers carry `iss` (RFC 9207)."""


@dataclass(frozen=True)
class Sites:
    """Every party that a browser may meet."""

    apps: Mapping[str, Application]
    server: ServerSite
    provider: ServerSite | None
    selectors: Selectors
    """Of the authorization server's pages."""
    provider_selectors: Selectors = field(default_factory=Selectors)

    def selectors_at(self, url: str) -> Selectors:
        """The selectors for the pages of whoever is at this address."""
        return self.provider_selectors if self.party(url) == "idp" else self.selectors

    def party(self, url: str) -> str:
        """The name of the application, `as`, `idp`, or an empty string."""
        origin = origin_of(url)
        for name, app in self.apps.items():
            if origin == app.origin:
                return name
        if origin in self.server.origins:
            return "as"
        return "idp" if self.provider and origin in self.provider.origins else ""


@dataclass
class TabMemory:
    """What one tab has to remember: the `state` of its request, what it is about, what which application was asked.

    `by_hand`: the request was made by hand, in the name of the authorization server, and no page there waits for it.
    """

    state: str = ""
    about: str = ""
    asked: str = ""
    app: str = ""
    by_hand: LoginAttempt | None = None


@dataclass
class Seen:
    """The trace so far, and the facets that can be read off the addresses."""

    trace: list[str] = field(default_factory=list)
    facets: dict[str, str] = field(default_factory=dict)


def read(sites: Sites, navigation: Navigation, memory: TabMemory, came_from: str) -> Seen:
    """What one navigation showed. `came_from`: the party whose page the tab was on, for the first request."""
    seen = Seen()
    party = came_from
    requests = [(hop.url, hop.fields) for hop in navigation.hops]
    if navigation.stopped_at:
        requests.append((navigation.stopped_at, navigation.fields))
    for number, (url, fields) in enumerate(requests):
        there = sites.party(url)
        if number or party not in ("", there):
            _cross(sites, party, there, url, fields, memory, seen)
        party = there
    if navigation.foreign:
        other = f"{shown(navigation.foreign.partition(':')[0], 40)}:"
        seen.trace.append(f"foreign address {origin_of(navigation.foreign) or other}")
    elif navigation.page is not None:
        seen.trace.append(f"page {page_kind(sites, navigation.page, memory)}")
        if party in sites.apps:
            if (user := sites.apps[party].shown_user(navigation.page)) is not None:
                seen.facets["shown"] = user
            if memory.asked == "visit orders":
                seen.facets["landed"] = seen.trace[-1]
            if seen.trace[-1] == "page account":
                seen.facets["caching"] = _caching(navigation.page)
        if seen.trace[-1] == "page login":
            seen.facets["framing"] = _framing(navigation.page)
    return seen


def _cross(
    sites: Sites, party: str, there: str, url: str, fields: Mapping[str, str], memory: TabMemory, seen: Seen
) -> None:
    parameters = {**parameters_of(url), **fields}
    app = sites.apps.get(there)
    if there == "as" and party in sites.apps:
        if _same(url, sites.server.authorize):
            memory.state, memory.about = parameters.get("state", ""), "login"
            seen.trace.append("authorize")
        elif _same(url, sites.server.end_session):
            memory.state, memory.about = parameters.get("state", ""), "logout"
            seen.trace.append("end session")
    elif app and party == "as":
        if _same(url, app.post_logout_redirect_uri) and not {"code", "id_token", "error"} & parameters.keys():
            seen.trace.append("return")
            seen.facets["state"] = "echoed" if parameters.get("state", "") == memory.state else "altered"
        elif _same(url, app.redirect_uri):
            seen.trace.append(_answer(parameters))
            seen.facets["state"] = "echoed" if parameters.get("state", "") == memory.state else "altered"
            if sites.server.names_issuer:
                seen.facets["iss"] = "right" if parameters.get("iss") == sites.server.issuer else "wrong"
    elif there == "idp" and party == "as" and sites.provider:
        if _same(url, sites.provider.authorize):
            fresh = "login" in parameters.get("prompt", "").split() or parameters.get("max_age") == "0"
            seen.trace.append("provider authorize prompt=login" if fresh else "provider authorize")
        elif _same(url, sites.provider.end_session):
            memory.about = "provider logout"
            seen.trace.append("provider end session")
    elif there == "as" and party == "idp":
        if memory.about == "provider logout":
            seen.trace.append("provider return")
        elif "error" in parameters:
            seen.trace.append("provider error")
            seen.facets["provider_error"] = parameters["error"][:60]
        else:
            seen.trace.append("provider answer")


def _answer(parameters: Mapping[str, str]) -> str:
    if "error" in parameters:
        return f"error {parameters['error'][:60]}"
    return "answer" if {"code", "id_token"} & parameters.keys() else "answer without code or token"


def page_kind(sites: Sites, page: Page, memory: TabMemory) -> str:
    """What a page is: `login`, `second factor`, `consent`, `question`, `server` (any other), or its own word.

    Those of the identity provider have `provider ` before their names; any other of it is `provider`.
    """
    party = sites.party(page.url)
    if party in sites.apps:
        return sites.apps[party].page_kind(page)
    other, prefix = ("server", "") if party == "as" else ("provider", "provider ")
    selectors = sites.selectors_at(page.url)
    if page.failed:
        return other
    if find_code_form(page, selectors):
        return f"{prefix}second factor"
    if find_login_form(page, selectors):
        return f"{prefix}login"
    if memory.about.endswith("logout"):
        return f"{prefix}question" if _offers(page, Meaning.CONFIRM_LOGOUT, selectors) else other
    return f"{prefix}consent" if _offers(page, Meaning.ALLOW, selectors) else other


def _caching(page: Page) -> str:
    """Whether shared caches keep their hands off a page (RFC 9111 section 5.2.2)."""
    said = page.headers.get("cache-control", "")
    words = {word.strip().partition("=")[0].lower() for word in said.split(",")}
    return "private" if words & {"no-store", "private", "no-cache"} else f"Cache-Control: {shown(said) or 'not sent'}"


def _framing(page: Page) -> str:
    """Whether a page refuses to be framed by other sites (Core 3.1.2.3, clickjacking)."""
    old = page.headers.get("x-frame-options", "").strip().lower() in ("deny", "sameorigin")
    policy = page.headers.get("content-security-policy", "").lower()
    ancestors = re.search(r"frame-ancestors([^;,]*)", policy)
    anybody = ancestors and any(source == "*" or source.endswith(":") for source in ancestors[1].split())
    return "refused" if old or (ancestors and not anybody) else "allowed"


def parameters_of(url: str) -> dict[str, str]:
    """Query and fragment parameters of an address; of a repeated one the last. None of what is no address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return {}
    found: dict[str, str] = {}
    for text in (parts.query, parts.fragment):
        found.update({name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()})
    return found


def _same(url: str, endpoint: str) -> bool:
    return bool(endpoint) and _place(url) == _place(endpoint)


def _place(url: str) -> str:
    """Without query and fragment; a browser asks for `/` where an address has no path."""
    place = url.partition("?")[0].partition("#")[0]
    return place if place.count("/") > 2 else f"{place}/"


def _offers(page: Page, meaning: Meaning, selectors: Selectors) -> bool:
    try:
        choose_button(page, meaning, selectors)
    except FormNotFound:
        return False
    return True
