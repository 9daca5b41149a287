"""Text from a target as people may see it: nothing in it may move the cursor, forge a line or turn the text around."""

from rich.text import Text


def visible(text: str) -> str:
    """The text on one line, with everything that does not print (controls, line ends, bidi marks) as its escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(text: str, style: str = "") -> Text:
    """One line for a rich console, which finds neither markup nor emoji names in it."""
    return Text(visible(text), style=style)
