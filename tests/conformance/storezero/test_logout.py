"""RP-initiated logout at the provider."""

from collections.abc import Callable
from typing import Any

import pytest
from sessionproof.conformance.storezero.clock import ManualClock
from sessionproof.conformance.storezero.provider_decisions import ProviderDecisions
from sessionproof.conformance.storezero.provider_records import ServerSession

from .application import ISSUER, LOGGED_OUT, Site, answer_of
from .conftest import Browser


@pytest.fixture
def site(clock: ManualClock, run: Callable[[Any], Any]) -> Site:
    return Site(clock, run)


@pytest.fixture
def browser(site: Site) -> Browser:
    return site.browser()


def hint_of(site: Site, browser: Browser, user: str = "alice") -> str:
    """Log in, and return the ID token."""
    return str(site.tokens(answer_of(site.log_in(browser, user, prompt="login"))["code"])["id_token"])


def test_with_a_hint_of_the_session_nobody_is_asked(site: Site, browser: Browser) -> None:
    hint = hint_of(site, browser)
    old = browser.cookies(site.provider)
    page = site.end_session(browser, id_token_hint=hint, post_logout_redirect_uri=LOGGED_OUT, state="s")
    assert page.url == f"{LOGGED_OUT}?state=s"
    assert "op_session" not in browser.cookies(site.provider)
    assert site.provider.session_status(old).state == "absent"
    for client in ("app", "public", "stranger"):
        assert answer_of(site.authorize(browser, client, prompt="none"))["error"] == "login_required"


def test_an_expired_hint_is_still_one(site: Site, browser: Browser, clock: ManualClock) -> None:
    hint = hint_of(site, browser)
    clock.advance(1000)
    assert site.end_session(browser, id_token_hint=hint).kind == "logged-out"
    assert browser.state(site.provider) == "absent"


@pytest.mark.parametrize("hint", ["none", "another user", "another session", "nonsense"])
def test_without_a_hint_of_this_session_the_user_is_asked(site: Site, browser: Browser, hint: str) -> None:
    parameters = {"client_id": "app", "post_logout_redirect_uri": LOGGED_OUT}
    if hint != "none":
        user = "bob" if hint == "another user" else "alice"
        parameters["id_token_hint"] = "nonsense" if hint == "nonsense" else hint_of(site, site.browser(), user)
    site.log_in(browser)
    question = site.end_session(browser, **parameters)
    assert question.kind == "logout"
    assert browser.state(site.provider) == "logged in: alice"
    assert browser.press(question, "Yes, log me out").url == LOGGED_OUT
    assert browser.state(site.provider) == "absent"


def test_a_declined_logout_changes_nothing(site: Site, browser: Browser) -> None:
    site.log_in(browser)
    before = site.provider.session_status(browser.cookies(site.provider))
    question = site.end_session(browser)
    assert browser.press(question, "No, stay logged in").kind == "still-logged-in"
    assert site.provider.session_status(browser.cookies(site.provider)) == before
    assert browser.press(question, "Yes, log me out").status == 400


def test_a_confirmation_counts_for_the_user_who_was_asked(site: Site, browser: Browser) -> None:
    site.log_in(browser)
    question = site.end_session(browser)
    site.log_in(browser, "bob", prompt="login")
    assert browser.press(question, "Yes, log me out").kind == "logout"
    assert browser.state(site.provider) == "logged in: bob"


def test_a_confirmation_of_another_browser_counts_for_nobody(site: Site, browser: Browser) -> None:
    site.log_in(browser)
    other = site.browser()
    site.log_in(other)
    assert other.press(site.end_session(browser), "Yes, log me out").status == 400
    assert browser.state(site.provider) == "logged in: alice"
    assert other.state(site.provider) == "logged in: alice"


@pytest.mark.parametrize(
    "changes",
    [{"post_logout_redirect_uri": "http://evil.test/"}, {"client_id": "unknown"}, {"client_id": "stranger"}],
    ids=str,
)
def test_only_to_a_registered_address(site: Site, browser: Browser, changes: dict[str, str]) -> None:
    hint = hint_of(site, browser)
    parameters = {"client_id": "app", "post_logout_redirect_uri": LOGGED_OUT, "id_token_hint": hint, **changes}
    page = site.end_session(browser, **parameters)
    assert (page.status, page.kind, page.origin) == (400, "error", ISSUER)
    assert page.user == "alice"
    assert browser.state(site.provider) == "logged in: alice"


def test_with_nobody_logged_in_there_is_nothing_to_ask(site: Site, browser: Browser) -> None:
    site.authorize(browser)
    page = site.end_session(browser, client_id="app", post_logout_redirect_uri=LOGGED_OUT)
    assert page.url == LOGGED_OUT
    assert browser.state(site.provider) == "absent"


def test_a_logout_ends_no_other_browsers_session(site: Site, browser: Browser) -> None:
    other = site.browser()
    site.log_in(other)
    site.end_session(browser, id_token_hint=hint_of(site, browser))
    assert "code" in answer_of(site.authorize(other, prompt="none"))


def test_one_decision_made_otherwise_is_one_fault(clock: ManualClock, run: Callable[[Any], Any]) -> None:
    class LogoutKeepsSession(ProviderDecisions):
        def end_session(self, session: ServerSession) -> None:
            pass

    site = Site(clock, run, decisions=LogoutKeepsSession)
    browser = site.browser()
    hint = hint_of(site, browser)
    old = browser.cookies(site.provider)
    assert site.end_session(browser, id_token_hint=hint).kind == "logged-out"
    assert site.provider.session_status(old).state == "logged in"
