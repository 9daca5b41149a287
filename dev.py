#!/usr/bin/env python3
"""Set up and run sessionproof on a machine that has only Python and git.

python3 dev.py run [ARGS]    sessionproof run ARGS (without ARGS: the bundled reference shop)
python3 dev.py test [ARGS]   every check, then the tests; ARGS go to pytest
python3 dev.py bench         every benchmark, some minutes
python3 dev.py lock [ARGS]   write the lock files anew from pyproject.toml; ARGS go to uv, e.g. --upgrade
"""

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import NoReturn

try:
    import tomllib
except ModuleNotFoundError:
    print(
        f"sessionproof needs Python 3.11 or later; this is {sys.version.split()[0]}: {sys.executable}", file=sys.stderr
    )
    sys.exit(3)

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
ENV = {**os.environ, "VIRTUAL_ENV": str(VENV), "PATH": f"{BIN}:{os.environ.get('PATH', os.defpath)}"}
NODE_TARGETS = [ROOT / "examples" / "targets" / name for name in ("node-oidc-provider", "express-openid-connect")]

CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

RUNTIME, DEV, NODE = "requirements.lock", "requirements-dev.lock", "requirements-node.lock"
# What goes into each lock file, as arguments of `uv pip compile`; `-` are the build requirements.
LOCKS = {
    RUNTIME: ["pyproject.toml", "-"],
    DEV: ["pyproject.toml", "-", "--extra", "browser", "--group", "dev", "--constraint", RUNTIME],
    NODE: ["--group", "node"],
}

