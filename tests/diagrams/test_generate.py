"""Writing and checking the generated files, as somebody does who has just changed the model."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sessionproof.conformance.adapters.target import target_schema
from sessionproof.conformance.specification.parts import parts
from sessionproof.diagrams import generate
from sessionproof.diagrams.generate import PARTS
from sessionproof.diagrams.problem import DiagramProblem

ROOT = Path(__file__).parents[2]
MORE = parts(target_schema())
ALL_TEXT = """
from sessionproof.conformance.adapters.target import target_schema
from sessionproof.conformance.specification.parts import parts
from sessionproof.conformance.specification import exercise
from sessionproof.diagrams import endings, generate, profile_views
for module in (exercise, endings, profile_views):  # the others take as long again each
    module.SCOPES = [scope for scope in module.SCOPES if scope.name in ("core", "silent", "logout-rp")]
texts = {**generate.PARTS, **parts(target_schema())}
quick = [make() for name, make in texts.items() if name not in ("scopes", "properties")]
print(generate.dots(), generate.drawings(), quick)
"""
needs_dot = pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz is not installed")


def check(root: Path) -> list[str]:
    return generate.check(root, MORE)


def write(root: Path) -> list[Path]:
    return generate.write(root, MORE)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the generated files, up to date."""
    (tmp_path / "diagrams").mkdir()
    drawn = [path for path in (ROOT / "diagrams").iterdir() if path.suffix in (".dot", ".svg", ".html")]
    for path in (ROOT / "SPEC.md", *drawn):
        shutil.copy(path, tmp_path / path.relative_to(ROOT))
    return tmp_path


def test_the_committed_files_are_up_to_date() -> None:
    assert check(ROOT) == []


def test_the_texts_do_not_depend_on_the_hash_seed() -> None:
    first, second = (
        subprocess.run(
            [sys.executable, "-c", ALL_TEXT], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    )
    assert len(first) > 10_000
    assert first == second


@pytest.mark.parametrize("name", ["application.dot", "network.dot", "profile_core_application.dot"])
def test_a_changed_drawing_is_found(checkout: Path, name: str) -> None:
    path = checkout / "diagrams" / name
    path.write_text(
        path.read_text(encoding="utf-8").replace("absent", "present").replace("page", "leaf"), encoding="utf-8"
    )
    assert check(checkout) == [f"out of date: diagrams/{name}; run: sessionproof diagrams"]


@pytest.mark.parametrize("broken", [("SHA-256 ", "SHA-256 0"), ("</svg>", "<<<<<<< HEAD")])
def test_a_drawing_of_another_chart_or_half_a_drawing_is_found(checkout: Path, broken: tuple[str, str]) -> None:
    """What a merge leaves behind: the DOT is right, the SVG is not its drawing."""
    svg = checkout / "diagrams" / "network.svg"
    svg.write_text(svg.read_text(encoding="utf-8").replace(*broken), encoding="utf-8")
    assert check(checkout) == ["out of date: diagrams/network.svg; run: sessionproof diagrams"]


def test_a_changed_chart_of_a_story_is_found(checkout: Path) -> None:
    path = checkout / "diagrams" / "seed_A.svg"
    path.write_text(path.read_text(encoding="utf-8").replace("absent", "present"), encoding="utf-8")
    assert check(checkout) == ["out of date: diagrams/seed_A.svg; run: sessionproof diagrams"]


def test_a_missing_and_a_needless_drawing_are_found(checkout: Path) -> None:
    (checkout / "diagrams" / "network.svg").rename(checkout / "diagrams" / "web.svg")
    assert check(checkout) == [
        "out of date: diagrams/network.svg; run: sessionproof diagrams",
        "out of date: diagrams/web.svg; run: sessionproof diagrams",
    ]


def test_a_changed_table_in_spec_is_found_and_changed_prose_is_not(checkout: Path) -> None:
    spec = checkout / "SPEC.md"
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("## 1. Scope", "## 1. What this is about"), encoding="utf-8")
    assert check(checkout) == []
    spec.write_text(text.replace("| visit orders |", "| visit nothing |", 1), encoding="utf-8")
    assert check(checkout) == ["out of date: SPEC.md; run: sessionproof diagrams"]


def test_a_lost_or_unknown_marker_is_named(checkout: Path) -> None:
    spec = checkout / "SPEC.md"
    spec.write_text(
        spec.read_text(encoding="utf-8").replace("generated: choices", "generated: chioces"), encoding="utf-8"
    )
    lost, unknown = check(checkout)
    assert "'choices' is there 0 times" in lost
    assert "nobody generates the part 'chioces'" in unknown
    assert ", ".join(PARTS) in unknown
    with pytest.raises(DiagramProblem, match="chioces"):
        write(checkout)


def test_without_spec_the_message_says_so(tmp_path: Path) -> None:
    assert "SPEC.md: not found" in check(tmp_path)[0]


@needs_dot
def test_write_repairs_what_check_finds_and_nothing_else(checkout: Path) -> None:
    dot, stray = checkout / "diagrams" / "network.dot", checkout / "diagrams" / "web.dot"
    dot.write_text("digraph { old }\n", encoding="utf-8")
    stray.write_text("digraph { old }\n", encoding="utf-8")
    assert write(checkout) == [dot, dot.with_suffix(".svg"), stray]
    assert check(checkout) == []
    assert "Authorization server" in dot.with_suffix(".svg").read_text(encoding="utf-8")
    assert write(checkout) == []


def test_without_graphviz_only_drawing_fails_and_the_package_is_named(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(checkout))
    (checkout / "SPEC.md").write_text(
        (checkout / "SPEC.md").read_text(encoding="utf-8").replace("| visit orders |", "|", 1), encoding="utf-8"
    )
    assert write(checkout) == [checkout / "SPEC.md"]
    old = checkout / "diagrams" / "network.dot"
    old.write_text("digraph { old }\n", encoding="utf-8")
    with pytest.raises(DiagramProblem, match=r"network\.svg: the program `dot` was not found.*package `graphviz`"):
        write(checkout)
    assert old.read_text(encoding="utf-8") == "digraph { old }\n"
