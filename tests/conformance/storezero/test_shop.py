"""The shop as a relying party: what it refuses, what ends its sessions, what it never mixes up."""

from collections.abc import Callable
from typing import Any, get_args
from urllib.parse import parse_qsl, urlsplit

import pytest
from sessionproof.conformance.storezero.clock import ManualClock
from sessionproof.conformance.storezero.parameters import with_query
from sessionproof.conformance.storezero.provider_context import IdTokenFault
from sessionproof.conformance.storezero.sessions import Lifetimes
from sessionproof.conformance.storezero.world import Origins, World, build_world

from .conftest import ORDERS, OUTLET_ORDERS, Browser, OpenBrowser

HOME = "http://shop.test/"


def answer_of_server(browser: Browser, user: str = "alice") -> str:
    """Log in at the server, and return the callback URL without visiting it."""
    action, fields = browser.visit(ORDERS).form("Log in")
    answer = browser.post(action, {**fields, "username": user, "password": f"{user}-password"}, follow=False)
    return answer.headers["location"]


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


@pytest.mark.parametrize(
    "change",
    [{"state": "unknown"}, {"state": ""}, {"iss": "http://evil.test"}, {"iss": ""}, {"code": "unknown"}, {"code": ""}],
    ids=str,
)
def test_a_callback_that_was_tampered_with_logs_nobody_in(
    browser: Browser, world: World, change: dict[str, str]
) -> None:
    answer = query_of(answer_of_server(browser)) | change
    page = browser.visit(with_query("http://shop.test/callback", {k: v for k, v in answer.items() if v}))
    assert (page.status, page.kind, page.user) == (400, "error", "")
    assert browser.state(world.shop) == "anonymous"


def test_a_callback_works_only_in_the_browser_that_started_it(
    browser: Browser, world: World, open_browser: OpenBrowser
) -> None:
    victim = open_browser(world)
    victim.visit(ORDERS)
    page = victim.visit(answer_of_server(browser, "mallory"))
    assert (page.status, page.user) == (400, "")
    assert victim.state(world.shop) == "anonymous"


def test_a_callback_works_once(browser: Browser, world: World) -> None:
    callback = answer_of_server(browser)
    assert browser.visit(callback).user == "alice"
    before = browser.cookies(world.shop)
    assert browser.visit(callback).status == 400
    assert browser.cookies(world.shop) == before
    assert browser.state(world.shop) == "authenticated: alice"


@pytest.mark.parametrize("fault", get_args(IdTokenFault))
def test_a_wrong_id_token_logs_nobody_in(browser: Browser, world: World, fault: IdTokenFault) -> None:
    browser.log_in(browser.visit(ORDERS), "alice")
    browser.press(browser.visit(HOME), "Log out of this shop")
    world.server.script.id_token_fault = fault
    assert browser.visit(ORDERS).status == 400
    assert browser.state(world.shop) == "anonymous"
    world.server.script.id_token_fault = None
    assert browser.visit(ORDERS).user == "alice"


@pytest.mark.parametrize("fault", get_args(IdTokenFault))
def test_a_wrong_id_token_in_a_form_logs_nobody_in(browser: Browser, world: World, fault: IdTokenFault) -> None:
    world.server.script.id_token_fault = fault
    consent = browser.log_in(browser.visit(OUTLET_ORDERS), "alice")
    assert browser.press(consent, "Allow").status == 400
    assert browser.state(world.outlet) == "anonymous"


def test_a_cancelled_login_logs_nobody_in(browser: Browser, world: World) -> None:
    page = browser.press(browser.visit(ORDERS), "Cancel")
    assert (page.origin, page.status) == ("http://shop.test", 400)
    assert "access_denied" in page.html
    assert (browser.state(world.shop), browser.state(world.server)) == ("anonymous", "created")


def test_the_session_id_changes_at_login_and_the_old_one_is_dead(browser: Browser, world: World) -> None:
    prompt = browser.visit(ORDERS)
    anonymous = browser.cookies(world.shop)
    browser.log_in(prompt, "alice")
    assert browser.cookies(world.shop) != anonymous
    assert world.shop.session_status(anonymous).state == "absent"


