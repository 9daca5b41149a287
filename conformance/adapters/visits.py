"""Finds out who is logged in at a server and at the provider behind it by visits, in copies of a browser.

Cookies are taken away from the near side: without the application's, its page that needs login asks the server; without
the server's too, the button of the identity provider asks the provider. The visits leave abandoned requests behind:
whether they are harmless is for the caller to find out first.
"""

from __future__ import annotations

from collections.abc import Iterable

from sessionproof.model.vocabulary import FEDERATED, NOBODY, SOMEBODY

from .applications import Application
from .browser import Browser, Tab
from .buttons import choose_button
from .cookies import Jar
from .page import Page
from .problems import FormNotFound
from .reading import Sites, TabMemory, page_kind
from .urls import Origin
from .words import Meaning


class Visits:
    """The observer for one application and its server; an empty answer means that it cannot be known."""

    def __init__(self, sites: Sites, app: Application, own: Iterable[Origin]) -> None:
        """`own`: the application's origins."""
        self._sites = sites
        self._app = app
        self._own = frozenset(own)

    def at_server(self, browser: Browser) -> str:
        """Who is logged in at the server with these cookies."""
        page = self._ask(self.without(browser, self._own), Tab())
        kind = self._kind(page)
        if kind == "login":
            return NOBODY
        return SOMEBODY if kind == "consent" else self._shown(page)

    def at_provider(self, browser: Browser) -> str:
        """Who is logged in at the identity provider with these cookies."""
        twin, tab = self.without(browser, self._own | self._sites.server.origins), Tab()
        page = self._ask(twin, tab)
        if self._kind(page) != "login":
            return ""
        page = self._press(twin, tab, page, Meaning.PROVIDER)
        kind = self._kind(page)
        if kind == "provider login":
            return NOBODY
        if kind == "provider consent":  # nobody typed a password: the provider knows whom to ask
            return SOMEBODY
        if kind == "consent":  # of a session at the server that is only there for this visit
            page = self._press(twin, tab, page, Meaning.ALLOW)
        user = self._shown(page)
        return user.removesuffix(FEDERATED) if user.endswith(FEDERATED) else SOMEBODY if kind == "consent" else ""

    @staticmethod
    def without(browser: Browser, origins: Iterable[Origin]) -> Browser:
        """A copy of the browser that holds no cookies of these origins."""
        twin = browser.copy()
        for origin in origins:
            twin.put(Jar(origin))
        return twin

    def _ask(self, browser: Browser, tab: Tab) -> Page | None:
        method, url, fields = self._app.visit("visit orders", browser)
        return browser.navigate(tab, method, url, fields).page

    def _press(self, browser: Browser, tab: Tab, page: Page | None, meaning: Meaning) -> Page | None:
        try:
            return browser.choose(tab, choose_button(page, meaning, self._sites.selectors)).page if page else None
        except FormNotFound:
            return None

    def _kind(self, page: Page | None) -> str:
        return page_kind(self._sites, page, TabMemory(about="login")) if page is not None else ""

    def _shown(self, page: Page | None) -> str:
        if page is None or self._sites.party(page.url) not in self._sites.apps:
            return ""
        user = self._app.shown_user(page) or NOBODY
        return "" if user == NOBODY else user
