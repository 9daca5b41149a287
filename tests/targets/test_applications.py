"""A real application of other make: its one fault is found, confirmed, and named; nothing else is held against it."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ..conformance.command import events, findings, sessionproof
from ..conformance.leaks import assert_no_leak

FOLDER = Path(__file__).parents[2] / "examples" / "targets" / "express-openid-connect"
NODE = shutil.which("node")
SECRETS = {"SESSIONPROOF_APP_SECRET": "canary-app:/secret"}
STEPS = 300

pytestmark = pytest.mark.skipif(
    not NODE or not (FOLDER / "node_modules").exists(), reason="needs Node.js and npm ci: python3 dev.py test does both"
)


def free_issuer() -> str:
    """An address for the suite's authorization server."""
    with socket.create_server(("127.0.0.2", 0)) as listener:
        return f"http://127.0.0.2:{listener.getsockname()[1]}"


@contextmanager
def serving(issuer: str) -> Iterator[str]:
    """The application at a free port, until the block ends; gives its origin."""
    command = [NODE or "", "server.mjs", "--port", "0", "--issuer", issuer]
    environ = {**os.environ, **SECRETS, "NODE_ENV": "production"}
    with subprocess.Popen(
        command, cwd=FOLDER, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            ready, _, origin = process.stdout.readline().strip().partition(" ")
            assert ready == "ready", "the application did not start; try `node server.mjs` by hand"
            yield origin
        finally:
            process.terminate()


def test_tokens_with_a_wrong_signature_are_accepted_and_that_is_all(tmp_path: Path) -> None:
    issuer, log = free_issuer(), tmp_path / "run.jsonl"
    with serving(issuer) as origin:
        text = FOLDER.with_suffix(".toml").read_text(encoding="utf-8")
        text = text.replace("http://127.0.0.1:8301", origin).replace("http://127.0.0.2:8102", issuer)
        file = tmp_path / "target.toml"
        file.write_text(re.sub(r"(?s)\[start\].*?\n\n", "", text), encoding="utf-8")
        budget = ("--cover", "rules", "--search", "0", "--steps", str(STEPS))
        done = sessionproof("run", file, "--profile", "core", *budget, "--log", log, environ=SECRETS)
    assert done.code == 1, done.err
    [found] = findings(log)
    assert found["requirement"] == "APP-08"
    assert found["confirmed"], found["doubt"]
    last = found["flow"]["steps"][-1]
    assert (last["action"], last["app"], last["arg"]) == ("wrong token", "shop", "signature")
    assert events(log)[-1]["stopped"] == ""
    assert "\nfail: APP-08 (MUST)\n" in done.out
    assert_no_leak(done, log, secrets=SECRETS)
