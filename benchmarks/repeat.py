"""Certifies a target several times, each time from a fresh start, and says whether all verdicts are the same.

repeat.py [-n TIMES] [TARGET.toml] [OPTION ...]    the options go to `sessionproof run`

Without a target: express-openid-connect, profile core, every rule once. Secrets of the demonstration targets are known;
others come from the environment. Exit code 0 if all runs say the same, 1 if not, 3 if one could not be done at all.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sessionproof.conformance.results import Results
from sessionproof.conformance.runlog import read_log

TARGETS = Path(__file__).resolve().parent.parent / "examples" / "targets"
USUAL = ("--profile", "core", "--cover", "rules", "--search", "0")
NOT_DONE = 3
"""Exit codes of `sessionproof run` from here on: no verdict, for a reason of the command line or the set-up."""

Said = dict[str, str]
"""What one run says: requirement to verdict, `whole run` among them."""


def demo_secrets() -> dict[str, str]:
    """The passwords and secrets of `demo.env`."""
    text = (TARGETS / "demo.env").read_text(encoding="utf-8")
    return dict(re.findall(r"^export (\w+)=(\S+)$", text, re.MULTILINE))


def certify(target: Path, options: list[str], log: Path) -> Results:
    """One run; the target is started by its file. Ends this program where there is no verdict to compare."""
    command = [str(Path(sys.executable).with_name("sessionproof")), "run", str(target), "--trust", "--log", str(log)]
    environ = {**demo_secrets(), **os.environ}
    done = subprocess.run([*command, *options], env=environ, capture_output=True, text=True)
    if done.returncode >= NOT_DONE or not log.exists():
        print(done.stderr, file=sys.stderr)
        sys.exit(NOT_DONE)
    return Results.of(read_log(log))


def said(results: Results) -> Said:
    """The verdicts of a run, those of its requirements that apply and its own."""
    lines = {line.requirement.id: str(line.verdict) for line in results.lines()}
    return {"whole run": str(results.verdict()), **lines}


def differing(runs: list[Said]) -> dict[str, Counter[str]]:
    """What is not said by all runs alike, and how often each is said."""
    names = dict.fromkeys(name for run in runs for name in run)
    counts = {name: Counter(run.get(name, "not mentioned") for run in runs) for name in names}
    return {name: count for name, count in counts.items() if len(count) > 1}


def show(different: dict[str, Counter[str]], times: int) -> None:
    """The table of what differed."""
    table = Table("requirement", "verdicts", title=f"not the same in {times} runs")
    for name, count in different.items():
        table.add_row(name, ", ".join(f"{verdict} {number}x" for verdict, number in count.most_common()))
    Console().print(table)


def main() -> int:
    """Certify, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=10, metavar="TIMES", help="how often (10)")
    parser.add_argument("target", type=Path, nargs="?", help="target file")
    arguments, options = parser.parse_known_args()
    target = arguments.target or TARGETS / "express-openid-connect.toml"
    options = options if arguments.target else [*USUAL, *options]
    runs: list[Said] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, arguments.n + 1):
            results = certify(target, options, Path(folder) / f"{number}.jsonl")
            runs.append(said(results))
            spent = results.footer.get("seconds", {})
            counts = Counter(list(runs[-1].values())[1:])
            print(
                f"run {number}: {runs[-1]['whole run']}; {counts['pass']} pass, {counts['fail']} fail,"
                f" {results.footer.get('steps', 0)} steps, {results.footer.get('requests', 0)} requests,"
                f" {spent.get('total', 0):.1f} s, the target's {spent.get('waited', 0):.1f} s",
                flush=True,
            )
    different = differing(runs)
    if different:
        show(different, len(runs))
    else:
        print(f"{target.stem}: the same {len(runs[0])} verdicts {len(runs)} times")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
