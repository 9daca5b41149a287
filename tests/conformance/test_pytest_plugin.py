"""The pytest plugin as its users see it: another pytest, its items, outcomes and exit codes."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sessionproof.conformance.mutants.server import CodesAreNeverUsedUp

from .command import CANARIES, Done, events
from .leaks import assert_no_leak
from .serving import Served, serving, target_file
from .test_bad_targets import free_port

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "pytest"
SILENT = {'profiles = ["core"]': 'profiles = ["silent"]'}
"""The smallest profile."""
OUTCOME = re.compile(r"(\S+?)(?:\[(\S+)\]|::([A-Z]+-\d+)) (PASSED|FAILED|SKIPPED|ERROR|XFAIL)")
FAKE = """
import pytest
from tests.conformance.fake import FakeAdapter, Lie, showing, with_facet
from tests.conformance.test_runner_faults import ANSWERED, LOGIN_PAGE, REFUSED

@pytest.fixture(scope="session")
def sessionproof_adapter():
    login = "application: absent+pending|anonymous+pending / answer [token right]"
    lies = [Lie(REFUSED, LOGIN_PAGE), Lie(login, with_facet("landed", "page home"))]
    return FakeAdapter(("silent", "core"), lies=lies)

@pytest.mark.sessionproof("silent", "core")
def test_sessions(sessionproof_requirement):
    assert sessionproof_requirement.requirement.profile in ("silent", "core")

def test_mine():
    pass
