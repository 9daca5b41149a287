"""A page in headless Chromium, with everything that it complained about, asked for, or opened."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason=f"no Chromium on this machine ({', '.join(PROGRAMS)})")


class Opened:
    """A page, and what it did beside being shown."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.on("popup", lambda popup: self.requests.append(popup.url))
        page.on("request", lambda request: self.requests.append(request.url))

    def go(self, file: Path) -> Page:
        self.page.goto(file.as_uri())
        return self.page

    def quiet(self, file: Path) -> bool:
        return not self.complaints and self.requests == [file.as_uri()]
