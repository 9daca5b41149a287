"""The HTML report without a browser: what it says, and that nothing in it is interpreted."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser
from sessionproof.conformance.report.page import html
from sessionproof.conformance.report.visible import visible
from sessionproof.conformance.runlog import Event
from sessionproof.model.intents import INTENTS
from sessionproof.model.requirements import BY_ID

from ..logs import flow, footer, header, trouble
from .samples import HOSTILE, conforming, failing, hostile, read


def page(folder: Path, events: tuple[Event, ...] | list[Event]) -> LexborHTMLParser:
    return LexborHTMLParser(html(read(folder / "run.jsonl", events)))


def words(tree: LexborHTMLParser, selector: str) -> str:
    node = tree.css_first(selector)
    assert node is not None, selector
    return " ".join(node.text().split())


def test_the_answer_comes_first_with_what_it_is_for(tmp_path: Path) -> None:
    tree = page(tmp_path, conforming())
    assert words(tree, "h1") == "✓ Conforms fake"
    assert words(tree, ".what") == "tested as model, for the profiles silent, sso"
    assert tree.css_first(".finding") is None
    assert "Nothing was found." in words(tree, "main")


def test_a_finding_tells_what_is_wrong_and_why_it_matters(tmp_path: Path) -> None:
    tree = page(tmp_path, failing())
    assert words(tree, "h1") == "✗ Does not conform fake"
    found = next(n for n in tree.css(".finding") if "AS-19" in n.text())
    text = " ".join(found.text().split())
    assert BY_ID["AS-19"].sentence in text
    assert INTENTS["AS-19"] in text
    assert "OpenID Connect Core 1.0 §3.1.2.1" in text
    names, values = ([" ".join(n.text().split()) for n in found.css(f".difference {tag}")] for tag in ("dt", "dd"))
    told = dict(zip(names, values, strict=True))
    assert told["When"].startswith("step 3: ask with foreign hint at shop (")
    assert told["Where"] == "message 1 of this step (Authorization server → Local application)"
    assert told["Expected"].startswith("error response: login_required or interaction_required")
    assert told["Seen"] == "authentication response (code or ID token)"
    assert found.css(".chart svg .arrow.wrong")
    assert found.css(".chart svg .arrow.expected")
    rows = [[" ".join(cell.text().split()) for cell in row.css("th, td")] for row in found.css("tbody tr")]
    assert [row[0] for row in rows[:2]] == ["application shop", "authorization server"]
    assert rows[1][1:] == ["alice logged in", "alice logged in", "alice logged in"]


def test_what_stands_in_a_chart_stands_in_its_list_too(tmp_path: Path) -> None:
    for found in page(tmp_path, failing()).css(".finding"):
        bands = [node.text() for node in found.css(".chart svg text.strong")]
        steps = [" ".join(node.text().split()) for node in found.css(".steps > li > strong")]
        assert steps
        assert all(any(step in band for band in bands) for step in steps)
        assert len(found.css(".chart svg line.arrow")) == len(
            [item for item in found.css(".steps li li") if "→" in item.text()]
        )


def test_every_requirement_is_there_with_its_verdict(tmp_path: Path) -> None:
    run = read(tmp_path / "run.jsonl", failing())
    tree = LexborHTMLParser(html(run))
    ids = [node.attributes["id"] for node in tree.css(".requirements > li > details")]
    verdicts = [node.attributes["data-verdict"] for node in tree.css(".requirements > li")]
    assert dict(zip(ids, verdicts, strict=True)) == {
        line.requirement.id: str(line.verdict) for line in run.results.lines()
    }


def test_what_was_not_tested_is_told_with_its_reason(tmp_path: Path) -> None:
    events = [header("silent", layers=["AS"]), flow("AS-13"), footer("the budget was used up")]
    text = words(page(tmp_path, events), "main")
    assert "not applicable: this party is played by the suite: APP-27, APP-28" in text
    assert "untested: the budget was used up: AS-14" in text
    assert "stopped early: the budget was used up" in text
    text = words(page(tmp_path, [header("silent"), flow("AS-13"), trouble("No answer in time.")]), "body")
    assert "the log has no footer: the run was cut off" in text
    assert "No answer in time." in text


def test_when_and_how_the_run_was_started_stand_under_how_to_reproduce(tmp_path: Path) -> None:
    begun = {"date": "2026-11-24T17:00:00Z", "file": "shop.toml", "trust": True}
    events = [header("silent") | begun, flow("AS-13"), footer()]
    text = words(page(tmp_path, events), "main")
    assert "2026-11-24 17:00:00 UTC" in text
    assert "sessionproof run shop.toml --profile silent" in text
    assert "--trust" in text
    assert "Begunnot recorded" in words(page(tmp_path, [header("silent"), flow("AS-13"), footer()]), "main")


def test_a_log_that_is_judged_otherwise_today_says_so(tmp_path: Path) -> None:
    events = [event | {"steps": [*event["steps"]]} if event["event"] == "flow" else event for event in conforming()]
    first = next(event for event in events if event["event"] == "flow")
    first["steps"][0] = {**first["steps"][0], "trace": ["page login"]}
    assert "1 of " in words(page(tmp_path, events), ".facts .bad")
    assert page(tmp_path, conforming()).css_first(".facts .bad") is None


def test_equal_logs_give_equal_pages(tmp_path: Path) -> None:
    one, other = (html(read(tmp_path / "run.jsonl", failing())) for _ in range(2))
    assert one == other


def test_only_our_own_style_and_script_are_allowed(tmp_path: Path) -> None:
    text = html(read(tmp_path / "run.jsonl", hostile()))
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src &#39;none&#39;; ")
    for tag in ("style", "script"):
        [content] = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("events", [failing, hostile], ids=["faults", "hostile"])
def test_no_style_or_handler_or_address_stands_in_an_attribute(tmp_path: Path, events: object) -> None:
    assert callable(events)
    tree = page(tmp_path, events())
    for node in tree.css("*"):
        for name, value in node.attributes.items():
            assert not name.startswith("on"), node.html
            assert name not in ("style", "src", "action", "srcdoc"), node.html
            assert name != "href" or (value or "").startswith("#"), node.html
    assert len(tree.css("script")) == len(tree.css("style")) == 1
    assert not tree.css("img, iframe, object, embed, link, base")


def test_what_a_target_says_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    text = html(read(tmp_path / "run.jsonl", hostile()))
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", text)
    text.encode()
    tree = LexborHTMLParser(text)
    plain = visible(HOSTILE)
    for selector in ("h1", ".difference .bad", ".notice", "#choices ~ .scroll td", ".chart + .steps", ".code pre"):
        assert " ".join(plain.split()) in words(tree, selector), selector
    assert " ".join(plain.split()) in words(tree, "title")
