"""What all tests share: hypothesis profiles, and the explored scopes."""

import os
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import settings
from sessionproof.model.explore import Graph, explore
from sessionproof.model.network import FEATURES, Network
from sessionproof.model.scopes import SCOPES

# The same examples in every run, none stored, no time limit for one example: a pipeline must not flicker.
settings.register_profile("ci", derandomize=True, deadline=None, database=None)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def graph() -> Callable[[str], Graph]:
    """Gives every reachable state of a scope, for a target that offers everything; explored once."""
    scopes = {scope.name: scope for scope in SCOPES}
    return cache(lambda name: explore(Network(scopes[name], FEATURES)))
