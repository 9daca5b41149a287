"""The target files of the examples: each can be loaded with the secrets of the demonstration, and is short."""

import re
from pathlib import Path

import pytest
from sessionproof.conformance.adapters.target import Role, load_target

TARGETS = Path(__file__).parents[2] / "examples" / "targets"
FILES = sorted(TARGETS.glob("*.toml"))
SECRETS = dict(re.findall(r"(?m)^export (\w+)=(\S+)$", (TARGETS / "demo.env").read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_can_be_loaded(file: Path) -> None:
    target = load_target(file, SECRETS)
    start = getattr(target, "start", None)
    assert start is not None
    assert (TARGETS / start.command[0]).is_file()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_is_short(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert sum(bool(line.strip()) and not line.startswith("#") for line in lines) <= 25


def test_there_is_one_for_every_role() -> None:
    assert {load_target(file, SECRETS).role for file in FILES} == set(Role) - {Role.REFERENCE, Role.ADAPTER}
