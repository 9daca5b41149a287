"""One run from the outside: a runner on an adapter, its events into the log and the results, or the rest of a run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .adapter import Adapter
from .errors import UsageProblem
from .plan import Plan
from .results import Results
from .resume import CutLog, Past
from .runlog import Event, RunLog
from .runner import Runner

SECONDS_OUTSIDE = 110.0
"""The budget of a run on a target over HTTP, where the user names none."""


def certify(
    adapter: Adapter,
    plan: Plan,
    profiles: tuple[str, ...] = (),
    *,
    log: Path | None = None,
    known: dict[str, Any] | None = None,
    cut: CutLog | None = None,
    watch: Callable[[Event], None] = lambda _: None,
    about: Event | None = None,
) -> Results:
    """Run the plan; `profiles` are those to certify for, else those that the target names.

    `log`: where to write the run log. `known`: deviations for its header, see `known.py`. `cut`: what that log holds of
    a run that was cut off, and is gone on with. `watch` gets every event. `about`: how the run was started. Raises
    HarnessProblem where the target cannot be tested at all, and UsageProblem.
    """
    past = Past(adapter, log, cut.events) if cut is not None and cut.events and log is not None else None
    results, file = Results(), RunLog(log, keep=cut.size if past and cut else 0)

    def emit(event: Event) -> None:
        if event["event"] == "header" and known:
            event["known"] = known
        recorded = past.recorded(event) if past else None
        if recorded is None:
            file.write(event)
        elif event["event"] != "header":  # what is accepted is a matter of today
            event = recorded
        results.add(event)
        watch(event)

    try:
        if past is not None:
            runner = Runner(past, plan, emit, lambda s: profiles or s.profiles, past.now, past.recall, about)
        else:
            runner = Runner(adapter, plan, emit, lambda s: profiles or s.profiles, about=about)
        if plan.seconds is None and plan.steps is None and not runner.statement.status:
            runner.plan = runner.plan.within(SECONDS_OUTSIDE)
        runner.run()
        if past is not None and not past.over:
            raise UsageProblem(f"{log} holds more than this run: {past.left} events. Begin anew without --resume.")
    finally:
        file.close()
    return results
