"""Codes, refresh tokens and access tokens: how often they work, for whom, and how long."""

from collections.abc import Callable
from typing import Any

import pytest
from sessionproof.conformance.storezero.clock import ManualClock
from sessionproof.conformance.storezero.sessions import Lifetimes

from .application import Site, answer_of, claims_of


@pytest.fixture
def site(clock: ManualClock, run: Callable[[Any], Any]) -> Site:
    return Site(clock, run, lifetimes=Lifetimes(idle=100, absolute=1000))


@pytest.fixture
def code(site: Site) -> str:
    return answer_of(site.log_in(site.browser()))["code"]


def test_a_code_works_once_and_its_second_use_revokes_what_it_gave(site: Site, code: str) -> None:
    tokens = site.tokens(code)
    assert site.userinfo(tokens["access_token"]).json()["preferred_username"] == "alice"
    assert site.tokens(code)["error"] == "invalid_grant"
    assert site.refresh(tokens["refresh_token"])["error"] == "invalid_grant"
    assert site.userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": None},
        {"redirect_uri": "http://app.test/other"},
        {"redirect_uri": None},
        {"code": "guessed"},
        {"code": None},
    ],
    ids=str,
)
def test_a_code_is_bound_to_what_asked_for_it(site: Site, code: str, changes: dict[str, str | None]) -> None:
    assert site.tokens(**{"code": code, **changes})["error"] == "invalid_grant"


def test_a_code_is_bound_to_its_client(site: Site, code: str) -> None:
    assert site.tokens(code, "public")["error"] == "invalid_grant"


def test_a_verifier_needs_a_challenge(site: Site) -> None:
    answer = answer_of(site.log_in(site.browser(), code_challenge=None, code_challenge_method=None))
    assert site.tokens(answer["code"])["error"] == "invalid_grant"
    assert "id_token" in site.tokens(answer["code"], code_verifier=None)


def test_a_code_expires(site: Site, code: str, clock: ManualClock) -> None:
    clock.advance(60)
    assert site.tokens(code)["error"] == "invalid_grant"


def test_a_code_of_a_session_that_has_ended_is_worth_nothing(site: Site) -> None:
    browser = site.browser()
    code = answer_of(site.log_in(browser))["code"]
    browser.press(site.end_session(browser), "Yes, log me out")
    assert site.tokens(code)["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("client_id", "form", "error"),
    [
        ("unknown", {"grant_type": "authorization_code"}, "invalid_client"),
        ("app", {"grant_type": "password"}, "unsupported_grant_type"),
        ("app", {}, "unsupported_grant_type"),
        ("stranger", {"grant_type": "authorization_code", "client_secret": "x"}, "invalid_grant"),
    ],
)
def test_token_errors(site: Site, client_id: str, form: dict[str, str], error: str) -> None:
    assert site.token_request(client_id, form)["error"] == error


@pytest.mark.parametrize("client_id", ["public", "stranger"])
def test_other_ways_to_authenticate(site: Site, client_id: str) -> None:
    browser = site.browser()
    answer = site.log_in(browser, client_id=client_id)
    answer = browser.press(answer, "Allow") if answer.kind == "consent" else answer
    assert "id_token" in site.tokens(answer_of(answer)["code"], client_id)


def test_a_refresh_token_rotates_and_keeps_auth_time(site: Site, code: str, clock: ManualClock) -> None:
    first = site.tokens(code)
    clock.advance(50)
    second = site.refresh(first["refresh_token"])
    before, after = claims_of(first["id_token"]), claims_of(second["id_token"])
    assert (after["auth_time"], after["sid"], after["iat"]) == (before["auth_time"], before["sid"], before["iat"] + 50)
    # The old one is dead, and using it kills the new one.
    assert site.refresh(first["refresh_token"])["error"] == "invalid_grant"
    assert site.refresh(second["refresh_token"])["error"] == "invalid_grant"


def test_refreshing_is_no_visit(site: Site, code: str, clock: ManualClock) -> None:
    token = site.tokens(code)["refresh_token"]
    clock.advance(60)
    token = site.refresh(token)["refresh_token"]
    clock.advance(40)
    assert site.refresh(token)["error"] == "invalid_grant"


def test_a_refresh_token_is_bound_to_its_client_and_session(site: Site) -> None:
    browser = site.browser()
    tokens = site.tokens(answer_of(site.log_in(browser))["code"])
    assert site.refresh(tokens["refresh_token"], "public")["error"] == "invalid_grant"
    # The same user logging in again keeps the session, and so the token.
    site.log_in(browser, prompt="login")
    tokens = site.refresh(tokens["refresh_token"])
    browser.press(site.end_session(browser), "Yes, log me out")
    assert site.refresh(tokens["refresh_token"])["error"] == "invalid_grant"
