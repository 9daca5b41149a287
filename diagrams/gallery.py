"""All drawings on one page, small, each a link to the full one: `diagrams/index.html`, beside the drawings."""

from collections.abc import Iterable
from html import escape

from .style import FONT, GROUND, MUTED, TEXT

STYLE = f"""
body {{ font-family: {FONT}; color: {TEXT}; background: {GROUND}; margin: 1.5rem; }}
ul {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem; padding: 0; }}
li {{ list-style: none; break-inside: avoid; }}
a {{ display: block; color: inherit; text-decoration: none; }}
a:hover span, a:focus span {{ text-decoration: underline; }}
img {{ display: block; width: 100%; height: 14rem; object-fit: contain; object-position: top;
  background: {GROUND}; border: 1px solid #b5b5b5; border-radius: 6px; padding: 6px; box-sizing: border-box; }}
span {{ display: block; margin-top: 0.3rem; font-size: 0.9rem; }}
p {{ color: {MUTED}; max-width: 45rem; }}
@media (prefers-color-scheme: dark) {{ body {{ color: #eeeeee; background: #16181c; }} p {{ color: #bbbbbb; }} }}
"""
INTRODUCTION = (
    "Everything that is drawn from the tables of the model. Blue is the application, orange the authorization server, "
    "green the identity provider. Solid arrows are what every target does, dashed ones a choice, dotted ones what a "
    "SHOULD advises against; bold is the way of the seed's two stories. Click on a picture for the full one: its words "
    "lead to the requirements in SPEC.md."
)

Group = tuple[str, Iterable[tuple[str, str]]]
"""A heading, and the pictures under it as (name of the file, title)."""


def gallery(groups: Iterable[Group]) -> str:
    """The page. Everything that it shows lies beside it; nothing is fetched from elsewhere."""
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8"><title>sessionproof: all diagrams</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{STYLE}</style></head><body><h1>All diagrams</h1><p>{escape(INTRODUCTION)}</p>",
    ]
    for heading, pictures in groups:
        parts += [f"<h2>{escape(heading)}</h2><ul>", *(_picture(name, title) for name, title in pictures), "</ul>"]
    return "\n".join([*parts, "</body></html>", ""])


def _picture(name: str, title: str) -> str:
    file = f"{escape(name)}.svg"
    return f'<li><a href="{file}"><img src="{file}" alt="" loading="lazy"><span>{escape(title)}</span></a></li>'
