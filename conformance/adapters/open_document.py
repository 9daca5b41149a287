"""A document that is open in Chromium: waits until it stands still, reads it, fills in its forms and presses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import httpx

from .controls import Control, Form, Link
from .navigation import Request
from .page import Page
from .problems import BrowserFailed, FlowBroken, TargetTimeout

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, JSHandle, Route
    from playwright.async_api import Page as ChromiumPage
    from playwright.async_api import Request as Asked

    from .scripting import Scripting

QUIET = 100
"""Milliseconds without any change after which a document stands still."""
PATIENCE = 4000
"""Milliseconds after which changes and timers of a document are not waited for any more."""
# What the page would keep back for lack of a value is sent nevertheless: the server's opinion is asked.
_ELEMENT = """({ elements }, position) => {
  const element = elements[position];
  if (!element?.isConnected) return null;
  if (element.form) element.form.noValidate = true;
  return element;
}"""
_REACH = 1000  # milliseconds to wait until an element can be clicked as a person would
_LEAVING = 2.0  # seconds in which a document that is leaving asks for the next one


def script(name: str) -> str:
    """One of our scripts."""
    return (files(__package__) / "templates" / f"{name}.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class RenderedPage(Page):
    """What the scripts of a page have made of it."""

    document: OpenDocument = field(kw_only=True, repr=False, compare=False)
    snapshot: JSHandle = field(kw_only=True, repr=False, compare=False)

    @property
    def has_scripts(self) -> bool:
        """They have run."""
        return False

    @property
    def blocked(self) -> tuple[str, ...]:
        """As of the document."""
        return tuple(self.document.blocked)

    async def act(
        self, form: Form | None, values: Mapping[str, str | None], pressed: Control | Link | None
    ) -> tuple[Request | None, RenderedPage]:
        """Fills in `values` and presses a button or a link; as `OpenDocument.open`.

        Raises FlowBroken if a field or button is not in the document any more.
        """
        return await self.document.drive(lambda: self._press(form, values, pressed))

    async def _press(self, form: Form | None, values: Mapping[str, str | None], pressed: Control | Link | None) -> None:
        last: ElementHandle | None = None
        for control in form.fields if form else ():
            value = values.get(control.name)
            if value is not None:
                last = await self._element(control.node)
                await _fill(last, value, by_hand=control.visible and not control.readonly)
        if pressed is not None:
            last = await self._element(pressed.node)
        if last is None:
            raise FlowBroken("The form has neither a button nor a field.", "Set `selectors` in the target file.")
        await (_click(last) if pressed is not None else last.press("Enter"))

    async def _element(self, node: int) -> ElementHandle:
        copy = next((copy for copy in self.tree.css("[data-sessionproof]") if copy.mem_id == node), None)
        position = int(copy.attributes["data-sessionproof"] or 0) if copy else -1
        element = (await self.snapshot.evaluate_handle(_ELEMENT, position)).as_element()
        if element is None:
            raise FlowBroken(
                "A field or button that stood on the page is not there any more: its scripts took it away.",
                "What would be sent by it cannot be known.",
            )
        return element


class OpenDocument:
    """One document. Its requests are answered only while it is driven: what it does by itself later waits."""

    def __init__(self, page: ChromiumPage, source: Page, scripting: Scripting) -> None:
        """`page` is empty yet, and `source` is what arrived."""
        self.page = page
        self.source = source
        self.driven = asyncio.Event()
        self.blocked: dict[str, None] = {}
        """Origins that were not asked, because the target file does not name them."""
        self._scripting = scripting
        self._opened = False
        self._asked: asyncio.Future[Request] = asyncio.get_running_loop().create_future()
        self._pending = 0
        self._moved = asyncio.Event()
        page.on("request", lambda asked: self._count(asked, 1))
        page.on("requestfinished", lambda asked: self._count(asked, -1))
        page.on("requestfailed", lambda asked: self._count(asked, -1))
        page.on("dialog", lambda dialog: dialog.accept())

    async def open(self) -> tuple[Request | None, RenderedPage]:
        """Shows the document; gives what it leaves for, if it does, and how it stands."""
        return await self.drive(lambda: self.page.goto(self.source.url, wait_until="commit"))

    async def close(self) -> None:
        """Closes the document."""
        await self.page.close()

    async def drive(self, work: Callable[[], Awaitable[Any]]) -> tuple[Request | None, RenderedPage]:
        """Does something with the document and waits for what comes of it. Raises TargetTimeout, BrowserFailed."""
        from playwright.async_api import Error

        self._asked = asyncio.get_running_loop().create_future()
        self.driven.set()
        try:
            async with asyncio.timeout(self._scripting.limit):
                await self._scripting.share_cookies(self.source.origin)
                await work()
                return await self._settle(), await self._read()
        except TimeoutError as error:
            raise TargetTimeout(
                f"The page at {self.source.origin} did not stand still within {self._scripting.limit:g} seconds.",
                "Look at what its scripts wait for, or raise `pace.timeout` in the target file.",
            ) from error
        except Error as error:
            raise BrowserFailed(error) from error
        finally:
            self.driven.clear()

    async def answer_navigation(self, route: Route, asked: Asked) -> None:
        """The document itself for its first request; what it leaves for is gone to by the browser, not by Chromium."""
        if self._opened:
            await route.fulfill(status=204)  # which leaves the document as it is
            self.leave(asked)
            return
        self._opened = True
        kept = {name: value for name, value in self.source.headers.items() if name not in _NOT_OF_THE_DOCUMENT}
        await route.fulfill(status=self.source.status, headers=kept, body=self.source.body)

    def leave(self, asked: Asked) -> None:
        """Notes where the document goes, the first time."""
        if self._asked.done():
            return
        kind = asked.headers.get("content-type", "")
        body = asked.post_data_buffer or b""
        fields: list[tuple[str, str]] = []
        if kind.startswith("application/x-www-form-urlencoded"):
            fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        referrer = self.page.url if "referer" in asked.headers else None
        self._asked.set_result(Request(asked.method, asked.url, tuple(fields), kind, referrer, body=body))

    async def _settle(self) -> Request | None:
        while True:
            settled = self.page.evaluate(script("settle"), {"quiet": QUIET, "patience": PATIENCE})
            still = asyncio.ensure_future(settled)
            try:
                await asyncio.wait([still, self._asked], return_when=asyncio.FIRST_COMPLETED)
                leaving = str(await still)
            finally:
                still.cancel()
            if leaving and not leaving.startswith(("http:", "https:")):
                return Request("GET", leaving, referrer=self.page.url)  # no request comes of it
            if leaving:
                await asyncio.wait([self._asked], timeout=_LEAVING)
            if self._asked.done():
                asked = self._asked.result()
                place, _, fragment = leaving.partition("#")
                return replace(asked, url=leaving) if fragment and place == asked.url else asked
            if self._pending:
                self._moved.clear()
                await self._moved.wait()
            elif not leaving:
                return None

    async def _read(self) -> RenderedPage:
        found = await self.page.evaluate_handle(script("snapshot"))
        html, url = await found.evaluate("found => [found.html, found.url]")
        headers = {name: value for name, value in self.source.headers.items() if name == "refresh"}
        return RenderedPage(
            url,
            self.source.status,
            httpx.Headers({**headers, "content-type": "text/html; charset=utf-8"}),
            html.encode(),
            document=self,
            snapshot=found,
        )

    def _count(self, asked: Asked, change: int) -> None:
        if not (asked.is_navigation_request() and asked.frame == self.page.main_frame):
            self._pending += change
            self._moved.set()


_NOT_OF_THE_DOCUMENT = ("set-cookie", "content-encoding", "content-length", "transfer-encoding")


async def _fill(element: ElementHandle, value: str, *, by_hand: bool) -> None:
    if by_hand:
        await element.fill(value, force=True, timeout=_REACH)
    else:
        await element.evaluate("(element, value) => { element.value = value; }", value)


async def _click(element: ElementHandle) -> None:
    from playwright.async_api import TimeoutError as OutOfReach

    try:
        await element.click(timeout=_REACH, no_wait_after=True)
    except OutOfReach:  # something lies over it: a notice, another window of the page
        await element.evaluate("element => element.click()")
