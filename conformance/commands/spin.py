"""`sessionproof spin`: the model written out for an independent model checker, and both put side by side."""

import time
from pathlib import Path
from typing import Annotated

import typer

from ..console import INCONCLUSIVE, err, out, problems, say, write


def spin(
    scope: Annotated[str, typer.Option(help="A scope of the model, with two browsers.")] = "",
    profile: Annotated[str, typer.Option(help="The wide scope of a profile instead; see `explore`.")] = "",
    output: Annotated[Path | None, typer.Option(help="Write the Promela here instead of to standard output.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Run SPIN (Debian: spin, gcc) and compare it with our exploration.")
    ] = False,
    without_effects: Annotated[
        str, typer.Option(metavar="RULE", help="Seed a fault: the rule of this key has no effects.")
    ] = "",
) -> None:
    """Write the model with two browsers in Promela, for the model checker SPIN."""
    from sessionproof.model.promela import promela

    from ..errors import UsageProblem
    from ..exploring_pairs import chosen, compiled, seeded
    from ..spin_comparison import print_comparison
    from ..spinning import SpinProblem

    with problems():
        if bool(scope) == bool(profile):
            raise UsageProblem("spin: name one --scope or one --profile; `sessionproof explore` lists the scopes")
        [bounds] = chosen((scope,) if scope else (), (profile,) if profile else ())
        with seeded(without_effects):
            start = time.perf_counter()
            product = compiled(bounds)
            seconds = time.perf_counter() - start
        model = promela(product)
        if output is not None:
            write(output, model)
        if not check:
            if output is None:
                out.file.write(model)
            return
        try:
            agree = print_comparison(out, err, product, model, seconds)
        except SpinProblem as problem:
            raise typer.Exit(say("inconclusive", f"SPIN gave no answer: {problem}", INCONCLUSIVE)) from problem
        raise typer.Exit(0 if agree else 1)
