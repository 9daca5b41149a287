"""Targets that cannot be tested: each gets its own exit code and a message that helps, and none of them a verdict."""

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from .command import CANARIES, Done, events, sessionproof
from .leaks import assert_no_leak
from .serving import serving, target_file

SMALL = ("--cover", "rules", "--profile", "core", "--search", "0", "--seconds", "60")
Answer = tuple[int, str]


@contextmanager
def answering(answer: Callable[[str, str], Answer]) -> Iterator[str]:
    """An HTTP server whose answers, status and text, depend on its origin and the path that is asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, text = answer(f"http://{self.headers['host']}", self.path.partition("?")[0])
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json" if text.startswith("{") else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join(timeout=5)


def discovery(issuer: str, origin: str | None = None) -> str:
    names = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/jwks"}
    return json.dumps({"issuer": issuer, **{name: (origin or issuer) + path for name, path in names.items()}})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture
def tried(tmp_path: Path) -> Callable[..., Done]:
    """Runs the suite on a target file; whatever comes of it, it is no verdict, and nothing secret gets out."""

    def attempt(file: Path, *options: str, environ: dict[str, str] | None = None) -> Done:
        log, junit = tmp_path / "run.jsonl", tmp_path / "run.xml"
        done = sessionproof("run", file, *SMALL, "--log", log, "--junit", junit, *options, environ=environ)
        assert "DOES NOT CONFORM" not in done.out + done.err
        assert "CONFORMS" not in done.out + done.err
        assert_no_leak(done, log, junit, secrets=CANARIES | (environ or {}))
        return done

    return attempt


def assert_says(done: Done, code: int, *pieces: str) -> None:
    """What was found, what was expected and what to do, on standard error; nothing on standard output."""
    assert done.code == code, done.err
    assert done.out == ""
    for piece in pieces:
        assert piece in done.err


def test_wrong_key(tmp_path: Path, tried: Callable[..., Done]) -> None:
    file = target_file(tmp_path, "http://127.0.0.1:1", {'redirect_uri = "http://shop': 'redirect_url = "http://shop'})
    assert_says(tried(file), 3, "clients.shop.redirect_url: unknown key; did you mean `redirect_uri`?")


def test_missing_environment_variable(tmp_path: Path, tried: Callable[..., Done]) -> None:
    environ = {name: secret for name, secret in CANARIES.items() if name != "SESSIONPROOF_BOB_PASSWORD"}
    done = tried(target_file(tmp_path, "http://127.0.0.1:1"), environ=environ)
    assert_says(done, 4, "users.bob.password", "SESSIONPROOF_BOB_PASSWORD, which is not set; set it")


def test_unreachable_issuer(tmp_path: Path, tried: Callable[..., Done]) -> None:
    issuer = f"http://127.0.0.1:{free_port()}"
    done = tried(target_file(tmp_path, issuer))
    assert_says(done, 5, f"No connection to {issuer}", "Start the target, and check host and port")


def test_target_that_is_not_running_can_be_started_in_two_ways(tmp_path: Path, tried: Callable[..., Done]) -> None:
    start = '[start]\ncommand = ["./serve.sh", "--fast"]\nready = "ready"\n'
    issuer = f"http://127.0.0.1:{free_port()}"
    done = tried(target_file(tmp_path, issuer, more=start))
    assert_says(done, 5, f"No connection to {issuer}", "Start it with `./serve.sh --fast`", "--trust")


@pytest.mark.parametrize(
    ("script", "found"),
    [
        (
            "import sys; sys.exit('no database')",
            "ended with exit code 1 before it was ready. Its last words: no database",
        ),
        ("import time; print('soon', flush=True); time.sleep(60)", "did not print “ready” within 0.5 seconds"),
        (
            "import os, sys; sys.exit(f\"cannot log in as {os.environ['SESSIONPROOF_ALICE_PASSWORD']}\")",
            "cannot log in as $SESSIONPROOF_ALICE_PASSWORD",
        ),
    ],
    ids=["fails", "not ready", "tells a secret"],
)
def test_start_command_that_does_not_get_ready(
    tmp_path: Path, tried: Callable[..., Done], script: str, found: str
) -> None:
    start = f'[start]\ncommand = {json.dumps([sys.executable, "-c", script])}\nready = "ready"\ntimeout = 0.5\n'
    done = tried(target_file(tmp_path, "http://127.0.0.1:1", more=start), "--trust")
    assert_says(done, 5, found, "by hand, or correct `[start]`")


def test_start_command_that_does_not_exist(tmp_path: Path, tried: Callable[..., Done]) -> None:
    start = '[start]\ncommand = ["./absent.sh"]\nready = "ready"\n'
    done = tried(target_file(tmp_path, "http://127.0.0.1:1", more=start), "--trust")
    assert_says(done, 5, "`./absent.sh` cannot be run", "Correct `start.command`")


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (lambda origin, _: (200, discovery("https://other.example", origin)), "is of issuer 'https://other.example'"),
        (lambda origin, _: (200, discovery(f"{origin}/")), "compared character by character"),
        (lambda *_: (404, "<h1>Not found</h1>"), "answered 404; the discovery document was expected there"),
        (lambda *_: (200, "<h1>Welcome</h1>"), "is not JSON"),
        (lambda *_: (200, "[]"), "holds list; a JSON object was expected"),
        (lambda origin, _: (200, json.dumps({"issuer": origin})), "has no usable authorization_endpoint: found None"),
        (
            lambda origin, _: (200, discovery(origin, "http://127.0.0.9")),
            "an origin that the target file does not name",
        ),
    ],
    ids=["other issuer", "slash", "404", "HTML", "no object", "no endpoint", "elsewhere"],
)
def test_discovery_that_cannot_be_used(
    tmp_path: Path, tried: Callable[..., Done], answer: Callable[[str, str], Answer], found: str
) -> None:
    with answering(answer) as issuer:
        assert_says(tried(target_file(tmp_path, issuer)), 6, found, "orrect" if "origin" not in found else "add")


def test_login_form_that_is_not_found(tmp_path: Path, tried: Callable[..., Done]) -> None:
    def answer(origin: str, path: str) -> Answer:
        if path.startswith("/.well-known"):
            return 200, discovery(origin)
        return 200, "<title>Sign in</title><div id=app></div><script src=login.js></script>"

    with answering(answer) as issuer:
        done = tried(target_file(tmp_path, issuer))
    assert_says(done, 7, "“Sign in”", "No login form on it; one was expected", "Set `selectors.username`")


def test_wrong_test_credentials(tmp_path: Path, tried: Callable[..., Done]) -> None:
    with serving() as server:
        wrong = CANARIES | {"SESSIONPROOF_BOB_PASSWORD": "canary-old-password"}
        done = tried(target_file(tmp_path, server.issuer), environ=wrong)
    assert_says(done, 8, "its login page again after the password of bob was sent", "Check `users.bob`")


def test_wrong_client_secret(tmp_path: Path, tried: Callable[..., Done]) -> None:
    with serving() as server:
        wrong = CANARIES | {"SESSIONPROOF_SHOP_SECRET": "canary-old-secret"}
        done = tried(target_file(tmp_path, server.issuer), environ=wrong)
    assert_says(done, 2, "cannot be redeemed", "invalid_client", "Check client id, secret and redirect URI")


@pytest.mark.parametrize(
    ("then", "found", "to_do"),
    [
        ("die", "No connection to {}", "Start the target"),
        ("stall", "{} did not answer completely within 0.4 seconds", "raise `pace.timeout`"),
    ],
)
def test_target_that_fails_in_the_middle(
    tmp_path: Path, tried: Callable[..., Done], then: str, found: str, to_do: str
) -> None:
    with serving(after=40, then="die" if then == "die" else "stall") as server:
        done = tried(target_file(tmp_path, server.issuer, more="[pace]\ntimeout = 0.4\n"))
    assert done.code == 5
    assert "INCONCLUSIVE: Storezero Login" in done.out
    assert f"3 problems in a row, the last one: {found.format(server.issuer)}" in done.out
    assert to_do in done.out
    log = events(tmp_path / "run.jsonl")
    passed = [event for event in log if event["event"] == "flow" and event["verdict"] == "pass"]
    assert sum(len(event["steps"]) for event in passed) > 3, "what was measured until then is in the log"
    lost = [event for event in log if event["event"] == "flow" and event["verdict"] != "pass"]
    assert [event["verdict"] for event in lost] == ["inconclusive"] * 3
    assert all(event["cause"] and event["hint"] for event in lost)
    assert not [event for event in log if event["event"] == "finding"]
    footer = log[-1]
    assert footer["event"] == "footer"
    assert (footer["exit_code"], footer["findings"]) == (5, [])
    suite = ET.parse(tmp_path / "run.xml").getroot()
    assert suite.get("failures") == "0"
    assert int(suite.get("errors", "0")) > 0
