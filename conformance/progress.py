"""Shows how far a run is, on a terminal only; a pipeline's log stays quiet."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from .runlog import Event


@contextmanager
def watching(console: Console) -> Iterator[Callable[[Event], None]]:
    """Show the generator and scope at work, and how much was done, until the block ends."""
    steps = flows = findings = 0
    if not console.is_terminal:
        yield _nothing
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("getting to know the target")

        def watch(event: Event) -> None:
            nonlocal steps, flows, findings
            if event["event"] == "flow":
                flows, steps = flows + 1, steps + len(event["steps"])
                what = f"{event['generator']}, {event['scope']}"
                found = f", {findings} findings" if findings else ""
                progress.update(task, description=f"{what}: {flows} flows, {steps} steps{found}")
            findings += event["event"] == "finding"

        yield watch


def _nothing(_event: Event) -> None:
    return
