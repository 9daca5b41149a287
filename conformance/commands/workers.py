"""`run -j N`: so many processes, each with a part of the run, browsers and accounts of its own."""

import json
import multiprocessing
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..certify import certify
from ..errors import HarnessProblem, UsageProblem
from ..merging import merge_logs, write_log
from ..opening import check_workers, open_target, started
from ..plan import Plan
from ..results import Results


def run_workers(
    target: Path | None,
    plan: Plan,
    profiles: tuple[str, ...],
    workers: int,
    *,
    log: Path | None,
    known: dict[str, Any],
    trust: bool,
) -> Results:
    """Run all parts of the plan at the same time. Raises UsageProblem, and HarnessProblem if a part cannot be run."""
    check_workers(target, os.environ, workers)
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder, started(target, os.environ, trust=trust):
        logs = [Path(folder) / f"{number}.jsonl" for number in range(1, workers + 1)]
        processes = [
            context.Process(
                target=_work, args=(target, replace(plan, shard=(number, workers)), profiles, path, known, trust)
            )
            for number, path in enumerate(logs, 1)
        ]
        try:
            for process in processes:
                process.start()
            for process in processes:
                process.join()
        finally:
            for process in processes:
                if process.is_alive():
                    process.kill()
        for number, path in enumerate(logs, 1):
            _raise_trouble(number, path)
        events = merge_logs(logs)
    if log is not None:
        write_log(log, events)
    return Results.of(events)


def _work(
    target: Path | None, plan: Plan, profiles: tuple[str, ...], log: Path, known: dict[str, Any], trust: bool
) -> None:
    """In a process of its own: one part of the run."""
    trouble: dict[str, Any] = {}
    try:
        with open_target(target, os.environ, trust=trust, start=False, account=plan.shard[0]) as adapter:
            certify(adapter, plan, profiles, log=log, known=known)
    except HarnessProblem as problem:
        trouble = {"cause": problem.cause, "hint": problem.hint, "exit_code": problem.exit_code}
    except UsageProblem as problem:
        trouble = {"usage": str(problem), "exit_code": problem.exit_code}
    except KeyboardInterrupt:
        os._exit(130)
    if trouble:
        log.with_suffix(".trouble").write_text(json.dumps(trouble), encoding="utf-8")


def _raise_trouble(number: int, log: Path) -> None:
    path = log.with_suffix(".trouble")
    if path.exists():
        trouble = json.loads(path.read_text(encoding="utf-8"))
        problem: Exception
        if "usage" in trouble:
            problem = UsageProblem(trouble["usage"])
        else:
            problem = HarnessProblem(trouble["cause"], trouble["hint"])
        problem.exit_code = trouble["exit_code"]
        raise problem
    if not log.exists():
        raise HarnessProblem(f"Worker {number} ended before it had begun.", "Run without -j to see why.")