CHECKS = {
    "ruff check": ["ruff", "check", "--output-format=concise", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
    "mypy tests": ["mypy", "tests", "dev.py"],
    "import contract": ["lint-imports", "--no-cache"],
    "generated files": ["sessionproof", "diagrams", "--check"],
}


def fail(message: str) -> NoReturn:
    """Say why nothing was run. Exit code 3, as for a wrong command line: 0 to 2 are verdicts of `sessionproof run`."""
    print(message, file=sys.stderr)
    sys.exit(3)


def step(name: str, command: list[str], *, cwd: Path = ROOT, stdin: str | None = None, hint: str = "") -> str:
    """Run a command, return its output. A failure ends this process: with 3 in the set-up (`hint`), else as it did."""
    start = time.monotonic()
    done = subprocess.run(command, cwd=cwd, env=ENV, input=stdin, stdout=PIPE, stderr=STDOUT, text=True)
    line = f"{'FAILED' if done.returncode else 'ok':6}  {name:22} {time.monotonic() - start:6.1f} s"
    print(line, file=sys.stderr if hint else sys.stdout, flush=True)
    if done.returncode:
        print(done.stdout, hint, sep="\n", file=sys.stderr)
        sys.exit(3 if hint else done.returncode)
    return done.stdout


def debian_package(*packages: str, reason: str) -> None:
    """Install Debian packages, or say which ones are missing where that is not possible."""
    package = " ".join(packages)
    hint = f"{reason}. Install it (Debian and Ubuntu: apt-get install {package}), then run this command again."
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    if not shutil.which("apt-get") or (sudo and not shutil.which("sudo")):
        fail(hint)
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    step("apt-get update", [*apt, "update"], hint=hint)
    step(f"apt-get {package}", [*apt, "install", "-y", "--no-install-recommends", *packages], hint=hint)


def ensure_environment(lock: str) -> None:
    """Install into .venv exactly what `lock` says, unless that was done since anything it depends on changed."""
    inputs = [f"{ROOT} {sys.version}".encode(), *((ROOT / file).read_bytes() for file in ("pyproject.toml", *LOCKS))]
    digest = hashlib.sha256(b"\0".join(inputs)).hexdigest()
    stamps = {path.stem for path in VENV.glob("*.stamp") if path.read_text() == digest}
    if lock in stamps or (lock == RUNTIME and DEV in stamps):
        return
    if not stamps:  # missing, or made for other lock files, another folder or another Python: start afresh
        if importlib.util.find_spec("ensurepip") is None:
            debian_package(
                "python3-venv", reason="This Python cannot make virtual environments: `ensurepip` is missing"
            )
        step("create .venv", [sys.executable, "-m", "venv", "--clear", str(VENV)], hint=f"{VENV} could not be made.")
    pip = [str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    hint = "pip could not install what is locked: check the network, the proxy, and the package index (PIP_INDEX_URL)."
    step("pip install", [*pip, "--require-hashes", "--only-binary=:all:", "-r", lock], hint=hint)
    if lock != NODE:
        step("pip install .", [*pip, "--no-deps", "--no-build-isolation", "--editable", "."], hint=hint)
    (VENV / f"{lock}.stamp").write_text(digest)


def ensure_spin() -> None:
    """Make the model checker SPIN available, and the C compiler that it needs."""
    for program, packages in (("spin", ["spin"]), ("gcc", ["gcc", "libc6-dev"])):
        if not shutil.which(program):
            debian_package(
                *packages, reason=f"The comparison with the model checker SPIN needs the program `{program}`"
            )


def ensure_node() -> None:
    """Make `node` (20 or later) and `npm` available, and install what the Node.js targets of the tests need."""
    node, npm = (shutil.which(name, path=ENV["PATH"]) for name in ("node", "npm"))
    version = subprocess.run([node, "--version"], stdout=PIPE, text=True).stdout if node else "none"
    if not npm or int((re.match(r"v(\d+)", version) or ["", "0"])[1]) < 20:
        ensure_environment(NODE)
    for target in NODE_TARGETS:
        modules = target / "node_modules"
        if not modules.exists() or modules.stat().st_mtime < (target / "package-lock.json").stat().st_mtime:
            step("npm ci", ["npm", "ci", "--no-audit", "--no-fund"], cwd=target, hint="npm could not install.")
            modules.touch()


def run(arguments: list[str]) -> None:
    """Replace this process with `sessionproof run`."""
    ensure_environment(RUNTIME)
    os.execve(BIN / "sessionproof", ["sessionproof", "run", *arguments], ENV)


def test(arguments: list[str]) -> None:
    """Run every check, then pytest: with its own output on a terminal, as one line where CI is set."""
    ensure_environment(DEV)
    if not shutil.which("dot"):
        debian_package("graphviz", reason="The tests of the diagrams need the program `dot` of Graphviz")
    if not any(map(shutil.which, CHROMIUM)):
        debian_package("chromium", reason="The tests of pages in JavaScript need Chromium")
    ensure_spin()
    ensure_node()
    for name, command in CHECKS.items():
        step(name, command)
    if ENV.get("CI"):
        print(step("pytest", ["pytest", "-q", "--no-header", *arguments]).rstrip().rpartition("\n")[2])
    else:
        sys.exit(subprocess.run(["pytest", *arguments], cwd=ROOT, env=ENV).returncode)


def bench(arguments: list[str]) -> None:
    """Run the benchmarks one after the other; with names, only these."""
    ensure_environment(DEV)
    ensure_spin()
    ensure_node()
    for path in sorted((ROOT / "benchmarks").glob("*.py")):
        if not arguments or path.stem in arguments:
            subprocess.run([BIN / "python", path], cwd=ROOT, env=ENV, check=True)


def lock(arguments: list[str]) -> None:
    """Write the lock files anew, as [tool.uv.pip] in pyproject.toml says."""
    ensure_environment(DEV)
    build = "\n".join(tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"])
    for file, sources in LOCKS.items():
        step(file, ["uv", "pip", "compile", "--quiet", *arguments, "--output-file", file, *sources], stdin=build)


if __name__ == "__main__":
    commands = {"run": run, "test": test, "bench": bench, "lock": lock}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        fail(__doc__)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends this without a traceback
    commands[sys.argv[1]](sys.argv[2:])
