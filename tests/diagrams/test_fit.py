"""Words in a drawing keep to their place, in whatever font a reader has."""

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from sessionproof.diagrams.dot import Chart, bold, italic, render, rows
from sessionproof.diagrams.generate import dots

FOLDER = Path(__file__).parents[2] / "diagrams"
SVG = "{http://www.w3.org/2000/svg}"
needs_dot = pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz is not installed")


def _texts(svg: str) -> list[tuple[str, float, float]]:
    """Each line of words, with where it begins and how wide it is set."""
    return [
        (text.text or "", float(text.get("x", "nan")), float(text.get("textLength", "nan")))
        for text in ET.fromstring(svg).iter(f"{SVG}text")
    ]


@needs_dot
def test_each_line_is_set_to_the_width_that_was_reckoned_for_it() -> None:
    chart = Chart("test", ["a caption"])
    chart.box("one", bold("a < b & 'c'"), "black", "white")
    chart.box(
        "two", rows(["plain\u00a0words", italic("plain words"), "plain words, but more of them"]), "black", "white"
    )
    widths = {words: width for words, _, width in _texts(render("test", chart.source))}
    assert widths.keys() >= {"a caption", "a < b & 'c'", "plain\u00a0words", "plain words, but more of them"}
    assert all(width > 0 for width in widths.values())
    assert widths["plain words, but more of them"] > 2 * widths["plain\u00a0words"]


@pytest.mark.parametrize("name", sorted(dots()))
def test_no_line_leaves_its_drawing(name: str) -> None:
    svg = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    left, _, width, _ = (float(part) for part in ET.fromstring(svg).get("viewBox", "").split())
    shift = re.search(r"translate\(([\d.]+) ", svg)
    assert shift
    texts = _texts(svg)
    assert len(texts) > 3
    for words, start, wide in texts:
        assert left <= start + float(shift[1]), words
        assert start + float(shift[1]) + wide <= left + width, words
