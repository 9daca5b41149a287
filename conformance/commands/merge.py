"""`sessionproof merge`: the logs of the parts of a run (--shard), put together to one answer."""

from pathlib import Path
from typing import Annotated

import typer

from ..console import check_writable, problems
from ..merging import merge_logs, write_log
from ..outputs import Github, JunitFile, LogFile, Outputs, SarifFile, Verbose
from ..results import Results


def merge(
    parts: Annotated[list[Path], typer.Argument(help="The run logs of all parts.")],
    log: LogFile = None,
    junit: JunitFile = None,
    sarif: SarifFile = None,
    github: Github = False,
    target: Annotated[Path | None, typer.Option(help="The target file, for places in reports.")] = None,
    verbose: Verbose = False,
) -> None:
    """Put the logs of the parts of one run together; the answer and the exit code are those of the whole run."""
    with problems():
        outputs = Outputs(junit, sarif, github, verbose)
        check_writable("--log", log)
        outputs.check()
        events = merge_logs(parts)
        results = Results.of(events)
        if log is not None:
            write_log(log, events)
        outputs.hand_over(results, target, log)
    raise typer.Exit(results.exit_code())
