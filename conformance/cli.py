"""The command line. Each command is a few lines: what it does is in the module that it names."""

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sessionproof.model.requirements import PROFILES

from . import commands_report
from .adapter import Adapter, Statement
from .errors import HarnessProblem, UsageProblem
from .generate.cover import STRENGTHS, Strength
from .invocation import now, started
from .opening import open_target
from .progress import watching
from .report.junit import junit_xml
from .report.text import print_summary
from .results import Results
from .runlog import Event, RunLog, read_log
from .runner import Plan, Runner
from .verdict import Verdict

INCONCLUSIVE, USAGE = 2, 3
SECONDS_OUTSIDE = 110.0
CODES = (
    "Exit codes: 0 conforms; 1 does not; 2 inconclusive; 3 wrong command line or file; 4 a secret is missing in the "
    "environment; 5 target not reachable, not started, or no answer in time; 6 discovery is not the issuer's; "
    "7 login form not found; 8 test credentials refused."
)

app = typer.Typer(
    help="Certify the login sessions of OpenID Connect servers and applications against a formal model.",
    epilog=CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
out, err = Console(soft_wrap=True, highlight=False), Console(stderr=True, soft_wrap=True, highlight=False)

TargetFile = Annotated[
    Path | None, typer.Argument(help="The target file (TOML); without one it is the bundled reference, in process.")
]
Trust = Annotated[bool, typer.Option("--trust", help="Let the target file start its target: it may run any command.")]


@app.command(epilog=CODES)
def run(
    target: TargetFile = None,
    profile: Annotated[
        list[str] | None, typer.Option(help="Certify for this profile only; may be given several times.")
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
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failure.")] = False,
    log: Annotated[Path | None, typer.Option(help="Write the run log (JSON lines), for replay and reports.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the verdicts as JUnit XML.")] = None,
    trust: Trust = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="List the requirements that passed, too.")] = False,
) -> None:
    """Run the suite on a target and say whether it conforms, what was exercised, and what was not."""
    with problems(), open_target(target, os.environ, trust=trust) as adapter:
        plan = Plan((), _strength(cover), search, seed, seconds, steps, fail_fast)
        about = started(target, trust=trust, fail_fast=fail_fast, now=now())
        results = _run(adapter, plan, tuple(profile or ()), log, about)
        print_summary(out, results, verbose)
        if junit is not None:
            _write(junit, junit_xml(results))
    raise typer.Exit(exit_code(results))


@app.command(epilog=CODES)
def replay(
    file: Annotated[Path, typer.Argument(help="A flow file, or a run log: its findings are played again.")],
    target: TargetFile = None,
    trust: Trust = False,
) -> None:
    """Play flows again, step by step, with what is expected and what is seen."""
    from .replay import flows_of, play_again

    with problems(), open_target(target, os.environ, trust=trust) as adapter:
        statement = adapter.declare()
        verdicts = [play_again(adapter, statement, flow, out) for flow in flows_of(file)]
    worst = next((v for v in (Verdict.FAIL, Verdict.INCONCLUSIVE) if v in verdicts), Verdict.PASS)
    raise typer.Exit({Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 2}.get(worst, 0))


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(help="Run logs, as `run --log` writes them.")],
    markdown: Annotated[Path | None, typer.Option(help="Write the table as Markdown.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the table as JSON.")] = None,
) -> None:
    """Put runs side by side: requirements by targets, with verdicts and the choices that were seen."""
    from .report.compare import as_json, print_comparison
    from .report.compare import markdown as as_markdown

    with problems():
        results = [Results.of(read_log(path)) for path in runs]
        print_comparison(out, results)
        if markdown is not None:
            _write(markdown, as_markdown(results))
        if json_file is not None:
            _write(json_file, as_json(results))


@app.command()
def storezero() -> None:
    """Start the bundled shop, its login server and its identity provider, to click through the seed's two stories."""
    from .storezero.serve import ServeError, serve

    try:
        serve(say=lambda text: out.print(text, markup=False))
    except ServeError as problem:
        raise typer.Exit(_say("storezero", str(problem), USAGE)) from problem


@app.command()
def explore(
    scope: Annotated[
        list[str] | None, typer.Option(help="Only this scope of the model; see the list it prints.")
    ] = None,
    paths: Annotated[bool, typer.Option("--paths", help="Print a shortest path to each rule of the tables.")] = False,
) -> None:
    """Visit every reachable state of the model, prove its properties, and find rules that can never fire."""
    from .exploring import print_exploration

    with problems():
        raise typer.Exit(0 if print_exploration(out, err, tuple(scope or ()), paths) else 1)


