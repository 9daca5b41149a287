"""The two stories of the seed document, step by step, as a user sees them."""

from sessionproof.conformance.storezero.world import World, build_world

from .conftest import ORDERS, OUTLET_ORDERS, Browser, OpenBrowser


def test_checkout_needs_no_login(world: World, browser: Browser) -> None:
    page = browser.visit("http://shop.test/checkout")
    assert (page.kind, page.user) == ("checkout", "")
    assert browser.state(world.shop) == "absent"


def test_story_a_user_name_and_password(world: World, browser: Browser) -> None:
    # A1: straight from the page asked for to the authorization endpoint.
    prompt = browser.visit(ORDERS)
    assert [hop.partition("?")[0] for hop in prompt.hops[:2]] == [ORDERS, "http://as.test/authorize"]
    # A2: the server has a session that nobody is logged in to, and shows the login prompt.
    assert prompt.kind == "login"
    assert browser.state(world.server) == "created"
    created = browser.cookies(world.server)
    # A3, A4, A5, A6: the right password logs both sessions in, and leads back to the page that was asked for.
    orders = browser.log_in(prompt, "alice")
    assert (orders.url, orders.kind, orders.user) == (ORDERS, "account", "alice")
    assert set(orders.hop("/callback")) == {"code", "state", "iss"}
    assert browser.state(world.server) == "logged in: alice"
    assert browser.state(world.shop) == "authenticated: alice"
    assert browser.state(world.provider) == "absent"
    # The id that the browser had before the login is dead.
    assert world.server.session_status(created).state == "absent"


def test_story_b_identity_provider(world: World, browser: Browser) -> None:
    # B1, B2, B3: the local session exists, anonymous, and so does the server's.
    prompt = browser.visit(ORDERS)
    assert browser.state(world.shop) == "anonymous"
    assert browser.state(world.server) == "created"
    # B4, B5, B6: choosing the identity provider leads there; it creates a session and asks who the user is.
    upstream = browser.press(prompt, "Log in with Facelog")
    assert (upstream.origin, upstream.kind) == ("http://idp.test", "login")
    assert browser.state(world.provider) == "created"
    # B6 to B9: three sessions are logged in, and the page asked for is there.
    orders = browser.log_in(upstream, "bob")
    assert (orders.url, orders.kind, orders.user) == (ORDERS, "account", "bob@idp")
    assert browser.state(world.provider) == "logged in: bob"
    assert browser.state(world.server) == "logged in: bob@idp"
    assert browser.state(world.shop) == "authenticated: bob@idp"


def test_the_second_federated_login_asks_nobody_for_a_password(browser: Browser, world: World) -> None:
    orders = browser.log_in(browser.press(browser.visit(ORDERS), "Log in with Facelog"), "bob")
    browser.press(orders, "Log out everywhere")
    assert browser.state(world.server) == "absent"
    assert browser.state(world.provider) == "logged in: bob"
    orders = browser.press(browser.visit(ORDERS), "Log in with Facelog")
    assert (orders.kind, orders.user) == ("account", "bob@idp")


def test_a_second_application_asks_for_consent_but_for_no_password(browser: Browser, world: World) -> None:
    browser.log_in(browser.visit(ORDERS), "alice")
    consent = browser.visit(OUTLET_ORDERS)
    assert consent.kind == "consent"
    assert "Storezero Outlet" in consent.html
    orders = browser.press(consent, "Allow")
    assert (orders.url, orders.kind, orders.user) == (OUTLET_ORDERS, "account", "alice")
    # Remembered with the session, so not asked again in it.
    browser.press(orders, "Log out of this shop")
    assert browser.state(world.outlet) == "absent"
    assert browser.visit(OUTLET_ORDERS).user == "alice"


def test_the_local_session_may_come_into_being_at_login_only(open_browser: OpenBrowser) -> None:
    world = build_world(session_created="at login")
    browser = open_browser(world)
    prompt = browser.visit(ORDERS)
    assert browser.state(world.shop) == "absent"
    other_tab = browser.visit(ORDERS)
    assert browser.log_in(prompt, "alice").user == "alice"
    assert browser.state(world.shop) == "authenticated: alice"
    assert browser.log_in(other_tab, "alice").user == "alice"
