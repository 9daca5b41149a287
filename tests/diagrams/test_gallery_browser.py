"""The page of all drawings, opened from the folder as a reader does."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser
from sessionproof.diagrams.generate import groups

from ..browser import Opened, needs_chromium

pytestmark = needs_chromium
FOLDER = Path(__file__).parents[2] / "diagrams"
PAGE = FOLDER / "index.html"
LOADED = """Promise.all([...document.images].map(async (image) => {
  image.loading = "eager";
  await image.decode().catch(() => {});
  return image.naturalWidth && image.getBoundingClientRect().width;
}))"""


def test_every_picture_loads_and_nothing_else_does(opened: Opened) -> None:
    page = opened.go(PAGE)
    widths = page.evaluate(LOADED)
    assert len(widths) == sum(len(list(pictures)) for _, pictures in groups())
    assert all(width > 100 for width in widths)
    assert not opened.complaints
    asked = {Path(unquote(urlsplit(url).path)) for url in opened.requests}
    assert asked == {PAGE, *FOLDER.glob("*.svg")}


def test_a_click_opens_the_drawing_whose_words_lead_to_the_specification(opened: Opened) -> None:
    page = opened.go(PAGE)
    page.get_by_role("link", name="Local application", exact=True).click()
    assert page.url == (FOLDER / "application.svg").as_uri()
    links = page.evaluate("[...document.querySelectorAll('a')].map((a) => new URL(a.href.baseVal, location).href)")
    assert len(links) > 50
    spec = FOLDER.parent / "SPEC.md"
    text = spec.read_text(encoding="utf-8")
    for link in links:
        address, _, identifier = link.partition("#")
        assert address == spec.as_uri()
        assert f'<a id="{identifier}"></a>' in text
    assert not opened.complaints


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    page.goto(PAGE.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()
