"""A small browser for the tests, and the world that it visits."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode
from sessionproof.conformance.storezero.clock import ManualClock
from sessionproof.conformance.storezero.parameters import with_query
from sessionproof.conformance.storezero.provider import OpenIDProvider
from sessionproof.conformance.storezero.shop import Shop
from sessionproof.conformance.storezero.world import DEMO_PASSWORDS, World, build_world

ORDERS = "http://shop.test/account/orders"
OUTLET_ORDERS = "http://outlet.test/account/orders"


class Page:
    """A page that stands still, and the way to it."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.url = str(response.url)
        self.origin = f"{response.url.scheme}://{response.url.netloc.decode()}"
        self.headers = response.headers
        self.html = response.text
        self.hops = [str(hop.request.url) for hop in response.history] + [self.url]
        self._tree = LexborHTMLParser(response.text)
        body = self._tree.body
        attributes: Mapping[str, str | None] = body.attributes if body else {}
        self.kind = attributes.get("data-page") or ""
        self.user = attributes.get("data-user") or ""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def form(self, button: str) -> tuple[str, dict[str, str]]:
        """Return action and fields of the form with the button of that label, the button's own field included."""
        for form in self._tree.css("form"):
            inputs = form.css("input[name]:not([type=checkbox])")
            fields = {_attribute(one, "name"): _attribute(one, "value") for one in inputs}
            for one in form.css("button"):
                if one.text(strip=True) == button:
                    if _attribute(one, "name"):
                        fields[_attribute(one, "name")] = _attribute(one, "value")
                    return urljoin(self.url, _attribute(form, "action")), fields
        raise AssertionError(f"no button {button!r} on the page {self.kind!r} at {self.url}")

    def hop(self, path: str) -> dict[str, str]:
        """Return the query of the one hop to `path`."""
        [found] = [hop for hop in self.hops if urlsplit(hop).path == path]
        return dict(parse_qsl(urlsplit(found).query))


class Browser:
    """One browser with its cookies; several tabs are several pages kept by the test."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None, run: Callable[[Any], Any]) -> None:
        self.http = httpx.AsyncClient(transport=transport, trust_env=False)
        self._run = run

    def visit(self, url: str, *, follow: bool = True, **parameters: str) -> Page:
        return self._request("GET", with_query(url, parameters), follow)

    def post(self, url: str, fields: Mapping[str, str], *, follow: bool = True, origin: str | None = None) -> Page:
        headers = {} if origin is None else {"origin": origin}
        return self._request("POST", url, follow, data=dict(fields), headers=headers)

    def press(self, page: Page, button: str, **fields: str) -> Page:
        """Fill in the form that the button belongs to, and press it."""
        action, values = page.form(button)
        return self.post(action, {**values, **fields}, origin=page.origin)

    def log_in(self, page: Page, user: str, password: str | None = None) -> Page:
        assert page.kind == "login", page.html
        return self.press(page, "Log in", username=user, password=password or DEMO_PASSWORDS[user])

    def cookies(self, party: Shop | OpenIDProvider) -> dict[str, str]:
        host = urlsplit(party.origin).hostname
        return {one.name: one.value or "" for one in self.http.cookies.jar if one.domain == host}

    def state(self, party: Shop | OpenIDProvider) -> str:
        """Return the state of the party's session with this browser, and its user if there is one."""
        status = party.session_status(self.cookies(party))
        return f"{status.state}: {status.user}" if status.user else status.state

    def put_cookies(self, party: Shop | OpenIDProvider, cookies: Mapping[str, str]) -> None:
        host = urlsplit(party.origin).hostname or ""
        for name, value in cookies.items():
            self.http.cookies.set(name, value, domain=host, path="/")

    def _request(self, method: str, url: str, follow: bool, **options: Any) -> Page:
        page = Page(self._run(self.http.request(method, url, follow_redirects=follow, **options)))
        # The script of such a page submits its form at once.
        return self.press(page, "Continue") if page.kind == "form-post" and follow else page


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def world(clock: ManualClock) -> World:
    return build_world(clock)


@pytest.fixture(scope="session")
def run() -> Iterator[Callable[[Any], Any]]:
    """Run a coroutine to its end."""
    with asyncio.Runner() as runner:
        yield runner.run


OpenBrowser = Callable[[World], Browser]


@pytest.fixture
def open_browser(run: Callable[[Any], Any]) -> OpenBrowser:
    """Open a fresh browser that reaches the parties of a world."""
    return lambda world: Browser(world.transport, run)


@pytest.fixture
def browser(world: World, open_browser: OpenBrowser) -> Browser:
    return open_browser(world)
