"""What pytest collects: one item for each requirement, which passes, warns, fails, or is skipped with a reason."""

import tempfile
from collections.abc import Iterator, Sequence
from os import environ
from pathlib import Path
from typing import Any

import pytest
from sessionproof.model.requirements import BY_ID, CATALOGUE, PROFILES, Requirement

from .errors import UsageProblem
from .opening import profiles_of
from .pytest_runs import PROFILES as WANTED
from .pytest_runs import Once, plan, run_of_target
from .report.visible import visible
from .report.wording import cut_short, headline
from .results import Results
from .runlog import Event
from .verdict import Verdict

FIXTURE = "sessionproof_requirement"
MARKERS = (
    "must: a requirement of sessionproof whose violation fails",
    "should: a requirement of sessionproof whose violation is a warning",
    "may: a choice that the standards leave; either is right",
)
SKIPPED = (Verdict.NOT_APPLICABLE, Verdict.UNTESTED, Verdict.INCONCLUSIVE)


class SessionproofWarning(pytest.PytestWarning):
    """A SHOULD was broken."""

    __module__ = "pytest"


class Checked:
    """One requirement, and what a run says about it."""

    def __init__(self, identifier: str, results: Results, node: pytest.Item) -> None:
        self.requirement = BY_ID[identifier]
        self.results = results
        self._node = node

    def check(self) -> None:
        """Fail, warn, or skip, as the verdict says."""
        identifier = self.requirement.id
        if why := dict(self.results.stale()).get(identifier):
            pytest.fail(f"known deviation {identifier} {why}", pytrace=False)
        line = next((each for each in self.results.lines() if each.requirement.id == identifier), None)
        if line is None:
            pytest.skip(f"the run was not for the profile {self.requirement.profile}")
        if line.verdict in SKIPPED:
            pytest.skip(visible(f"{line.verdict}: {line.reason}"))
        if line.verdict is Verdict.KNOWN:
            pytest.xfail(visible(line.reason))
        if line.verdict is Verdict.FAIL:
            pytest.fail(self._details(), pytrace=False)
        if line.verdict is Verdict.WARNING:
            self._node.warn(SessionproofWarning(self._details()))

    def _details(self) -> str:
        mine = [f for f in self.results.findings if f["requirement"] == self.requirement.id and f["confirmed"]]
        return "\n".join([*_sentence(self.requirement), *(line for finding in mine for line in _flow(finding))])


class Items:
    """The part of the plugin that works; registered only where it is needed."""

    def __init__(self, config: pytest.Config) -> None:
        """Say which markers there are, and have the target file collected. Raises UsageError for wrong options."""
        plan(config)
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)
        target = config.getoption("sessionproof_target")
        self._target = Path(target).resolve() if target else None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._run: Once | None = None
        self._config = config
        if target is not None:
            config.args[:] = [*config.args, *([] if self._named(config) else [target])]

    def _named(self, config: pytest.Config) -> bool:
        here = config.invocation_params.dir
        return any((here / argument.partition("::")[0]).resolve() == self._target for argument in config.args)

    def run(self) -> Once:
        """The run on the target file."""
        if self._run is None:
            shared = getattr(self._config, "workerinput", {}).get("sessionproof_folder") or self._own_folder()
            self._run = run_of_target(self._config, Path(shared))
        return self._run

    def _own_folder(self) -> str:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="sessionproof-")
        return self._folder.name

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Workers of pytest-xdist share a folder, and so one run."""
        if self._target is not None:
            node.workerinput["sessionproof_folder"] = self._own_folder()

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """The target file holds an item for each requirement of its profiles."""
        if file_path != self._target:
            return None
        collector: TargetItems = TargetItems.from_parent(parent, path=file_path)
        collector.items = self
        return collector

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Iterator[None]:
        """Check the requirement of a test after its body, which may be empty."""
        result = yield
        if isinstance(checked := pyfuncitem.funcargs.get(FIXTURE), Checked):
            checked.check()
        return result

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The answer, which single items do not give: a run in which too little was seen is no pass."""
        made = self._run.made if self._run else None
        if made is None and self._folder is not None and (Path(self._folder.name) / "sessionproof.done").exists():
            made = self.run().results()
        if made is not None:
            terminalreporter.section("sessionproof", sep="-")
            terminalreporter.line(visible(headline(made)))
            if short := cut_short(made):
                terminalreporter.line(visible(short))

    def pytest_unconfigure(self) -> None:
        """Remove what was shared."""
        if self._folder is not None:
            self._folder.cleanup()


