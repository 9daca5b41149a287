"""Commands for people who read: reports of a run, requirements explained, the model walked through, certificates."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

RunLogFile = Annotated[Path, typer.Argument(metavar="RUN", help="A run log, as `run --log` writes it.")]


def register(
    app: typer.Typer,
    out: Console,
    problems: Callable[[], AbstractContextManager[None]],
    write: Callable[[Path, str], None],
) -> None:
    """Add the commands to the command line; `problems` turns what goes wrong into messages, `write` writes a file."""

    @app.command()
    def report(
        run: RunLogFile,
        html: Annotated[Path | None, typer.Option(help="Write the report as one HTML file.")] = None,
        markdown: Annotated[Path | None, typer.Option(help="Write a summary as Markdown.")] = None,
        badge: Annotated[Path | None, typer.Option(help="Write a badge as SVG.")] = None,
        badge_json: Annotated[Path | None, typer.Option(help="Write a badge for shields.io's endpoint.")] = None,
    ) -> None:
        """Make reports of a run; without an option, print its summary. Says nothing with its exit code."""
        from .report import badge as badges
        from .report.run import read_run
        from .report.text import print_summary

        with problems():
            read = read_run(run)
            if html is not None:
                from .report.page import html as page

                write(html, page(read))
            if markdown is not None:
                from .report.markdown import markdown as as_markdown

                write(markdown, as_markdown(read))
            if badge is not None:
                write(badge, badges.badge_svg(read.results))
            if badge_json is not None:
                write(badge_json, badges.badge_json(read.results))
            if html is markdown is badge is badge_json is None:
                print_summary(out, read.results)

    @app.command()
    def explain(identifier: Annotated[str, typer.Argument(metavar="ID", help="A requirement, such as AS-28.")]) -> None:
        """Explain a requirement: why, where the model states it, the shortest flow to it, what it catches."""
        from .explain import print_explanation

        with problems():
            print_explanation(out, identifier)

    @app.command()
    def walk(
        scope: Annotated[str, typer.Argument(help="A scope of the model; `explore` lists them.")] = "core",
    ) -> None:
        """Step through a flow on the model: the three layers side by side, and what may happen next."""
        from .walk import Walk, scope_named

        with problems():
            Walk(scope_named(scope), out, sys.stdin).run()

    @app.command()
    def bundle(
        run: RunLogFile,
        archive: Annotated[Path, typer.Option("--out", help="The archive (ZIP) to write.")],
    ) -> None:
        """Pack a run as a certificate: statement, log, report, versions, hashes. Ends like `verify` would."""
        from .bundle import make_bundle
        from .verify import print_verification
        from .verify import verify as check

        with problems():
            make_bundle(run, archive)
            found = check(archive)
            print_verification(out, archive, found)
        raise typer.Exit(found.exit_code)

    @app.command(
        epilog="Exit codes: 0 a certificate; 1 it does not fit together, or the target does not conform; "
        "2 it fits, but is no certificate; 3 no bundle."
    )
    def verify(archive: Annotated[Path, typer.Argument(metavar="BUNDLE", help="As `bundle` writes it.")]) -> None:
        """Check a certificate: complete, hashes right, verdicts those that the log gives."""
        from .verify import print_verification
        from .verify import verify as check

        with problems():
            found = check(archive)
            print_verification(out, archive, found)
        raise typer.Exit(found.exit_code)
