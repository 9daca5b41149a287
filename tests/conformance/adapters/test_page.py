"""Pages with content that is broken, hostile, or no HTML."""

import pytest
from sessionproof.conformance.adapters.network import Network
from starlette.responses import HTMLResponse, Response

from .web import AS, Web


@pytest.mark.parametrize(
    ("content_type", "body", "title"),
    [
        ("text/html; charset=utf-8", b"<title>a\xff\xfeb</title>", "a��b"),
        ("text/html; charset=iso-8859-1", b"<title>\xe9</title>", "é"),
        ("text/html", b"<meta charset='windows-1252'><title>\x80</title>", "€"),
        ("text/html; charset=nonsense", "<title>ü</title>".encode(), "ü"),
        ("text/html; charset=punycode", "<title>ü</title>".encode(), "ü"),
        ("", b"<title>none</title>", "none"),
        ("text/html", b"<title>\x1b[31m red\n\r\x07 end</title>", "[31m red end"),
        ("application/json", b"<title>no</title>", ""),
        ("text/html", b"", ""),
    ],
)
def test_character_sets(web: Web, content_type: str, body: bytes, title: str) -> None:
    web.server.answers["/"] = Response(body, headers={"content-type": content_type} if content_type else {})
    page = web.get(AS + "/").page
    assert page is not None
    assert page.title == title


def test_page_that_is_not_html_has_no_forms(web: Web) -> None:
    web.server.answers["/"] = Response("<form><input></form><a href=/>x</a>", media_type="text/plain")
    page = web.get(AS + "/").page
    assert page is not None
    assert (page.forms, page.links, page.text) == ([], [], "")


def test_addresses_that_are_none(web: Web) -> None:
    web.server.answers["/"] = HTMLResponse(
        "<base href='//['><a href='//[x'>a</a><form action='http://[?#'><input name=a></form>"
        "<iframe src='//['></iframe><meta http-equiv=refresh content='99999999999999999999999999;url=/x'>"
    )
    page = web.get(AS + "/").page
    assert page is not None
    assert web.browser.choose(web.tab, page.links[0]).foreign == "//[x"
    assert web.browser.submit(web.tab, page.forms[0]).foreign == "http://[?a="
    assert page.frames == ["//["]


def test_deeply_nested_page_is_bearable(web: Web, network: Network) -> None:
    web.server.answers["/"] = HTMLResponse("<form>" + "<div>" * 8000 + "<input name=a>" * 500)
    page = web.get(AS + "/").page
    assert page is not None
    assert isinstance(page.forms, list)
    assert network.requests == 1


def test_text_is_what_people_read(web: Web) -> None:
    web.server.answers["/"] = HTMLResponse(
        "<title>t</title><script>x()</script><style>p{}</style><p>Good\n <b>day</b></p>"
    )
    shown = web.get(AS + "/").page
    assert shown is not None
    assert shown.text == "Good day"