class TargetItems(pytest.File):
    """A target file."""

    items: Items

    def collect(self) -> Iterator["RequirementItem"]:
        """The requirements of the profiles, in the order of the catalogue."""
        try:
            wanted = self.config.getoption("sessionproof_profile") or profiles_of(self.path, environ)
        except UsageProblem as problem:
            raise self.CollectError(str(problem)) from None
        for requirement in _of(wanted):
            item: RequirementItem = RequirementItem.from_parent(self, name=requirement.id)
            item.requirement, item.items = requirement, self.items
            for mark in _marks(requirement, self.config):
                item.add_marker(mark)
            yield item


class RequirementItem(pytest.Item):
    """One requirement."""

    requirement: Requirement
    items: Items

    def setup(self) -> None:
        """Have the run made; trouble there is an error, and no failure."""
        self.items.run().results()

    def runtest(self) -> None:
        """Look at the verdict."""
        Checked(self.requirement.id, self.items.run().results(), self).check()

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where it stands, and what it says."""
        return self.path, None, f"{self.requirement.id} ({self.requirement.level})"


def parametrize(metafunc: pytest.Metafunc) -> None:
    """One item for each requirement of the profiles that the test's marker names; `core` without one."""
    named = [name for mark in metafunc.definition.iter_markers("sessionproof") for name in mark.args]
    wanted = metafunc.config.getoption("sessionproof_profile") or named or ["core"]
    found = _of(wanted)
    metafunc.config.stash.setdefault(WANTED, set()).update(wanted)
    cases = [pytest.param(r.id, marks=_marks(r, metafunc.config), id=r.id) for r in found]
    metafunc.parametrize(FIXTURE, cases, indirect=True)


def _of(profiles: Sequence[str]) -> list[Requirement]:
    if unknown := [name for name in profiles if name not in PROFILES]:
        raise pytest.UsageError(f"{unknown[0]}: no such profile; expected one of: {', '.join(PROFILES)}")
    return [requirement for requirement in CATALOGUE if requirement.profile in profiles]


def _marks(requirement: Requirement, config: pytest.Config) -> list[pytest.MarkDecorator]:
    marks = [getattr(pytest.mark, requirement.level.lower()), pytest.mark.sessionproof(requirement.profile)]
    if config.pluginmanager.has_plugin("xdist"):
        marks.append(pytest.mark.xdist_group("sessionproof"))
    return marks


def _sentence(requirement: Requirement) -> list[str]:
    return [f"{requirement.id} ({requirement.level}): {requirement.sentence}", f"source: {requirement.source}"]


def _flow(finding: Event) -> Iterator[str]:
    from .report.seen import flow_words

    steps, mismatch = finding["flow"]["steps"], finding["mismatch"]
    yield f"flow, in {finding['flow']['scope']}, from fresh browsers:"
    for number, words in enumerate(flow_words(steps), 1):
        yield visible(f"  {number}. {words}{'   <- here' if number == len(steps) else ''}")
    yield visible(f"at {mismatch['place']}: expected {mismatch['expected']}")
    yield visible(f"{' ' * len(mismatch['place'])}     actual   {mismatch['actual']}")
    for exchange in finding["exchanges"]:
        if exchange.get("step") == len(steps):
            yield visible(f"  {exchange['curl']}")
