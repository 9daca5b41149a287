"""`sessionproof faults`: works out anew which step of the model shows which fault of its tables."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from ..console import err, out, problems, write


def faults(
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether the table was made from the tables of now.")
    ] = False,
) -> None:
    """Alter every rule of the model in every way, and note which step shows it; some minutes. For maintainers."""
    from ..generate import fault_table

    with problems():
        path = Path(str(files(fault_table.__package__).joinpath(fault_table.FILE)))
        if check:
            current = path.exists() and fault_table.fault_table().digest == fault_table.digest_of_tables()
            out.print(
                f"{path.name}: {'of these tables' if current else 'of other tables; `sessionproof faults` makes it'}"
            )
            raise typer.Exit(0 if current else 1)
        from ..generate.faults import make

        with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
            task = progress.add_task("altering the tables")
            text = make(lambda done, of: progress.update(task, completed=done, total=of))
        write(path, text)
        fault_table.fault_table.cache_clear()
        table = fault_table.fault_table()
        at_once = {number for numbers in table.shows.values() for number in numbers}
        later = {number for way in table.later for number in way.faults}
        out.print(f"{len(table.rules)} faults of {len(set(table.rules))} rules: {len(at_once)} are seen at once,")
        out.print(
            f"{len(later)} by {len(table.later)} flows later, {len(table.unseen)} make no difference in any scope"
        )
