"""Applications as a browser meets them: ours, which say what a page is, and real ones, which a file describes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import NamedTuple, Protocol

from ..storezero.shop import Shop
from ..storezero.shop_records import BACKCHANNEL_PATH, FRONTCHANNEL_PATH, LoginRecord
from .browser import Browser, Tab
from .navigation import origin_of
from .page import Page, shown
from .problems import FlowBroken
from .target_sections import Client, Pages
from .urls import Origin, resolve

NOBODY = "nobody"


class Visit(NamedTuple):
    """The request that begins a step at an application."""

    method: str
    url: str
    fields: dict[str, str]


class Application(Protocol):
    """What the driver and the reader of pages need to know of an application."""

    @property
    def origin(self) -> Origin:
        """Where it is."""

    @property
    def redirect_uri(self) -> str:
        """Where answers of the authorization server arrive."""

    @property
    def post_logout_redirect_uri(self) -> str:
        """Where the browser comes back to after a logout; may be empty."""

    @property
    def backchannel_logout_uri(self) -> str:
        """Where it takes logout tokens; may be empty."""

    @property
    def frontchannel_logout_uri(self) -> str:
        """Where it is told of logouts through the browser; may be empty."""

    def visit(self, action: str, browser: Browser) -> Visit:
        """How a person does this here. Raises FlowBroken where it is not offered."""

    def leaves(self, url: str) -> bool:
        """Whether an address is no page of this application."""

    def hold(self) -> Hold:
        """What the slow page waits for while something else happens."""

    def page_kind(self, page: Page) -> str:
        """`account`, `checkout`, `home`, `error` or `logged out`."""

    def shown_user(self, page: Page) -> str | None:
        """Whom a page greets; None if it does not say."""

    def who(self, browser: Browser) -> str:
        """Who is logged in here with these cookies, or `absent`, `anonymous`, `nobody`; disturbs nothing."""

    def record(self, browser: Browser) -> LoginRecord | None:
        """The answer that logged this browser in; None where the application keeps that to itself."""


class Hold:
    """Keeps a page of a real application on its way: it takes its time by itself, we wait until it has begun."""

    async def arrived(self) -> None:
        """Wait until the request can be taken to have arrived."""
        await asyncio.sleep(ARRIVES)

    def release(self) -> None:
        """Let the page go on."""


class OwnHold(Hold):
    """The same for an application of ours, which says when the request is there and waits as long as it must."""

    def __init__(self, shop: Shop) -> None:
        self._here, self._free = asyncio.Event(), asyncio.Event()
        shop.pause = self._pause

    async def arrived(self) -> None:
        """Wait until the request is there; not for ever, since a page that needs a login does not wait."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._here.wait(), ARRIVES)

    def release(self) -> None:
        """Let the page go on."""
        self._free.set()

    async def _pause(self) -> None:
        self._here.set()
        await self._free.wait()


def visible_user(app: Application, browser: Browser) -> str:
    """Whom the page that needs login greets in this browser; nobody where the browser is sent away from it."""
    method, url, fields = app.visit("visit orders", browser)
    page = browser.navigate(Tab(), method, url, fields, stop=app.leaves).page
    return (app.shown_user(page) if page else None) or NOBODY


ARRIVES = 0.4
"""Seconds after which a request to a real application has arrived there."""
PATHS = {
    "slow page": "/account/invoice",
    "visit orders": "/account/orders",
    "visit checkout": "/checkout",
    "switch user": "/login/switch?return_to=/account/orders",
    "silent check": "/login/silent?return_to=/account/orders",
    "confirm identity": "/login/confirm?return_to=/account/orders",
    "require a recent login": "/login/recent?return_to=/account/orders",
    "step up": "/login/step-up?return_to=/account/orders",
    "ask for more": "/login/more?return_to=/account/orders",
    "ask for consent again": "/login/consent?return_to=/account/orders",
    "choose account": "/login/account?return_to=/account/orders",
}
LOGOUTS = {"log out here": "local", "log out everywhere": "global", "log out at the provider too": "federated"}