@app.command()
def mutants(
    name: Annotated[list[str] | None, typer.Argument(help="Only these; all if none is named.")] = None,
) -> None:
    """Run the suite on faulty copies of the reference: each must be caught, by the requirement that it breaks."""
    from .mutants.table import print_mutants

    with problems():
        raise typer.Exit(0 if print_mutants(out, err, tuple(name or ())) else 1)


@app.command()
def diagrams(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if anything is out of date.")] = False,
    root: Annotated[Path, typer.Option(help="The checkout.")] = Path(),
) -> None:
    """Draw the machines and write the tables of SPEC.md, from the model."""
    from sessionproof.diagrams.generate import check as stale
    from sessionproof.diagrams.generate import write
    from sessionproof.diagrams.problem import DiagramProblem

    from .adapters.target import target_schema
    from .specification.parts import parts

    more = parts(target_schema())
    try:
        found = stale(root, more) if check else [f"written: {path}" for path in write(root, more)]
    except DiagramProblem as problem:
        raise typer.Exit(_say("diagrams", str(problem), USAGE)) from problem
    for line in found:
        out.print(line, markup=False)
    raise typer.Exit(1 if check and found else 0)


@app.command()
def schema() -> None:
    """Print the JSON Schema of a target file, for editors and for people."""
    from .adapters.target import target_schema

    sys.stdout.write(json.dumps(target_schema(), indent=2, ensure_ascii=False) + "\n")


def main() -> None:
    """Run the command line. Whatever goes wrong outside a command is told apart from a verdict, too."""
    try:
        code = app(standalone_mode=False)
    except SystemExit:  # whoever read the output went away
        code = INCONCLUSIVE
    except Exception as problem:
        complain = getattr(problem, "show", None)  # typer's own, about the words on the command line
        if complain is None:
            code = _say("inconclusive", _defect(problem), INCONCLUSIVE)
        else:
            complain()
            code = USAGE
    sys.exit(code)


def exit_code(results: Results) -> int:
    """0 to 2 for the verdict; what stopped the run, if that is why there is none."""
    verdict = results.verdict()
    if verdict is Verdict.INCONCLUSIVE and results.footer.get("exit_code"):
        return int(results.footer["exit_code"])
    return {Verdict.PASS: 0, Verdict.FAIL: 1}.get(verdict, 2)


@contextmanager
def problems() -> Iterator[None]:
    """Turns what can go wrong into a message and its exit code; a run that was started has said it in its log too."""
    try:
        yield
    except UsageProblem as problem:
        raise typer.Exit(_say("usage", str(problem), problem.exit_code)) from problem
    except HarnessProblem as problem:
        text = f"The target could not be tested; this is no verdict on it.\n{problem.cause}\n{problem.hint}"
        raise typer.Exit(_say("inconclusive", text, problem.exit_code)) from problem
    except KeyboardInterrupt:
        raise typer.Exit(_say("inconclusive", "interrupted", 130)) from None


def _run(adapter: Adapter, plan: Plan, profiles: tuple[str, ...], log: Path | None, about: Event) -> Results:
    results, file = Results(), RunLog(log)
    try:
        with watching(err) as watch:

            def emit(event: Event) -> None:
                file.write(event)
                results.add(event)
                watch(event)

            runner = Runner(adapter, plan, emit, lambda statement: _chosen(statement, profiles), about=about)
            if plan.seconds is None and plan.steps is None and not runner.statement.status:
                runner.plan = runner.plan.within(SECONDS_OUTSIDE)
            runner.run()
    finally:
        file.close()
    return results


def _chosen(statement: Statement, wanted: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := [p for p in wanted if p not in PROFILES]:
        raise UsageProblem(f"--profile {unknown[0]}: no such profile; expected one of: {', '.join(PROFILES)}")
    return wanted or statement.profiles


def _strength(name: str) -> Strength:
    for strength in STRENGTHS:
        if strength == name:
            return strength
    raise UsageProblem(f"--cover {name}: no such cover; expected one of: {', '.join(STRENGTHS)}")


def _defect(problem: Exception) -> str:
    """Where it happened; not what the message says, which may hold anything."""
    if isinstance(problem, OSError):
        return f"this computer could not go on, and that is no verdict on the target: {problem.strerror}"
    frames = traceback.extract_tb(problem.__traceback__)[-3:]
    where = ", ".join(f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in reversed(frames))
    return f"a defect of the suite, which is no verdict on the target: {type(problem).__name__} at {where}; report it"


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"cannot write {path}: {error.strerror}; choose another file") from error


def _say(what: str, text: str, code: int) -> int:
    err.print(f"{what}: {text}", markup=False, style="bold red" if code == USAGE else "magenta")
    return code


commands_report.register(app, out, problems, _write)
