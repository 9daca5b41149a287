"""Events to SVG: a sequence chart. Written without a layout program, so equal models give equal files everywhere.

Sizes are in pixels; ElementTree escapes everything.
"""

import textwrap
import xml.etree.ElementTree as ET

from .graph import NOBODY
from .sequence import Act, Arrow, Change, Play, States, events, parties
from .style import COLOURS, FONT, GROUND, MUTED, PERSON, TEXT, address

FIRST, STEP, EDGE = 105, 248, 91
"""The first lifeline, from one lifeline to the next, and from the last one to the border."""
CHARACTER, BOLD, SMALL, BADGE = 6.4, 7.4, 5.5, 30.0
"""Width of an average character of 13 px, of a bold one, of one of 11 px, and of a number of the seed with its gap."""
SEED = "Black labels: the numbered steps of the seed. "
TOKENS = " Logout tokens go from server to server."
CAPTION = (
    "Arrows between servers are redirects that the browser follows.",
    "Solid box: the machine is in this state from here on. Dashed: where the others are when the step ends. "
    "Darker: somebody is logged in.",
)


def sequence_chart(play: Play) -> str:
    """The chart of a run as an SVG document."""
    chart = _Chart(play)
    for event in events(play):
        match event:
            case Act():
                chart.act(event)
            case Arrow():
                chart.arrow(event)
            case Change():
                chart.change(event)
            case States():
                chart.states(event)
    return chart.finish()


class _Chart:
    """Draws from top to bottom; `y` is where the next thing begins."""

    def __init__(self, play: Play) -> None:
        shown = parties(play)
        self.x = {party: FIRST + STEP * at for at, party in enumerate(shown)}
        self.looks = {party: COLOURS.get(machine, PERSON) for party, machine in shown.items()}
        self.width = max(self.x.values()) + EDGE
        tokens = any(isinstance(event, Arrow) and event.text.endswith("logout token") for event in events(play))
        told = (f"{SEED if play.numbers else ''}{CAPTION[0]}{TOKENS if tokens else ''}", CAPTION[1])
        self.caption = [line for text in told for line in textwrap.wrap(text, int((self.width - 24) / SMALL))]
        self.root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "role": "img",
                "font-family": FONT,
                "font-size": "13",
                "fill": TEXT,
            },
        )
        ET.SubElement(self.root, "title").text = play.title
        self.ground = self._add("rect", fill=GROUND)
        self.lifelines = [self._add("line", x1=x, x2=x, y1=48, stroke="#b5b5b5") for x in self.x.values()]
        self.changed: set[str] = set()
        self.y = 62.0
        for party, x in self.x.items():
            self._add(
                "rect",
                x=x - 88,
                y=14,
                width=176,
                height=34,
                rx=6,
                fill=self.looks[party].full,
                stroke=self.looks[party].line,
            )
            self._text(party, x, 36, anchor="middle", font_weight="bold")

    def act(self, act: Act) -> None:
        lines = textwrap.wrap(act.text, int((self.width - 36) / BOLD))
        self.y += 12
        self._add("rect", x=8, y=self.y, width=self.width - 16, height=8 + 16 * len(lines), rx=4, fill="#ececec")
        for at, line in enumerate(lines, 1):
            self._text(line, 18, self.y + 1 + 16 * at, font_weight="bold")
        self.y += 14 + 16 * len(lines)

    def arrow(self, arrow: Arrow) -> None:
        start, end, colour = self.x[arrow.source], self.x[arrow.target], self.looks[arrow.source].line
        self.y += 24
        tip = end - 9 if end > start else end + 9
        self._add("line", x1=start, x2=tip, y1=self.y, y2=self.y, stroke=colour, stroke_width=1.6)
        self._add(
            "path",
            d=f"M{tip},{_number(self.y - 5)} L{end},{_number(self.y)} L{tip},{_number(self.y + 5)} z",
            fill=colour,
        )
        # Words stand next to the sender: the eye follows the chain, and a long arrow's words keep clear of lifelines.
        width = BADGE * len(arrow.numbers) + CHARACTER * len(arrow.text)
        left = (start + STEP / 2 if start < end else start - STEP / 2) - width / 2
        self._badges(arrow.numbers, left, self.y - 20)
        self._text(arrow.text, left + BADGE * len(arrow.numbers), self.y - 7, ids=arrow.ids)
        self.y += 7

    def change(self, change: Change) -> None:
        self.changed.add(change.party)
        left = self._state(change.party, change.state)
        self._badges(change.numbers, left - BADGE * len(change.numbers), self.y + 3)
        self.y += 30

    def states(self, states: States) -> None:
        """The states at the end of a step, of the machines for which none has been drawn in it."""
        rest = [(party, state) for party, state in states.states.items() if party not in self.changed]
        self.y += 6
        for party, state in rest:
            self._state(party, state, quiet=True)
        self.y += 24 if rest else 0
        self.changed.clear()

    def finish(self) -> str:
        for line in self.lifelines:
            line.set("y2", _number(self.y + 6))
        for text in self.caption:
            self.y += 16
            self._text(text, 12, self.y + 12, font_size=11, fill=MUTED)
        height = _number(self.y + 26)
        for element in (self.root, self.ground):
            element.set("width", _number(self.width))
            element.set("height", height)
        self.root.set("viewBox", f"0 0 {_number(self.width)} {height}")
        ET.indent(self.root)
        return ET.tostring(self.root, encoding="unicode") + "\n"

    def _state(self, party: str, state: str, quiet: bool = False) -> float:
        """A box with a state on its lifeline; returns where it begins."""
        look, words = self.looks[party], state.replace("+", " + ")
        fill = look.light if state.partition("+")[0] in NOBODY else look.full
        width = CHARACTER * len(words) + 22
        left = self.x[party] - width / 2
        box = self._add("rect", x=left, y=self.y, width=width, height=22, rx=8, fill=fill, stroke=look.line)
        if quiet:
            box.set("stroke-dasharray", "3 3")
        self._text(words, self.x[party], self.y + 15, anchor="middle", fill=MUTED if quiet else TEXT)
        return left

    def _badges(self, numbers: tuple[str, ...], left: float, top: float) -> None:
        for at, number in enumerate(numbers):
            self._add("rect", x=left + BADGE * at, y=top, width=26, height=16, rx=8, fill=TEXT)
            self._text(
                number, left + BADGE * at + 13, top + 12, anchor="middle", fill=GROUND, font_size=11, font_weight="bold"
            )

    def _text(
        self, text: str, x: float, y: float, anchor: str = "start", ids: tuple[str, ...] = (), **attributes: str | float
    ) -> None:
        """A line of text; with `ids`, it leads to the first of these requirements and names them all."""
        element = self._add("text", x=x, y=y, text_anchor=anchor, **attributes)
        element.text = text
        if ids:
            self.root.remove(element)
            link = self._add("a", href=address(ids))
            ET.SubElement(link, "title").text = " ".join(ids)
            link.append(element)

    def _add(self, tag: str, **attributes: str | float) -> ET.Element:
        values = {name.replace("_", "-"): v if isinstance(v, str) else _number(v) for name, v in attributes.items()}
        return ET.SubElement(self.root, tag, values)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
