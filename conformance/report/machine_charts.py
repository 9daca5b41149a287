"""The committed state charts, marked with what a run exercised: passed, failed, in part, not at all.

Nothing is drawn here: the SVG files that belong to the model get classes, and titles that tell the numbers.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import sessionproof.diagrams.views
from sessionproof.diagrams.graph import Edge, Graph, View, extract
from sessionproof.diagrams.views import VIEWS
from sessionproof.model.table import Compiled

from .usage import Usage

SVG = "{http://www.w3.org/2000/svg}"
ET.register_namespace("", SVG.strip("{}"))
FOLDER = Path(sessionproof.diagrams.views.__file__).parent


class MachineChart(NamedTuple):
    """A state chart of one machine (`machine` is its name) as an SVG element, with how much of it was exercised."""

    title: str
    machine: str
    svg: str
    exercised: int
    edges: int


def machine_charts(usage: Usage, broken: frozenset[str]) -> list[MachineChart]:
    """Every state chart; `broken`: the keys of the rules that the target was found to break."""
    return [_chart(view, usage, broken) for view in VIEWS]


def status(rules: Iterable[str], usage: Usage, broken: frozenset[str]) -> str:
    """`failed` if one of the rules was broken, `passed`, `part` or `unseen` by how many of them were exercised."""
    keys = list(rules)
    if broken.intersection(keys):
        return "failed"
    fired = sum(usage.fired[key] > 0 for key in keys)
    return "unseen" if not fired else "passed" if fired == len(keys) else "part"


def _chart(view: View, usage: Usage, broken: frozenset[str]) -> MachineChart:
    graph, root = extract(view), ET.fromstring(_svg(view.name))  # noqa: S314, our own file
    rules = {rule.key: rule for rule in view.machine.compiled}
    inside = {edge.source: edge for edge in graph.edges if edge.source == edge.target}
    between = {f"{edge.source} to {edge.target}": edge for edge in graph.edges if edge.source != edge.target}
    _without_links(root)
    for group in root.iter(f"{SVG}g"):
        group.attrib.pop("id", None)  # there are several charts in a page
        title = group.find(f"{SVG}title")
        if title is None or group.get("class") not in ("node", "edge"):
            continue
        names = (title.text or "").split("->")
        edge = next((between[name] for name in names if name in between), None)
        if edge is not None:
            group.set("class", f"{group.get('class')} {status(edge.rules, usage, broken)}")
            _mark(group, [rules[key].rule.message for key in edge.rules if key in broken])
            title.text = _told(edge, rules, usage, broken)
        elif names[0] in graph.nodes and len(names) == 1:
            state, text = _node(view, graph, names[0], inside.get(names[0]), rules, usage, broken)
            group.set("class", f"node {state}")
            within = inside[names[0]].rules if names[0] in inside else ()
            _mark(group, [rules[key].rule.message for key in within if key in broken])
            title.text = text
    root.set("class", "machine")
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    root.set("width", root.get("viewBox", "0 0 800 800").split()[2])
    root.set("role", "img")
    root.set("aria-label", f"{view.title}: the same is told in the table of rules")
    seen = [edge for edge in graph.edges if status(edge.rules, usage, broken) != "unseen"]
    return MachineChart(
        view.title, view.machine.name, ET.tostring(root, encoding="unicode"), len(seen), len(graph.edges)
    )


def _without_links(element: ET.Element) -> None:
    """Put what a link holds in its place, for the style sheet to find: links lead into SPEC.md, which is not here."""
    for child in list(element):
        _without_links(child)
        if child.tag == f"{SVG}g" and child.get("id", "").startswith("a_"):
            at = list(element).index(child)
            element[at : at + 1] = [drawn for anchor in child for drawn in anchor]


def _node(
    view: View,
    graph: Graph,
    node: str,
    inside: Edge | None,
    rules: dict[str, Compiled],
    usage: Usage,
    broken: frozenset[str],
) -> tuple[str, str]:
    visits = usage.visits(view.machine.name, graph.nodes[node])
    fired = sum(usage.fired[key] for key in inside.rules) if inside else 0
    failed = inside is not None and bool(broken.intersection(inside.rules))
    state = "failed" if failed else "passed" if visits or fired else "unseen"
    times = f"{visits} times" if visits else "not known to have been reached at the end of a step"
    return state, f"{node}: {times}" + (f"\n{_told(inside, rules, usage, broken)}" if inside else "")


def _mark(group: ET.Element, messages: Iterable[str]) -> None:
    """Mark the lines of words that begin with one of these messages."""
    for text in group.iter(f"{SVG}text"):
        words = (text.text or "").replace("\u00a0", " ")
        if any(words == m or words.startswith((f"{m} /", f"{m} [", f"{m},")) for m in messages):
            text.set("class", "broken")
            text.text = f"\u2717 {text.text}"


def _told(edge: Edge, rules: dict[str, Compiled], usage: Usage, broken: frozenset[str]) -> str:
    lines = []
    for key in edge.rules:
        ids = dict.fromkeys((*rules[key].requirements, *(i for of in rules[key].facets.values() for i in of)))
        often = f"{usage.fired[key]} times as expected" if usage.fired[key] else "not exercised"
        wrong = ", FAILED" if key in broken else ""
        lines.append(f"{key.partition(': ')[2]}: {often}{wrong} ({', '.join(ids) or 'no requirement'})")
    return "\n".join(lines)


@cache
def _svg(name: str) -> str:
    return (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
