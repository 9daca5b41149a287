"""The provider's authorization endpoint and its pages, seen from an application and its user."""

from collections.abc import Callable
from typing import Any

import pytest
from sessionproof.conformance.storezero.clock import ManualClock
from sessionproof.conformance.storezero.sessions import Lifetimes

from .application import CALLBACK, ISSUER, Site, answer_of, claims_of
from .conftest import Browser


@pytest.fixture
def site(clock: ManualClock, run: Callable[[Any], Any]) -> Site:
    return Site(clock, run)


@pytest.fixture
def browser(site: Site) -> Browser:
    return site.browser()


def test_the_answer_carries_state_and_issuer(site: Site, browser: Browser) -> None:
    answer = answer_of(site.log_in(browser))
    assert set(answer) == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == ("state-1", ISSUER)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "unknown"},
        {"redirect_uri": "http://evil.test/"},
        {"redirect_uri": CALLBACK + "/x"},
        {"redirect_uri": None},
    ],
    ids=str,
)
def test_an_untrusted_address_gets_no_redirect(site: Site, browser: Browser, changes: dict[str, str | None]) -> None:
    page = site.authorize(browser, **{"client_id": "app", **changes})
    assert (page.status, page.kind, page.origin) == (400, "error", ISSUER)
    assert page.hops == [page.url]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token", "client_id": "public"}, "unauthorized_client"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "whatever"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": None, "client_id": "public"}, "invalid_request"),
        ({"response_mode": "carrier pigeon"}, "invalid_request"),
        ({"response_type": "id_token", "response_mode": "query"}, "invalid_request"),
        ({"response_type": "id_token", "response_mode": "form_post", "nonce": None}, "invalid_request"),
        ({"id_token_hint": "nonsense"}, "invalid_request"),
        ({"request": "x"}, "request_not_supported"),
        ({"request_uri": "x"}, "request_uri_not_supported"),
        ({"prompt": "none"}, "login_required"),
    ],
    ids=str,
)
def test_other_errors_go_to_the_application(
    site: Site, browser: Browser, changes: dict[str, str | None], error: str
) -> None:
    answer = answer_of(site.authorize(browser, **{"client_id": "app", **changes}))
    assert (answer["error"], answer["state"], answer["iss"]) == (error, "state-1", ISSUER)
    assert browser.state(site.provider) == "absent"


def test_a_repeated_parameter_is_refused(browser: Browser) -> None:
    page = browser.visit(f"{ISSUER}/authorize?client_id=app&client_id=stranger")
    assert (page.status, page.kind) == (400, "error")


@pytest.mark.parametrize("credentials", [("alice", "wrong"), ("nobody", "x"), ("", ""), ("alice", "bob-password")])
def test_wrong_credentials_log_nobody_in(site: Site, browser: Browser, credentials: tuple[str, str]) -> None:
    prompt = site.authorize(browser)
    page = browser.press(prompt, "Log in", username=credentials[0], password=credentials[1])
    assert (page.kind, page.user) == ("login", "")
    assert browser.state(site.provider) == "created"
    assert answer_of(site.authorize(browser, prompt="none"))["error"] == "login_required"
    # The same page still takes the right ones.
    assert "code" in answer_of(browser.log_in(page, "alice"))


def test_credentials_without_their_page_log_nobody_in(site: Site, browser: Browser) -> None:
    credentials = {"username": "mallory", "password": "mallory-password"}
    attacker = site.browser()
    action, _ = site.authorize(attacker).form("Log in")
    assert browser.post(action, credentials).status == 400
    site.authorize(browser)
    assert browser.post(action, credentials).status == 400
    assert browser.post(f"{ISSUER}/interaction/guessed", credentials).status == 400
    assert browser.state(site.provider) == "created"


def test_a_page_works_once(site: Site, browser: Browser) -> None:
    prompt = site.authorize(browser)
    browser.log_in(prompt, "alice")
    again = browser.press(prompt, "Log in", username="alice", password="alice-password")
    assert (again.status, again.kind) == (400, "error")


def test_sso_asks_for_no_credentials(site: Site, browser: Browser) -> None:
    first = site.claims(site.log_in(browser))
    second = site.claims(site.authorize(browser, "public"), "public")
    assert (second["sub"], second["sid"]) == (first["sub"], first["sid"])


def test_claims(site: Site, browser: Browser, clock: ManualClock) -> None:
    claims = site.claims(site.log_in(browser))
    now = int(clock.now())
    status = site.provider.session_status(browser.cookies(site.provider))
    assert claims == {
        "iss": ISSUER,
        "sub": claims["sub"],
        "aud": "app",
        "exp": now + 600,
        "iat": now,
        "auth_time": now,
        "nonce": "nonce-1",
        "sid": status.sid,
        "amr": ["pwd"],
        "preferred_username": "alice",
    }


