"""Looks at an application of which little is known: where it logs in, whom it shows, and how one gets out."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode, SelectolaxError

from .application import APP, ApplicationAdapter
from .browser import Browser, Tab
from .buttons import Press, choose_button
from .controls import Link
from .network import Network
from .page import Page
from .problems import FormNotFound
from .reading import parameters_of
from .selectors import Selectors
from .target import ApplicationTarget
from .urls import Origin, resolve
from .words import Meaning

USER = "alice"


class Registration(NamedTuple):
    """What an application sends in its authorization request."""

    client_id: str
    redirect_uri: str


def registration(network: Network, base: str, protected: str, provider: str) -> Registration | str:
    """How an application asks `provider` for a login; in place of it, where the browser went instead."""
    went = Browser(network).navigate(
        Tab(), "GET", resolve(base, protected), stop=lambda url: _origin(url) == _origin(provider)
    )
    asked = parameters_of(went.stopped_at or "")
    if "client_id" in asked and "redirect_uri" in asked:
        return Registration(asked["client_id"], asked["redirect_uri"])
    return (went.stopped_at or went.foreign or (went.page.url if went.page else "")).partition("?")[0]


class Recognised(NamedTuple):
    """What a login shows: keys of `[pages]`, and where the browser shall come back to after a logout."""

    pages: dict[str, str | dict[str, str]]
    leave: str


def recognise(target: ApplicationTarget) -> Recognised:
    """Log in, and find what shows the user and what logs out, as far as they are recognised.

    The target's own `pages.user` is not looked at. Raises HarnessProblem where the login does not work.
    """
    anywhere = target.model_copy(update={"pages": target.pages.model_copy(update={"user": "body"})})
    adapter = ApplicationAdapter(anywhere)
    try:
        adapter.driver.reset(1, 1)
        person = adapter.driver.log_in(USER, APP)
        page = person.tabs[0].page
        if page is None:
            return Recognised({}, "")
        found: dict[str, str | dict[str, str]] = {}
        if (node := _shows(page)) is not None and (selector := _selector(page, node)):
            found["user"] = selector
            if prefix := " ".join(node.text().split()).partition(USER)[0].strip():
                found["user_prefix"] = prefix
        leave = ""
        if logout := _logout(page, target.base):
            asked = _asked_at_logout(person.browser, page, target.provider.issuer)
            found["logout_here" if asked is None else "logout"] = logout
            leave = (asked or {}).get("post_logout_redirect_uri", "")
        return Recognised(found, leave)
    finally:
        adapter.close()


def _shows(page: Page) -> LexborNode | None:
    """The innermost element whose text ends with the user's name, and holds hardly more."""
    fitting = [node for node in page.tree.css("body *") if " ".join(node.text().split()).endswith(USER)]
    fitting = [node for node in fitting if node.tag not in ("script", "style", "option")]
    return min(fitting, key=lambda node: len(node.text()), default=None)


def _selector(page: Page, node: LexborNode) -> str:
    """A CSS selector that selects this element first; empty where none is found."""
    classes = (node.attributes.get("class") or "").split()
    tries = [f"#{node.attributes['id']}"] if node.attributes.get("id") else []
    tries += [f"{node.tag}.{name}" for name in classes] + [node.tag or ""]
    if node.parent is not None and node.parent.attributes.get("id"):
        tries.append(f"#{node.parent.attributes['id']} {node.tag}")
    for selector in filter(None, tries):
        try:
            first = page.tree.css_first(selector)
        except SelectolaxError:
            continue
        if first is not None and first.mem_id == node.mem_id:
            return selector
    return ""


def _logout(page: Page, base: str) -> str | dict[str, str]:
    try:
        action = choose_button(page, Meaning.CONFIRM_LOGOUT, Selectors())
    except FormNotFound:
        return ""
    if isinstance(action, Link):
        return _path(action.url) if _origin(action.url) == _origin(base) else ""
    return {"on": _path(page.url), "button": selector} if (selector := _button(page, action)) else ""


def _asked_at_logout(browser: Browser, page: Page, provider: str) -> dict[str, str] | None:
    """What the application asks of the provider when somebody logs out; None if it does not go there."""
    action = choose_button(page, Meaning.CONFIRM_LOGOUT, Selectors())
    went = browser.copy().choose(Tab(), action, stop=lambda url: _origin(url) == _origin(provider))
    return parameters_of(went.stopped_at) if went.stopped_at is not None else None


def _button(page: Page, press: Press) -> str:
    node = next((n for n in page.tree.css("button, input") if n.mem_id == press.button.node), None)
    return _selector(page, node) if node is not None else ""


def _path(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _origin(url: str) -> Origin | None:
    try:
        return Origin.of(url)
    except ValueError:
        return None
