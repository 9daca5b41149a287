"""The browser's cookies: kept per origin, copied, saved, carried."""

import pytest
from sessionproof.conformance.adapters.browser import Browser, Tab
from sessionproof.conformance.adapters.cookies import Jar
from sessionproof.conformance.adapters.network import Network
from sessionproof.conformance.adapters.urls import Origin
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from .web import AS, SHOP, Web


def test_cookies_are_kept_per_origin(web: Web, network: Network) -> None:
    network.host(AS + ":8080", Starlette(routes=[Route("/", web.shop.answer)]))
    assert web.set_cookie("sid=1; HttpOnly", "lang=en; Path=/") == {"sid": "1", "lang": "en"}
    web.get(AS + "/x")
    assert web.server.headers["cookie"] == "sid=1; lang=en"
    web.get(AS + ":8080/")
    assert "cookie" not in web.shop.headers


def test_cookie_goes_back_byte_by_byte(web: Web) -> None:
    response = HTMLResponse("")
    response.raw_headers.append((b"set-cookie", b"a=\xff\xc3\xa4; Path=/"))
    web.server.answers["/"] = response
    web.get(AS + "/")
    web.get(AS + "/")
    assert web.server.headers["cookie"].encode("latin-1") == b"a=\xff\xc3\xa4"


def test_deletion_needs_the_right_path(web: Web) -> None:
    web.set_cookie("sid=1; Path=/")
    assert web.set_cookie("sid=; Max-Age=0; Path=/logout", path="/logout") == {"sid": "1"}
    assert web.set_cookie("sid=; Max-Age=0; Path=/", path="/logout") == {}


@pytest.mark.parametrize(
    ("same_site", "method", "sent"),
    [
        ("Strict", "GET", False),
        ("Strict", "POST", False),
        ("Lax", "GET", True),
        ("Lax", "POST", False),
        ("None", "POST", True),
    ],
)
def test_same_site_holds_back_cookies_from_other_sites(web: Web, same_site: str, method: str, sent: bool) -> None:
    web.set_cookie(f"sid=1; SameSite={same_site}")
    web.browser.navigate(web.tab, method, AS + "/x", referrer=SHOP + "/")
    assert ("cookie" in web.server.headers) == sent
    web.browser.navigate(web.tab, method, AS + "/x", referrer=AS + "/")
    assert "cookie" in web.server.headers


def test_copy_is_independent(web: Web) -> None:
    web.set_cookie("sid=1; Path=/")
    probe = web.browser.copy()
    web.set_cookie("sid=2; Path=/")
    assert probe.cookies(AS) == {"sid": "1"}
    probe.navigate(Tab(), "GET", AS + "/")  # sets sid=2 there too
    web.set_cookie("sid=; Max-Age=0; Path=/")
    assert probe.cookies(AS) == {"sid": "2"}
    assert web.browser.cookies(AS) == {}


def test_cookies_are_saved_put_back_carried_and_left_out(web: Web, network: Network) -> None:
    web.set_cookie("sid=1; Path=/", "lang=en; Path=/")
    saved = web.browser.jar(AS).copy()
    web.set_cookie("sid=; Max-Age=0; Path=/")
    other = Browser(network)
    other.put(saved)
    assert other.cookies(AS) == {"sid": "1", "lang": "en"}
    web.browser.put(saved.copy(without="lang"))
    assert web.browser.cookies(AS) == {"sid": "1"}
    web.browser.put(Jar(Origin.of(AS)))
    assert web.browser.cookies(AS) == {}


def test_restart_and_time_reach_every_origin(web: Web) -> None:
    for origin in (AS, SHOP):
        web.set_cookie("session=1", "short=1; Max-Age=60", "long=1; Max-Age=3600", origin=origin)
    web.browser.restart()
    assert web.browser.cookies(AS) == web.browser.cookies(SHOP) == {"short": "1", "long": "1"}
    web.browser.age(120)
    assert web.browser.cookies(AS) == web.browser.cookies(SHOP) == {"long": "1"}
