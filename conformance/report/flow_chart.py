"""Steps to SVG: a sequence chart whose colours and fonts the style sheet of the page gives (classes, no attributes).

Sizes are in pixels; ElementTree escapes everything, `visible` takes the rest of its power from what a target said.
"""

import textwrap
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from .flow_steps import Arrow, Session, Step
from .seen import APP, AS, BROWSER, IDP, PARTIES
from .visible import visible

FIRST, LANE, EDGE = 96, 236, 112
"""The first lifeline, from one lifeline to the next, and from the last to the border."""
LINE, CHARACTER, BOLD, WRAP, BOLD_WRAP = 16, 6.6, 7.6, 33, 29
"""Height of a line of text, width of an average character of 13 px, and of a bold one, characters in a line of each."""
LABELS = {"wrong": "✗ seen: ", "carries": "✗ ", "expected": "expected: "}
"""What stands before the words of an arrow, by its kind."""
CLASSES = {BROWSER: "person", APP: "app", AS: "as", IDP: "idp"}


def flow_chart(steps: Sequence[Step], title: str) -> str:
    """The chart as an SVG element, hidden from assistive technology: the same steps stand beside it as a list."""
    chart = _Chart(steps, title)
    for step in steps:
        chart.step(step)
    return chart.finish()


class _Chart:
    """Draws from top to bottom; `y` is where the next thing begins."""

    def __init__(self, steps: Sequence[Step], title: str) -> None:
        used = {party for step in steps for arrow in step.arrows for party in arrow[:2]}
        used |= {session.party for step in steps for session in step.sessions} | {BROWSER, APP, AS}
        self.x = {party: FIRST + LANE * at for at, party in enumerate(p for p in PARTIES if p in used)}
        self.width = max(self.x.values()) + EDGE
        self.root = ET.Element("svg", {"class": "flow", "aria-hidden": "true", "focusable": "false"})
        ET.SubElement(self.root, "title").text = visible(title)
        self.lifelines = [self._add("line", "life", x1=x, x2=x, y1=40) for x in self.x.values()]
        self.y = 44.0
        for party, x in self.x.items():
            self._add("rect", f"party {CLASSES[party]}", x=x - 84, y=8, width=168, height=32, rx=6)
            self._text([party], x, 29, "middle strong")

    def step(self, step: Step) -> None:
        self.y += 10
        words = textwrap.wrap(visible(f"{step.number}. {step.words}"), int((self.width - 60) / CHARACTER))
        lines = textwrap.wrap(visible(step.meaning), int((self.width - 40) / CHARACTER))
        height = LINE * (len(words) + len(lines)) + 9
        kind = "band wrong" if step.wrong else "band"
        self._add("rect", kind, x=4, y=self.y, width=self.width - 8, height=height, rx=4)
        self._text(words, 14, self.y + 16, "strong bad" if step.wrong else "strong")
        self._text(lines, 14, self.y + 16 + LINE * len(words), "muted")
        if step.wrong:
            self._text(["✗ here"], self.width - 16, self.y + 16, "end strong bad")
        self.y += height + 2
        for arrow in step.arrows:
            self._arrow(arrow)
        if step.sessions:
            self._sessions(step.sessions)
        for note in step.notes:
            lines = textwrap.wrap(visible(note), int((self.width - 60) / CHARACTER))
            self._text(lines, 28, self.y + LINE + 4, "strong bad")
            self.y += LINE * len(lines) + 4

    def finish(self) -> str:
        for line in self.lifelines:
            line.set("y2", _number(self.y + 10))
        height = _number(self.y + 14)
        self.root.set("viewBox", f"0 0 {_number(self.width)} {height}")
        self.root.set("width", _number(self.width))
        self.root.set("height", height)
        return ET.tostring(self.root, encoding="unicode")

    def _arrow(self, arrow: Arrow) -> None:
        start, end = self.x[arrow.source], self.x[arrow.target]
        label = LABELS.get(arrow.kind, "") + visible(arrow.text)
        kind = "wrong" if arrow.kind == "carries" else arrow.kind
        lines = textwrap.wrap(label, WRAP if kind == "seen" else BOLD_WRAP) or [""]
        self.y += LINE * len(lines) + 8
        way = 1 if end > start else -1
        # Words stand next to the sender: the eye follows the chain, and a long arrow's words keep clear of lifelines.
        self._text(lines, start + way * LANE / 2, self.y - 6 - LINE * (len(lines) - 1), f"middle halo {kind}")
        looks = f"arrow {CLASSES[arrow.source]} {kind}"
        self._add("line", looks, x1=start, x2=end - way * 8, y1=self.y, y2=self.y)
        tip = " ".join(f"{_number(end - way * dx)},{_number(self.y + dy)}" for dx, dy in ((9, -5), (0, 0), (9, 5)))
        self._add("polygon", looks, points=tip)
        self.y += 4

    def _sessions(self, sessions: Sequence[Session]) -> None:
        """Side by side at their parties; several of one party below each other."""
        below: dict[str, float] = {}
        for session in sessions:
            text = [*textwrap.wrap(visible(f"{session.name}:"), WRAP), *textwrap.wrap(visible(session.text), WRAP)]
            if session.expected:
                text[-1] = f"✗ {text[-1]}"
                text += textwrap.wrap(f"expected: {visible(session.expected)}", WRAP)
            top, height = below.get(session.party, self.y + 8), LINE * len(text) + 8
            width = max(120.0, (BOLD if session.expected else CHARACTER) * max(map(len, text)) + 18)
            left = min(max(self.x[session.party] - width / 2, 4), self.width - width - 4)
            kind = "wrong" if session.expected else "ended" if session.text.endswith("nobody logged in") else "open"
            kind = "ended" if session.text == "no session" and not session.expected else kind
            looks = f"session {CLASSES[session.party]} {kind}"
            self._add("rect", looks, x=left, y=top, width=width, height=height, rx=8)
            self._text(text, left + width / 2, top + 16, "middle strong bad" if session.expected else "middle")
            below[session.party] = top + height + 4
        self.y = max(below.values())

    def _text(self, lines: Sequence[str], x: float, y: float, looks: str) -> None:
        if not lines:
            return
        text = self._add("text", looks, x=x, y=y)
        for at, line in enumerate(lines):
            span = ET.SubElement(text, "tspan", {"x": _number(x), "dy": _number(LINE if at else 0)})
            span.text = line

    def _add(self, tag: str, looks: str, **attributes: str | float) -> ET.Element:
        values = {name: v if isinstance(v, str) else _number(v) for name, v in attributes.items()}
        return ET.SubElement(self.root, tag, {"class": looks} | values)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
