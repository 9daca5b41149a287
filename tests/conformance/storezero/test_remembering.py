"""Who asks to be remembered stays logged in when the browser is closed, and no longer than that; nobody else does."""

from collections.abc import Callable
from typing import Any

import pytest
from sessionproof.conformance.storezero.clock import ManualClock
from sessionproof.conformance.storezero.provider_records import DAY, REMEMBERED
from sessionproof.conformance.storezero.world import DEMO_PASSWORDS, World

from .conftest import ORDERS, Browser


def log_in(browser: Browser, *, remember: bool) -> None:
    fields = {"remember": "yes"} if remember else {}
    browser.press(browser.visit(ORDERS), "Log in", username="alice", password=DEMO_PASSWORDS["alice"], **fields)


@pytest.mark.parametrize("remember", [True, False])
def test_the_cookie_outlives_the_browser_only_for_who_asked(world: World, browser: Browser, *, remember: bool) -> None:
    log_in(browser, remember=remember)
    [cookie] = [one for one in browser.http.cookies.jar if one.name == world.server.session_cookie.name]
    assert (cookie.expires is not None) is remember
    assert browser.state(world.server) == "logged in: alice"


def test_a_session_that_is_remembered_has_its_own_lifetimes(world: World, browser: Browser, clock: ManualClock) -> None:
    log_in(browser, remember=True)
    clock.advance(REMEMBERED.idle - 1)
    assert browser.state(world.server) == "logged in: alice"
    clock.advance(1)
    assert browser.state(world.server) == "absent"


def test_no_visit_prolongs_it_beyond_its_absolute_time(browser: Browser, clock: ManualClock) -> None:
    log_in(browser, remember=True)
    for _ in range(int(REMEMBERED.absolute / DAY / 10) - 1):
        clock.advance(10 * DAY)
        assert browser.visit(ORDERS).user == "alice"
    clock.advance(10 * DAY)
    assert browser.visit(ORDERS).kind == "login"


def test_a_new_password_ends_every_session_and_is_the_only_one(
    world: World, browser: Browser, run: Callable[[Any], Any]
) -> None:
    log_in(browser, remember=True)
    run(world.server.set_password("alice", "another"))
    assert browser.state(world.server) == "absent"
    page = browser.visit("http://shop.test/login/switch")
    assert browser.log_in(page, "alice").kind == "login"
    browser.log_in(page, "alice", "another")
    assert browser.state(world.server) == "logged in: alice"
    world.reset()
    browser.log_in(browser.visit(ORDERS), "alice")
    assert browser.state(world.server) == "logged in: alice"