@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_login_again_moves_auth_time_and_keeps_sid(
    site: Site, browser: Browser, clock: ManualClock, prompt: str
) -> None:
    first = site.claims(site.log_in(browser))
    old = browser.cookies(site.provider)
    clock.advance(60)
    second = site.claims(site.log_in(browser, prompt=prompt))
    assert second["auth_time"] == first["auth_time"] + 60
    assert second["sid"] == first["sid"]
    assert site.provider.session_status(old).state == "absent"


def test_another_user_gets_another_session(site: Site, browser: Browser) -> None:
    first = site.log_in(browser, client_id="stranger")
    first = browser.press(first, "Allow")
    tokens = site.tokens(answer_of(first)["code"], "stranger")
    old = browser.cookies(site.provider)
    answer = site.log_in(browser, "bob", client_id="stranger", prompt="login")
    # The consent of alice is not bob's, and her refresh token is dead.
    assert answer.kind == "consent"
    claims = site.claims(browser.press(answer, "Allow"), "stranger")
    assert claims["preferred_username"] == "bob"
    assert claims["sid"] != claims_of(tokens["id_token"])["sid"]
    assert site.refresh(tokens["refresh_token"], "stranger")["error"] == "invalid_grant"
    assert site.provider.session_status(old).state == "absent"


@pytest.mark.parametrize("ending", ["leave", "wrong password", "Cancel"])
def test_an_abandoned_login_again_makes_nothing_fresher(
    site: Site, browser: Browser, clock: ManualClock, ending: str
) -> None:
    first = site.claims(site.log_in(browser))
    clock.advance(60)
    prompt = site.authorize(browser, prompt="login")
    if ending == "wrong password":
        browser.log_in(prompt, "alice", "wrong")
    if ending == "Cancel":
        assert answer_of(browser.press(prompt, "Cancel"))["error"] == "access_denied"
    assert site.claims(site.authorize(browser, prompt="none"))["auth_time"] == first["auth_time"]


def test_max_age(site: Site, browser: Browser, clock: ManualClock) -> None:
    first = site.claims(site.log_in(browser))
    clock.advance(60)
    assert site.claims(site.authorize(browser, max_age="60"))["auth_time"] == first["auth_time"]
    assert answer_of(site.authorize(browser, max_age="59", prompt="none"))["error"] == "login_required"
    assert site.authorize(browser, max_age="59").kind == "login"
    assert site.authorize(browser, max_age="0").kind == "login"
    assert site.claims(site.log_in(browser, max_age="0"))["auth_time"] == first["auth_time"] + 60


def test_a_hint_of_another_user_yields_no_code_for_the_wrong_one(site: Site, browser: Browser) -> None:
    hint = site.tokens(answer_of(site.log_in(browser, "bob"))["code"])["id_token"]
    site.log_in(browser, "alice", prompt="login")
    assert answer_of(site.authorize(browser, id_token_hint=hint, prompt="none"))["error"] == "login_required"
    prompt = site.authorize(browser, id_token_hint=hint)
    assert prompt.kind == "login"
    assert answer_of(browser.log_in(prompt, "alice"))["error"] == "login_required"
    assert site.claims(site.log_in(browser, "bob", id_token_hint=hint))["preferred_username"] == "bob"
    assert "code" in answer_of(site.authorize(browser, id_token_hint=hint, prompt="none"))


def test_login_hint_fills_in_the_name(site: Site, browser: Browser) -> None:
    page = site.authorize(browser, login_hint='"><script>')
    assert page.form("Log in")[1]["username"] == '"><script>'
    assert "<script>" not in page.html


def test_refused_consent(site: Site, browser: Browser) -> None:
    consent = site.log_in(browser, client_id="stranger")
    assert answer_of(browser.press(consent, "Deny"))["error"] == "access_denied"
    # It is not treated as given, and the page cannot be answered differently afterwards.
    assert browser.press(consent, "Allow").status == 400
    assert site.authorize(browser, "stranger").kind == "consent"
    assert answer_of(site.authorize(browser, "stranger", prompt="none"))["error"] == "consent_required"


def test_consent_in_the_url_is_none(site: Site, browser: Browser) -> None:
    consent = site.log_in(browser, client_id="stranger")
    answer = browser.post(consent.url + "?decision=allow", {})
    assert answer_of(answer)["error"] == "access_denied"


def test_remembered_consent_covers_the_granted_scopes(site: Site, browser: Browser) -> None:
    browser.press(site.log_in(browser, client_id="stranger"), "Allow")
    assert "code" in answer_of(site.authorize(browser, "stranger", prompt="none"))
    assert site.authorize(browser, "stranger", scope="openid profile").kind == "consent"
    assert site.authorize(browser, "stranger", prompt="consent").kind == "consent"
    assert site.authorize(browser, "app", prompt="consent").kind == "consent"


