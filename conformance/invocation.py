"""How a run was started: when, and with what on the command line. It stands in the header of the log.

Nothing secret is among it: a target file refers to secrets by the names of environment variables, and of paths only the
last part is told.
"""

import os
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ABOUT = ("date", "file", "trust", "fail_fast")
"""What tells how a run was started, and not what it does."""
OPTIONS = ("cover", "search", "seed", "seconds", "steps")
"""What a plan has of numbers and words, by the name of the option."""


def started(target: Path | None, *, trust: bool, fail_fast: bool, now: datetime) -> dict[str, Any]:
    """What the header says beside the plan: `date` (UTC, ISO 8601), the target file's name, and the options given."""
    return {
        "date": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        **({"file": target.name} if target else {}),
        **({"trust": True} if trust else {}),
        **({"fail_fast": True} if fail_fast else {}),
    }


def now(environ: Mapping[str, str] = os.environ) -> datetime:
    """The present moment; the one that SOURCE_DATE_EPOCH names (seconds since 1970), so that logs can be reproduced."""
    epoch = environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)


def command(header: Mapping[str, Any]) -> str:
    """The command line that plays a run again, ready for a shell; with `target.toml` where the log names no file."""
    words = ["sessionproof", "run", *_file(header)]
    for profile in header.get("profiles", ()):
        words += ["--profile", str(profile)]
    for identifier in header.get("only", ()):
        words += ["--only", str(identifier)]
    words += ["--budget", f"{header['requests']}req"] if "requests" in header else []
    words += ["--shard", "{}/{}".format(*header["shard"])] if "shard" in header else []
    for name in OPTIONS:
        if (value := header.get(name)) is not None:
            words += [f"--{name}", f"{value:g}" if isinstance(value, float) else str(value)]
    words += [f"--{name.replace('_', '-')}" for name in ("trust", "fail_fast") if header.get(name)]
    return shlex.join(words)


def played_on(header: Mapping[str, Any]) -> str:
    """What follows a flow file or a log in the command line of `sessionproof replay`, with a space before it."""
    words = [*_file(header), *(["--trust"] if header.get("trust") else [])]
    return f" {shlex.join(words)}" if words else ""


def _file(header: Mapping[str, Any]) -> list[str]:
    bundled = header["target"]["role"] == "reference" and "file" not in header
    return [] if bundled else [str(header.get("file", "target.toml"))]
