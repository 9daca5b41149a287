"""Markdown and badges: the answer, the findings, and nothing that a target could use."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from sessionproof.conformance.report.badge import badge_json, badge_svg
from sessionproof.conformance.report.markdown import block, code, markdown
from sessionproof.conformance.results import Results

from ..logs import finding, flow, footer, header, results
from .samples import HOSTILE, conforming, failing, hostile, read

CONFORMS = results(header("sso"), flow("AS-08", "APP-14"), footer())
MANY = results(header("sso", "x1", "x2", "x3", "x4"), flow("AS-08", "APP-14"), footer())
FAILS = results(header("sso"), flow("AS-08"), finding("AS-08"), footer())
UNSURE = results(header("sso"), footer())


def test_the_answer_and_the_findings(tmp_path: Path) -> None:
    text = markdown(read(tmp_path / "run.jsonl", failing()))
    assert text.startswith("## ❌ Does not conform: `fake`\n")
    assert "### ❌ fail: `AS-19` (MUST)\n" in text
    assert "| seen | `authentication response (code or ID token)` |\n" in text
    assert "3. `ask with foreign hint at shop` authorization request with prompt=none" in text
    assert markdown(read(tmp_path / "run.jsonl", conforming())).startswith("## ✅ Conforms: `fake`\n")


def test_what_was_not_observed_is_in_the_table(tmp_path: Path) -> None:
    events = [header("sso", features=["local logout"]), flow("AS-08"), footer("the budget was used up")]
    text = markdown(read(tmp_path / "run.jsonl", events))
    assert text.startswith("## ❔ Inconclusive: `target`\n")
    assert "| APP-14 | MUST | untested | `the budget was used up` |\n" in text
    assert "> `stopped early: the budget was used up`\n" in text


@pytest.mark.parametrize("hurtful", ["`", "``", "a`b``c", "x|y", "<b>", "@everyone", "line\nfeed", "", " ", HOSTILE])
def test_nothing_leaves_its_code_span(hurtful: str) -> None:
    span = code(hurtful)
    fence = re.match("`+", span)
    assert fence
    inside = span[len(fence[0]) : -len(fence[0])]
    assert span.endswith(fence[0])
    assert fence[0] not in re.findall("`+", inside)
    assert "\n" not in span
    assert not re.search(r"(?<!\\)\|", span)


def test_nothing_leaves_its_code_block() -> None:
    lines = list(block(["curl '```\n````'", "~~~"]))
    assert lines[0] == lines[-1] == "`````"
    assert len(lines) == 4


def test_what_a_target_says_stands_in_code_only(tmp_path: Path) -> None:
    text = markdown(read(tmp_path / "run.jsonl", hostile()))
    outside = re.sub(r"(`+).*?\1", "", re.sub(r"(?ms)^(`{3,})\w*$.*?^\1$", "", text))
    assert "evil" not in outside
    assert "script" not in outside
    assert "@" not in outside


@pytest.mark.parametrize(
    ("found", "message", "colour", "error"),
    [
        (CONFORMS, "conforms: sso", "brightgreen", False),
        (MANY, "conforms: 5 profiles", "brightgreen", False),
        (FAILS, "does not conform", "red", True),
        (UNSURE, "inconclusive", "lightgrey", True),
    ],
    ids=["conforms", "many", "fails", "unsure"],
)
def test_badges_tell_the_answer(found: Results, message: str, colour: str, error: bool) -> None:
    assert json.loads(badge_json(found)) == {
        "schemaVersion": 1,
        "label": "sessionproof",
        "message": message,
        "color": colour,
        "isError": error,
    }
    root = ET.fromstring(badge_svg(found))
    assert root.get("aria-label") == f"sessionproof: {message}"
    assert "".join(root.itertext()) == f"sessionproof: {message}sessionproof{message}"
