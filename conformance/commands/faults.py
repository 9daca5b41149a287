"""`sessionproof faults`: works out anew which step of the model shows which fault of its tables."""

import os
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from ..console import err, out, problems, write
from ..opening import open_target
from ..plan import Plan
from ..runlog import Event


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
            write(path, make(lambda done, of: progress.update(task, completed=done, total=of)))
            fault_table.fault_table.cache_clear()
            progress.update(task, description="a run on the bundled reference", total=None)
            write(path, fault_table.with_steps(_steps()))
            fault_table.fault_table.cache_clear()
        table = fault_table.fault_table()
        at_once = {number for numbers in table.shows.values() for number in numbers}
        later = {number for way in table.later for number in way.faults}
        out.print(f"{len(table.rules)} faults of {len(set(table.rules))} rules: {len(at_once)} are seen at once,")
        out.print(f"{len(later)} by {len(table.later)} flows later.")
        out.print(f"{len(table.equivalent)} make no difference, in no step of any reachable state of any scope.")
        out.print(f"{len(table.unseen)} do make one, but no flow was found on which it is seen.")


def _steps() -> Counter[str]:
    """How many steps a run on the bundled reference takes in each scope: parts of a run are to be equally long."""
    from ..runner import Runner

    steps: Counter[str] = Counter()

    def count(event: Event) -> None:
        if event["event"] == "flow":
            steps[event["scope"]] += len(event["steps"])

    with open_target(None, os.environ) as adapter:
        Runner(adapter, Plan(adapter.declare().profiles, search=0), count).run()
    return steps
