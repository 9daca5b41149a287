"""Writes everything that is drawn or tabulated from the model, and tells what is out of date.

DOT files and the parts of SPEC.md between `<!-- generated: NAME -->` and `<!-- end -->` depend on nothing but the
model and are compared. Where `dot` places things depends on its version: its SVG files are drawn anew only when their
DOT changes, and not compared.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from sessionproof.model.network import LOCAL, PROVIDER, SERVER
from sessionproof.model.stories import STORIES

from . import tables
from .dot import render
from .network_chart import network_chart
from .problem import DiagramProblem
from .sequence_chart import sequence_chart
from .state_chart import state_chart
from .views import VIEWS

FOLDER, SPEC = "diagrams", "SPEC.md"
HINT = "run: sessionproof diagrams"
MARKED = re.compile(r"(<!-- generated: ([^>]*?) -->\n).*?(<!-- end -->)", re.DOTALL)


def image(title: str, name: str) -> str:
    """A picture in SPEC.md."""
    return f"![{title}]({FOLDER}/{name}.svg)"


def story_name(story: str) -> str:
    """The file name of a story's chart."""
    return story.replace(" ", "_")


PARTS: dict[str, Callable[[], str]] = {
    "profiles": tables.profiles,
    "network": lambda: image("How the three machines talk", "network"),
    "messages": tables.talk,
    "stimuli": tables.stimuli,
    "places": tables.facets,
    "choices": tables.choices,
    "properties": tables.properties,
    "scopes": tables.scopes,
    **{f"chart {view.name}": partial(image, view.title, view.name) for view in VIEWS},
    **{f"story {s.name}": partial(image, f"{s.name}: {s.title}", story_name(s.name)) for s in STORIES},
    **{
        f"{what} {machine.name}": partial(make, machine)
        for machine in (LOCAL, SERVER, PROVIDER)
        for what, make in (("states", tables.states), ("names", tables.names), ("transitions", tables.transitions))
    },
    **{f"requirements {layer}": partial(tables.requirements, layer) for layer in ("APP", "AS", "IDP", "SYS")},
}
"""The parts of SPEC.md that are generated, by name."""


def dots() -> dict[str, str]:
    """Every DOT file that there should be, by name."""
    charts = {view.name: state_chart(view) for view in VIEWS} | {"network": network_chart()}
    return {name: chart.source for name, chart in charts.items()}


def drawings() -> dict[str, str]:
    """Every SVG file that is written without `dot`, by name."""
    return {story_name(story.name): sequence_chart(story) for story in STORIES}


def write(root: Path) -> list[Path]:
    """Bring everything up to date in the checkout `root`; returns the files that were changed.

    Raises DiagramProblem if `dot` is needed and missing, if SPEC.md lacks a part or has one that nobody
    generates, or if the model does not hold what SPEC.md says of it.
    """
    if problems := list(_marks(root)):
        raise DiagramProblem("\n".join(problems))
    changed: list[Path] = []
    for name, source in dots().items():
        dot, svg = root / FOLDER / f"{name}.dot", root / FOLDER / f"{name}.svg"
        if _read(dot) != source or not svg.exists():
            _put(svg, render(name, source))
            _put(dot, source)
            changed += [dot, svg]
    texts = {root / FOLDER / f"{name}.svg": text for name, text in drawings().items()} | {root / SPEC: _spec(root)}
    for path, text in texts.items():
        if _read(path) != text:
            _put(path, text)
            changed.append(path)
    for path in _strays(root):
        path.unlink()
        changed.append(path)
    return changed


def check(root: Path) -> list[str]:
    """What is not up to date in the checkout `root`, one message for each file; empty if nothing is.

    Needs no `dot`. Raises DiagramProblem if the model does not hold what SPEC.md says of it.
    """
    problems = list(_marks(root))
    wanted = {root / FOLDER / f"{name}.dot": source for name, source in dots().items()}
    wanted |= {root / FOLDER / f"{name}.svg": text for name, text in drawings().items()}
    if not problems:
        wanted[root / SPEC] = _spec(root)
    stale = [path for path, text in wanted.items() if _read(path) != text]
    stale += [path for name in dots() if not (path := root / FOLDER / f"{name}.svg").exists()]
    return problems + [f"out of date: {path.relative_to(root)}; {HINT}" for path in (*stale, *_strays(root))]


def _marks(root: Path) -> Iterator[str]:
    """What is wrong with the markers of SPEC.md."""
    text = _read(root / SPEC)
    if text is None:
        yield f"{SPEC}: not found in {root}; expected the checkout of sessionproof"
        return
    found = [match[2] for match in MARKED.finditer(text)]
    for name in PARTS:
        if found.count(name) != 1:
            yield (
                f"{SPEC}: the part {name!r} is there {found.count(name)} times; "
                f"expected once, as a line <!-- generated: {name} --> and a line <!-- end -->"
            )
    for name in found:
        if name not in PARTS:
            yield f"{SPEC}: nobody generates the part {name!r}; known parts: {', '.join(PARTS)}"


def _spec(root: Path) -> str:
    return MARKED.sub(lambda match: f"{match[1]}\n{PARTS[match[2]]()}\n\n{match[3]}", _read(root / SPEC) or "")


def _strays(root: Path) -> list[Path]:
    """Drawings that nothing generates any more."""
    names = {f"{name}.{end}" for name in dots() for end in ("dot", "svg")} | {f"{name}.svg" for name in drawings()}
    folder = root / FOLDER
    return sorted(p for p in (*folder.glob("*.dot"), *folder.glob("*.svg")) if p.name not in names)


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
