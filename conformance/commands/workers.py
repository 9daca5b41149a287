"""`run -j N`: so many processes, each with a part of the run, browsers and accounts of its own.

Each writes a log of its own beside the one that is asked for (`run.jsonl.1`, ...), from which a run that was cut off
goes on; when all are done, these become the one log.
"""

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
from ..resume import read_cut
from ..runlog import Event


def run_workers(
    target: Path | None,
    plan: Plan,
    profiles: tuple[str, ...],
    workers: int,
    *,
    log: Path | None,
    known: dict[str, Any],
    trust: bool,
    about: Event,
    resume: bool = False,
) -> Results:
    """Run all parts of the plan at the same time; `resume`: go on from the logs of the parts, as far as there are any.

    Raises UsageProblem, and HarnessProblem if a part cannot be run.
    """
    check_workers(target, os.environ, workers)
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder, started(target, os.environ, trust=trust):
        logs = [part_log(log or Path(folder) / "run.jsonl", number) for number in range(1, workers + 1)]
        for path in logs:
            _trouble(path).unlink(missing_ok=True)
            if not resume:
                path.unlink(missing_ok=True)
        parts = [replace(plan, shard=(number, workers)) for number in range(1, workers + 1)]
        processes = [
            context.Process(target=_work, args=(target, part, profiles, path, known, trust, about))
            for part, path in zip(parts, logs, strict=True)
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
        for path in logs:
            path.unlink()
    return Results.of(events)


def part_log(log: Path, number: int) -> Path:
    """Where the worker of this number writes."""
    return log.with_name(f"{log.name}.{number}")


def workers_of(target: Path | None, plan: Plan, wanted: int | None) -> int:
    """How many parts to play at the same time: as many as wanted, else one, but all cores for the bundled reference.

    A limit counts for a whole run, and so does the first failure: then it is one, too.
    """
    if wanted is not None:
        return wanted
    limits = (plan.seconds, plan.steps, plan.requests)
    whole = plan.shard == (1, 1) and not plan.fail_fast and not plan.only and limits == (None, None, None)
    return len(os.sched_getaffinity(0)) if whole and target is None else 1


def _work(
    target: Path | None,
    plan: Plan,
    profiles: tuple[str, ...],
    log: Path,
    known: dict[str, Any],
    trust: bool,
    about: Event,
) -> None:
    """In a process of its own: one part of the run."""
    trouble: dict[str, Any] = {}
    try:
        with open_target(target, os.environ, trust=trust, start=False, account=plan.shard[0]) as adapter:
            cut = read_cut(log)
            if not cut.ended:
                certify(adapter, plan, profiles, log=log, known=known, cut=cut, about=about)
    except HarnessProblem as problem:
        trouble = {"cause": problem.cause, "hint": problem.hint, "exit_code": problem.exit_code}
    except UsageProblem as problem:
        trouble = {"usage": str(problem), "exit_code": problem.exit_code}
    except KeyboardInterrupt:
        os._exit(130)
    if trouble:
        _trouble(log).write_text(json.dumps(trouble), encoding="utf-8")


def _trouble(log: Path) -> Path:
    """Where a worker says why it could not go on."""
    return log.with_name(f"{log.name}.trouble")


def _raise_trouble(number: int, log: Path) -> None:
    path = _trouble(log)
    if path.exists():
        trouble = json.loads(path.read_text(encoding="utf-8"))
        path.unlink()
        problem: Exception
        if "usage" in trouble:
            problem = UsageProblem(trouble["usage"])
        else:
            problem = HarnessProblem(trouble["cause"], trouble["hint"])
        problem.exit_code = trouble["exit_code"]
        raise problem
    if not log.exists():
        raise HarnessProblem(f"Worker {number} ended before it had begun.", "Run without -j to see why.")
