"""The page of all drawings: each of them once, and nothing that is fetched from elsewhere."""

from pathlib import Path

from selectolax.lexbor import LexborHTMLParser
from sessionproof.diagrams.gallery import gallery

FOLDER = Path(__file__).parents[2] / "diagrams"


def test_every_drawing_is_there_once() -> None:
    page = LexborHTMLParser((FOLDER / "index.html").read_text(encoding="utf-8"))
    links = page.css("li a")
    assert sorted(str(link.attributes["href"]) for link in links) == sorted(path.name for path in FOLDER.glob("*.svg"))
    for link in links:
        (picture,) = link.css("img")
        assert picture.attributes["src"] == link.attributes["href"]
        assert link.text().strip()


def test_nothing_is_fetched_from_elsewhere() -> None:
    page = LexborHTMLParser((FOLDER / "index.html").read_text(encoding="utf-8"))
    assert not page.css("script, link, iframe, object")
    assert all("/" not in (node.attributes["src"] or "/") for node in page.css("[src]"))


def test_titles_are_text() -> None:
    (name,) = LexborHTMLParser(gallery([("all", [("one", "a < b")])])).css("li span")
    assert name.text() == "a < b"
