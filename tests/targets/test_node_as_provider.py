"""A real identity provider behind a server that the suite plays, clean and with one fault each."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ..conformance.command import CANARIES, Done, events, findings, sessionproof
from ..conformance.leaks import assert_no_leak
from .test_node_oidc_provider import FOLDER, serving
from .test_node_oidc_provider import pytestmark as needs_node

SECRETS = {**CANARIES, "SESSIONPROOF_UPSTREAM_SECRET": "canary-upstream"}
CLEAN = ""
FAULTS = {"wrong-password-accepted": "IDP-02", "silent-shows-page": "IDP-08"}

pytestmark = needs_node


def certify(fault: str, folder: Path) -> tuple[Done, Path]:
    text = FOLDER.with_name("node-oidc-provider-as-provider.toml").read_text(encoding="utf-8")
    with serving(fault, "--server", "http://as.test", secrets=SECRETS) as issuer:
        text, replaced = re.subn(r'(?m)^issuer = ".*"$', f'issuer = "{issuer}"', text)
        assert replaced == 1
        file, log = folder / "target.toml", folder / "run.jsonl"
        file.write_text(re.sub(r"(?s)\[start\].*?\n\n", "", text), encoding="utf-8")
        options = ("--cover", "rules", "--search", "0", "--seconds", "60", *(["--fail-fast"] if fault else []))
        return sessionproof("run", file, *options, "--log", log, environ=SECRETS, timeout=120), log


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Done, Path]]:
    """What became of each run; two at once."""
    folders = {fault: tmp_path_factory.mktemp(fault or "clean") for fault in (CLEAN, *FAULTS)}
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(folders, pool.map(certify, folders, folders.values()), strict=True))


def test_clean_provider_conforms(certified: dict[str, tuple[Done, Path]]) -> None:
    done, log = certified[CLEAN]
    assert (done.code, done.err) == (0, ""), done.out
    assert done.out.startswith("\nCONFORMS: node-oidc-provider, as identity provider (identity-provider)\n")
    assert findings(log) == []
    assert events(log)[-1]["stopped"] == ""
    assert_no_leak(done, log, secrets=SECRETS)


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_found_and_named(certified: dict[str, tuple[Done, Path]], fault: str) -> None:
    done, log = certified[fault]
    [found] = findings(log)
    assert found["confirmed"], found["doubt"]
    assert found["requirement"] == FAULTS[fault]
    assert done.code == 1
    assert_no_leak(done, log, secrets=SECRETS)
