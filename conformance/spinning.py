"""Runs SPIN on a model written out for it: how many states it stores, or the shortest way to a violation."""

import re
import resource
import shutil
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from .errors import UsageProblem

DEEPEST = 20_000_000
"""The depth of SPIN's search grows to that of the longest way without a state twice; a step takes 48 bytes."""


class SpinProblem(Exception):
    """SPIN gave no answer that counts; what it said is the message."""


class Spun(NamedTuple):
    """What SPIN found. `violation`: the steps to the first assertion that fails, empty where none does.

    `prepared`: seconds until its verifier was made and compiled; `seconds`: processor time of the search itself, which
    others that use the machine do not lengthen as they do the time by the clock; `mib`: its memory.
    """

    states: int
    violation: tuple[str, ...]
    prepared: float
    seconds: float
    mib: float


def spin(model: str, folder: Path, *, states: int, shortest: bool = False) -> Spun:
    """Check `model` (Promela) in an empty `folder`, exactly: no partial order reduction, whole states in the table.

    `states`: how many are expected, for the size of the hash table. `shortest`: breadth first, for the shortest way to
    a violation; otherwise depth first, which is faster. Raises UsageProblem where SPIN or gcc is missing, and
    SpinProblem where the search was not exhaustive.
    """
    for program in ("spin", "gcc"):
        if shutil.which(program) is None:
            raise UsageProblem(
                f"the program {program} is missing: Debian and Ubuntu, apt-get install spin gcc libc6-dev"
            )
    (folder / "model.pml").write_text(model, encoding="utf-8")
    start = time.perf_counter()
    _run(folder, "spin", "-a", "model.pml")
    how = ["-DBFS"] if shortest else []
    _run(folder, "gcc", "-O2", "-DSAFETY", "-DNOREDUCE", "-DMEMLIM=16000", *how, "-o", "pan", "pan.c")
    prepared = time.perf_counter() - start
    slots = max(18, states.bit_length())
    depth = [] if shortest else [f"-m{min(DEEPEST, states + 1000)}"]
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = _run(folder, "./pan", "-E", "-n", f"-w{slots}", *depth)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    wrong = "errors: 0" not in said
    if "max search depth too small" in said or ("Search not completed" in said and not wrong):
        raise SpinProblem(f"the search was cut off: {said.strip()[:300]}")
    return Spun(
        int(_number(said, r"(\d+) states, stored")),
        _trail(folder, model) if wrong else (),
        prepared,
        after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime,
        _number(said, r"([\d.]+)\s+total actual memory usage"),
    )


def _trail(folder: Path, model: str) -> tuple[str, ...]:
    """The stimuli of the steps of SPIN's counterexample, which are the last comments of the lines that it names."""
    lines = model.splitlines()
    said = _run(folder, "spin", "-t", "-p", "model.pml")
    steps = re.findall(r"proc +\d+ .*?model\.pml:(\d+) \(state \d+\)\s+\[(?!assert)", said)
    comments = [re.findall(r"/\* (.*?) \*/", lines[int(number) - 1]) for number in steps]
    return tuple(found[-1] for found in comments if found)


def _number(said: str, pattern: str) -> float:
    if (found := re.search(pattern, said)) is None:
        raise SpinProblem(f"unexpected output: {said.strip()[-300:]}")
    return float(found[1])


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603
    if done.returncode:
        raise SpinProblem(f"{command[0]} ended with {done.returncode}: {done.stdout.strip()[-300:]}")
    return done.stdout
