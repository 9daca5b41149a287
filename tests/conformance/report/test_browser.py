"""The HTML report in headless Chromium: filters, keyboard, no errors, no requests, hostile text does nothing."""

import itertools
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sessionproof.conformance.report.page import html

from ...browser import Opened, needs_chromium
from .samples import conforming, failing, hostile, read

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    found = {}
    for name, events in (("conforming", conforming()), ("failing", failing()), ("hostile", hostile())):
        found[name] = folder / f"{name}.html"
        found[name].write_text(html(read(folder / f"{name}.jsonl", events)), encoding="utf-8")
    return found


def visible_ids(page: Page) -> list[str]:
    shown = page.locator(".requirements > li:visible > details")
    return [identifier or "" for identifier in (shown.nth(at).get_attribute("id") for at in range(shown.count()))]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))


@pytest.mark.parametrize("name", ["conforming", "failing", "hostile"])
def test_it_opens_without_complaint_and_asks_for_nothing(opened: Opened, reports: dict[str, Path], name: str) -> None:
    page = opened.go(reports[name])
    page.wait_for_load_state("networkidle")
    assert page.locator("h1").is_visible()
    assert opened.quiet(reports[name]), (opened.complaints, opened.requests)


def test_what_a_hostile_target_says_does_nothing(opened: Opened, reports: dict[str, Path]) -> None:
    page = opened.go(reports["hostile"])
    page.get_by_role("button", name="Show all").click()
    for summary in page.locator("summary").all():
        summary.click()
    page.locator("#f-text").fill("script")
    page.wait_for_load_state("networkidle")
    assert page.title().startswith("DOES NOT CONFORM: <script>")
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 0
    assert "<script>document.title" in page.locator(".difference .bad").first.inner_text()
    assert opened.quiet(reports["hostile"]), (opened.complaints, opened.requests)


def test_filters_show_what_they_name(opened: Opened, reports: dict[str, Path]) -> None:
    page = opened.go(reports["failing"])
    everything = visible_ids(page)
    page.locator("#f-verdict").select_option("fail")
    assert set(visible_ids(page)) == {"AS-14", "AS-19"}
    assert page.locator("#f-count").inner_text() == f"2 of {len(everything)}"
    page.locator("#f-layer").select_option("APP")
    assert visible_ids(page) == []
    assert page.locator("#f-none").is_visible()
    page.get_by_role("button", name="Show all").click()
    assert visible_ids(page) == everything
    page.locator("#f-text").fill("ID_TOKEN_HINT wrong")
    assert visible_ids(page) == ["AS-19"]


def test_profiles_and_tiles_filter_too(opened: Opened, reports: dict[str, Path]) -> None:
    page = opened.go(reports["conforming"])
    page.locator("#f-profile").select_option("sso")
    assert set(visible_ids(page)) == {"APP-14", "AS-08", "SYS-06"}
    page.locator(".tile.pass a").click()
    shown = visible_ids(page)
    assert page.locator("#f-profile").input_value() == ""
    assert len(shown) == int(page.locator(".tile.pass b").inner_text())


def test_everything_can_be_done_with_the_keyboard(opened: Opened, reports: dict[str, Path]) -> None:
    page = opened.go(reports["failing"])
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the result"
    assert page.locator(".skip").bounding_box() is not None
    page.keyboard.press("Enter")
    assert focused(page) == "main"
    page.locator("#f-verdict").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focused(page) == "f-text"
    page.keyboard.type("AS-19 hint")
    assert visible_ids(page) == ["AS-19"]
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#AS-19").get_attribute("open") is not None
    assert page.locator("#AS-19 dl").is_visible()


def test_a_link_to_a_requirement_opens_it(opened: Opened, reports: dict[str, Path]) -> None:
    page = opened.page
    page.goto(reports["failing"].as_uri() + "#AS-13")
    assert page.locator("#AS-13 dl").is_visible()


def test_what_does_not_apply_is_shown_when_asked_for(opened: Opened, reports: dict[str, Path]) -> None:
    page = opened.go(reports["hostile"])
    counts = page.locator(".tile.not-applicable b").inner_text()
    everything = page.locator(".requirements > li").count()
    assert len(visible_ids(page)) == everything - int(counts)
    page.get_by_role("button", name="Show all").click()
    assert len(visible_ids(page)) == everything
    page.goto(reports["hostile"].as_uri() + "#AS-19")  # does not apply, but a link leads to it
    page.reload()
    assert page.locator("#AS-19 dl").is_visible()


def test_commands_can_be_copied(opened: Opened, reports: dict[str, Path]) -> None:
    page = opened.go(reports["failing"])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    command = page.locator("#reproduce ~ .code").first
    command.get_by_role("button", name="Copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == command.locator("pre").inner_text().strip()


def test_screen_readers_get_headings_names_and_the_steps_of_a_flow(opened: Opened, reports: dict[str, Path]) -> None:
    page = opened.go(reports["failing"])
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    for role in ("main", "navigation", "banner", "search"):
        assert page.get_by_role(role).count() == 1, role
    unnamed = "[...document.querySelectorAll('select,input')].filter(e => !e.labels.length).length"
    assert page.evaluate(unnamed) == 0
    assert page.get_by_role("article").first.get_by_role("listitem").count() > 3


def test_without_script_everything_is_there(browser: Browser, reports: dict[str, Path]) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(reports["failing"].as_uri())
    assert page.locator(".requirements > li").first.is_visible()
    assert not page.locator(".filters").is_visible()
    assert not page.locator(".copy").first.is_visible()
    page.close()


@pytest.mark.parametrize("name", ["failing", "hostile"])
def test_on_a_phone_nothing_is_wider_than_the_screen(browser: Browser, reports: dict[str, Path], name: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(reports[name].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert not page.locator(".chart").first.is_visible()
    assert page.locator(".steps").first.bounding_box()["width"] > 200  # type: ignore[index]
    tables = "[...document.querySelectorAll('.finding .scroll')].filter((t) => t.scrollWidth > t.clientWidth).length"
    assert page.evaluate(tables) == 0
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_at_least_four_and_a_half(browser: Browser, reports: dict[str, Path], scheme: str) -> None:
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(reports["failing"].as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate(CONTRAST) == []
    page.close()


def test_printing_shows_the_findings_and_no_controls(opened: Opened, reports: dict[str, Path]) -> None:
    page = opened.go(reports["failing"])
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 1000})  # A4 without its margins, narrower than many a phone page
    assert page.locator(".chart").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 680
    assert not page.locator(".filters").is_visible()
    assert not page.locator("nav").is_visible()
    assert len(page.pdf(format="A4")) > 10_000


CONTRAST = """() => {
  const parts = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parts(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const low = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || element.closest("svg, script, style, .hidden-title")) continue;
    const [a, b] = [light(parts(getComputedStyle(element).color)), light(ground(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) low.add(`${element.tagName}.${element.className}: ${contrast.toFixed(2)}`);
  }
  return [...low];
}"""
