"""The second factor: asked for where it is wanted, remembered with the session, and worth nothing without it."""

from collections.abc import Callable
from typing import Any

import pyotp
from sessionproof.conformance.storezero.clock import ManualClock
from sessionproof.conformance.storezero.world import DEMO_SECOND_FACTORS, World

from .conftest import ORDERS, Browser, Page

STEP_UP = "http://shop.test/login/step-up"


def enter(browser: Browser, page: Page, user: str, clock: ManualClock) -> Page:
    """Give the right one-time password."""
    assert page.kind == "second-factor", page.html
    return browser.press(page, "Confirm", code=pyotp.TOTP(DEMO_SECOND_FACTORS[user]).at(int(clock.now())))


def test_password_and_code_log_in_and_the_session_remembers_both(
    world: World, browser: Browser, clock: ManualClock
) -> None:
    page = browser.log_in(browser.visit(STEP_UP), "alice")
    assert browser.state(world.server) == "created"
    enter(browser, page, "alice", clock)
    assert browser.state(world.shop) == "authenticated: alice"
    assert world.server.session_status(browser.cookies(world.server)).amr == ("pwd", "otp", "mfa")
    assert browser.visit(STEP_UP).kind != "second-factor"


def test_a_wrong_code_changes_nothing(world: World, browser: Browser) -> None:
    page = browser.log_in(browser.visit(STEP_UP), "alice")
    assert browser.press(page, "Confirm", code="000000x").kind == "second-factor"
    assert browser.state(world.server) == "created"


def test_a_page_whose_session_has_ended_logs_nobody_in(world: World, browser: Browser, clock: ManualClock) -> None:
    browser.log_in(browser.visit(ORDERS), "alice")
    open_page = browser.visit(STEP_UP)
    browser.press(browser.visit("http://shop.test/"), "Log out everywhere")
    assert enter(browser, open_page, "alice", clock).kind == "login"
    assert browser.state(world.server) == "created"


def test_a_page_of_the_former_user_makes_nobody_that_user_again(
    world: World, browser: Browser, clock: ManualClock
) -> None:
    browser.log_in(browser.visit(ORDERS), "alice")
    open_page = browser.visit(STEP_UP)
    browser.log_in(browser.visit("http://shop.test/login/switch"), "bob")
    enter(browser, open_page, "alice", clock)
    assert browser.state(world.server) == "logged in: bob"


def test_who_was_disabled_in_between_is_not_logged_in(
    world: World, browser: Browser, clock: ManualClock, run: Callable[[Any], Any]
) -> None:
    page = browser.log_in(browser.visit(STEP_UP), "alice")
    run(world.server.disable("alice"))
    assert enter(browser, page, "alice", clock).kind == "second-factor"
    assert browser.state(world.server) == "created"
