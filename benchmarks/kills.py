"""Kills runs on a server over HTTP at random moments, goes on with each until it ends, and compares the verdicts.

kills.py [-n KILLS] [--seed SEED]

A run is killed with SIGKILL and gone on with (`--resume`) until it comes to its end; then the next one begins. Exit
code 1 if a line of a log that was whole is lost or changed, or if the verdicts differ from those of a run left alone.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sessionproof.conformance.results import Results
from sessionproof.conformance.runlog import read_log

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.conformance.command import CANARIES, PROGRAM  # noqa: E402
from tests.conformance.serving import serving, target_file  # noqa: E402

OPTIONS = ("--cover", "rules", "--search", "6", "--steps", "150", "--resume", "--log")
Verdicts = dict[str, str]


def start(target: Path, log: Path) -> subprocess.Popen[bytes]:
    """A run, or the rest of one."""
    command = [str(PROGRAM), "run", str(target), *OPTIONS, str(log)]
    environ = {**os.environ, **CANARIES}
    return subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def whole_lines(log: Path) -> bytes:
    """What a log holds, up to the end of its last whole line."""
    content = log.read_bytes() if log.exists() else b""
    return content[: content.rfind(b"\n") + 1]


def killed(target: Path, log: Path, draw: random.Random) -> tuple[bool, str]:
    """Go on with a run and kill it at some moment; whether it was killed before its end, and what it said."""
    until = whole_lines(log).count(b"\n") + draw.randrange(5)
    patience = time.monotonic() + draw.uniform(0.5, 30)
    late = draw.uniform(0, 0.3)
    with start(target, log) as process:
        while process.poll() is None and whole_lines(log).count(b"\n") <= until and time.monotonic() < patience:
            time.sleep(0.01)
        time.sleep(late)
        process.kill()
        said = process.communicate()[1].decode()
    return process.returncode < 0, said


def verdicts(log: Path) -> Verdicts:
    """What a run says of each requirement, and of the whole."""
    results = Results.of(read_log(log))
    return {"whole run": str(results.verdict()), **{line.requirement.id: str(line.verdict) for line in results.lines()}}


def main() -> int:
    """Kill, go on, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=20, metavar="KILLS", help="how many (20)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    options = parser.parse_args()
    draw, begun = random.Random(options.seed), time.monotonic()
    kills = torn = lost = different = tracebacks = runs = 0
    with tempfile.TemporaryDirectory() as folder, serving() as server:
        target, log = target_file(Path(folder), server.issuer), Path(folder) / "log"
        start(target, log).communicate()
        expected = verdicts(log)
        print(f"nobody killed: {len(whole_lines(log).splitlines())} events, {expected['whole run']}", flush=True)
        while kills < options.n:
            log.unlink()
            ended = False
            while not ended:
                before = whole_lines(log)
                if kills < options.n:
                    was_killed, said = killed(target, log, draw)
                else:
                    was_killed, said = False, start(target, log).communicate()[1].decode()
                after = whole_lines(log)
                kills += was_killed
                torn += log.exists() and log.read_bytes() != after
                lost += not after.startswith(before)
                tracebacks += "Traceback" in said
                ended = not was_killed and log.exists()
            runs += 1
            different += verdicts(log) != expected
            print(f"run {runs}: {kills} kills so far, {verdicts(log)['whole run']}", flush=True)
    print(
        f"{kills} kills in {runs} runs: {torn} logs ended within a line, {lost} lost a whole one, {different} came to"
        f" other verdicts, {tracebacks} tracebacks; {time.monotonic() - begun:.0f} s"
    )
    return 1 if lost or different or tracebacks else 0


if __name__ == "__main__":
    sys.exit(main())
