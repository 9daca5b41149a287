"""Login and logout through the identity provider."""

from typing import Any, get_args
from urllib.parse import urlsplit

import pytest
from sessionproof.conformance.storezero.clock import ManualClock
from sessionproof.conformance.storezero.parameters import with_query
from sessionproof.conformance.storezero.provider_context import IdTokenFault
from sessionproof.conformance.storezero.world import World

from .conftest import ORDERS, Browser, OpenBrowser, Page


def at_provider(browser: Browser) -> Page:
    """Ask for the orders and choose the identity provider."""
    return browser.press(browser.visit(ORDERS), "Log in with Facelog")


def answer_of_provider(browser: Browser, user: str = "alice") -> str:
    """Log in at the identity provider, and return its answer without visiting it."""
    action, fields = at_provider(browser).form("Log in")
    answer = browser.post(action, {**fields, "username": user, "password": f"{user}-password"}, follow=False)
    assert urlsplit(answer.headers["location"]).path == "/upstream/callback"
    return answer.headers["location"]


def subject(world: World, browser: Browser) -> str:
    claims = world.shop.session_status(browser.cookies(world.shop)).claims
    assert claims is not None
    return str(claims["sub"])


def test_an_account_of_the_same_name_is_another_account(
    world: World, browser: Browser, open_browser: OpenBrowser
) -> None:
    browser.log_in(browser.visit(ORDERS), "alice")
    other = open_browser(world)
    assert other.log_in(at_provider(other), "alice").user == "alice@idp"
    assert subject(world, browser) != subject(world, other)


