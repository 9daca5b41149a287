"""What a run hands over when it is done: the summary, files for other programs, and what a GitHub workflow shows."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from .console import check_writable, out, write
from .report.text import print_summary
from .results import Results

LogFile = Annotated[Path | None, typer.Option("--log", help="Write the run log (JSON lines), for replay and reports.")]
JunitFile = Annotated[Path | None, typer.Option("--junit", help="Write the verdicts as JUnit XML.")]
SarifFile = Annotated[Path | None, typer.Option("--sarif", help="Write the findings as SARIF 2.1.0 (code scanning).")]
Github = Annotated[bool, typer.Option("--github", help="Annotate the GitHub workflow, and write its job summary.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="List the requirements that passed, too.")]


@dataclass(frozen=True)
class Outputs:
    """Where everything goes."""

    junit: Path | None
    sarif: Path | None
    github: bool
    verbose: bool

    def check(self) -> None:
        """Raise UsageProblem for what cannot be written, before there is anything to write."""
        check_writable("--junit", self.junit)
        check_writable("--sarif", self.sarif)

    def hand_over(
        self, results: Results, target: Path | None, log: Path | None, environ: Mapping[str, str] = os.environ
    ) -> None:
        """Print and write all of it. `target`: the target file; `log`: the run log, for the job summary."""
        print_summary(out, results, self.verbose)
        place = _place(target)
        if self.junit is not None:
            from .report.junit import junit_xml

            write(self.junit, junit_xml(results))
        if self.sarif is not None:
            from .report.sarif import sarif

            write(self.sarif, sarif(results, place))
        if self.github:
            from .report.github import annotations

            for line in annotations(results, place):
                out.print(line, markup=False, highlight=False)
            if log is not None and (summary := environ.get("GITHUB_STEP_SUMMARY")):
                from .report.markdown import markdown
                from .report.run import read_run

                _append(Path(summary), markdown(read_run(log)))


def _place(target: Path | None) -> str:
    """The target file as a workflow knows it: relative to where it runs."""
    if target is None:
        return ""
    found = target.resolve()
    return found.relative_to(Path.cwd()).as_posix() if found.is_relative_to(Path.cwd()) else found.name


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
