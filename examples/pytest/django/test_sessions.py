"""Certifies the application in this process: no server is started for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from application import app
from sessionproof.conformance.adapter import Adapter
from sessionproof.conformance.testing import application


@pytest.fixture(scope="session")
def sessionproof_adapter() -> Iterator[Adapter]:
    with application(app, Path(__file__).with_name("target.toml")) as adapter:
        yield adapter


@pytest.mark.sessionproof("core")
def test_sessions(sessionproof_requirement: object) -> None:
    """One item for each requirement; sessionproof checks it after this body."""
