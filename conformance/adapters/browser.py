"""A browser without scripts: cookies, tabs, history, forms and redirects, as a target sees them from outside.

Requests carry what a browser's carry, except Sec-Fetch headers, which need a list of public suffixes to be right, and
servers' own Referrer-Policy, instead of which the browsers' default is kept (strict-origin-when-cross-origin).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Self
from urllib.parse import urlencode

import httpx

from .buttons import Press
from .controls import Control, Form, Link
from .cookies import Cookie, Jar
from .exchange import Answer
from .forms import is_auto_submit
from .navigation import Hop, Navigation, Request, Tab, origin_of
from .network import Network
from .page import Page, shown
from .problems import TooManyRedirects
from .urls import Origin, resolve

__all__ = ["MAX_REDIRECTS", "Browser", "Hop", "Navigation", "Tab"]

MAX_REDIRECTS = 20
"""Hops after the first request that one navigation may take, as browsers allow."""

MAX_FRAMES = 20
"""Frames of one page that are loaded."""

Fields = Iterable[tuple[str, str]] | Mapping[str, str]

USER_AGENT = "Mozilla/5.0 (compatible; sessionproof)"
_HEADERS = (
    (b"User-Agent", USER_AGENT.encode()),
    (b"Accept", b"text/html,application/xhtml+xml,*/*;q=0.8"),
    (b"Accept-Language", b"en"),
    (b"Accept-Encoding", b"identity"),
)


class Browser:
    """One person's browser on a network. Cookies are kept per origin, see `cookies.py`."""

    def __init__(self, network: Network, auto_submit: Callable[[Page], bool] = is_auto_submit) -> None:
        self.network = network
        self._auto_submit = auto_submit
        self._jars: dict[Origin, Jar] = {}

    def navigate(
        self,
        tab: Tab,
        method: str,
        url: str,
        data: Fields | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        referrer: str | None = None,
        enctype: str = "",
        stop: Callable[[str], bool] | None = None,
        rewrite: Callable[[str], str] | None = None,
    ) -> Navigation:
        """Opens an address and goes on until a page stands still.

        data -- fields to send in the body.
        headers -- for the first request only; a header of the browser's own of the same name gives way.
        referrer -- address of the document whose link or form led here; None: typed in by the user, or for a post
            by a page of the same origin.
        stop -- asked before each request, after `rewrite`; True ends the navigation there.
        rewrite -- changes the address of each request, as an attacker or a user could.

        Follows redirects, refreshes and pages that submit themselves. The tab changes only if a page stands still.
        Raises TooManyRedirects, and what Network.send raises except ForeignOrigin.
        """
        pairs = data.items() if isinstance(data, Mapping) else data or ()
        first = Request(method.upper(), url, tuple(pairs), enctype, referrer, headers or {})
        return self.network.run(self._navigate(tab, first, stop or never, rewrite or str))

    async def go(self, tab: Tab, request: Request, stop: Callable[[str], bool] | None = None) -> Navigation:
        """The same as a coroutine for the network's loop, for what happens at the same time as something else."""
        return await self._navigate(tab, request, stop or never, str)

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
        """Submits a form, of the tab's page or of an earlier one, see `Form.submission` and `navigate`."""
        sent = form.submission(values, button)
        return self.navigate(
            tab,
            sent.method,
            sent.url,
            sent.fields,
            referrer=form.document,
            enctype=sent.enctype,
            stop=stop,
            rewrite=rewrite,
        )

    def choose(
        self,
        tab: Tab,
        action: Press | Link,
        values: Mapping[str, str | None] | None = None,
        *,
        stop: Callable[[str], bool] | None = None,
        rewrite: Callable[[str], str] | None = None,
    ) -> Navigation:
        """Presses a button, with `values` in its form, or follows a link."""
        if isinstance(action, Link):
            return self.navigate(tab, "GET", action.url, referrer=action.document, stop=stop, rewrite=rewrite)
        return self.submit(tab, action.form, values, action.button, stop=stop, rewrite=rewrite)

    def jar(self, origin: str | Origin) -> Jar:
        """The cookies of one origin, to look at, change, or `copy`."""
        key = origin if isinstance(origin, Origin) else Origin.of(origin)
        if key not in self._jars:
            self._jars[key] = Jar(key)
        return self._jars[key]

    def put(self, jar: Jar) -> None:
        """Replaces all cookies of the jar's origin by a copy of `jar`: an earlier one, or another browser's."""
        self._jars[jar.origin] = jar.copy()

    def cookies(self, origin: str | Origin) -> dict[str, str]:
        """Names and values of an origin's cookies; of two with one name the one with the longer path."""
        stored: list[Cookie] = sorted(self.jar(origin), key=lambda cookie: len(cookie.path))
        return {cookie.name: cookie.value for cookie in stored}

    def copy(self) -> Self:
        """An independent browser with the same cookies and no tabs, for probes that disturb nothing."""
        twin = type(self)(self.network, self._auto_submit)
        twin._jars = {origin: jar.copy() for origin, jar in self._jars.items()}
        return twin

    def restart(self) -> None:
        """Closes and opens the browser: session cookies are gone, the others stay."""
        for jar in self._jars.values():
            jar.restart()

    def age(self, seconds: float) -> None:
        """Lets time pass for all cookies, for parties whose clock is not the real one."""
        for jar in self._jars.values():
            jar.age(seconds)

    async def _navigate(
        self, tab: Tab, request: Request, stop: Callable[[str], bool], rewrite: Callable[[str], str]
    ) -> Navigation:
        hops: list[Hop] = []
        while True:
            url = rewrite(request.url)
            if url != request.url:
                request = replace(request, url=url)
            if stop(url):
                return Navigation(tuple(hops), stopped_at=url, fields=dict(request.fields))
            try:
                target = httpx.URL(url)
                origin = Origin.of(target)
            except (httpx.InvalidURL, ValueError):
                return Navigation(tuple(hops), foreign=url, fields=dict(request.fields))
            if origin not in self.network:
                return Navigation(tuple(hops), foreign=url, fields=dict(request.fields))
            if len(hops) > MAX_REDIRECTS:
                raise TooManyRedirects(
                    f"{shown(hops[0].url, 200)} redirected {MAX_REDIRECTS} times, lastly to {shown(url, 200)}.",
                    "Look at the redirects in the run log: usually two pages send the browser to each other.",
                )
            jar = self.jar(origin)
            answer = await self.network.send(self._prepared(request, target, origin, jar), origin)
            jar.take(url, set_cookie(answer))
            following, page = await self._following(request, answer)
            hops.append(
                Hop(request.method, url, answer.status, following.url if following else None, dict(request.fields))
            )
            if page is not None:
                await self._load_frames(page)
            if page is not None and following is None:
                tab.show(page)
                return Navigation(tuple(hops), page=page)
            request = following or request

    async def _load_frames(self, page: Page) -> None:
        """The inline frames of a page (Front-Channel Logout 1.0), with cookies as if all were of one site."""
        if b"<iframe" in page.body.lower():
            for url in page.frames[:MAX_FRAMES]:
                await self._navigate(Tab(), Request("GET", url, referrer=page.url), never, str)

    async def _following(self, request: Request, answer: Answer) -> tuple[Request | None, Page | None]:
        location = answer.headers.get("location")
        if location is not None and answer.status in (301, 302, 303, 307, 308):
            return request.redirected(answer.status, resolve(request.url, location)), None
        return await self._settled(Page(request.url, answer.status, answer.headers, answer.body))

    async def _settled(self, page: Page) -> tuple[Request | None, Page]:
        """Where a page that has arrived sends the browser by itself, if anywhere, and how it stands."""
        return self._sent_on(page), page

    def _sent_on(self, page: Page) -> Request | None:
        if page.refresh:
            return Request("GET", page.refresh, referrer=page.url)
        if self._auto_submit(page):
            sent = page.forms[0].submission()
            return Request(sent.method, sent.url, sent.fields, sent.enctype, referrer=page.url)
        return None

    def _prepared(self, request: Request, target: httpx.URL, origin: Origin, jar: Jar) -> httpx.Request:
        headers = list(_HEADERS)
        come_from = origin_of(request.referrer)
        same = come_from == origin
        if come_from and request.referrer and (come_from.scheme, origin.scheme) != ("https", "http"):
            headers.append((b"Referer", (_without_secrets(request.referrer) if same else f"{come_from}/").encode()))
        content = b""
        if request.method == "POST":
            sender = come_from or (None if request.referrer else origin)
            headers.append((b"Origin", str(sender).encode() if sender and not request.tainted else b"null"))
            content, kind = _body(request)
            headers.append((b"Content-Type", kind.encode()))
        cross_site = bool(request.referrer) and (come_from is None or come_from.site != origin.site)
        if cookie := jar.header(request.url, request.method, cross_site=cross_site):
            headers.append((b"Cookie", cookie.encode("latin-1")))
        if request.headers:
            own = {name.lower().encode(): (name.encode(), value.encode()) for name, value in request.headers.items()}
            headers = [pair for pair in headers if pair[0].lower() not in own] + list(own.values())
        return httpx.Request(request.method, target, headers=headers, content=content)


def set_cookie(answer: Answer) -> list[str]:
    """The Set-Cookie lines, byte by byte: a cookie goes back as it came, whatever its character set."""
    return [value.decode("latin-1") for name, value in answer.headers.raw if name.lower() == b"set-cookie"]


def _body(request: Request) -> tuple[bytes, str]:
    if request.body:
        return request.body, request.enctype
    if request.enctype != "multipart/form-data":
        return urlencode(request.fields).encode("ascii"), "application/x-www-form-urlencoded"
    parts = [(name, (None, value)) for name, value in request.fields]
    made = httpx.Request("POST", request.url, files=parts)
    return made.read(), made.headers["content-type"]


def _without_secrets(address: str) -> str:
    """What goes into a Referer header: neither fragment nor user name and password."""
    address = address.partition("#")[0]
    return str(httpx.URL(address).copy_with(userinfo=b"")) if "@" in address else address


def never(_url: str) -> bool:
    """A `stop` that stops nowhere."""
    return False
