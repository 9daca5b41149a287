"""The command line. Each command is a few lines: what it does is in the module that it names."""

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from . import commands_report
from .commands.check import check
from .commands.diff import diff
from .commands.faults import faults
from .commands.init import init
from .commands.merge import merge
from .commands.run import run
from .commands.spin import spin
from .console import INCONCLUSIVE, USAGE, TargetFile, Trust, err, out, problems, say, write
from .errors import UsageProblem
from .opening import open_target
from .report.visible import shown
from .results import Results
from .runlog import read_log
from .verdict import Verdict

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


app.command(epilog=CODES)(run)


@app.command(epilog=CODES)
def replay(
    file: Annotated[Path, typer.Argument(help="A flow file, or a run log: its findings are played again.")],
    target: TargetFile = None,
    trust: Trust = False,
) -> None:
    """Play flows again, step by step, with what is expected and what is seen."""
    from .replay import flows_of, play_again

    with problems():
        flows = list(flows_of(file))
        with open_target(target, os.environ, trust=trust) as adapter:
            statement = adapter.declare()
            verdicts = [play_again(adapter, statement, flow, out) for flow in flows]
    worst = next((v for v in (Verdict.FAIL, Verdict.INCONCLUSIVE) if v in verdicts), Verdict.PASS)
    raise typer.Exit({Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 2}.get(worst, 0))


app.command(epilog=CODES)(init)
app.command(epilog=CODES)(check)
app.command()(diff)
app.command(epilog=CODES)(merge)


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
        for path, each in zip(runs, results, strict=True):
            if not each.footer:
                err.print(shown(f"{path} has no footer: that run was cut off", "magenta"))
        print_comparison(out, results)
        if markdown is not None:
            write(markdown, as_markdown(results))
        if json_file is not None:
            write(json_file, as_json(results))


@app.command()
def storezero() -> None:
    """Start the bundled shop, its login server and its identity provider, to click through the seed's two stories."""
    from .storezero.serve import ServeError, serve

    try:
        serve(say=lambda text: out.print(text, markup=False))
    except ServeError as problem:
        raise typer.Exit(say("storezero", str(problem), USAGE)) from problem


@app.command()
def explore(
    scope: Annotated[
        list[str] | None, typer.Option(help="Only this scope of the model; see the list it prints.")
    ] = None,
    paths: Annotated[bool, typer.Option("--paths", help="Print a shortest path to each rule of the tables.")] = False,
    two_browsers: Annotated[
        bool,
        typer.Option(
            "--two-browsers",
            help="Fast, with two browsers: each profile as wide as it can be (consent only by name), or --scope.",
        ),
    ] = False,
    profile: Annotated[list[str] | None, typer.Option(help="With two browsers, only this profile.")] = None,
    without_effects: Annotated[
        str, typer.Option(metavar="RULE", help="With two browsers, seed a fault: the rule of this key has no effects.")
    ] = "",
) -> None:
    """Visit every reachable state of the model, prove its properties, and find rules that can never fire."""
    from .exploring import print_exploration
    from .exploring_pairs import chosen, print_pairs

    with problems():
        if not two_browsers and (profile or without_effects):
            raise UsageProblem("--profile and --without-effects are for --two-browsers: add it, or name a --scope")
        if two_browsers and paths:
            raise UsageProblem("--paths cannot be used with --two-browsers: it is for one scope as it is")
        if two_browsers:
            bounds = chosen(tuple(scope or ()), tuple(profile or ()))
            raise typer.Exit(0 if print_pairs(out, err, bounds, without_effects) else 1)
        raise typer.Exit(0 if print_exploration(out, err, tuple(scope or ()), paths) else 1)


app.command()(spin)
app.command()(faults)


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
        raise typer.Exit(say("diagrams", str(problem), USAGE)) from problem
    for line in found:
        out.print(line, markup=False)
    raise typer.Exit(1 if check and found else 0)


@app.command()
def schema(
    adapter: Annotated[
        bool, typer.Option("--adapter", help="Of the messages of an adapter in another language instead.")
    ] = False,
) -> None:
    """Print the JSON Schema of a target file, for editors and for people."""
    from .adapters.json_messages import adapter_schema
    from .adapters.target import target_schema

    content = adapter_schema() if adapter else target_schema()
    sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def main() -> None:
    """Run the command line. Whatever goes wrong outside a command is told apart from a verdict, too."""
    try:
        code = app(standalone_mode=False)
    except SystemExit:  # whoever read the output went away
        code = INCONCLUSIVE
    except Exception as problem:
        complain = getattr(problem, "show", None)  # typer's own, about the words on the command line
        if complain is None:
            code = say("inconclusive", _defect(problem), INCONCLUSIVE)
        else:
            complain()
            code = USAGE
    sys.exit(code)


def _defect(problem: Exception) -> str:
    """Where it happened; not what the message says, which may hold anything."""
    if isinstance(problem, OSError):
        return f"this computer could not go on, and that is no verdict on the target: {problem.strerror}"
    frames = traceback.extract_tb(problem.__traceback__)[-3:]
    where = ", ".join(f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in reversed(frames))
    return f"a defect of the suite, which is no verdict on the target: {type(problem).__name__} at {where}; report it"


commands_report.register(app, out, problems, write)