def test_every_login_there_has_a_fresh_state_nonce_and_challenge(browser: Browser) -> None:
    prompt = browser.visit(ORDERS)
    requests = [browser.press(prompt, "Log in with Facelog").hop("/authorize") for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        assert len({request[name] for request in requests}) == 2


def test_cancel_there_leads_back_to_the_prompt(world: World, browser: Browser) -> None:
    prompt = browser.press(at_provider(browser), "Cancel")
    assert (prompt.origin, prompt.kind) == ("http://as.test", "login")
    assert "You were not logged in by Facelog." in prompt.html
    assert browser.state(world.server) == "created"
    # The same request can still be finished with a password.
    assert browser.log_in(prompt, "alice").url == ORDERS


def test_an_answer_works_once(world: World, browser: Browser) -> None:
    callback = answer_of_provider(browser)
    assert browser.visit(callback).user == "alice@idp"
    browser.press(browser.visit(ORDERS), "Log out everywhere")
    assert browser.visit(callback).status == 400
    assert browser.state(world.server) == "absent"


def test_an_answer_works_only_in_the_browser_that_asked(
    world: World, browser: Browser, open_browser: OpenBrowser
) -> None:
    callback = answer_of_provider(browser, "mallory")
    victim = open_browser(world)
    victim.visit(ORDERS)
    assert victim.visit(callback).status == 400
    assert victim.state(world.server) == "created"


def test_an_unknown_answer_logs_nobody_in(world: World, browser: Browser) -> None:
    browser.visit(ORDERS)
    page = browser.visit("http://as.test/upstream/callback?code=x&state=unknown")
    assert (page.status, page.kind) == (400, "error")
    assert browser.state(world.server) == "created"


def test_an_answer_that_cannot_be_used_leads_back_to_the_prompt(world: World, browser: Browser) -> None:
    for fault in get_args(IdTokenFault):
        world.reset()
        world.provider.script.id_token_fault = fault
        prompt = browser.log_in(at_provider(browser), "alice")
        assert prompt.kind == "login"
        assert "could not be used" in prompt.html
        assert browser.state(world.server) == "created"
    world.reset()
    callback = answer_of_provider(browser).replace("idp.test", "evil.test")
    assert browser.visit(callback).kind == "login"


def test_another_user_from_there_resets_the_session(world: World, browser: Browser) -> None:
    browser.log_in(at_provider(browser), "alice")
    before = world.server.session_status(browser.cookies(world.server))
    prompt = browser.press(browser.visit("http://shop.test/login/switch"), "Log in with Facelog")
    assert browser.log_in(prompt, "bob").user == "bob@idp"
    after = world.server.session_status(browser.cookies(world.server))
    assert after.sid != before.sid


def test_a_login_again_is_passed_on(world: World, browser: Browser, clock: ManualClock) -> None:
    browser.log_in(at_provider(browser), "alice")
    first = world.server.session_status(browser.cookies(world.server)).auth_time
    clock.advance(60)
    prompt = browser.press(browser.visit("http://shop.test/login/switch"), "Log in with Facelog")
    # The session there is still good, but an old login is no fresh one.
    assert (prompt.origin, prompt.kind) == ("http://idp.test", "login")
    browser.log_in(prompt, "alice")
    second = world.server.session_status(browser.cookies(world.server)).auth_time
    assert first is not None
    assert second == first + 60


def test_a_login_claims_no_more_than_the_provider_vouches_for(
    world: World, browser: Browser, clock: ManualClock
) -> None:
    page = browser.log_in(at_provider(browser), "alice")
    logged_in_at = clock.now()
    browser.press(page, "Log out everywhere")
    clock.advance(60)
    at_provider(browser)
    status = world.server.session_status(browser.cookies(world.server))
    assert (status.auth_time, status.amr) == (logged_in_at, ("pwd",))


def test_a_provider_that_ignores_the_wish_for_a_fresh_login_is_not_believed(
    browser: Browser, clock: ManualClock
) -> None:
    browser.log_in(at_provider(browser), "alice")
    clock.advance(60)
    action, fields = browser.visit("http://shop.test/login/switch").form("Log in with Facelog")
    request = browser.post(action, fields, follow=False).headers["location"]
    page = browser.visit(request.replace("prompt=login", "prompt="))
    assert page.kind == "login"
    assert "did not ask for your password again" in page.html


def test_logout_that_is_not_federated_leaves_the_provider_alone(world: World, browser: Browser) -> None:
    browser.press(browser.log_in(at_provider(browser), "alice"), "Log out everywhere")
    assert browser.state(world.server) == "absent"
    assert browser.state(world.provider) == "logged in: alice"


def test_federated_logout_ends_all_three_and_comes_back(world: World, browser: Browser) -> None:
    page = browser.press(browser.log_in(at_provider(browser), "alice"), "Log out also at the identity provider")
    assert page.url.partition("?")[0] == "http://shop.test/logged-out"
    assert [urlsplit(hop).netloc for hop in page.hops] == ["shop.test", "as.test", "idp.test", "as.test", "shop.test"]
    for party in world.parties[:1] + world.parties[2:]:
        assert browser.state(party) == "absent"
    assert at_provider(browser).kind == "login"


def test_federated_logout_of_a_password_login_goes_no_further(world: World, browser: Browser) -> None:
    browser.press(browser.log_in(at_provider(browser), "alice"), "Log out everywhere")
    page = browser.press(browser.log_in(browser.visit(ORDERS), "bob"), "Log out also at the identity provider")
    assert page.kind == "logged-out"
    assert browser.state(world.server) == "absent"
    assert browser.state(world.provider) == "logged in: alice"


def test_the_way_back_from_a_federated_logout_works_once(browser: Browser) -> None:
    page = browser.press(browser.log_in(at_provider(browser), "alice"), "Log out also at the identity provider")
    back = with_query("http://as.test/upstream/logged-out", page.hop("/upstream/logged-out"))
    assert browser.visit(back).status == 400


def test_tabs_of_one_browser_do_not_mix(world: World, browser: Browser) -> None:
    with_provider = at_provider(browser)
    with_password = browser.visit("http://shop.test/login", return_to="/checkout")
    assert browser.log_in(with_password, "bob").path == "/checkout"
    assert browser.log_in(with_provider, "alice").url == ORDERS
    assert browser.state(world.shop) == "authenticated: alice@idp"
    assert browser.state(world.server) == "logged in: alice@idp"


def test_a_refused_answer_works_once_too(browser: Browser) -> None:
    action, fields = at_provider(browser).form("Cancel")
    callback = browser.post(action, fields, follow=False).headers["location"]
    assert browser.visit(callback).kind == "login"
    assert browser.visit(callback).status == 400


def test_a_session_that_ends_while_the_answer_is_looked_at_is_not_revived(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    callback = answer_of_provider(browser)
    before = browser.cookies(world.server)
    client = world.server.relying_party
    assert client is not None
    redeem = client.redeem

    async def redeem_slowly(code: str, verifier: str) -> dict[str, Any]:
        world.server.state.sessions.clear()
        return await redeem(code, verifier)

    monkeypatch.setattr(client, "redeem", redeem_slowly)
    assert browser.visit(callback).user == "alice@idp"
    assert world.server.session_status(before).state == "absent"
    assert browser.state(world.server) == "logged in: alice@idp"
