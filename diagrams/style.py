"""How the drawings look: one colour per layer, dark text on an explicit light ground, so that dark pages do no harm."""

from typing import NamedTuple

FONT = "Arial,Helvetica,Liberation Sans,DejaVu Sans Condensed,sans-serif"
"""Fonts with the same widths, or nearly; where a reader has none of them, lines of words are set to theirs."""
TEXT, MUTED, GROUND = "#1c1c1c", "#555555", "#ffffff"


class Colour(NamedTuple):
    """`line`: borders and arrows; `light`: states without a user; `full`: states in which somebody is logged in."""

    line: str
    light: str
    full: str


COLOURS = {
    "application": Colour("#0b4f9e", "#eef4fc", "#c3daf6"),
    "authorization server": Colour("#8f3d00", "#fdf2e7", "#f9d3ae"),
    "identity provider": Colour("#116337", "#ecf7f0", "#bce5cb"),
}
PERSON = Colour("#444444", "#f4f4f4", "#e2e2e2")

STYLES = {"must": "solid", "choice": "dashed", "tolerated": "dotted"}
"""Line style per level."""

LEGEND = (
    "Dashed: only where a target makes the choice in italics. Dotted: not as recommended (SHOULD), tolerated. "
    "Bold: the seed's stories. Darker: somebody is logged in."
)


def address(ids: tuple[str, ...]) -> str:
    """Where the words of a drawing lead: to the first of its requirements in SPEC.md, seen from the drawing's file."""
    return f"../SPEC.md#{ids[0]}"
