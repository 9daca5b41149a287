"""`sessionproof init`: a target file for a server that the tool has never seen, and a run on it with nothing else."""

import json
import os
import pty
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ..targets.node import SECRETS, node_oidc_provider
from .command import CANARIES, PROGRAM, sessionproof
from .leaks import assert_no_leak
from .serving import serving
from .test_bad_targets import answering, discovery, free_port

ROOT = Path(__file__).parents[2]
SHOP = ("--client-id", "shop", "--redirect-uri", "http://shop.test/callback")
CLIENTS = (
    *SHOP, "--client-id", "outlet", "--redirect-uri", "http://outlet.test/callback",
    "--post-logout-redirect-uri", "http://shop.test/logged-out",
    "--post-logout-redirect-uri", "http://outlet.test/logged-out",
)  # fmt: skip
USERS = ("--user", "alice", "--user", "bob")
RUN = ("--cover", "rules", "--search", "0", "--profile", "core")


def content(folder: Path) -> dict[str, object]:
    return tomllib.loads((folder / "target.toml").read_text(encoding="utf-8"))


def test_init_and_run_reach_a_verdict_on_storezero(tmp_path: Path) -> None:
    with serving() as server:
        done = sessionproof("init", server.issuer, *CLIENTS, *USERS, "--name", "Mine", cwd=tmp_path)
        assert (done.code, done.err) == (0, "")
        assert "“Log in - Storezero Login” asks for user name and password" in done.out
        assert "ready for a run" in done.out
        assert done.out.endswith("next: sessionproof run target.toml\n")
        ran = sessionproof("run", "target.toml", *RUN, cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("\nCONFORMS: Mine (authorization-server)")
    assert content(tmp_path)["profiles"] == ["core", "sso", "silent", "logout-rp"]
    assert_no_leak(done, tmp_path / "target.toml")


def test_init_and_run_reach_a_verdict_on_node_oidc_provider(tmp_path: Path) -> None:
    with node_oidc_provider(tmp_path) as example:
        issuer = tomllib.loads(example.read_text(encoding="utf-8"))["issuer"]
        done = sessionproof("init", issuer, *CLIENTS, *USERS, "--out", "new.toml", environ=SECRETS, cwd=tmp_path)
        assert (done.code, done.err) == (0, "")
        ran = sessionproof("run", "new.toml", *RUN, environ=SECRETS, cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("\nCONFORMS: 127.0.0.1:")


def test_what_is_left_out_is_not_in_the_file(tmp_path: Path) -> None:
    with serving() as server:
        done = sessionproof("init", server.issuer, *SHOP, "--user", "alice", "--public-client", cwd=tmp_path)
    assert done.code == 0
    found = content(tmp_path)
    assert found["profiles"] == ["core", "silent"]
    assert found["clients"] == {"shop": {"client_id": "shop", "redirect_uri": "http://shop.test/callback"}}
    assert list(found["users"]) == ["alice"]  # type: ignore[call-overload]


def test_secrets_that_are_not_set_are_named(tmp_path: Path) -> None:
    with serving() as server:
        done = sessionproof("init", server.issuer, *SHOP, "--user", "alice", environ={}, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "set SESSIONPROOF_SHOP_SECRET in the environment" in done.out
    assert "set SESSIONPROOF_ALICE_PASSWORD in the environment" in done.out
    assert done.out.endswith("next: sessionproof check target.toml\n")


def test_a_person_is_asked_for_what_no_option_says(tmp_path: Path) -> None:
    answers = ["", "shop", "http://shop.test/callback", "", "", "alice", ""]
    ours, theirs = pty.openpty()
    with serving() as server, os.fdopen(ours, "wb", buffering=0) as keyboard:
        process = subprocess.Popen(
            [str(PROGRAM), "init", server.issuer],
            stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, text=True,
            env={**os.environ, **CANARIES},
        )  # fmt: skip
        keyboard.write("".join(f"{answer}\n" for answer in answers).encode())
        out, err = process.communicate(timeout=60)
        os.close(theirs)
    assert process.returncode == 0, err
    assert "Client id of the suite:" in err
    assert "Redirect URI of shop:" in err
    assert "Client id of a second application (Enter for none)" in err
    assert "ready for a run" in out
    assert list(content(tmp_path)["clients"]) == ["shop"]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ((), 3, "--client-id  (Client id of the suite)"),
        (SHOP, 3, "--user  (User name of a test user)"),
        ((*SHOP, "--redirect-uri", "http://x.test/"), 3, "give --client-id once or twice"),
        (("--client-id", "shop", "--redirect-uri", "nowhere", "--user", "alice"), 3, "clients.shop.redirect_uri"),
        ((*SHOP, "--user", "a\nb"), 3, "holds characters that do not print"),
        ((*SHOP, "--user", "alice", "--out", "absent/t.toml"), 3, "cannot write --out absent/t.toml"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_no_file_is_written(
    tmp_path: Path, options: tuple[str, ...], code: int, said: str
) -> None:
    with serving() as server:
        done = sessionproof("init", server.issuer, *options, cwd=tmp_path)
    assert done.code == code
    assert said in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "target.toml").write_text("mine", encoding="utf-8")
    done = sessionproof("init", "http://127.0.0.1:1", cwd=tmp_path)
    assert done.code == 3
    assert "target.toml exists already" in done.err
    assert (tmp_path / "target.toml").read_text(encoding="utf-8") == "mine"


def test_a_login_page_that_is_not_recognised_is_said_with_what_to_set(tmp_path: Path) -> None:
    def answer(origin: str, path: str) -> tuple[int, str]:
        if path.startswith("/.well-known"):
            return 200, discovery(origin)
        return 200, "<title>Sign in</title><div id=app></div>"

    with answering(answer) as issuer:
        done = sessionproof("init", issuer, *SHOP, "--user", "alice", environ={}, cwd=tmp_path)
    assert done.code == 0
    assert "No login form on it" in done.out
    text = (tmp_path / "target.toml").read_text(encoding="utf-8")
    assert '# [selectors]\n# username = "#username"' in text


def test_other_origins_are_contacted_only_when_they_are_named(tmp_path: Path) -> None:
    asked: list[str] = []

    def elsewhere(_origin: str, path: str) -> tuple[int, str]:
        asked.append(path)
        return 200, "<title>Log in</title><form><input name=username><input type=password name=p></form>"

    with answering(elsewhere) as other:

        def answer(origin: str, path: str) -> tuple[int, str]:
            return (200, discovery(origin, other)) if path.startswith("/.well-known") else (404, "")

        with answering(answer) as issuer:
            options = (*SHOP, "--user", "alice")
            refused = sessionproof("init", issuer, *options, environ={}, cwd=tmp_path)
            assert refused.code == 3
            assert f"--origin {other}" in refused.err
            assert asked == []
            done = sessionproof("init", issuer, *options, "--origin", other, environ={}, cwd=tmp_path)
    assert done.code == 0
    assert asked == ["/authorize"]
    assert content(tmp_path)["origins"] == [other]


@pytest.mark.parametrize(
    ("document", "code", "said"),
    [
        (json.dumps({"issuer": "https://other.example"}), 6, "is of issuer 'https://other.example'"),
        (json.dumps({"issuer": 7}), 6, "is of issuer '7'"),
    ],
)
def test_another_issuer_is_not_taken_for_this_one(tmp_path: Path, document: str, code: int, said: str) -> None:
    with answering(lambda *_: (200, document)) as issuer:
        done = sessionproof("init", issuer, cwd=tmp_path)
    assert done.code == code
    assert said in done.err


def test_nothing_is_there(tmp_path: Path) -> None:
    done = sessionproof("init", f"http://127.0.0.1:{free_port()}", cwd=tmp_path)
    assert done.code == 5
    assert "No connection to" in done.err


def test_no_address(tmp_path: Path) -> None:
    done = sessionproof("init", "login.example.com", cwd=tmp_path)
    assert done.code == 3
    assert "an address such as https://login.example.com is expected" in done.err


# An application


@contextmanager
def starlette_application(provider: str) -> Iterator[str]:
    """The example's application on a socket, which logs in at the provider that the suite plays."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "application:app", "--port", str(port), "--log-level", "critical"]
    folder = ROOT / "examples" / "pytest" / "starlette"
    with subprocess.Popen(command, cwd=folder, env={**os.environ, "ISSUER": provider}) as process:
        try:
            deadline = time.monotonic() + 30
            while socket.socket().connect_ex(("127.0.0.1", port)):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def test_init_and_run_reach_a_verdict_on_an_application(tmp_path: Path) -> None:
    provider = f"http://127.0.0.2:{free_port()}"
    options = ("--protected", "/account", "--public-client", "--provider", provider)
    with starlette_application(provider) as base:
        done = sessionproof("init", base, *options, environ={}, cwd=tmp_path)
        assert (done.code, done.err) == (0, "")
        assert f"client app, redirect URI {base}/callback" in done.out
        assert "ready for a run" in done.out
        ran = sessionproof("run", "target.toml", *RUN, "--junit", "xml", environ={}, cwd=tmp_path)
    # It has no logout of its own, without which the model cannot show what holds after one.
    assert (ran.code, ran.err) == (2, "")
    suite = ET.parse(tmp_path / "xml").getroot()
    passed = {case.get("name") for case in suite.iter("testcase") if not list(case)}
    assert passed >= {"APP-01", "APP-04", "APP-05", "APP-06", "APP-07", "APP-09"}
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    found = content(tmp_path)
    assert found["client"] == {
        "client_id": "app", "redirect_uri": f"{base}/callback", "post_logout_redirect_uri": f"{base}/",
    }  # fmt: skip
    assert found["pages"] == {"protected": "/account", "public": "/", "user": "#user", "logout": "/logout"}


def test_an_application_that_uses_another_provider_is_told_so(tmp_path: Path) -> None:
    provider = f"http://127.0.0.2:{free_port()}"
    with answering(lambda *_: (200, "<title>Shop</title>")) as base:
        options = ("--protected", "/account", "--public-client", "--provider", provider)
        done = sessionproof("init", base, *options, environ={}, cwd=tmp_path)
        missing = sessionproof("init", base, environ={}, cwd=tmp_path)
    assert done.code == 3
    assert f"/account led to {base}/account; {provider} must be the application's issuer" in done.out
    assert "--client-id" in done.err
    assert "--protected  (Path of a page that needs login)" in missing.err
