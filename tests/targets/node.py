"""Starts the node-oidc-provider target at a free port, with one of its deliberate faults or none."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

TARGETS = Path(__file__).resolve().parents[2] / "examples" / "targets"
FOLDER = TARGETS / "node-oidc-provider"
SECRETS = {
    "SESSIONPROOF_ALICE_PASSWORD": "alice-password",
    "SESSIONPROOF_BOB_PASSWORD": "bob-password",
    "SESSIONPROOF_SHOP_SECRET": "shop-secret",
    "SESSIONPROOF_OUTLET_SECRET": "outlet-secret",
}


@contextmanager
def node_oidc_provider(folder: Path, fault: str = "") -> Iterator[Path]:
    """Run the server; give a target file in `folder` that names its issuer."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules").exists():
        pytest.fail("needs node and the npm package: python3 dev.py test installs both")
    command = [node, "server.mjs", "--port", "0", *(["--fault", fault] if fault else [])]
    server = subprocess.Popen(
        command, cwd=FOLDER, env={**os.environ, **SECRETS}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert server.stdout is not None
        word, _, issuer = server.stdout.readline().strip().partition(" ")
        assert word == "ready", "the server did not start"
        text = (TARGETS / "node-oidc-provider.toml").read_text(encoding="utf-8")
        before, _, rest = text.partition("[start]")
        _, _, clients = rest.partition("\n\n")
        file = folder / "target.toml"
        file.write_text(before.replace("http://127.0.0.1:8201", issuer) + clients, encoding="utf-8")
        yield file
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)
