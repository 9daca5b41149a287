"""The browser's forms: filled, sent, sent again, and those that send themselves."""

from sessionproof.conformance.adapters.browser import Browser, Tab
from sessionproof.conformance.adapters.buttons import Press
from sessionproof.conformance.adapters.network import Network
from starlette.responses import HTMLResponse

from .web import AS, SHOP, Web


def test_form_is_filled_and_sent_with_the_chosen_button(web: Web) -> None:
    web.server.answers["/login"] = HTMLResponse(
        "<form method=post action=go><input type=hidden name=csrf value=t><input name=u value=old>"
        "<button name=do value=in>In</button><button name=do value=no formaction=/never>No</button></form>"
    )
    page = web.get(AS + "/login").page
    assert page is not None
    form = page.forms[0]
    web.browser.submit(web.tab, form, {"u": "alice"}, form.buttons[0])
    assert web.server.asked[-1][:2] == ("POST", "/go")
    assert web.server.asked[-1][3] == b"csrf=t&u=alice&do=in"
    assert web.server.headers["referer"] == AS + "/login"
    web.browser.choose(web.tab, Press(form, form.buttons[1]), {"csrf": None})
    assert web.server.asked[-1][1] == "/never"
    assert web.server.asked[-1][3] == b"u=old&do=no"


def test_multipart_form(web: Web) -> None:
    web.server.answers["/f"] = HTMLResponse(
        "<form method=post enctype=multipart/form-data><input name=a value=1><input name=a value=ü></form>"
    )
    page = web.get(AS + "/f").page
    assert page is not None
    web.browser.submit(web.tab, page.forms[0])
    body = web.server.asked[-1][3].decode()
    assert web.server.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert body.count('name="a"') == 2
    assert "ü" in body


FORM_POST = (
    f"<html><body onload='document.forms[0].submit()'><form method=post action={SHOP}/callback>"
    "<input type=hidden name=code value=c><input type=hidden name=state value=s>"
    "<noscript><button>Continue</button></noscript></form></body></html>"
)


def test_form_that_submits_itself_is_a_hop(web: Web) -> None:
    web.server.answers["/authorize"] = HTMLResponse(FORM_POST)
    navigation = web.get(AS + "/authorize")
    assert [h.url for h in navigation.hops] == [AS + "/authorize", SHOP + "/callback"]
    assert navigation.hops[0].location == SHOP + "/callback"
    assert navigation.hops[1].fields == {"code": "c", "state": "s"}
    assert (web.shop.headers["origin"], web.shop.asked[-1][3]) == (AS, b"code=c&state=s")


def test_self_submitting_form_can_be_stopped_or_is_foreign(web: Web) -> None:
    web.server.answers |= {
        "/a": HTMLResponse(FORM_POST),
        "/b": HTMLResponse(FORM_POST.replace("shop.test", "evil.test")),
    }
    stopped = web.get(AS + "/a", stop=lambda url: url.endswith("/callback"))
    assert (stopped.stopped_at, stopped.fields) == (SHOP + "/callback", {"code": "c", "state": "s"})
    assert web.get(AS + "/b").foreign == "http://evil.test/callback"
    assert "'c'" not in repr(stopped)


def test_self_submission_is_up_to_the_callback(web: Web, network: Network) -> None:
    web.server.answers["/authorize"] = HTMLResponse(FORM_POST)
    page = Browser(network, auto_submit=lambda _page: False).navigate(Tab(), "GET", AS + "/authorize").page
    assert page is not None
    assert page.url == AS + "/authorize"


def test_back_and_resend_the_form(web: Web) -> None:
    web.server.answers["/login"] = HTMLResponse("<form method=post action=/in><input name=u></form>")
    first = web.get(AS + "/login").page
    web.get(AS + "/other")
    requests = len(web.server.asked)
    assert web.tab.back() is first
    assert len(web.server.asked) == requests
    assert first is not None
    web.browser.submit(web.tab, first.forms[0], {"u": "bob"})
    assert web.server.asked[-1][3] == b"u=bob"
    assert Tab().back() is None


def test_frames_are_loaded_beside_the_tab(web: Web) -> None:
    web.set_cookie("sid=1; SameSite=Lax", origin=SHOP)
    web.server.answers["/out"] = HTMLResponse(f"<iframe src='{SHOP}/fcl?sid=x'></iframe><iframe src=http://evil.test>")
    page = web.get(AS + "/out").page
    assert page is not None
    assert page.frames == [f"{SHOP}/fcl?sid=x", "http://evil.test"]
    assert web.shop.asked[-1][1].endswith("/fcl?sid=x"), "the frame of a foreign site is not asked for"
    assert web.shop.headers["cookie"] == "sid=1"
    assert web.tab.page is page