"""


class Ran(NamedTuple):
    """A pytest that has ended: the outcome of each item, by requirement or name."""

    code: int
    out: str
    outcomes: dict[str, str]


def run_pytest(folder: Path, *arguments: str | Path, environ: dict[str, str] | None = None) -> Ran:
    command = [sys.executable, "-m", "pytest", "-v", "-rswxX", "--color=no", "-p", "no:randomly", *map(str, arguments)]
    env = {**os.environ, **CANARIES, "COLUMNS": "200", "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "", **(environ or {})}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=180)
    outcomes = {m[2] or m[3]: m[4] for m in OUTCOME.finditer(done.stdout)}
    return Ran(done.returncode, done.stdout + done.stderr, outcomes)


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with serving() as served:
        yield served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "test_mine.py").write_text("def test_mine(): pass\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n", encoding="utf-8")
    return tmp_path


# A target file


def test_a_target_gives_an_item_for_each_requirement(folder: Path, server: Served) -> None:
    file = target_file(folder, server.issuer)
    ran = run_pytest(folder, "--sessionproof-target", file, "--sessionproof-log", "log")
    assert ran.code == 0
    assert "test_mine.py::test_mine PASSED" in ran.out
    assert ran.outcomes["AS-22"] == "PASSED"
    assert ran.outcomes["APP-01"] == "SKIPPED"
    assert "not applicable: this party is played by the suite" in ran.out
    assert "CONFORMS: Storezero Login" in ran.out
    assert events(folder / "log")[-1]["event"] == "footer"
    assert_no_leak(Done(ran.code, ran.out, ""), folder / "log")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("-k", "AS-13 or AS-14"), {"AS-13", "AS-14"}),
        (("target.toml::AS-14",), {"AS-14"}),
        (("-m", "must and not may", "-k", "AS-1"), {"AS-13", "AS-14", "AS-19"}),
    ],
)
def test_items_are_chosen_as_usual(
    folder: Path, server: Served, arguments: tuple[str, ...], expected: set[str]
) -> None:
    file = target_file(folder, server.issuer, SILENT)
    ran = run_pytest(folder, "--sessionproof-target", file.name, *arguments)
    assert ran.code == 0
    assert ran.outcomes == dict.fromkeys(expected, "PASSED")
    assert "test_mine PASSED" not in ran.out


def test_workers_share_one_run(folder: Path, server: Served) -> None:
    file, before = target_file(folder, server.issuer, SILENT), server.switch.requests
    once = run_pytest(folder, "--sessionproof-target", file)
    middle = server.switch.requests
    ran = run_pytest(folder, "--sessionproof-target", file, "-n", "2", "--sessionproof-log", "log")
    assert ran.code == 0
    assert server.switch.requests - middle == middle - before, "the target was asked once"
    assert len(re.findall(r"\[gw\d\].*target\.toml::", ran.out)) == len(once.outcomes) == 5
    assert [event["event"] for event in events(folder / "log")].count("header") == 1
    assert "CONFORMS" in ran.out


def test_a_failure_shows_its_flow(folder: Path) -> None:
    with serving(decisions=CodesAreNeverUsedUp) as server:
        ran = run_pytest(folder, "--sessionproof-target", target_file(folder, server.issuer))
    assert ran.code == 1
    assert [name for name, outcome in ran.outcomes.items() if outcome == "FAILED"] == ["AS-22"]
    assert "3. redeem again at shop   <- here" in ran.out
    assert "expected token refused" in ran.out
    assert "pytest_items.py" not in ran.out.partition("FAILURES")[2].partition("short test summary")[0]
    assert_no_leak(Done(ran.code, ran.out, ""))


def test_trouble_beside_the_target_is_an_error_and_no_failure(folder: Path) -> None:
    file = target_file(folder, f"http://127.0.0.1:{free_port()}")
    ran = run_pytest(folder, "--sessionproof-target", file, "-k", "AS-22 or AS-23")
    assert ran.code == 1
    assert set(ran.outcomes.values()) == {"ERROR"}
    assert "this is no verdict on it" in ran.out
    assert "No connection to" in ran.out
    assert "Traceback" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--sessionproof-target", "absent.toml"), "absent.toml"),
        (("--sessionproof-target", "bad.toml"), "role: missing, expected one of"),
        (("--sessionproof-target", "bad.toml", "--sessionproof-cover", "all"), "expected one of: rules, transitions"),
        (("--sessionproof-target", "bad.toml", "--sessionproof-profile", "sos"), "sos: no such profile"),
    ],
)
def test_usage(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    (folder / "bad.toml").write_text('name = "x"\n', encoding="utf-8")
    ran = run_pytest(folder, *arguments)
    assert ran.code in (2, 3, 4)
    assert said in ran.out
    assert "Traceback" not in ran.out


# A fixture


def test_an_adapter_in_python_is_given_as_a_fixture(folder: Path) -> None:
    (folder / "test_sessions.py").write_text(FAKE, encoding="utf-8")
    ran = run_pytest(folder, "test_sessions.py")
    assert ran.code == 1
    assert ran.outcomes["AS-14"] == "FAILED", "a MUST that is broken"
    assert ran.outcomes["APP-18"] == "PASSED", "a SHOULD that is broken"
    assert re.search(r"SessionproofWarning: APP-18 \(SHOULD\)", ran.out)
    assert ran.outcomes["AS-13"] == "PASSED"
    assert "test_mine PASSED" in ran.out
    strict = run_pytest(folder, "test_sessions.py", "-W", "error", "-k", "APP-18")
    assert strict.outcomes == {"APP-18": "FAILED"}


def test_what_failed_last_is_run_again(folder: Path) -> None:
    (folder / "test_sessions.py").write_text(FAKE, encoding="utf-8")
    first = run_pytest(folder)
    again = run_pytest(folder, "--lf")
    failed = {name for name, outcome in first.outcomes.items() if outcome == "FAILED"}
    assert failed
    assert set(again.outcomes) == failed


def test_known_deviations_are_expected_failures(folder: Path) -> None:
    (folder / "test_sessions.py").write_text(FAKE, encoding="utf-8")
    (folder / "known.toml").write_text(
        "".join(f'[{name}]\nreason = "ticket 7"\nuntil = 2999-12-31\n' for name in ("AS-14", "AS-13")), encoding="utf-8"
    )
    ran = run_pytest(folder, "--sessionproof-known", "known.toml", "-k", "AS-13 or AS-14")
    assert ran.outcomes == {"AS-14": "XFAIL", "AS-13": "FAILED"}
    assert "known deviation AS-13 does not occur any more" in ran.out
    assert "ticket 7" in ran.out


def test_without_the_fixture_the_message_says_what_to_define(folder: Path) -> None:
    (folder / "test_sessions.py").write_text("def test_s(sessionproof_requirement): pass\n", encoding="utf-8")
    ran = run_pytest(folder, "test_sessions.py", "-k", "AS-22")
    assert ran.outcomes == {"AS-22": "ERROR"}
    assert "define a fixture `sessionproof_adapter` with scope='session'" in ran.out


@pytest.mark.parametrize("name", ["starlette", "django"])
def test_the_examples_of_the_page(tmp_path: Path, name: str) -> None:
    shutil.copytree(EXAMPLES / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    ran = run_pytest(tmp_path / name, "--strict-markers", "-W", "ignore")
    assert ran.code == 0, ran.out
    assert [ran.outcomes[i] for i in ("APP-01", "APP-06", "APP-08", "APP-12")] == ["PASSED"] * 4
    application = tmp_path / name / "application.py"
    text = application.read_text(encoding="utf-8")
    broken = re.sub(r"(def local_logout\(.*\n)    request\.session\.\w+\(\)\n", r"\1", text)
    assert broken != text
    application.write_text(broken, encoding="utf-8")
    ran = run_pytest(tmp_path / name, "-W", "ignore")
    assert ran.code == 1
    assert ran.outcomes["APP-12"] == "FAILED", "local logout ends nothing"


def test_the_page_shows_the_examples_as_they_are() -> None:
    page = (ROOT / "docs" / "pytest.md").read_text(encoding="utf-8")
    shown = re.findall(r"<!-- (\S+) -->\n```\w+\n(.*?)```", page, re.DOTALL)
    assert len(shown) == 2
    for name, text in shown:
        assert text == (ROOT / name).read_text(encoding="utf-8"), f"docs/pytest.md shows another {name}"


# Nothing asked for


def test_until_it_is_used_it_costs_next_to_nothing(folder: Path) -> None:
    (folder / "test_mine.py").write_text(
        "import sys\n"
        "def test_mine():\n"
        "    ours = {name for name in sys.modules if name.startswith('sessionproof')}\n"
        "    assert ours <= {'sessionproof', 'sessionproof.conformance', 'sessionproof.conformance.pytest_plugin'}\n",
        encoding="utf-8",
    )
    ran = run_pytest(folder)
    assert ran.code == 0, ran.out
    assert "sessionproof" not in ran.out.partition("collected")[2]
    code = (
        "import pytest, time; start = time.perf_counter()\n"
        "import sessionproof.conformance.pytest_plugin\n"
        "print(time.perf_counter() - start)"
    )
    seconds = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert float(seconds) < 0.1
