"""The answer as a badge: an SVG file, and the JSON that shields.io's endpoint badge reads."""

import json
import xml.etree.ElementTree as ET

from ..results import Results
from ..verdict import Verdict
from .visible import visible

LABEL = "sessionproof"
COLOURS = {Verdict.PASS: ("#1a7f37", "brightgreen"), Verdict.FAIL: ("#a40e26", "red")}
UNSURE = ("#5f6873", "lightgrey")
HEIGHT, CHARACTER, PAD = 20, 6.2, 8
"""In pixels: the badge, an average character of 11 px Verdana, and the space around words."""

NAMED = 4
"""So many profiles are named; more are counted."""


def message(results: Results) -> str:
    """What the badge says: the answer, and for what where it is a good one."""
    names = results.header["profiles"]
    profiles = ", ".join(names) if len(names) <= NAMED else f"{len(names)} profiles"
    return {Verdict.PASS: f"conforms: {profiles}", Verdict.FAIL: "does not conform"}.get(
        results.verdict(), "inconclusive"
    )


def badge_json(results: Results) -> str:
    """For `https://img.shields.io/endpoint?url=…`; anything but a conforming target counts as an error there."""
    verdict = results.verdict()
    content = {
        "schemaVersion": 1,
        "label": LABEL,
        "message": visible(message(results)),
        "color": COLOURS.get(verdict, UNSURE)[1],
        "isError": verdict is not Verdict.PASS,
    }
    return json.dumps(content, ensure_ascii=False) + "\n"


def badge_svg(results: Results) -> str:
    """A picture without anything from elsewhere; its words have fixed widths, whatever the font."""
    words, colour = visible(message(results)), COLOURS.get(results.verdict(), UNSURE)[0]
    left, right = (CHARACTER * len(text) + 2 * PAD for text in (LABEL, words))
    title = f"{LABEL}: {words}"
    size = {"width": f"{left + right:.0f}", "height": str(HEIGHT)}
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-label": title} | size)
    ET.SubElement(root, "title").text = title
    ET.SubElement(root, "rect", size | {"rx": "3", "fill": colour})
    dark = f"M3,0 H{left:.0f} V{HEIGHT} H3 A3,3 0 0 1 0,{HEIGHT - 3} V3 A3,3 0 0 1 3,0 z"
    ET.SubElement(root, "path", {"d": dark, "fill": "#33383f"})
    for text, x, width in ((LABEL, left / 2, left), (words, left + right / 2, right)):
        look = {"fill": "#fff", "text-anchor": "middle", "font-family": "Verdana,Geneva,DejaVu Sans,sans-serif"}
        place = {"x": f"{x:.1f}", "y": "14", "font-size": "11", "textLength": f"{width - 2 * PAD:.1f}"}
        ET.SubElement(root, "text", look | place).text = text
    return ET.tostring(root, encoding="unicode") + "\n"
