"""Finds the button or link that a person would choose: allow, deny, cancel, log out, stay, an identity provider."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from selectolax.lexbor import SelectolaxError

from .controls import Control, Form, Link
from .page import Page, shown
from .problems import FormNotFound
from .selectors import Selectors
from .words import NEGATIONS, WORDS, Meaning


class Press(NamedTuple):
    """A button of a form."""

    form: Form
    button: Control


def choose_button(page: Page, meaning: Meaning, selectors: Selectors | None = None, provider: str = "") -> Press | Link:
    """The button or link of this meaning; raises FormNotFound if there is none, or several fit equally well.

    The configured selector decides. Without one the words in `words.py` do, buttons before links; for
    Meaning.PROVIDER the name of the `provider`, if given. On a page with a single button that one allows or confirms.
    """
    if selector := getattr(selectors or Selectors(), meaning):
        return _configured(page, selector, f"selectors.{meaning}")
    words = (_plain(provider),) if provider else WORDS[meaning]
    buttons = [action for action in _actions(page) if isinstance(action, Press)]
    links = [action for action in page.links if action.visible]
    for actions in (buttons, links):
        ranked = [(rank, action) for action in actions if (rank := fit(action, words))]
        best = min((rank for rank, _ in ranked), default=None)
        fitting = {_effect(action): action for rank, action in ranked if rank == best}
        if len(fitting) == 1:
            return next(iter(fitting.values()))
        if fitting:
            raise _not_found(page, f"{len(fitting)} of them fit “{meaning}” equally well.", meaning)
    only_one = len(buttons) == 1 and meaning in (Meaning.ALLOW, Meaning.CONFIRM_LOGOUT)
    if only_one and not fit(buttons[0], (*WORDS[Meaning.DENY], *WORDS[Meaning.DECLINE_LOGOUT])):
        return buttons[0]
    raise _not_found(page, f"None of them means “{meaning}”.", meaning)


def fit(action: Press | Link, words: Iterable[str]) -> tuple[int, int] | None:
    """How well an action fits, smaller is better; None if not at all.

    First number: its text or value is a word (0), begins with one (1), contains one (2); 3 to 5 the same for its name.
    Second number: position of the word, so that earlier words go before later ones.
    """
    if isinstance(action, Link):
        texts = [(0, action.text)]
    else:
        button = action.button
        texts = [(0, button.label), *((0, value) for value in button.values), (3, button.name), (3, button.id)]
    plain = [(rank, _plain(text)) for rank, text in texts]
    fits = (
        (rank + worse, position)
        for position, word in enumerate(words)
        for rank, text in plain
        if (worse := _closeness(text, word)) is not None
    )
    return min(fits, default=None)


def selected(page: Page, selector: str, key: str) -> int | None:
    """Identity of the element that a configured selector selects on the page; None if there is none."""
    try:
        node = page.tree.css_first(selector)
    except SelectolaxError as error:
        raise FormNotFound(f"`{key}` is not a CSS selector: {selector!r}.", "Correct it in the target file.") from error
    return node.mem_id if node else None


def describe(page: Page) -> str:
    """One sentence with the title, forms, buttons and links of a page, without any value that it holds."""
    forms = [
        f"form {shown(form.id, 30) or number} ({', '.join(shown(f.name, 30) for f in form.fields if f.visible)})"
        for number, form in enumerate(page.forms[:6], 1)
    ]
    actions = [f"“{shown(_label(action), 40)}”" for action in _actions(page)[:12]]
    parts = ["; ".join(forms) or "no form", f"buttons and links: {', '.join(actions) or 'none'}"]
    if not page.forms and page.has_scripts:
        parts.append("scripts, which this browser does not run")
    if blocked := page.blocked:
        parts.append(f"things of {', '.join(shown(origin, 60) for origin in blocked[:4])}, which were not loaded")
    title = f" “{page.title}”" if page.title else ""
    return f"The page{title} (status {page.status}) has {'; '.join(parts)}."


def remedy(page: Page, usual: str) -> str:
    """What to do about a page that lacks something: `usual`, unless its scripts may have to make it first."""
    if page.blocked:
        return f"If they belong to the target, name these origins in `origins` of the target file. Else: {usual}"
    if page.has_scripts or "javascript" in page.text.lower():
        return f'If the page needs JavaScript, set `browser = "chromium"` in the target file. Else: {usual}'
    return usual


def _configured(page: Page, selector: str, key: str) -> Press | Link:
    node = selected(page, selector, key)
    for action in _actions(page):
        if node is not None and node == (action.node if isinstance(action, Link) else action.button.node):
            return action
    raise FormNotFound(
        f"{describe(page)} `{key}` ({selector}) selects neither a button of a form nor a link.",
        "Correct it in the target file so that it selects the button itself.",
    )


def _not_found(page: Page, what: str, meaning: Meaning) -> FormNotFound:
    usual = f"Set `selectors.{meaning}` in the target file to a CSS selector of the right one."
    return FormNotFound(f"{describe(page)} {what}", remedy(page, usual))


def _actions(page: Page) -> list[Press | Link]:
    return [*(Press(form, button) for form in page.forms for button in form.buttons), *page.links]


def _closeness(text: str, word: str) -> int | None:
    if word not in text or f" {word} " not in f" {text} ":
        return None
    around = f" {text} ".replace(f" {word} ", " | ", 1)
    if any(f" {no} " in around for no in NEGATIONS):
        return None
    if text == word:
        return 0
    if text.startswith(word + " "):
        return 1
    return 2 if len(word) > 3 else None


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w'-]+", text.lower().replace("_", " ").replace("’", "'")))


def _label(action: Press | Link) -> str:
    if isinstance(action, Link):
        return action.text
    return action.button.label or action.button.name or action.button.id


def _effect(action: Press | Link) -> object:
    if isinstance(action, Link):
        return action.url
    return action.form.action, action.form.id, action.button.name, action.button.values, action.button.action
