"""The pytest plugin: one test item for each requirement. Until it is used, it costs an import of this file.

`pytest --sessionproof-target FILE` certifies the target of a file. A test that asks for `sessionproof_requirement`
becomes one item for each requirement, on the adapter that the fixture `sessionproof_adapter` gives.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .pytest_items import Checked
    from .pytest_runs import Once

FIXTURE = "sessionproof_requirement"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options; those of a run mean the same as for `sessionproof run`."""
    group = parser.getgroup("sessionproof", "login sessions of OpenID Connect (sessionproof)")
    group.addoption("--sessionproof-target", metavar="FILE", help="certify the target of this file")
    group.addoption(
        "--sessionproof-trust", action="store_true", help="let the file start its target: it may run any command"
    )
    group.addoption(
        "--sessionproof-profile", metavar="NAME", action="append", default=[], help="certify for this profile only"
    )
    group.addoption("--sessionproof-cover", metavar="NAME", default="rules", help="how much to cover; default: rules")
    group.addoption(
        "--sessionproof-seconds", metavar="N", type=float, default=60.0, help="start nothing new after so long"
    )
    group.addoption("--sessionproof-log", metavar="FILE", help="write the run log there")
    group.addoption("--sessionproof-known", metavar="FILE", help="a file of known deviations")


def pytest_configure(config: pytest.Config) -> None:
    """Wake up if a target is to be certified."""
    config.addinivalue_line("markers", "sessionproof(profile, ...): certify for these profiles, or: a requirement")
    if config.getoption("sessionproof_target"):
        _wake(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one item for each requirement of a test that asks for them."""
    if FIXTURE in metafunc.fixturenames:
        _wake(metafunc.config)
        from .pytest_items import parametrize

        parametrize(metafunc)


@pytest.fixture(scope="session")
def sessionproof_adapter() -> Any:
    """The target, driven by Python: override it. It is closed by whoever made it."""
    pytest.fail("define a fixture `sessionproof_adapter` with scope='session' that gives an Adapter", pytrace=False)


@pytest.fixture(scope="session")
def sessionproof_run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "Once":
    """The one run, on what `sessionproof_adapter` gives; made when it is first needed."""
    from .pytest_runs import run_of_fixture

    return run_of_fixture(request, _shared_folder(request.config, tmp_path_factory))


@pytest.fixture
def sessionproof_requirement(request: pytest.FixtureRequest, sessionproof_run: "Once") -> "Checked":
    """One requirement; it is checked after the body of the test, which may be empty."""
    from .pytest_items import Checked

    return Checked(request.param, sessionproof_run.results(), request.node)


def _wake(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin("sessionproof-items"):
        from .pytest_items import Items

        config.pluginmanager.register(Items(config), "sessionproof-items")


def _shared_folder(config: pytest.Config, factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of pytest-xdist share, and that nobody else can read."""
    return factory.getbasetemp().parent if hasattr(config, "workerinput") else factory.getbasetemp()
