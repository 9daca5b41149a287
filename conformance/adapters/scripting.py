"""The documents of one browser that are open in Chromium, and the answers to what their scripts ask for."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx

from .browser import set_cookie
from .cookies import Cookie, Jar
from .exchange import Answer
from .navigation import Request
from .network import Network
from .open_document import OpenDocument, RenderedPage, script
from .page import Page
from .problems import BrowserFailed, HarnessProblem
from .urls import Origin, resolve

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Route
    from playwright.async_api import Page as ChromiumPage
    from playwright.async_api import Request as Asked

_NOT_LOADED = {"font", "media", "eventsource", "texttrack", "manifest"}
_FURNITURE = {"script", "stylesheet", "image"}
"""What needs no line in a log."""
_OURS = {"cookie", "host", "content-length", "accept-encoding", "accept-language"}
_HOPS = 20


class Scripting:
    """One browser's part of Chromium: its documents, with cookies that are the browser's own jars."""

    def __init__(self, context: BrowserContext, network: Network, jars: dict[Origin, Jar]) -> None:
        """`jars` are shared with the browser."""
        self._context = context
        self._network = network
        self._jars = jars
        self._documents: dict[ChromiumPage, OpenDocument] = {}
        self._latest: OpenDocument | None = None

    async def prepare(self) -> None:
        """Puts itself between the documents and everything else."""
        await self._context.expose_binding("sessionproofCookie", self._take_cookie)
        await self._context.add_init_script(script("prepare"))
        await self._context.route("**/*", self._answer)
        await self._context.route_web_socket("**/*", lambda socket: socket.close())

    async def show(self, page: Page) -> tuple[Request | None, RenderedPage]:
        """Opens a document that has arrived, and waits until it stands still or leaves for elsewhere.

        Raises BrowserFailed, TargetTimeout, and what the network raises for the requests of its scripts.
        """
        from playwright.async_api import Error

        try:
            await self.share_cookies(page.origin)
            chromium_page = await self._context.new_page()
            document = OpenDocument(chromium_page, page, self)
            self._documents[chromium_page] = self._latest = document
            chromium_page.on("close", self._forget)
            return await document.open()
        except Error as error:
            raise BrowserFailed(error) from error

    async def share_cookies(self, origin: Origin) -> None:
        """Lets scripts of a document see the cookies that they may see.

        Chromium keeps no ports apart, so of two cookies of one name and host those of `origin` go last.
        """
        from playwright.async_api import Error

        await self._context.clear_cookies()
        for place in sorted(self._jars, key=lambda place: place == origin):
            for cookie in self._jars[place]:
                with suppress(Error):  # one that Chromium does not accept
                    await self._context.add_cookies([_shared(cookie, place)])

    async def close(self) -> None:
        """Closes all documents."""
        from playwright.async_api import Error

        with suppress(Error):
            await self._context.close()

    @property
    def limit(self) -> float:
        """Seconds that a document may take to stand still."""
        return 3 * self._network.timeout

    # What documents ask for

    async def _answer(self, route: Route, asked: Asked) -> None:
        from playwright.async_api import Error

        with suppress(Error):  # the document was closed meanwhile
            document = self._document_of(asked)
            if document is None:  # a new window, which takes the place of the document that opened it
                await route.abort()
                if self._latest is not None and asked.is_navigation_request():
                    self._latest.leave(asked)
                return
            if asked.is_navigation_request() and asked.frame == document.page.main_frame:
                await document.answer_navigation(route, asked)
                return
            await document.driven.wait()
            try:
                await self._answer_script(route, asked, document)
            except HarnessProblem as problem:
                self._network.note(problem)
                await route.abort()

    async def _answer_script(self, route: Route, asked: Asked, document: OpenDocument) -> None:
        headers = asked.headers
        sent = Request(asked.method, asked.url, body=asked.post_data_buffer or b"", headers=headers)
        for _ in range(_HOPS):
            try:
                origin = Origin.of(sent.url)
            except ValueError:
                break
            if origin not in self._network:
                document.blocked[str(origin)] = None
                break
            if asked.resource_type in _NOT_LOADED:
                break
            answer = await self._send(sent, origin, headers, furniture=asked.resource_type in _FURNITURE)
            location = answer.headers.get("location")
            if location is None or answer.status not in (301, 302, 303, 307, 308):
                await route.fulfill(status=answer.status, headers=_joined(answer.headers), body=answer.body)
                return
            target = resolve(sent.url, location)
            if asked.is_navigation_request():  # of an inline frame, which shall know where it is
                literal = json.dumps(target).replace("<", "\\u003c")
                await route.fulfill(content_type="text/html", body=f"<script>location.replace({literal})</script>")
                return
            sent = sent.redirected(answer.status, target)
        await route.abort()

    async def _send(self, sent: Request, origin: Origin, asked: dict[str, str], *, furniture: bool) -> Answer:
        headers = [(name, value) for name, value in asked.items() if name not in _OURS and not name.startswith(":")]
        if sent.method == "GET":
            headers = [(name, value) for name, value in headers if name not in ("content-type", "origin")]
        headers += [("Accept-Language", "en"), ("Accept-Encoding", "identity")]
        jar = self._jars.setdefault(origin, Jar(origin))
        if "cookie" in asked and (cookie := jar.header(sent.url, sent.method)):
            headers.append(("Cookie", cookie))
        request = httpx.Request(sent.method, sent.url, headers=headers, content=sent.body)
        answer = await self._network.send(request, origin)
        if furniture:
            self._network.exchanges.pop()
        jar.take(sent.url, set_cookie(answer))
        return answer

    def _forget(self, page: ChromiumPage) -> None:
        self._documents.pop(page, None)

    def _document_of(self, asked: Asked) -> OpenDocument | None:
        from playwright.async_api import Error

        try:
            return self._documents.get(asked.frame.page)
        except Error:  # a navigation of a window that is not there yet
            return None

    async def _take_cookie(self, _source: Any, url: str, line: str) -> None:
        """What a script wrote into `document.cookie`; it can neither make nor change those that are HttpOnly."""
        with suppress(ValueError):
            jar = self._jars.setdefault(origin := Origin.of(url), Jar(origin))
            hidden = {cookie.name for cookie in jar if cookie.http_only}
            attributes = {part.strip().lower() for part in line.split(";")[1:]}
            if line.partition("=")[0].strip() not in hidden and "httponly" not in attributes:
                jar.take(url, [line])


def _shared(cookie: Cookie, origin: Origin) -> Any:
    return {
        "name": cookie.name,
        "value": cookie.value,
        "domain": f".{cookie.domain}" if cookie.domain else origin.host,
        "path": cookie.path,
        "httpOnly": cookie.http_only,
        "secure": cookie.secure,
    }


def _joined(headers: httpx.Headers) -> dict[str, str]:
    """One value for each name; those of Set-Cookie on a line each, as playwright wants them."""
    kept: dict[str, list[str]] = {}
    for name, value in headers.multi_items():
        if name not in ("content-encoding", "content-length", "transfer-encoding"):
            kept.setdefault(name, []).append(value)
    return {name: ("\n" if name == "set-cookie" else ", ").join(values) for name, values in kept.items()}
