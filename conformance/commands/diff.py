"""`sessionproof diff`: two run logs of one target, what changed between them."""

from pathlib import Path
from typing import Annotated

import typer

from ..console import check_writable, out, problems, write
from ..results import Results
from ..runlog import read_log


def diff(
    old: Annotated[Path, typer.Argument(help="The older run log.")],
    new: Annotated[Path, typer.Argument(help="The newer run log.")],
    markdown: Annotated[Path | None, typer.Option(help="Write it as Markdown.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write it as JSON.")] = None,
) -> None:
    """Say what got better, worse, and newly untested between two runs. Exit code 1 if something got worse."""
    from ..report.diff import as_json, changes, print_diff
    from ..report.diff import markdown as as_markdown

    with problems():
        check_writable("--markdown", markdown)
        check_writable("--json", json_file)
        before, after = (Results.of(read_log(path)) for path in (old, new))
        print_diff(out, before, after)
        if markdown is not None:
            write(markdown, as_markdown(before, after))
        if json_file is not None:
            write(json_file, as_json(before, after))
    raise typer.Exit(1 if any(change.kind == "worse" for change in changes(before, after)) else 0)
