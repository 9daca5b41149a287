"""Runs the command line as its users do: another process, its exit code, and what it prints where."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

CANARIES = {
    "SESSIONPROOF_ALICE_PASSWORD": "canary-alice &=+%é",
    "SESSIONPROOF_BOB_PASSWORD": "canary-bob",
    "SESSIONPROOF_SHOP_SECRET": "canary-shop:/secret",
    "SESSIONPROOF_OUTLET_SECRET": "canary-outlet",
}
"""Secrets that must not turn up anywhere; some with characters that look otherwise when they are encoded."""

PROGRAM = Path(sys.executable).with_name("sessionproof")


class Done(NamedTuple):
    """A command that has ended."""

    code: int
    out: str
    err: str


def sessionproof(
    *arguments: str | Path, environ: Mapping[str, str] | None = None, cwd: Path | None = None, timeout: float = 120
) -> Done:
    """Run `sessionproof ARGUMENTS`, with the canaries or `environ` as the only variables of ours."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("SESSIONPROOF_")}
    ran = subprocess.run(
        [str(PROGRAM), *map(str, arguments)],
        env={**others, "COLUMNS": "200", **(CANARIES if environ is None else environ)},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
    )
    assert "Traceback" not in ran.stdout + ran.stderr, ran.stderr
    return Done(ran.returncode, ran.stdout, ran.stderr)


def events(log: Path) -> list[dict[str, Any]]:
    """The lines of a run log."""
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def findings(log: Path) -> list[dict[str, Any]]:
    """The findings of a run log."""
    return [event for event in events(log) if event["event"] == "finding"]