def test_a_session_id_of_the_browsers_own_invention_is_not_adopted(browser: Browser, world: World) -> None:
    browser.put_cookies(world.shop, {"shop_session": "chosen-by-an-attacker"})
    browser.log_in(browser.visit(ORDERS), "alice")
    assert browser.cookies(world.shop)["shop_session"] != "chosen-by-an-attacker"
    assert world.shop.session_status({"shop_session": "chosen-by-an-attacker"}).state == "absent"


def test_another_user_starts_a_fresh_session(browser: Browser, world: World) -> None:
    browser.log_in(browser.visit(ORDERS), "alice")
    of_alice = browser.cookies(world.shop)
    browser.log_in(browser.visit("http://shop.test/login/switch"), "bob")
    assert browser.state(world.shop) == "authenticated: bob"
    assert world.shop.session_status(of_alice).state == "absent"


def test_the_same_user_again_gets_a_fresh_id(browser: Browser, world: World) -> None:
    browser.log_in(browser.visit(ORDERS), "alice")
    first = browser.cookies(world.shop)
    browser.visit("http://shop.test/login")
    assert browser.state(world.shop) == "authenticated: alice"
    assert world.shop.session_status(first).state == "absent"


def test_two_tabs_log_in_independently_of_each_other(browser: Browser, world: World) -> None:
    first, second = browser.visit(ORDERS), browser.visit("http://shop.test/login", return_to="/checkout")
    assert browser.log_in(second, "alice").path == "/checkout"
    assert browser.log_in(first, "alice").path == "/account/orders"
    assert browser.state(world.shop) == "authenticated: alice"


@pytest.mark.parametrize("return_to", ["http://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", "x"])
def test_after_login_never_to_a_foreign_site(browser: Browser, return_to: str) -> None:
    page = browser.log_in(browser.visit("http://shop.test/login", return_to=return_to), "alice")
    assert page.url == HOME


def test_local_logout_leaves_the_server_alone(browser: Browser, world: World) -> None:
    page = browser.log_in(browser.visit(ORDERS), "alice")
    old = browser.cookies(world.shop)
    assert browser.press(page, "Log out of this shop").kind == "logged-out"
    assert browser.cookies(world.shop) == {}
    assert world.shop.session_status(old).state == "absent"
    assert browser.state(world.server) == "logged in: alice"
    # The next login needs no prompt.
    assert browser.visit(ORDERS).user == "alice"


def test_global_logout_ends_both_sessions_without_a_question(browser: Browser, world: World) -> None:
    page = browser.press(browser.log_in(browser.visit(ORDERS), "alice"), "Log out everywhere")
    assert page.url.partition("?")[0] == "http://shop.test/logged-out"
    sent = page.hop("/end_session")
    assert set(sent) == {"id_token_hint", "client_id", "post_logout_redirect_uri", "state"}
    assert page.hop("/logged-out") == {"state": sent["state"]}
    assert (browser.state(world.shop), browser.state(world.server)) == ("absent", "absent")


def test_global_logout_without_a_local_session_still_asks_the_server(browser: Browser, world: World) -> None:
    browser.press(browser.log_in(browser.visit(ORDERS), "alice"), "Log out of this shop")
    question = browser.post("http://shop.test/logout", {"scope": "global"})
    assert question.kind == "logout"
    browser.press(question, "Yes, log me out")
    assert browser.state(world.server) == "absent"


def test_a_login_under_way_does_not_survive_a_logout(browser: Browser, world: World) -> None:
    page = browser.log_in(browser.visit(ORDERS), "alice")
    other_tab = browser.visit("http://shop.test/login/switch")
    browser.press(page, "Log out of this shop")
    assert browser.log_in(other_tab, "alice").status == 400
    assert browser.state(world.shop) == "absent"


