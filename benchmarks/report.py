"""The HTML report of 10,000 flows: how long it takes to build, how large it is, how fast it opens and filters.

The flows are random walks on the model, now and then with an answer that no rule allows; a part of them is played on
the bundled reference, to tell how long such a run takes.
"""

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sessionproof.conformance import events
from sessionproof.conformance.adapter import Statement
from sessionproof.conformance.adapters.in_process import InProcessAdapter
from sessionproof.conformance.judge import Judge
from sessionproof.conformance.plan import Plan, offered, selected
from sessionproof.conformance.report.page import html
from sessionproof.conformance.report.run import read_run
from sessionproof.conformance.runlog import Event, RunLog
from sessionproof.conformance.runner import Runner
from sessionproof.conformance.verdict import Finding, Judgement, Verdict
from sessionproof.model.network import Network
from sessionproof.model.scopes import SCOPES, profile_of
from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import Expected, Observation, Stimulus

FLOWS, LONGEST, PLAYED = 10_000, 30, 1_500
"""Flows, steps of the longest one, and steps that are played on the reference."""
FAULTY = 0.002
"""Part of the steps that are answered wrongly."""
PROFILES = ("core", "sso", "silent", "logout-rp")
EXCHANGE = {"request": f"GET https://login.example/authorize?{'x' * 400}", "status": 302, "curl": f"curl {'x' * 450}"}


class Walks:
    """Random walks over the scopes of the profiles, judged as a run would judge them."""

    def __init__(self) -> None:
        """The reference's statement decides what there is to walk on."""
        self.random = random.Random(0)
        self.statement: Statement = InProcessAdapter().declare()
        self.chosen = selected(self.statement, PROFILES)
        self.scopes = [s for s in SCOPES if profile_of(s) in PROFILES and offered(s, self.statement)]
        self.judges = {s.name: Judge(Network(s, self.statement.features), self.chosen) for s in self.scopes}
        self.flows: list[tuple[Scope, list[Stimulus]]] = []
        self.steps = 0

    def events(self) -> Iterator[Event]:
        """A whole log; the first finding of each requirement is in it, unshortened."""
        plan = {"profiles": list(PROFILES), "cover": "transitions", "search": FLOWS, "seed": 0}
        yield events.header(self.statement, {"sessionproof": "0"}, plan, self.chosen)
        found: dict[str, int] = {}
        for at in range(FLOWS):
            scope = self.scopes[at % len(self.scopes)]
            played = self._walk(scope)
            self.steps += len(played)
            self.flows.append((scope, [judgement.stimulus for judgement in played]))
            last = played[-1]
            yield events.flow(
                scope, "walk", played, last.verdict if last.verdict is Verdict.FAIL else Verdict.PASS, None
            )
            for mismatch in last.mismatches[:1]:
                found[mismatch.requirement] = found.get(mismatch.requirement, 0) + 1
                if found[mismatch.requirement] == 1:
                    yield self._finding(scope, played)
        yield {
            "event": "footer", "flows": FLOWS, "steps": self.steps, "stopped": "", "exit_code": 0, "choices": [],
            "findings": [[identifier, met, True] for identifier, met in found.items()],
        }  # fmt: skip

    def _walk(self, scope: Scope) -> list[Judgement]:
        judge, world, played = self.judges[scope.name], scope.start(), list[Judgement]()
        judge.reset()
        for _ in range(self.random.randint(4, LONGEST)):
            stimulus = self.random.choice(judge.network.enabled(world))
            outcome = self.random.choice([o for o in judge.network.step(world, stimulus) if not o.breaks])
            trace = [self._seen(expected) for expected in outcome.trace]
            if trace and self.random.random() < FAULTY:
                trace[-1] = "page server" if trace[-1] != "page server" else "answer"
            facets = {name: self._seen(expected) for name, expected in outcome.facets.items()}
            if not judge.possible(stimulus):
                break
            played.append(judge.step(stimulus, Observation(tuple(trace), facets)))
            world = outcome.after
            if played[-1].verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
                break
        return played or self._walk(scope)

    def _seen(self, expected: Expected) -> str:
        value = expected.allowed[0]
        return f"{value[:-1]}server" if value.endswith("*") else value

    def _finding(self, scope: Scope, played: list[Judgement]) -> Event:
        mismatch, flow = played[-1].mismatches[0], tuple(judgement.stimulus for judgement in played)
        found = Finding(mismatch.requirement, scope.name, mismatch, flow, self.steps, "walk", confirmed=True)
        found.judgements = tuple(played)
        found.exchanges = tuple({**EXCHANGE, "step": step} for step in range(1, len(played) + 1) for _ in range(3))
        return events.finding(found)


def played_seconds(walks: Walks) -> float:
    """Seconds a step takes on the reference in process, on the flows of the walks."""
    runner = Runner(InProcessAdapter(), Plan(PROFILES, search=0), lambda _event: None)
    start = time.perf_counter()
    for scope, flow in walks.flows:
        if runner.tally.steps >= PLAYED:
            break
        runner.play(scope, flow, "walk")
    return (time.perf_counter() - start) / runner.tally.steps


def in_browser(file: Path) -> str:
    """How long a headless Chromium takes to open the page, and for the slowest of many filters with its layout."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        return "no Chromium here: not opened"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        start = time.perf_counter()
        page.goto(file.as_uri())
        opened = time.perf_counter() - start
        slowest = page.evaluate(
            """() => {
              const text = document.getElementById("f-text");
              const measured = [..."logout session prompt=none x"].map((_, at, all) => {
                const start = performance.now();
                text.value = all.slice(0, at + 1).join("");
                text.dispatchEvent(new Event("input", { bubbles: true }));
                document.body.getBoundingClientRect();
                return performance.now() - start;
              });
              return Math.max(...measured);
            }"""
        )
        browser.close()
    return f"opened in {opened:.1f} s, slowest filter {slowest:.0f} ms"


def main() -> None:
    """Write the log, build the report, open it, and print."""
    walks = Walks()
    with tempfile.TemporaryDirectory() as folder:
        path, page = Path(folder) / "run.jsonl", Path(folder) / "report.html"
        log = RunLog(path)
        for event in walks.events():
            log.write(event)
        log.close()
        start = time.perf_counter()
        run = read_run(path)
        read = time.perf_counter() - start
        page.write_text(html(run), encoding="utf-8")
        built = time.perf_counter() - start
        findings, sizes = len(run.results.findings), [file.stat().st_size / 1e6 for file in (path, page)]
        print(f"report: {FLOWS:,} flows, {walks.steps:,} steps, {findings} findings, log of {sizes[0]:.0f} MB:")
        print(f"        {sizes[1]:.1f} MB in {built:.1f} s, of which {read:.1f} s to judge again; {in_browser(page)}")
        running = played_seconds(walks) * walks.steps
        print(f"        such a run on the reference in process: about {running:.0f} s, ratio {running / built:.0f}")


if __name__ == "__main__":
    main()
