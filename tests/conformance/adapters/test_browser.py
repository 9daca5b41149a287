"""The hops of a navigation, and what a target sees of the browser."""

import pytest
from sessionproof.conformance.adapters.browser import MAX_REDIRECTS
from sessionproof.conformance.adapters.problems import TooManyRedirects
from sessionproof.conformance.adapters.urls import Origin
from starlette.responses import HTMLResponse

from .web import AS, SHOP, Web, to

# Redirects


def test_hops_to_the_page_that_stands_still(web: Web) -> None:
    web.server.answers["/authorize"] = to("/login", 303)
    navigation = web.get(AS + "/authorize?client_id=shop")
    assert [(h.method, h.url, h.status, h.location) for h in navigation.hops] == [
        ("GET", AS + "/authorize?client_id=shop", 303, AS + "/login"),
        ("GET", AS + "/login", 200, None),
    ]
    assert navigation.page is web.tab.page
    assert navigation.page is not None
    assert (navigation.page.title, navigation.page.origin) == ("/login", Origin.of(AS))


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(301, "GET", b""), (302, "GET", b""), (303, "GET", b""), (307, "POST", b"a=1"), (308, "POST", b"a=1")],
)
def test_redirected_post(web: Web, status: int, method: str, body: bytes) -> None:
    web.server.answers["/from"] = to("/to", status)
    web.post(AS + "/from", data={"a": "1"})
    assert (web.server.asked[-1][0], web.server.asked[-1][3]) == (method, body)
    assert ("content-type" in web.server.headers) == (method == "POST")


def test_fragment_survives_a_redirect_unless_it_has_its_own(web: Web) -> None:
    web.server.answers |= {"/one": to("/end"), "/two": to("/end#own")}
    assert web.get(AS + "/one#kept").hops[-1].url == AS + "/end#kept"
    assert web.get(AS + "/two#lost").hops[-1].url == AS + "/end#own"
    assert web.server.asked[-1][1] == "/end"


def test_redirect_without_location_is_a_page(web: Web) -> None:
    web.server.answers["/odd"] = HTMLResponse("<title>odd</title>", status_code=302)
    page = web.get(AS + "/odd").page
    assert page is not None
    assert (page.title, page.status, page.failed) == ("odd", 302, False)


def test_endless_redirects_end(web: Web) -> None:
    web.server.answers["/loop"] = to("/loop")
    with pytest.raises(TooManyRedirects, match="/loop"):
        web.get(AS + "/loop")
    assert len(web.server.asked) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("away", "foreign"),
    [
        ("http://evil.test/x", "http://evil.test/x"),
        ("//evil.test/x", "http://evil.test/x"),
        ("/\\evil.test/x", "http://evil.test/x"),
        ("http://as.test@evil.test/", "http://as.test@evil.test/"),
        ("http://as.test:81/", "http://as.test:81/"),
        ("myapp://callback?code=1", "myapp://callback?code=1"),
        ("//[", "//["),
        ("http://[#x", "http://[#x"),
        ("http://a:b", "http://a:b"),
    ],
)
def test_foreign_address_is_observed_and_not_followed(web: Web, away: str, foreign: str) -> None:
    before = web.get(AS + "/").page
    web.server.answers["/out"] = to(away)
    navigation = web.get(AS + "/out")
    assert navigation.page is None
    assert navigation.hops[-1].location == navigation.foreign == foreign
    assert web.tab.page is before


def test_refresh_counts_as_redirect(web: Web) -> None:
    web.server.answers |= {
        "/meta": HTMLResponse("<META HTTP-EQUIV='Refresh' content='0; URL=\"/end?a=1&amp;b=2\"'>"),
        "/header": HTMLResponse("", headers={"refresh": "1;url=/end"}),
        "/later": HTMLResponse("<meta http-equiv=refresh content='300; url=/end'>"),
        "/self": HTMLResponse("<meta http-equiv=refresh content=5>"),
    }
    assert web.get(AS + "/meta").hops[-1].url == AS + "/end?a=1&b=2"
    assert web.server.headers["referer"] == AS + "/meta"
    assert web.get(AS + "/header").hops[-1].url == AS + "/end"
    assert len(web.get(AS + "/later").hops) == 1
    assert len(web.get(AS + "/self").hops) == 1


