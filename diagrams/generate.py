"""Writes everything that is drawn or tabulated from the model, and tells what is out of date.

DOT files and the parts of SPEC.md between `<!-- generated: NAME -->` and `<!-- end -->` depend on nothing but the
model and are compared. Where `dot` places things depends on its version: its SVG files are drawn anew only when their
DOT changes, and not compared; each says which DOT it was drawn from. The page of all drawings is compared with the
drawings that are there.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path

from sessionproof.model.network import LOCAL, PROVIDER, SERVER
from sessionproof.model.stories import STORIES

from . import tables
from .dot import drawn_from, render
from .endings import plays
from .gallery import Group, gallery
from .graph import View
from .network_chart import network_chart
from .problem import DiagramProblem
from .profile_views import profile_views
from .sequence import play_of
from .sequence_chart import sequence_chart
from .state_chart import state_chart
from .views import VIEWS

FOLDER, SPEC, GALLERY = "diagrams", "SPEC.md", "index.html"
HINT = "run: sessionproof diagrams"
MARKED = re.compile(r"(<!-- generated: ([^>]*?) -->\n).*?(<!-- end -->)", re.DOTALL)
NETWORK = "How the three machines talk"


def image(title: str, name: str) -> str:
    """A picture in SPEC.md, as a link to its file: there its words lead back to the requirements."""
    return f"[![{title}]({FOLDER}/{name}.svg)]({FOLDER}/{name}.svg)"


def profile_charts() -> str:
    """Each profile with its charts."""
    parts = []
    for profile, views in profile_views().items():
        parts.append(f"### Profile {profile}")
        parts.append(
            "\n\n".join(image(view.title, view.name) for view in views) or "No row of the model states it yet."
        )
    return "\n\n".join(parts)


def endings() -> str:
    """Each way in which a session ends, with its chart."""
    return "\n\n".join(f"### {play.title}\n\n{play.text}\n\n{image(play.title, play.name)}" for play in plays())


PARTS: dict[str, Callable[[], str]] = {
    "profiles": tables.profiles,
    "network": lambda: image(NETWORK, "network"),
    "messages": tables.talk,
    "stimuli": tables.stimuli,
    "places": tables.facets,
    "choices": tables.choices,
    "properties": tables.properties,
    "scopes": tables.scopes,
    "profile charts": profile_charts,
    "endings": endings,
    **{f"chart {view.name}": partial(image, view.title, view.name) for view in VIEWS},
    **{f"story {s.name}": partial(image, play_of(s).title, play_of(s).name) for s in STORIES},
    **{
        f"{what} {machine.name}": partial(make, machine)
        for machine in (LOCAL, SERVER, PROVIDER)
        for what, make in (
            ("states", tables.states),
            ("data", tables.data),
            ("names", tables.names),
            ("transitions", tables.transitions),
        )
    },
}
"""The parts of SPEC.md that come from the model alone, by name; whoever knows more brings further ones."""

Parts = Mapping[str, Callable[[], str]]


def views() -> tuple[View, ...]:
    """Every state chart: those of the machines, then those of the profiles."""
    return (*VIEWS, *(view for mine in profile_views().values() for view in mine))


@cache
def dots() -> dict[str, str]:
    """Every DOT file that there should be, by name."""
    charts = {view.name: state_chart(view) for view in views()} | {"network": network_chart()}
    return {name: chart.source for name, chart in charts.items()}


@cache
def drawings() -> dict[str, str]:
    """Every SVG file that is written without `dot`, by name."""
    return {play.name: sequence_chart(play) for play in (*map(play_of, STORIES), *plays())}


def groups() -> list[Group]:
    """Every drawing with its title, in the order of the page that shows them all."""
    return [
        ("The three machines", [*((view.name, view.title) for view in VIEWS), ("network", NETWORK)]),
        ("The stories of the seed", [(play.name, play.title) for play in map(play_of, STORIES)]),
        ("How sessions end", [(play.name, play.title) for play in plays()]),
        *(
            (f"Profile {profile}", [(view.name, view.title) for view in mine])
            for profile, mine in profile_views().items()
            if mine
        ),
    ]


def write(root: Path, more: Parts) -> list[Path]:
    """Bring everything up to date in the checkout `root`; returns the files that were changed.

    `more`: further parts of SPEC.md, beside `PARTS`. Raises DiagramProblem if `dot` is needed and missing, if SPEC.md
    lacks a part or has one that nobody generates, or if the model does not hold what SPEC.md says of it.
    """
    parts = {**PARTS, **more}
    if problems := list(_marks(root, parts)):
        raise DiagramProblem("\n".join(problems))
    changed: list[Path] = []
    for name, source in dots().items():
        dot, svg = root / FOLDER / f"{name}.dot", root / FOLDER / f"{name}.svg"
        if _read(dot) != source or not drawn_from(source, _read(svg)):
            _put(svg, render(name, source))
            _put(dot, source)
            changed += [dot, svg]
    changed += _update({root / FOLDER / f"{name}.svg": text for name, text in drawings().items()})
    for path in _strays(root):
        path.unlink()
        changed.append(path)
    return changed + _update({root / SPEC: _spec(root, parts), root / FOLDER / GALLERY: gallery(groups())})


def check(root: Path, more: Parts) -> list[str]:
    """What is not up to date in the checkout `root`, one message for each file; empty if nothing is.

    Needs no `dot`. Raises DiagramProblem if the model does not hold what SPEC.md says of it.
    """
    parts = {**PARTS, **more}
    problems = list(_marks(root, parts))
    wanted = {root / FOLDER / f"{name}.dot": source for name, source in dots().items()}
    wanted |= {root / FOLDER / f"{name}.svg": text for name, text in drawings().items()}
    if not problems:
        wanted[root / SPEC] = _spec(root, parts)
    wanted[root / FOLDER / GALLERY] = gallery(groups())
    stale = [path for path, text in wanted.items() if _read(path) != text]
    drawn = {root / FOLDER / f"{name}.svg": source for name, source in dots().items()}
    stale += [path for path, source in drawn.items() if not drawn_from(source, _read(path))]
    return problems + [f"out of date: {path.relative_to(root)}; {HINT}" for path in (*stale, *_strays(root))]


def _marks(root: Path, parts: Parts) -> Iterator[str]:
    """What is wrong with the markers of SPEC.md."""
    text = _read(root / SPEC)
    if text is None:
        yield f"{SPEC}: not found in {root}; expected the checkout of sessionproof"
        return
    found = [match[2] for match in MARKED.finditer(text)]
    for name in parts:
        if found.count(name) != 1:
            yield (
                f"{SPEC}: the part {name!r} is there {found.count(name)} times; "
                f"expected once, as a line <!-- generated: {name} --> and a line <!-- end -->"
            )
    for name in found:
        if name not in parts:
            yield f"{SPEC}: nobody generates the part {name!r}; known parts: {', '.join(parts)}"


def _spec(root: Path, parts: Parts) -> str:
    return MARKED.sub(lambda match: f"{match[1]}\n{parts[match[2]]()}\n\n{match[3]}", _read(root / SPEC) or "")


def _strays(root: Path) -> list[Path]:
    """Drawings that nothing generates any more."""
    names = {f"{name}.{end}" for name in dots() for end in ("dot", "svg")} | {f"{name}.svg" for name in drawings()}
    folder = root / FOLDER
    return sorted(p for p in (*folder.glob("*.dot"), *folder.glob("*.svg")) if p.name not in names)


def _update(texts: Mapping[Path, str]) -> list[Path]:
    """Write what differs; returns the files that did."""
    changed = [path for path, text in texts.items() if _read(path) != text]
    for path in changed:
        _put(path, texts[path])
    return changed


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
