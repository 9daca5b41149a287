"""A real authorization server, clean and with one fault each: the first conforms, and each fault is found and named."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ..conformance.command import CANARIES, Done, events, findings, sessionproof
from ..conformance.leaks import assert_no_leak

FOLDER = Path(__file__).parents[2] / "examples" / "targets" / "node-oidc-provider"
NODE = shutil.which("node")
AT_ONCE = 3

pytestmark = pytest.mark.skipif(
    not NODE or not (FOLDER / "node_modules").exists(), reason="needs Node.js and npm ci: python3 dev.py test does both"
)

CLEAN = ""
SHOULD = {"refresh-survives-logout"}
"""Faults that break a recommendation: a warning, and no reason to stop."""
# The slow ones first, for a few are tried at once. Each with the smallest profile that shows it.
PROFILES = {
    CLEAN: ("core", "sso", "silent", "logout-rp"),
    "auth-time-frozen": ("core",),
    "relogin-keeps-sid": ("core",),
    "refresh-survives-logout": ("logout-rp",),
    "wrong-password-accepted": ("core",),
    "state-dropped": ("core",),
    "code-reuse": ("core",),
    "error-page-not-redirect": ("core",),
    "sso-asks-again": ("sso",),
    "silent-shows-page": ("silent",),
    "prompt-none-other-prompt": ("silent",),
    "hint-ignored": ("silent",),
    "logout-keeps-session": ("logout-rp",),
    "logout-without-asking": ("logout-rp",),
    "open-post-logout-redirect": ("logout-rp",),
    "declined-logout-logs-out": ("logout-rp",),
}
OTHERS = {"max-age-ignored": "AS-17 is of the profile reauth, which no rule of the model states yet"}
"""Faults that no profile here can show, and why."""


class Certified(NamedTuple):
    """What became of one run."""

    done: Done
    log: Path
    junit: Path


@contextmanager
def serving(fault: str, *options: str, secrets: Mapping[str, str] = CANARIES) -> Iterator[str]:
    """The server at a free port, until the block ends; gives its issuer."""
    command = [NODE or "", "server.mjs", "--port", "0", *options, *(["--fault", fault] if fault else [])]
    with subprocess.Popen(
        command,
        cwd=FOLDER,
        env={**os.environ, **secrets},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            ready, _, issuer = process.stdout.readline().strip().partition(" ")
            assert ready == "ready", "the server did not start; try `node server.mjs` by hand"
            yield issuer
        finally:
            process.terminate()


def certify(fault: str, folder: Path) -> Certified:
    """Run the suite on the server with this fault."""
    log, junit, file = folder / "run.jsonl", folder / "run.xml", folder / "target.toml"
    text = FOLDER.with_suffix(".toml").read_text(encoding="utf-8")
    # Several servers run at a time here, and only one of them could have the applications' back channels.
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("backchannel_logout_uri")]
    text = "".join(lines).replace(', "logout-backchannel"', "")
    profiles = [word for profile in PROFILES[fault] for word in ("--profile", profile)]
    budget = ["--steps", "160"] if fault in SHOULD else ["--fail-fast"]
    with serving(fault) as issuer:
        text, replaced = re.subn(r'(?m)^issuer = ".*"$', f'issuer = "{issuer}"', text)
        assert replaced == 1
        file.write_text(re.sub(r"(?s)\[start\].*?\n\n", "", text), encoding="utf-8")
        options = ("--cover", "rules", "--search", "0", "--seconds", "180", *profiles, *budget)
        return Certified(sessionproof("run", file, *options, "--log", log, "--junit", junit, timeout=300), log, junit)


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Certified]]:
    """Gives what became of the run with a fault; all of them are under way or queued from the beginning."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        folders = {fault: tmp_path_factory.mktemp(fault or "clean") for fault in PROFILES}
        runs: dict[str, Future[Certified]] = {
            fault: pool.submit(certify, fault, folder) for fault, folder in folders.items()
        }
        yield lambda fault: runs[fault].result()
        for run in runs.values():
            run.cancel()


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    """The faults and their requirements, as the server names them."""
    script = "import('./faults.mjs').then(({FAULTS}) => console.log(JSON.stringify(FAULTS)))"
    run = subprocess.run([NODE or "", "-e", script], cwd=FOLDER, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_every_fault_is_tried_or_excused(declared: dict[str, Any]) -> None:
    assert declared.keys() == PROFILES.keys() - {CLEAN} | OTHERS.keys()


def test_clean_server_conforms(certified: Callable[[str], Certified]) -> None:
    done, log, junit = certified(CLEAN)
    assert (done.code, done.err) == (0, ""), done.out
    assert done.out.startswith("\nCONFORMS: node-oidc-provider (authorization-server)\n")
    assert findings(log) == []
    assert events(log)[-1]["stopped"] == ""
    assert_no_leak(done, log, junit)


@pytest.mark.parametrize("fault", [fault for fault in PROFILES if fault])
def test_fault_is_found_and_named(certified: Callable[[str], Certified], declared: dict[str, Any], fault: str) -> None:
    done, log, junit = certified(fault)
    found = findings(log)
    assert found, f"{done.code} {done.out} {done.err}"
    assert found[0]["confirmed"], found[0]["doubt"]
    assert found[0]["requirement"] == declared[fault]["requirements"][0]
    assert {finding["requirement"] for finding in found} <= set(declared[fault]["requirements"])
    assert len(found[0]["flow"]["steps"]) <= 6
    if fault in SHOULD:
        assert f"warning: {found[0]['requirement']} (SHOULD)" in done.out
        assert done.code != 1
    else:
        assert done.code == 1
        assert done.out.startswith("\nDOES NOT CONFORM")
    assert_no_leak(done, log, junit)
