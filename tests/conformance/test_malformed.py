"""Whatever a target sends: no reader of answers ends in anything but a reading or a refusal, and none takes long."""

import time
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .malformed import GOOD, Reader, broken, readers

LIMIT = 5.0
"""Seconds for one answer, on a busy machine."""


@pytest.fixture(scope="module")
def all_readers() -> Iterator[Mapping[str, Reader]]:
    with readers() as found:
        yield found


def test_good_answers_are_read(all_readers: Mapping[str, Reader]) -> None:
    assert all_readers.keys() == GOOD.keys()
    said = {name: all_readers[name](text) for name, text in GOOD.items()}
    assert said == dict.fromkeys(GOOD, "read")


@pytest.mark.parametrize("name", GOOD)
@settings(max_examples=150, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_malformed_answers_are_read_or_refused(
    all_readers: Mapping[str, Reader], name: str, data: st.DataObject
) -> None:
    text = data.draw(broken(GOOD[name]))
    started = time.monotonic()
    all_readers[name](text)
    assert time.monotonic() - started < LIMIT