@pytest.mark.parametrize(("origin", "status"), [("http://evil.test", 403), ("null", 403), ("http://shop.test", 200)])
def test_a_logout_comes_from_the_shops_own_pages(browser: Browser, origin: str, status: int) -> None:
    browser.log_in(browser.visit(ORDERS), "alice")
    assert browser.post("http://shop.test/logout", {"scope": "local"}, origin=origin).status == status
    assert browser.visit(HOME).user == ("" if status == 200 else "alice")


def test_a_logout_that_does_not_say_how_far_ends_nothing(browser: Browser, world: World) -> None:
    browser.log_in(browser.visit(ORDERS), "alice")
    assert browser.post("http://shop.test/logout", {}).status == 400
    assert browser.state(world.shop) == "authenticated: alice"


def test_silent_check_finds_the_same_user(browser: Browser) -> None:
    browser.log_in(browser.visit(ORDERS), "alice")
    page = browser.visit("http://shop.test/login/silent", id_token_hint="own")
    assert (page.url, page.user) == (HOME, "alice")
    assert "id_token_hint" in page.hop("/authorize")


@pytest.mark.parametrize(("setting", "after"), [("end", "absent"), ("keep", "authenticated: alice")])
def test_silent_check_finds_nobody(open_browser: OpenBrowser, setting: str, after: str) -> None:
    world = build_world(silent_login_required="keep" if setting == "keep" else "end")
    browser = open_browser(world)
    browser.log_in(browser.visit(ORDERS), "alice")
    world.server.reset()
    page = browser.visit("http://shop.test/login/silent", return_to="/account/orders")
    assert (page.origin, page.status) == ("http://shop.test", 200)
    assert browser.state(world.shop) == after


def test_silent_check_finds_another_user(browser: Browser, world: World) -> None:
    browser.log_in(browser.visit(ORDERS), "alice")
    of_alice = browser.cookies(world.shop)
    browser.press(browser.log_in(browser.visit("http://outlet.test/login/switch"), "bob"), "Allow")
    assert browser.state(world.shop) == "authenticated: alice"
    browser.visit("http://shop.test/login/silent")
    assert browser.state(world.shop) == "authenticated: bob"
    assert world.shop.session_status(of_alice).state == "absent"


def test_browsers_are_independent(browser: Browser, world: World, open_browser: OpenBrowser) -> None:
    other = open_browser(world)
    page = browser.log_in(browser.visit(ORDERS), "alice")
    other.log_in(other.visit(ORDERS), "alice")
    browser.press(page, "Log out everywhere")
    assert other.visit(ORDERS).kind == "account"


def test_idle_and_absolute_lifetime(clock: ManualClock, open_browser: OpenBrowser) -> None:
    world = build_world(clock, shop_lifetimes=Lifetimes(idle=100, absolute=250))
    browser = open_browser(world)
    browser.log_in(browser.visit(ORDERS), "alice")
    for _ in range(2):
        clock.advance(99)
        assert browser.visit("http://shop.test/checkout").user == "alice"
    clock.advance(52)
    assert browser.state(world.shop) == "absent"
    assert browser.visit("http://shop.test/checkout").user == ""
    assert browser.visit(ORDERS).user == "alice"
    clock.advance(100)
    assert browser.visit("http://shop.test/checkout").user == ""


def test_looking_at_the_status_is_no_visit(clock: ManualClock, open_browser: OpenBrowser) -> None:
    world = build_world(clock, shop_lifetimes=Lifetimes(idle=100), server_lifetimes=Lifetimes(idle=100))
    browser = open_browser(world)
    browser.log_in(browser.visit(ORDERS), "alice")
    clock.advance(99)
    assert browser.state(world.shop) == "authenticated: alice"
    assert browser.state(world.server) == "logged in: alice"
    clock.advance(1)
    assert browser.state(world.shop) == "absent"
    assert browser.state(world.server) == "absent"


