"""How much sooner two workers are done than one, on the bundled reference in process.

    benchmarks/workers.py [--cover rules]

The same plan with `-j 1` and with `-j 2`, one after the other, each from the start of the program to its end.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("sessionproof")


def seconds(*arguments: str) -> float:
    """Wall time of one run. Raises RuntimeError where it does not conform."""
    start = time.perf_counter()
    done = subprocess.run([PROGRAM, "run", "--search", "0", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"exit code {done.returncode}: {done.stdout}{done.stderr}")
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cover", default="transitions")
    cover = parser.parse_args().cover
    one, two = (seconds("--cover", cover, "-j", str(workers)) for workers in (1, 2))
    print(f"in process, {cover}: one worker {one:.0f} s, two {two:.0f} s; {one / two:.2f} times as fast")


if __name__ == "__main__":
    main()
