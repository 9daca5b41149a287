"""A browser that runs the scripts of pages that have some, in Chromium; all else is done by the built-in browser.

What that means for the target: documents, redirects and cookies are ours, as without scripts: each origin has a jar of
its own, and a copy of the browser has the same cookies. Chromium shows a document that has arrived, and what its
scripts ask for, goes through the same network with the same cookies. When a script, a form or a link leaves the
document, we go there. What differs from a browser of a person:

- Local and session storage are Chromium's: a copy of the browser does not have them, nor does a restarted one.
- A request that scripts made and that is redirected arrives with its last answer, at the address that was asked for.
- Questions of other origins whether scripts may ask them (CORS preflight) are answered with yes, and not sent.
- No service workers, no web sockets, no event streams; no fonts and no media are loaded.
- A question (`confirm`) is answered with yes. A new window takes the place of the tab.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Self

from .browser import Browser, never
from .buttons import Press
from .controls import Control, Form, Link
from .navigation import Navigation, Request, Tab
from .network import Network
from .open_document import RenderedPage
from .page import Page
from .scripting import Scripting

if TYPE_CHECKING:
    from .chromium import Chromium

KEPT = 8
"""Pages of one browser that stay open in Chromium, for a form on them may be sent later."""


class ScriptedBrowser(Browser):
    """One person's browser, with scripts."""

    def __init__(self, network: Network, chromium: Chromium) -> None:
        super().__init__(network)
        self._chromium = chromium
        self._scripting: Scripting | None = None
        self._rendered: deque[RenderedPage] = deque()

    def submit(
        self,
        tab: Tab,
        form: Form,
        values: Mapping[str, str | None] | None = None,
        button: Control | None = None,
        *,
        stop: Callable[[str], bool] | None = None,
        rewrite: Callable[[str], str] | None = None,
    ) -> Navigation:
        """Fills in the form and presses the button where it stands, if its document is open in Chromium."""
        page = next((page for page in self._rendered if any(known is form for known in page.forms)), None)
        if page is None:
            return super().submit(tab, form, values, button, stop=stop, rewrite=rewrite)
        return self.network.run(self._act(tab, page, form, values or {}, button, stop, rewrite))

    def choose(
        self,
        tab: Tab,
        action: Press | Link,
        values: Mapping[str, str | None] | None = None,
        *,
        stop: Callable[[str], bool] | None = None,
        rewrite: Callable[[str], str] | None = None,
    ) -> Navigation:
        """Presses a button or link where it stands, if its document is open in Chromium."""
        if isinstance(action, Link):
            for page in self._rendered:
                if any(known is action for known in page.links):
                    return self.network.run(self._act(tab, page, None, {}, action, stop, rewrite))
        return super().choose(tab, action, values, stop=stop, rewrite=rewrite)

    def copy(self) -> Self:
        """An independent browser with the same cookies and nothing else."""
        twin = type(self)(self.network, self._chromium)
        for jar in self._jars.values():
            twin.put(jar)
        return twin

    def restart(self) -> None:
        """As without scripts; documents that were open are gone."""
        super().restart()
        self._rendered.clear()
        if self._scripting is not None:
            self.network.run(self._scripting.close())
            self._scripting = None

    async def _settled(self, page: Page) -> tuple[Request | None, Page]:
        if not page.has_scripts or self._auto_submit(page):
            return await super()._settled(page)
        if self._scripting is None:
            self._scripting = await self._chromium.scripting(self, self._jars)
        return await self._noted(*await self._scripting.show(page))

    async def _load_frames(self, page: Page) -> None:
        if not isinstance(page, RenderedPage):  # whose frames Chromium has loaded
            await super()._load_frames(page)

    async def _act(
        self,
        tab: Tab,
        page: RenderedPage,
        form: Form | None,
        values: Mapping[str, str | None],
        pressed: Control | Link | None,
        stop: Callable[[str], bool] | None,
        rewrite: Callable[[str], str] | None,
    ) -> Navigation:
        following, shown = await self._noted(*await page.act(form, values, pressed))
        if following is not None:
            return await self._navigate(tab, following, stop or never, rewrite or str)
        tab.show(shown)
        return Navigation((), page=shown)

    async def _noted(self, asked: Request | None, rendered: RenderedPage) -> tuple[Request | None, Page]:
        self._rendered.append(rendered)
        if len(self._rendered) > KEPT:
            oldest = self._rendered.popleft().document
            if all(page.document is not oldest for page in self._rendered):
                await oldest.close()
        return asked or self._sent_on(rendered), rendered
