"""The page of all drawings: each of them once, whole, and nothing that has to be fetched."""

import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser
from sessionproof.diagrams.gallery import gallery

FOLDER = Path(__file__).parents[2] / "diagrams"
PREFIX = "data:image/svg+xml,"


def test_every_drawing_is_there_once_and_whole() -> None:
    page = LexborHTMLParser((FOLDER / "index.html").read_text(encoding="utf-8"))
    links = {link.attributes["href"]: link for link in page.css("li a")}
    assert sorted(map(str, links)) == sorted(path.name for path in FOLDER.glob("*.svg"))
    for name, link in links.items():
        (picture,) = link.css("img")
        address = picture.attributes["src"] or ""
        assert address.startswith(PREFIX)
        assert unquote(address.removeprefix(PREFIX)) == (FOLDER / str(name)).read_text(encoding="utf-8")
        assert link.text().strip()


def test_nothing_is_fetched() -> None:
    page = LexborHTMLParser((FOLDER / "index.html").read_text(encoding="utf-8"))
    assert not page.css("script, link, iframe, object")
    assert all((node.attributes["src"] or "").startswith("data:") for node in page.css("[src]"))


def test_quotes_and_signs_of_a_drawing_do_not_end_its_address() -> None:
    svg = "<svg xmlns='http://www.w3.org/2000/svg'><title>it's 100 % &amp; \"#1\" &lt;b&gt; →</title></svg>"
    (picture,) = LexborHTMLParser(gallery([("all", [("one", "a < b")])], {"one": svg})).css("img")
    shown = unquote((picture.attributes["src"] or "").removeprefix(PREFIX))
    assert ET.fromstring(shown)[0].text == 'it\'s 100 % & "#1" <b> →'
