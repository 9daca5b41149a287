"""Feeds malformed answers to everything that reads what a target sends, and counts what was read and what was refused.

malformed.py [-n ANSWERS]

The answers and the readers are those of the tests (`tests/conformance/malformed.py`). Exit code 1 if a reader ended in
anything else, or took longer than a second of its own time.
"""

import argparse
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.conformance.malformed import GOOD, Reader, broken, readers  # noqa: E402

LIMIT = 1.0
"""Seconds of processor time for one answer."""


def feed(name: str, read: Reader, answers: int) -> tuple[Counter[str], int, float]:
    """What came of so many answers, how many of them were different, and the slowest in seconds."""
    said, seen, slowest = Counter[str](), set[bytes](), 0.0

    @seed(answers)
    @settings(
        max_examples=answers,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(text=broken(GOOD[name]))
    def one(text: bytes) -> None:
        nonlocal slowest
        if said.total() >= answers:
            return
        started = time.process_time()
        try:
            said[read(text)] += 1
        except Exception as error:
            traceback.print_exc()
            said[f"DEFECT {type(error).__name__}"] += 1
        slowest = max(slowest, time.process_time() - started)
        seen.add(text)

    while said.total() < answers:  # hypothesis may stop early
        one()
    return said, len(seen), slowest


def main() -> int:
    """Feed, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=10_000, metavar="ANSWERS", help="how many in all (10000)")
    each = -(-parser.parse_args().n // len(GOOD))
    total, defects, worst, started = 0, 0, 0.0, time.monotonic()
    with readers() as found:
        for name, read in found.items():
            said, different, slowest = feed(name, read, each)
            total, worst = total + said.total(), max(worst, slowest)
            defects += sum(number for what, number in said.items() if what.startswith("DEFECT"))
            counts = ", ".join(f"{number} {what}" for what, number in said.most_common())
            print(
                f"{name}: {said.total()} ({different} different), slowest {slowest * 1000:.0f} ms: {counts}", flush=True
            )
    seconds = time.monotonic() - started
    print(f"{total} malformed answers, {defects} defects, slowest {worst:.2f} s; {seconds:.0f} s in all")
    return 1 if defects or worst > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
