"""`sessionproof run`: the options of a run, and what it hands over."""

import os
import re
import tempfile
from contextlib import ExitStack, nullcontext
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from sessionproof.model.requirements import BY_ID, PROFILES

from ..certify import certify
from ..console import KnownFile, TargetFile, Trust, check_writable, err, problems
from ..errors import UsageProblem
from ..generate.cover import STRENGTHS, Strength
from ..invocation import now, started
from ..known import known_json, load_known
from ..opening import open_target
from ..outputs import Github, JunitFile, LogFile, Outputs, SarifFile, Verbose
from ..plan import Plan
from ..progress import watching
from ..report.visible import shown
from ..resume import CutLog, ended_like, read_cut
from .workers import part_log, run_workers, workers_of


def run(
    target: TargetFile = None,
    profile: Annotated[
        list[str] | None, typer.Option(help="Certify for this profile only; may be given several times.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only these requirements: ids or patterns, such as 'AS-2*'.")
    ] = None,
    cover: Annotated[
        str, typer.Option(help=f"How much of the model to cover: {', '.join(STRENGTHS)}.")
    ] = "transitions",
    search: Annotated[int, typer.Option(min=0, help="How many flows hypothesis draws beyond the covers.")] = 100,
    seed: Annotated[int, typer.Option(help="Of the drawn flows; the covers do not depend on it.")] = 0,
    seconds: Annotated[
        float | None,
        typer.Option(min=1, help="Start nothing new after so long; for a target over HTTP it is 110, else no limit."),
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Start nothing new after so many steps.")] = None,
    budget: Annotated[
        list[str] | None, typer.Option(help="The same with a unit: 90s, 5m, or 500req for HTTP requests.")
    ] = None,
    shard: Annotated[
        str, typer.Option(help="Play one part of several, 1/3 say; `sessionproof merge` puts their logs together.")
    ] = "1/1",
    workers: Annotated[
        int | None,
        typer.Option(
            "-j",
            "--workers",
            min=1,
            help="Play so many parts at the same time, and put them together; for the bundled reference all cores do.",
            show_default=False,
        ),
    ] = None,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failure.")] = False,
    log: LogFile = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --log that was cut off.")] = False,
    junit: JunitFile = None,
    sarif: SarifFile = None,
    github: Github = False,
    known: KnownFile = None,
    trust: Trust = False,
    verbose: Verbose = False,
) -> None:
    """Run the suite on a target and say whether it conforms, what was exercised, and what was not."""
    with problems(), ExitStack() as stack:
        profiles = _profiles(tuple(profile or ()))
        accepted = load_known(known)
        limits = _budget(budget or [], seconds, steps)
        plan = Plan(
            (), _strength(cover), search, seed, limits.seconds, limits.steps, fail_fast, frozenset(accepted),
            limits.requests, _only(only or []), _shard(shard),
        )  # fmt: skip
        outputs = Outputs(junit, sarif, github, verbose)
        check_writable("--log", log)
        outputs.check()
        parallel = workers_of(target, plan, workers)
        cut = _cut(log, parallel) if resume else None
        if workers is None and cut is not None and cut.events and not cut.ended:
            parallel = 1  # so it was begun
        if github and log is None:
            log = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "run.jsonl"
        today = known_json(accepted, date.today())
        about = started(target, trust=trust, fail_fast=fail_fast, now=now())
        if cut is not None and cut.ended and log is not None:
            results = ended_like(log, cut, plan, profiles)
        elif parallel > 1:
            if plan.shard != (1, 1):
                raise UsageProblem("-j cannot be used together with --shard")
            with err.status(f"{parallel} parts at the same time") if err.is_terminal else nullcontext():
                results = run_workers(
                    target, plan, profiles, parallel, log=log, known=today, trust=trust, about=about, resume=resume
                )
        else:
            with open_target(target, os.environ, trust=trust) as adapter, watching(err) as watch:
                results = certify(adapter, plan, profiles, log=log, known=today, cut=cut, watch=watch, about=about)
        outputs.hand_over(results, target, log)
    raise typer.Exit(results.exit_code())


class _Limits(NamedTuple):
    seconds: float | None
    steps: int | None
    requests: int | None


def _budget(budgets: list[str], seconds: float | None, steps: int | None) -> _Limits:
    limits = _Limits(seconds, steps, None)
    for text in budgets:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|req)", text.strip())
        if found is None or not float(found[1]):
            raise UsageProblem(f"--budget {text}: a number with a unit is expected, such as 90s, 5m or 500req")
        if found[2] == "req":
            limits = limits._replace(requests=int(float(found[1])))
        else:
            limits = limits._replace(seconds=float(found[1]) * (60 if found[2] == "m" else 1))
    return limits


def _only(patterns: list[str]) -> frozenset[str]:
    found: set[str] = set()
    for pattern in patterns:
        fitting = {identifier for identifier in BY_ID if fnmatchcase(identifier, pattern.upper())}
        if not fitting:
            near = get_close_matches(pattern.upper(), BY_ID, n=1)
            hint = f"did you mean {near[0]}?" if near else "SPEC.md lists them; patterns are such as 'AS-2*'"
            raise UsageProblem(f"--only {pattern}: no requirement is called so; {hint}")
        found |= fitting
    return frozenset(found)


def _shard(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    number, of = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= of:
        raise UsageProblem(f"--shard {text}: a part and their number are expected, such as 1/3, 2/3 or 3/3")
    return number, of


def _profiles(wanted: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := [p for p in wanted if p not in PROFILES]:
        raise UsageProblem(f"--profile {unknown[0]}: no such profile; expected one of: {', '.join(PROFILES)}")
    return wanted


def _strength(name: str) -> Strength:
    for strength in STRENGTHS:
        if strength == name:
            return strength
    raise UsageProblem(f"--cover {name}: no such cover; expected one of: {', '.join(STRENGTHS)}")


def _cut(log: Path | None, parts: int) -> CutLog:
    if log is None:
        raise UsageProblem("--resume needs the log of the run to go on with: --log FILE")
    cut = read_cut(log)
    paths = [log] if parts == 1 or cut.events else [part_log(log, number) for number in range(1, parts + 1)]
    for path in paths:
        found = read_cut(path)
        if found.torn:
            err.print(shown(f"{path}, line {found.torn}: cut off; that flow is played again", "dim"))
        told = sum(event["event"] == "flow" for event in found.events)
        what = "it had come to its end" if found.ended else f"goes on after {told} flows" if told else "a new run"
        err.print(shown(f"{path}: {what}", "dim"))
    return cut
