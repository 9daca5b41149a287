"""The world on sockets, over real HTTP."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from sessionproof.conformance.storezero.serve import Addresses, RunningWorld, ServeError, guide

ANY_PORT = Addresses(("127.0.0.1", 0), ("127.0.0.2", 0), ("127.0.0.3", 0), ("127.0.0.4", 0))


@pytest.fixture
def running() -> Iterator[RunningWorld]:
    running = RunningWorld(ANY_PORT)
    thread = threading.Thread(target=running.run)
    thread.start()
    yield running
    running.stop()
    thread.join(timeout=5)
    assert not thread.is_alive()


def press(http: httpx.Client, page: httpx.Response, button: str, **values: str) -> httpx.Response:
    """Press a button of the page's forms, with the fields filled in."""
    for form in LexborHTMLParser(page.text).css("form"):
        fields = {one.attributes["name"] or "": one.attributes.get("value") or "" for one in form.css("input")}
        for one in form.css("button"):
            if one.text(strip=True) == button:
                fields |= {one.attributes.get("name") or "": one.attributes.get("value") or ""}
                return http.post(page.url.join(form.attributes["action"] or ""), data={**fields, **values})
    raise AssertionError(f"no button {button!r} in {page.text}")


def test_both_stories_over_real_http(running: RunningWorld) -> None:
    world = running.world
    with httpx.Client(follow_redirects=True, trust_env=False) as http:
        page = http.get(f"{world.shop.origin}/account/orders")
        page = press(http, page, "Log in", username="alice", password="alice-password")
        assert 'data-page="account" data-user="alice"' in page.text
        # The outlet gets its answer by form_post, as a browser's script would submit it.
        page = press(http, press(http, http.get(f"{world.outlet.origin}/account/orders"), "Allow"), "Continue")
        assert 'data-page="account" data-user="alice"' in page.text
        page = press(http, http.get(world.shop.origin), "Log out everywhere")
        assert 'data-page="logged-out" data-user=""' in page.text
        page = press(http, http.get(f"{world.shop.origin}/account/orders"), "Log in with Facelog")
        assert page.url.host == "127.0.0.3"
        page = press(http, page, "Log in", username="bob", password="bob-password")
        assert 'data-page="account" data-user="bob@idp"' in page.text


def test_the_guide_names_every_address(running: RunningWorld) -> None:
    text = guide(running.world)
    for party in running.world.parties:
        assert party.origin in text


def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=f"127.0.0.1:{port} is taken by another program"):
            RunningWorld(Addresses(shop=("127.0.0.1", port), server=("127.0.0.2", 0)))


def test_an_address_of_another_computer_is_said_so() -> None:
    with pytest.raises(ServeError, match="no address of this computer"):
        RunningWorld(Addresses(shop=("192.0.2.1", 0)))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(number: signal.Signals) -> None:
    script = (
        "from sessionproof.conformance.storezero.serve import Addresses, serve\n"
        "serve(Addresses(*[(f'127.0.0.{n}', 0) for n in (1, 2, 3, 4)]), say=lambda text: print(text, flush=True))"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"Storezero is ready")
        os.kill(process.pid, number)
        try:
            _, complaints = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (process.returncode, complaints) == (0, b"")
