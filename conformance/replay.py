"""Plays flows again for people: each step with what the model allows and what the target did."""

import json
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from sessionproof.model.network import Network
from sessionproof.model.requirements import BY_ID
from sessionproof.model.scopes import SCOPES

from .adapter import Adapter, Statement
from .errors import UsageProblem
from .flow import FlowFile, flow_id, load_flow
from .judge import Judge
from .plan import selected
from .report.visible import shown
from .runlog import read_log
from .verdict import Judgement, Verdict

WORSE = (Verdict.PASS, Verdict.WARNING, Verdict.INCONCLUSIVE, Verdict.FAIL)


def flows_of(path: Path) -> Iterator[FlowFile]:
    """The flow in a flow file, or those of the findings in a run log. Raises UsageProblem for anything else."""
    try:
        with path.open("rb") as file:
            first = json.loads(file.readline() or b"{}")
    except OSError as error:
        raise UsageProblem(f"cannot read {path}: {error.strerror}; give a flow file or a run log") from error
    except ValueError:
        first = {}
    if not isinstance(first, dict) or first.get("event") != "header":
        yield load_flow(path)
        return
    found = [event["flow"] for event in read_log(path) if event["event"] == "finding"]
    if not found:
        raise UsageProblem(f"{path} is a run log without findings: there is nothing to play again")
    yield from map(FlowFile.model_validate, found)


def play_again(adapter: Adapter, statement: Statement, flow: FlowFile, console: Console) -> Verdict:
    """Play one flow; print each step, and where it deviates. Returns the verdict. May raise HarnessProblem."""
    scope = next(s for s in SCOPES if s.name == flow.scope)
    stimuli = flow.stimuli()
    chosen = selected(statement, {r.profile for r in BY_ID.values()})
    judge = Judge(Network(scope, statement.features), chosen, tokens=statement.tokens)
    console.print(f"\nflow {flow_id(scope.name, stimuli)} in {scope.name}, from fresh browsers", style="bold")
    adapter.reset(scope)
    verdict = Verdict.PASS
    for number, stimulus in enumerate(stimuli, 1):
        if not judge.possible(stimulus):
            console.print(shown(f"  {number}. {stimulus}: not possible here; the target went another way before"))
            return Verdict.INCONCLUSIVE
        judgement = judge.step(stimulus, adapter.perform(stimulus, distinct=True))
        _print_step(console, number, judgement)
        verdict = max(verdict, judgement.verdict, key=WORSE.index)
        if not judgement.after:
            break
    return verdict


def _print_step(console: Console, number: int, judgement: Judgement) -> None:
    seen = judgement.observation
    sessions = ", ".join(f"{name} {value}" for name, value in seen.facets.items() if "/" in name)
    console.print(shown(f"  {number}. {judgement.stimulus}"))
    console.print(shown(f"     {' -> '.join(seen.trace) or 'nothing to see'}", "dim"))
    console.print(shown(f"     {sessions}", "dim"))
    for mismatch in judgement.mismatches:
        level = BY_ID[mismatch.requirement].level
        console.print(shown(f"     {judgement.verdict}: {mismatch.requirement} ({level})", "red"))
        console.print(shown(f"       at {mismatch.place}: expected {mismatch.expected}"))
        console.print(shown(f"       {' ' * len(mismatch.place)}     actual   {mismatch.actual}"))