def test_a_consent_after_logout_leads_to_the_login_prompt(site: Site, browser: Browser) -> None:
    consent = site.log_in(browser, client_id="stranger")
    browser.press(site.end_session(browser), "Yes, log me out")
    prompt = browser.press(consent, "Allow")
    assert prompt.kind == "login"
    assert browser.state(site.provider) == "created"
    # It is the same request that goes on, and consent is asked for again.
    again = browser.log_in(prompt, "alice")
    assert again.kind == "consent"
    assert answer_of(browser.press(again, "Allow"))["state"] == "state-1"


def test_a_consent_counts_for_the_user_that_it_was_shown_to(site: Site, browser: Browser) -> None:
    consent = site.log_in(browser, client_id="stranger")
    site.log_in(browser, "bob", prompt="login")
    assert browser.press(consent, "Allow").kind == "login"
    assert browser.visit(consent.url).status == 400


def test_two_tabs_are_answered_each_for_its_own_request(site: Site, browser: Browser) -> None:
    first = site.authorize(browser, "app", state="first", nonce="n1")
    second = site.authorize(browser, "public", state="second", nonce="n2")
    answer = browser.log_in(first, "alice")
    assert answer_of(answer)["state"] == "first"
    assert site.claims(answer)["nonce"] == "n1"
    # Right credentials in the other tab are a login of their own: another user's resets the session.
    answer = browser.log_in(second, "bob")
    assert answer_of(answer)["state"] == "second"
    claims = site.claims(answer, "public")
    assert (claims["nonce"], claims["preferred_username"]) == ("n2", "bob")
    assert browser.state(site.provider) == "logged in: bob"


def test_a_login_page_left_open_in_another_tab_outlives_logout(site: Site, browser: Browser) -> None:
    site.log_in(browser)
    prompt = site.authorize(browser, prompt="login")
    browser.press(site.end_session(browser), "Yes, log me out")
    assert browser.state(site.provider) == "absent"
    assert "code" in answer_of(browser.log_in(prompt, "alice"))


def test_a_page_expires(site: Site, browser: Browser, clock: ManualClock) -> None:
    prompt = site.authorize(browser)
    clock.advance(600)
    page = browser.press(prompt, "Log in", username="alice", password="alice-password")
    assert (page.status, page.kind) == (400, "error")
    assert '<a href="/">' in page.html


def test_a_planted_session_id_is_worth_nothing_after_the_login(site: Site, browser: Browser) -> None:
    attacker = site.browser()
    site.authorize(attacker)
    planted = attacker.cookies(site.provider)
    browser.put_cookies(site.provider, planted)
    site.log_in(browser)
    assert site.provider.session_status(planted).state == "absent"
    assert answer_of(site.authorize(attacker, prompt="none"))["error"] == "login_required"


def test_a_post_from_another_site_finds_the_session_too(site: Site, browser: Browser) -> None:
    site.log_in(browser)
    # As a browser does, leave the Lax cookies out of the POST and send them with the redirect that follows.
    parameters = {"response_type": "code", "client_id": "app", "redirect_uri": CALLBACK, "scope": "openid"}
    onwards = site.browser().post(f"{ISSUER}/authorize", parameters, follow=False)
    assert onwards.status == 303
    assert "code" in answer_of(browser.visit(onwards.headers["location"]))


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
def test_response_modes(site: Site, browser: Browser, mode: str) -> None:
    assert "code" in answer_of(site.log_in(browser, response_mode=mode))


def test_id_token_from_the_authorization_endpoint(site: Site, browser: Browser) -> None:
    answer = answer_of(site.log_in(browser, response_type="id_token", code_challenge=None, response_mode="form_post"))
    assert set(answer) == {"id_token", "state", "iss"}
    assert claims_of(answer["id_token"])["nonce"] == "nonce-1"


def test_lifetimes(clock: ManualClock, run: Callable[[Any], Any]) -> None:
    site = Site(clock, run, lifetimes=Lifetimes(idle=100, absolute=250))
    browser = site.browser()
    site.log_in(browser)
    for _ in range(2):
        clock.advance(99)
        assert "code" in answer_of(site.authorize(browser, prompt="none"))
    clock.advance(52)
    assert answer_of(site.authorize(browser, prompt="none"))["error"] == "login_required"
    site.log_in(browser)
    clock.advance(100)
    assert site.authorize(browser).kind == "login"


def test_a_new_login_starts_the_lifetimes_anew(clock: ManualClock, run: Callable[[Any], Any]) -> None:
    site = Site(clock, run, lifetimes=Lifetimes(idle=250, absolute=250))
    browser = site.browser()
    site.log_in(browser)
    clock.advance(200)
    site.log_in(browser, prompt="login")
    clock.advance(200)
    assert browser.state(site.provider) == "logged in: alice"
