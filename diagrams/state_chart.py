"""Graph to DOT: a state chart, in the order of the table. What a state answers without being left stands in its box."""

import textwrap
from html import escape

from .dot import Chart, bold, cell, italic, stack
from .graph import NOBODY, Edge, Graph, Line, View, extract
from .style import COLOURS, LEGEND, STYLES, address

WIDTH, CAPTION_WIDTH = 32, 84
"""Characters in one line: of the words at an arrow, and of the caption."""
SPACE = "\u00a0"
"""A space at which no line breaks."""


def state_chart(view: View) -> Chart:
    """The chart of a view, with its caption."""
    graph, colour = extract(view), COLOURS[view.machine.name]
    chart = Chart(view.name, _caption(view, graph), rankdir=view.rankdir)
    inside = {edge.source: edge.lines for edge in graph.edges if edge.source == edge.target}
    for node, states in graph.nodes.items():
        nobody = node.partition("+")[0] in ("nobody", *NOBODY)
        chart.box(node, _state(states, inside.get(node, ())), colour.line, colour.light if nobody else colour.full)
    order = _from_start(graph)
    for edge in graph.edges:
        if edge.source != edge.target:
            chart.arrow(
                edge.source,
                edge.target,
                _words(edge.lines),
                down=order.index(edge.source) < order.index(edge.target),
                link=_link(edge),
                color=colour.line,
                style=STYLES[edge.level],
                penwidth="2.6" if edge.bold else "1",
                weight="6" if edge.bold else "1",
            )
    initial = next(iter(view.machine.states))
    for node, states in graph.nodes.items():
        if initial in states:
            chart.start(node, colour.line)
    return chart


def _from_start(graph: Graph) -> list[str]:
    """The nodes in reverse postorder: what is on the way to a node comes before it, wherever there is no cycle."""
    done: list[str] = []
    entered: set[str] = set()

    def visit(node: str) -> None:
        entered.add(node)
        for edge in sorted(graph.edges, key=lambda edge: not edge.bold):
            if edge.source == node and edge.target not in entered:
                visit(edge.target)
        done.append(node)

    for node in graph.nodes:
        if node not in entered:
            visit(node)
    return done[::-1]


def _link(edge: Edge) -> tuple[str, str]:
    """Where an arrow leads, and what is said of it: its requirements."""
    ids = tuple(dict.fromkeys(identifier for line in edge.lines for identifier in line.ids))
    return _target(ids)


def _target(ids: tuple[str, ...]) -> tuple[str, str]:
    return (address(ids), " ".join(ids)) if ids else ("", "")


def _state(states: tuple[str, ...], inside: tuple[Line, ...]) -> str:
    name = bold(" or ".join(dict.fromkeys(state.partition("+")[0] for state in states)))
    if page := states[0].partition("+")[2]:
        name += f"<BR/>+ {escape(page)}"
    if not inside:
        return name
    return (
        f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="3"><TR><TD>{name}</TD></TR><HR/>'
        f'<TR><TD ALIGN="LEFT">{_words(inside)}</TD></TR></TABLE>'
    )


def _words(lines: tuple[Line, ...]) -> str:
    """The words at an arrow; lines that only some targets have stand under the name of the choice, in italics."""
    blocks: dict[tuple[str, ...], list[Line]] = {(): []}
    for line in lines:
        blocks.setdefault(line.choices, []).append(line)
    found: list[str] = []
    for choices, mine in blocks.items():
        found += [cell(italic(part)) for part in textwrap.wrap(f"{'; '.join(choices)}:", WIDTH) if choices]
        found += [cell(part, *_target(line.ids)) for line in mine for part in _line(line)]
    return stack(found)


def _line(line: Line) -> list[str]:
    """`message [guard] / reply`, wrapped between the three, between messages and before `and`."""
    guard = _together(f"[{line.guard}]").replace(f"{SPACE}and{SPACE}", f" and{SPACE}") if line.guard else ""
    reply = _together(f"/ {line.reply}") if line.reply else ""
    text = " ".join(filter(None, (", ".join(map(_together, line.messages)), guard, reply)))
    parts = textwrap.wrap(text, WIDTH, subsequent_indent=SPACE * 3, break_long_words=False, break_on_hyphens=False)
    return [bold(part) if line.bold else escape(part) for part in parts]


def _together(words: str) -> str:
    return words.replace(" ", SPACE)


def _caption(view: View, graph: Graph) -> list[str]:
    if view.caption:
        return [*textwrap.wrap(f"{view.title}. {view.caption}", CAPTION_WIDTH), *textwrap.wrap(LEGEND, CAPTION_WIDTH)]
    other = graph.rows - graph.drawn - graph.quiet
    quiet = "1 that changes nothing is" if graph.quiet == 1 else f"{graph.quiet} that change nothing are"
    text = f"{view.title}. {graph.drawn} of {graph.rows} rows of the table; {quiet} left out"
    text += f", {other} are about other things: {view.elsewhere}." if other else "."
    return [*textwrap.wrap(text, CAPTION_WIDTH), *textwrap.wrap(LEGEND, CAPTION_WIDTH)]