class OwnApplication:
    """One of Storezero's shops: under test in the reference, else played by the suite."""

    def __init__(self, shop: Shop) -> None:
        """`shop` is hosted by the caller."""
        self.shop = shop
        self.origin = Origin.of(shop.origin)
        self.redirect_uri = shop.config.relying_party.redirect_uri
        self.post_logout_redirect_uri = shop.config.post_logout_redirect_uri
        self.backchannel_logout_uri = shop.origin + BACKCHANNEL_PATH
        self.frontchannel_logout_uri = shop.origin + FRONTCHANNEL_PATH

    def visit(self, action: str, browser: Browser) -> Visit:
        """Every action has its address."""
        del browser
        if (scope := LOGOUTS.get(action)) is not None:
            return Visit("POST", f"{self.shop.origin}/logout", {"scope": scope})
        return Visit("GET", self.shop.origin + PATHS[action], {})

    def page_kind(self, page: Page) -> str:
        """The page says it itself."""
        body = page.tree.css_first("body[data-page]")
        return (body.attributes["data-page"] or "").replace("-", " ") if body else "unknown"

    def shown_user(self, page: Page) -> str | None:
        """The page says it itself."""
        body = page.tree.css_first("body[data-user]")
        return (body.attributes["data-user"] or NOBODY) if body else None

    def leaves(self, url: str) -> bool:
        """By its origin."""
        return _leaves(self.origin, url)

    def hold(self) -> Hold:
        """The shop tells when the request is there."""
        return OwnHold(self.shop)

    def who(self, browser: Browser) -> str:
        """The shop tells it, truthfully."""
        status = self.shop.session_status(browser.cookies(self.origin))
        return status.user or status.state

    def record(self, browser: Browser) -> LoginRecord | None:
        """The shop keeps it with the session."""
        return self.shop.session_status(browser.cookies(self.origin)).login


class RealApplication:
    """An application under test, as its target file describes it. Judged by whom its pages show as logged in."""

    def __init__(self, base: str, client: Client | None, pages: Pages) -> None:
        """`base`: its origin; `client`: how it is registered, None where that has to be found out."""
        self.base = base
        self.origin = Origin.of(base)
        self.redirect_uri = client.redirect_uri if client else ""
        self.post_logout_redirect_uri = resolve(base, client.post_logout_redirect_uri or "/") if client else ""
        self.backchannel_logout_uri = (client and client.backchannel_logout_uri) or ""
        self.frontchannel_logout_uri = (client and client.frontchannel_logout_uri) or ""
        self.pages = pages
        self.names: dict[str, str] = {}
        """The users by what its pages show, where that is not the model's name for them."""
        self._pressed: dict[str, Visit] = {}

    def visit(self, action: str, browser: Browser) -> Visit:
        """The address that the file gives, or the form behind the button that it gives.

        Where the page does not show the button, as to somebody who is not logged in, it is the form of an older page.
        """
        found = self.pages.of(action)
        if found is None:
            raise FlowBroken(
                f"The target file does not say how to {action} at the application.",
                "This is a defect of the suite: please report it.",
            )
        path, button = found
        if not button:
            return Visit("GET", resolve(self.base, path), {})
        page = browser.copy().navigate(Tab(), "GET", resolve(self.base, path)).page
        node = page.tree.css_first(button) if page else None
        for form in page.forms if page else ():
            for control in form.buttons:
                if node is not None and control.node == node.mem_id:
                    sent = form.submission(None, control)
                    self._pressed[action] = Visit(sent.method, sent.url, dict(sent.fields))
                    return self._pressed[action]
        if action in self._pressed:
            return self._pressed[action]
        raise FlowBroken(
            f"{resolve(self.base, path)} has no button {button!r} of a form to {action}.",
            "Correct `pages` in the target file: it is looked for while somebody is logged in.",
        )

    def find_buttons(self, browser: Browser) -> None:
        """Look for the buttons that the file names, in a browser that is logged in. Raises FlowBroken."""
        for action in LOGOUTS:
            if (found := self.pages.of(action)) is not None and found[1]:
                self.visit(action, browser)

    def page_kind(self, page: Page) -> str:
        """By its path; what is neither of the two pages that the file names is an error or any other page."""
        path = page.url.partition("?")[0].partition("#")[0]
        if page.failed:
            return "error"
        if path == resolve(self.base, self.pages.protected) and self.shown_user(page) not in (None, NOBODY):
            return "account"
        return "checkout" if path == resolve(self.base, self.pages.public) else "home"

    def shown_user(self, page: Page) -> str | None:
        """The text of the element that the file names; nobody where a page does not have it."""
        if not page.is_html:
            return None
        node = page.tree.css_first(self.pages.user)
        text = shown(node.text()) if node else ""
        text = text.removeprefix(self.pages.user_prefix).strip()
        return self.names.get(text, text) or NOBODY

    def who(self, browser: Browser) -> str:
        """A visit to the page that shows it, in a copy of the browser."""
        went = browser.copy().navigate(
            Tab(), "GET", resolve(self.base, self.pages.status or self.pages.public), stop=self.leaves
        )
        return (self.shown_user(went.page) if went.page else None) or NOBODY

    def record(self, browser: Browser) -> LoginRecord | None:
        """It keeps that to itself."""
        del browser
        return None

    def leaves(self, url: str) -> bool:
        """By its origin."""
        return _leaves(self.origin, url)

    def hold(self) -> Hold:
        """Its slow page takes its time by itself."""
        return Hold()


def _leaves(origin: Origin, url: str) -> bool:
    try:
        return origin_of(url) != origin
    except ValueError:
        return True
