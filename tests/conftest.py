"""What all tests share: hypothesis profiles, and the explored scopes."""

import os
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from sessionproof.model.explore import Graph, explore
from sessionproof.model.network import FEATURES, Network
from sessionproof.model.scopes import SCOPES

from .browser import CHROMIUM, Opened

# The same examples in every run, none stored, no time limit for one example: a pipeline must not flicker.
settings.register_profile("ci", derandomize=True, deadline=None, database=None)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def graph() -> Callable[[str], Graph]:
    """Gives every reachable state of a scope, for a target that offers everything; explored once."""
    scopes = {scope.name: scope for scope in SCOPES}
    return cache(lambda name: explore(Network(scopes[name], FEATURES)))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium; what asks for it is marked `needs_chromium`."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """An empty page of a desktop's size."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    yield Opened(page)
    page.close()
