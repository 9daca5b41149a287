"""Which redirect URIs the server takes of a native application, and of one that is none."""

import pytest
from sessionproof.conformance.storezero.kinds import KINDS
from sessionproof.conformance.storezero.world import World

from .conftest import Browser

NATIVE = KINDS["native"].origin


@pytest.mark.parametrize(
    ("client_id", "uri", "taken"),
    [
        ("native", f"{NATIVE}/callback", True),
        ("native", "http://127.0.0.1:1/callback", True),
        ("native", "http://127.0.0.1/callback", True),
        ("native", "http://127.0.0.1:1/other", False),
        ("native", "https://127.0.0.1:1/callback", False),
        ("native", "http://127.0.0.1.foreign.invalid:1/callback", False),
        ("native", "http://127.0.0.1:1@foreign.invalid/callback", False),
        ("native", "http://user@127.0.0.1:1/callback", False),
        ("native", "http://127.0.0.1:port/callback", False),
        ("native", "http://127.0.0.1:1/callback?more=1", False),
        ("native", "http://localhost:1/callback", False),
        ("spa", "http://spa.test:8080/callback", False),
    ],
)
def test_only_the_port_of_a_loopback_address_may_differ(world: World, client_id: str, uri: str, *, taken: bool) -> None:
    decisions = world.server.decisions
    client = next(client for client in world.server.config.clients if client.client_id == client_id)
    assert decisions.is_registered_redirect_uri(client, uri) is taken


@pytest.mark.parametrize("name", KINDS)
def test_each_logs_in_without_a_secret(world: World, browser: Browser, name: str) -> None:
    page = browser.log_in(browser.visit(f"{KINDS[name].origin}/account/orders"), "alice")
    assert (page.user, page.path) == ("alice", "/account/orders")
    assert browser.state(world.server) == "logged in: alice"