def test_stop_before_an_address_is_requested(web: Web) -> None:
    web.server.answers["/authorize"] = to(SHOP + "/callback?code=1")
    navigation = web.get(AS + "/authorize", stop=lambda url: url.startswith(SHOP))
    assert navigation.stopped_at == SHOP + "/callback?code=1"
    assert (navigation.page, navigation.foreign, web.shop.asked) == (None, None, [])


def test_stop_goes_before_foreign(web: Web) -> None:
    web.server.answers["/authorize"] = to("http://nobody.test/callback?code=1")
    navigation = web.get(AS + "/authorize", stop=lambda url: "/callback" in url)
    assert (navigation.stopped_at, navigation.foreign) == ("http://nobody.test/callback?code=1", None)


def test_rewrite_changes_each_hop(web: Web) -> None:
    web.shop.answers["/login"] = to(AS + "/authorize?prompt=login")
    navigation = web.get(SHOP + "/login", rewrite=lambda url: url.replace("prompt=login", "prompt=none"))
    assert web.server.asked[-1][1] == "/authorize?prompt=none"
    assert navigation.page is not None
    assert navigation.page.url == AS + "/authorize?prompt=none"


# What a browser sends


def test_typed_address_sends_no_referrer(web: Web) -> None:
    web.get(AS + "/")
    assert {"referer", "origin"}.isdisjoint(web.server.headers)
    assert web.server.headers["accept"].startswith("text/html")
    assert "sessionproof" in web.server.headers["user-agent"]


def test_link_sends_full_referrer_at_home_and_the_origin_abroad(web: Web) -> None:
    web.server.answers["/a"] = HTMLResponse(f"<a href=b>in</a><a href={SHOP}/>out</a>")
    page = web.get(AS + "/a?secret=1#part").page
    assert page is not None
    web.browser.choose(web.tab, page.links[0])
    assert web.server.headers["referer"] == AS + "/a?secret=1"
    web.browser.choose(web.tab, page.links[1])
    assert web.shop.headers["referer"] == AS + "/"


def test_post_sends_its_origin(web: Web) -> None:
    web.post(AS + "/login", data={"user name": "ä&b"})
    assert web.server.headers["origin"] == AS
    assert web.server.asked[-1][3] == b"user+name=%C3%A4%26b"
    web.post(AS + "/login", referrer=SHOP + "/attack")
    assert (web.server.headers["origin"], web.server.headers["referer"]) == (SHOP, SHOP + "/")


def test_post_redirected_across_origins_loses_its_origin(web: Web) -> None:
    web.server.answers["/from"] = to(SHOP + "/to", 307)
    web.post(AS + "/from", data=[("a", "1")], referrer=AS + "/")
    assert (web.shop.headers["origin"], web.shop.asked[-1][3]) == ("null", b"a=1")


def test_own_headers_go_with_the_first_request_only(web: Web) -> None:
    web.server.answers["/from"] = to("/to")
    web.get(AS + "/from", headers={"accept-language": "de", "X-Test": "1"})
    (_, _, first, _), (_, _, second, _) = web.server.asked
    assert (first["accept-language"], first["x-test"]) == ("de", "1")
    assert (second["accept-language"], "x-test" in second) == ("en", False)


def test_location_with_characters_that_need_quoting(web: Web) -> None:
    web.server.answers["/a"] = to("/b c?q=<x>")
    web.get(AS + "/a")
    assert web.server.asked[-1][1] == "/b c?q=%3Cx%3E"
