"""`sessionproof check`: each thing that a run will need, with cause and hint, and no verdict whatever it finds."""

import socket
from pathlib import Path

import pytest
from sessionproof.conformance.storezero.provider_decisions import ProviderDecisions
from sessionproof.conformance.storezero.provider_records import Client

from .command import CANARIES, Done, sessionproof
from .leaks import assert_no_leak
from .serving import serving, target_file
from .test_bad_targets import answering, discovery, free_port


def lines(done: Done) -> dict[str, tuple[str, str]]:
    """State and text of each check, by its name."""
    found: dict[str, tuple[str, str]] = {}
    for line in done.out.splitlines():
        if line[:8].strip() in ("ok", "note", "failed"):
            name = line[8:26].strip()
            found[name] = (line[:8].strip(), line[27:])
        elif line.startswith(" " * 27) and found:
            state, text = found[name]
            found[name] = (state, f"{text} | {line.strip()}")
    return found


def test_everything_that_a_run_needs_is_there(tmp_path: Path) -> None:
    with serving() as server:
        done = sessionproof("check", target_file(tmp_path, server.issuer))
    assert (done.code, done.err) == (0, "")
    found = lines(done)
    assert {state for state, _ in found.values()} == {"ok"}
    assert list(found) == [
        "discovery", "clock", "login form", "login of alice", "login of bob", "client outlet", "session", "features",
        "logout",
    ]  # fmt: skip
    assert "asks for user name and password" in found["login form"][1]
    assert "cookies as_browser, as_session" in found["session"][1]
    assert "rp_initiated_logout" in found["features"][1]
    assert "back at the application" in found["logout"][1]
    assert "ready for a run" in done.out
    assert_no_leak(done)


def test_what_does_not_depend_on_what_failed_is_looked_at_too(tmp_path: Path) -> None:
    wrong = CANARIES | {"SESSIONPROOF_ALICE_PASSWORD": "canary-1", "SESSIONPROOF_BOB_PASSWORD": "canary-2"}
    with serving() as server:
        file = target_file(tmp_path, server.issuer)
        done = sessionproof("check", file, environ=wrong)
        ran = sessionproof("run", file, environ=wrong)
    assert done.code == ran.code == 8
    found = lines(done)
    for user in ("alice", "bob"):
        assert found[f"login of {user}"][0] == "failed"
        assert f"Check `users.{user}` in the target file" in found[f"login of {user}"][1]
        assert f"Check `users.{user}` in the target file" in ran.err
    assert "session" not in found
    assert "not ready" in done.out
    assert "CONFORM" not in ran.out + ran.err
    assert_no_leak(done, secrets=wrong)


def test_each_client_is_tried(tmp_path: Path) -> None:
    wrong = CANARIES | {"SESSIONPROOF_OUTLET_SECRET": "canary-old-secret"}
    with serving() as server:
        done = sessionproof("check", target_file(tmp_path, server.issuer), environ=wrong)
    assert done.code == 2
    state, text = lines(done)["client outlet"]
    assert state == "failed"
    assert "invalid_client" in text
    assert "Check client id, secret and redirect URI" in text


def test_redirect_uri_that_is_not_registered(tmp_path: Path) -> None:
    with serving() as server:
        file = target_file(tmp_path, server.issuer, {"http://shop.test/callback": "http://shop.test/other"})
        done = sessionproof("check", file)
    assert done.code == 2
    state, text = lines(done)["login form"]
    assert state == "failed"
    assert "redirect" in text.lower()


class GoesNowhere(ProviderDecisions):
    def is_registered_post_logout_uri(self, client: Client, uri: str) -> bool:
        del client, uri
        return False


def test_a_deviation_of_the_target_is_a_note_and_no_obstacle(tmp_path: Path) -> None:
    with serving(decisions=GoesNowhere) as server:
        done = sessionproof("check", target_file(tmp_path, server.issuer))
    assert done.code == 0
    state, text = lines(done)["logout"]
    assert state == "note"
    assert "did not come back" in text
    assert "post_logout_redirect_uri" in text


def test_target_that_is_not_running(tmp_path: Path) -> None:
    start = '[start]\ncommand = ["./serve.sh"]\nready = "ready"\n'
    done = sessionproof("check", target_file(tmp_path, f"http://127.0.0.1:{free_port()}", more=start))
    assert done.code == 5
    state, text = lines(done)["discovery"]
    assert state == "failed"
    assert "Start it with `./serve.sh`" in text


def test_target_that_hangs_in_discovery_gets_the_hint_to_start_it_too(tmp_path: Path) -> None:
    start = '[start]\ncommand = ["./serve.sh"]\nready = "ready"\n[pace]\ntimeout = 0.3\n'
    with socket.create_server(("127.0.0.1", 0)) as silent:
        issuer = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = sessionproof("run", target_file(tmp_path, issuer, more=start))
    assert done.code == 5
    assert "did not answer completely within 0.3 seconds" in done.err
    assert "Start it with `./serve.sh`" in done.err
    assert "raise `pace.timeout`" in done.err


def test_page_without_a_login_form(tmp_path: Path) -> None:
    def answer(origin: str, path: str) -> tuple[int, str]:
        if path.startswith("/.well-known"):
            return 200, discovery(origin)
        return 200, "<title>Welcome</title><p>Nothing to fill in</p>"

    with answering(answer) as issuer:
        done = sessionproof("check", target_file(tmp_path, issuer))
    assert done.code == 7
    found = lines(done)
    assert "“Welcome”" in found["login form"][1]
    assert "selectors.username" in found["login form"][1]


def test_the_reference_needs_nothing() -> None:
    done = sessionproof("check")
    assert (done.code, done.err) == (0, "")
    assert lines(done)["reference"][0] == "ok"


@pytest.mark.parametrize("arguments", [("absent.toml",), ("one.toml", "two.toml")], ids=" ".join)
def test_usage(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = sessionproof("check", *arguments, cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