def test_the_status_holds_the_answer_that_logged_in(browser: Browser, world: World) -> None:
    callback = answer_of_server(browser)
    browser.visit(callback)
    login = world.shop.session_status(browser.cookies(world.shop)).login
    assert login is not None
    assert login.token_response is not None
    assert login.callback_url == callback
    assert login.code == query_of(callback)["code"]
    assert login.token_response["id_token"] == login.id_token
    assert login.token_response["refresh_token"]
    assert login.claims["preferred_username"] == "alice"
    assert login.code not in repr(login)


def test_authenticated_pages_are_neither_cached_nor_framed(browser: Browser) -> None:
    page = browser.log_in(browser.visit(ORDERS), "alice")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-frame-options"] == "DENY"


def test_cookies_are_http_only_lax_and_secure_over_https(open_browser: OpenBrowser) -> None:
    plain = open_browser(build_world()).visit(ORDERS, follow=False).headers["set-cookie"].lower()
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip() for part in plain.split(";")}
    assert "secure" not in plain
    world = build_world(origins=Origins(shop="https://shop.test"))
    https = open_browser(world).visit("https://shop.test/account/orders", follow=False).headers["set-cookie"].lower()
    assert "secure" in https


def test_html_in_a_user_name_stays_text(open_browser: OpenBrowser) -> None:
    name = "<script>alert('x')</script>\""
    browser = open_browser(build_world(passwords={name: "password"}))
    page = browser.log_in(browser.visit(ORDERS), name, "password")
    assert page.user == name
    assert "<script>" not in page.html


def test_an_id_token_in_a_form_works_once(browser: Browser, world: World) -> None:
    browser.press(browser.log_in(browser.visit(OUTLET_ORDERS), "alice"), "Allow")
    request = browser.visit(OUTLET_ORDERS.replace("account/orders", "login"), follow=False).headers["location"]
    action, answer = browser.visit(request, follow=False).form("Continue")
    assert browser.post(action, answer).user == "alice"
    before = browser.cookies(world.outlet)
    assert browser.post(action, answer).status == 400
    assert browser.cookies(world.outlet) == before


def test_a_form_is_looked_at_only_with_the_cookie_that_the_next_get_brings(
    browser: Browser, world: World, open_browser: OpenBrowser
) -> None:
    consent = browser.log_in(browser.visit(OUTLET_ORDERS), "alice")
    action, fields = consent.form("Allow")
    callback, answer = browser.post(action, fields, follow=False).form("Continue")
    # Browsers leave a Lax cookie out of a POST that comes from another site.
    without_cookies = open_browser(world)
    onwards = without_cookies.post(callback, answer, follow=False)
    assert "set-cookie" not in onwards.headers
    assert browser.visit("http://outlet.test" + onwards.headers["location"]).user == "alice"


def test_a_logout_while_the_code_is_redeemed_is_not_undone(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    callback = answer_of_server(browser)
    redeem = world.shop.relying_party.redeem

    async def redeem_slowly(code: str, verifier: str) -> dict[str, Any]:
        world.shop.sessions.clear()
        return await redeem(code, verifier)

    monkeypatch.setattr(world.shop.relying_party, "redeem", redeem_slowly)
    assert browser.visit(callback).status == 400
    assert browser.state(world.shop) == "absent"


def test_a_login_under_way_outside_of_a_session_does_not_survive_a_logout(open_browser: OpenBrowser) -> None:
    world = build_world(session_created="at login")
    browser = open_browser(world)
    first, second = browser.visit(ORDERS), browser.visit(ORDERS)
    browser.press(browser.log_in(first, "alice"), "Log out of this shop")
    assert browser.cookies(world.shop) == {}
    assert browser.log_in(second, "alice").status == 400
    assert browser.state(world.shop) == "absent"


def test_refreshing_as_an_application_does(browser: Browser, world: World, run: Callable[[Any], Any]) -> None:
    browser.log_in(browser.visit(ORDERS), "alice")
    login = world.shop.session_status(browser.cookies(world.shop)).login
    assert login is not None
    assert login.token_response is not None
    tokens = run(world.shop.relying_party.refresh(login.token_response["refresh_token"]))
    assert run(world.shop.relying_party.verify_signature(tokens["id_token"]))["sub"] == login.claims["sub"]
