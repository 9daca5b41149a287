"""The one run behind all test items: made once, also where several workers of pytest-xdist need it."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from pathlib import Path

import pytest

from .adapter import Adapter
from .certify import certify
from .errors import HarnessProblem, UsageProblem
from .generate.cover import STRENGTHS
from .known import known_json, load_known
from .opening import open_target
from .plan import Plan
from .results import Results
from .resume import read_cut
from .runlog import read_log

Open = Callable[[], AbstractContextManager[Adapter]]
PROFILES = pytest.StashKey[set[str]]()
"""The profiles that tests ask for."""


class Once:
    """Makes the run when it is first needed, or waits for the worker that makes it."""

    def __init__(self, open_adapter: Open, plan: Plan, profiles: tuple[str, ...], folder: Path, config: pytest.Config):
        """`folder`: shared by all workers. `profiles`: to certify for; empty: those of the target."""
        self._open, self._plan, self._profiles = open_adapter, plan, profiles
        given = config.getoption("sessionproof_log")
        self.log = Path(given).resolve() if given else folder / "sessionproof.jsonl"
        self._known = config.getoption("sessionproof_known")
        self._folder = folder
        self._results: Results | None = None
        self._problem = ""

    def results(self) -> Results:
        """What the run says. Fails the set-up of whoever asks where the target could not be tested."""
        if self._results is None and not self._problem:
            with _locked(self._folder / "sessionproof.lock"):
                self._read_or_run()
        if self._results is None:
            pytest.fail(self._problem, pytrace=False)
        return self._results

    @property
    def made(self) -> Results | None:
        """What the run said, if it was made."""
        return self._results

    def _read_or_run(self) -> None:
        trouble, done = self._folder / "sessionproof.trouble", self._folder / "sessionproof.done"
        if trouble.exists():
            self._problem = json.loads(trouble.read_text(encoding="utf-8"))
            return
        if done.exists():
            self._results = Results.of(read_log(self.log))
            return
        half = self._folder / "sessionproof.begun"  # by a worker that is gone
        try:
            known = load_known(Path(self._known) if self._known else None)
            cut = read_cut(self.log) if half.exists() else None
            half.touch()
            with self._open() as adapter:
                self._results = certify(
                    adapter,
                    self._plan,
                    self._profiles,
                    log=self.log,
                    known=known_json(known, date.today()),
                    cut=cut,
                )
            done.touch()
        except HarnessProblem as problem:
            self._problem = (
                f"The target could not be tested; this is no verdict on it.\n{problem.cause}\n{problem.hint}"
            )
        except UsageProblem as problem:
            self._problem = str(problem)
        if self._problem:
            trouble.write_text(json.dumps(self._problem), encoding="utf-8")


def run_of_target(config: pytest.Config, folder: Path) -> Once:
    """The run on the target of the file that the option names."""
    path, trust = Path(config.getoption("sessionproof_target")), config.getoption("sessionproof_trust")
    profiles = tuple(config.getoption("sessionproof_profile"))
    return Once(lambda: open_target(path, os.environ, trust=trust), plan(config), profiles, folder, config)


def run_of_fixture(request: pytest.FixtureRequest, folder: Path) -> Once:
    """The run on the adapter that the user's fixture gives, for all profiles that tests ask for."""
    wanted: set[str] | None = request.config.stash.get(PROFILES, None)
    profiles = tuple(sorted(wanted or ()))

    def opened() -> AbstractContextManager[Adapter]:
        return nullcontext(request.getfixturevalue("sessionproof_adapter"))

    return Once(opened, plan(request.config), profiles, folder, request.config)


def plan(config: pytest.Config) -> Plan:
    """The plan that the options make. Raises UsageError."""
    cover = next((s for s in STRENGTHS if s == config.getoption("sessionproof_cover")), None)
    if cover is None:
        raise pytest.UsageError(f"--sessionproof-cover: expected one of: {', '.join(STRENGTHS)}")
    seconds = config.getoption("sessionproof_seconds")
    if seconds <= 0:
        raise pytest.UsageError("--sessionproof-seconds: expected more than 0")
    return Plan((), cover, search=0, seconds=seconds)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process in at a time; the lock goes with the process that holds it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
