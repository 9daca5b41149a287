"""Recognises login forms and self-submitting forms without configuration (buttons: `buttons.py`).

The `[selectors]` of the target file go first. A page that cannot be understood raises FormNotFound, which lists what is
there: what was done on a wrong guess would be judged as the target's doing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .buttons import Press, choose_button, describe, fit, remedy, selected
from .controls import Control, Form
from .page import Page
from .problems import FormNotFound
from .selectors import Selectors
from .words import LOGIN, NOT_THE_LOGIN_BUTTON, ONE_TIME_CODE, REMEMBER, USER_NAME, WORDS, Meaning

__all__ = [
    "CodeForm",
    "LoginForm",
    "choose_button",
    "code_form",
    "find_code_form",
    "find_login_form",
    "is_auto_submit",
    "login_form",
    "ticked",
]

_TEXT = {"text", "email", "tel"}
_CODE = {"text", "tel", "number", "password"}
_SUBMITS = re.compile(r"\.submit\s*\(", re.IGNORECASE)
_WAITS = re.compile(r"""onclick|addEventListener\(\s*["']click""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LoginForm:
    """A form that asks for a user name, a password, or both.

    username -- the field for it; None if the page asks for the password alone ("confirm it is you").
    password -- None on the first page of a login in two pages ("identifier first").
    button -- the one to press; None if the form has none and is sent by the Enter key.
    remember -- the box to tick for a login that outlives the browser; None if there is none.
    """

    form: Form
    username: Control | None
    password: Control | None
    button: Control | None
    remember: Control | None = None

    def filled(self, username: str, password: str) -> dict[str, str | None]:
        """The values for `Browser.submit`, for the fields that the form has."""
        values: dict[str, str | None] = {}
        if self.username:
            values[self.username.name] = username
        if self.password:
            values[self.password.name] = password
        return values


def find_login_form(page: Page, selectors: Selectors | None = None) -> LoginForm | None:
    """The one login form of the page, or None if it has none or several."""
    found = list(_login_forms(page, selectors or Selectors()))
    return found[0] if len(found) == 1 else None


def login_form(page: Page, selectors: Selectors | None = None) -> LoginForm:
    """The one login form of the page; raises FormNotFound if it has none or several.

    A form with one visible password field counts; if no form has any, one whose single text field looks like one for a
    user name. Forms to register or to change a password (two password fields, or `new-password`) do not.
    """
    found = list(_login_forms(page, selectors or Selectors()))
    if len(found) == 1:
        return found[0]
    what = f"{len(found)} forms that may be the login form" if found else "No login form"
    usual = "Set `selectors.username` and `selectors.password` in the target file to CSS selectors of the fields."
    raise FormNotFound(f"{describe(page)} {what} on it; one was expected.", remedy(page, usual))


def ticked(page: Page, form: LoginForm) -> dict[str, str | None]:
    """The value that asks to be remembered; raises FormNotFound if the form has no box for that."""
    if form.remember is None:
        usual = "Set `selectors.remember` in the target file to a CSS selector of the box."
        raise FormNotFound(f"{describe(page)} No box for a login that outlives the browser on it.", remedy(page, usual))
    return {form.remember.name: form.remember.ticked}


@dataclass(frozen=True, slots=True)
class CodeForm:
    """A form that asks for a one-time password and nothing else."""

    form: Form
    code: Control
    button: Control | None


def find_code_form(page: Page, selectors: Selectors | None = None) -> CodeForm | None:
    """The first form of the page whose one visible field is for a one-time password; None if there is none."""
    for form in page.forms:
        asked = [f for f in form.fields if f.visible and f.kind != "checkbox"]
        if len(asked) == 1 and asked[0].kind in _CODE and _hints(asked[0], (*ONE_TIME_CODE, "code")):
            return CodeForm(form, asked[0], _submit_button(page, form, selectors or Selectors()))
    return None


def code_form(page: Page, selectors: Selectors | None = None) -> CodeForm:
    """The same; raises FormNotFound if there is none."""
    if (found := find_code_form(page, selectors)) is None:
        raise FormNotFound(
            f"{describe(page)} No form for a one-time password on it; one was expected.",
            "Its field is known by autocomplete=one-time-code, or by otp, totp, code or the like in its name or id.",
        )
    return found


def is_auto_submit(page: Page) -> bool:
    """True for a page that only hands a form on by script (OAuth 2.0 Form Post Response Mode, SAML's POST binding).

    That is: one form with hidden fields alone and at most one button, which the page submits when it is loaded. A page
    whose script waits for a click is a question to the user.
    """
    if not page.is_html or b"submit" not in page.body.lower() or len(page.forms) != 1:
        return False
    form = page.forms[0]
    if len(form.buttons) > 1 or any(control.visible for control in form.fields):
        return False
    onload = page.tree.css_first("body[onload]")
    if onload and "submit" in (onload.attributes["onload"] or ""):
        return True
    source = " ".join(script.text() for script in page.tree.css("script:not([src])"))
    return bool(_SUBMITS.search(source)) and not _WAITS.search(page.source)


def _login_forms(page: Page, selectors: Selectors) -> Iterator[LoginForm]:
    if selectors.username or selectors.password:
        yield from _configured(page, selectors)
        return
    with_password = [form for form in page.forms if any(f.kind == "password" and f.visible for f in form.fields)]
    for form in with_password:
        passwords = [f for f in form.fields if f.kind == "password" and f.visible]
        if len(passwords) == 1 and passwords[0].autocomplete not in ("new-password", "one-time-code"):
            before = form.fields[: form.fields.index(passwords[0])]
            button, box = _submit_button(page, form, selectors), _remember_box(page, form, selectors)
            yield LoginForm(form, _user_name(before), passwords[0], button, box)
    if with_password:
        return
    for form in page.forms:
        asked = [f for f in form.fields if f.visible and f.kind != "checkbox"]
        if len(asked) == 1 and _asks_for_user_name(asked[0], page):
            button, box = _submit_button(page, form, selectors), _remember_box(page, form, selectors)
            yield LoginForm(form, asked[0], None, button, box)


def _configured(page: Page, selectors: Selectors) -> Iterator[LoginForm]:
    nodes = {
        key: selected(page, selector, f"selectors.{key}")
        for key, selector in (("username", selectors.username), ("password", selectors.password))
        if selector
    }
    for form in page.forms:
        field = {key: next((c for c in form.fields if c.node == node), None) for key, node in nodes.items()}
        if any(field.values()):
            username = field.get("username")
            yield LoginForm(
                form,
                None if username and username.readonly else username,
                field.get("password"),
                _submit_button(page, form, selectors),
                _remember_box(page, form, selectors),
            )


def _asks_for_user_name(field: Control, page: Page) -> bool:
    if field.kind not in _TEXT or field.readonly or _hints(field, ONE_TIME_CODE):
        return False
    return field.kind == "email" or _hints(field, USER_NAME) or any(word in page.title.lower() for word in LOGIN)


def _user_name(fields: list[Control]) -> Control | None:
    texts = [f for f in fields if f.visible and not f.readonly and f.kind in _TEXT]
    told = [f for f in texts if "username" in f.autocomplete or "email" in f.autocomplete]
    hinted = [f for f in texts if _hints(f, USER_NAME)]
    return next(reversed(told or hinted or texts), None)


def _submit_button(page: Page, form: Form, selectors: Selectors) -> Control | None:
    if selectors.submit:
        node = selected(page, selectors.submit, "selectors.submit")
        if chosen := next((button for button in form.buttons if button.node == node), None):
            return chosen
    others = (*NOT_THE_LOGIN_BUTTON, *WORDS[Meaning.PROVIDER])
    usual = [button for button in form.buttons if not fit(Press(form, button), others)]
    return next(iter(usual or form.buttons), None)


def _remember_box(page: Page, form: Form, selectors: Selectors) -> Control | None:
    """The box that the file names, else the one whose name or label speaks of it."""
    boxes = [field for field in form.fields if field.kind == "checkbox"]
    if selectors.remember:
        node = selected(page, selectors.remember, "selectors.remember")
        return next((box for box in boxes if box.node == node), None)
    fitting = [box for box in boxes if any(w in f"{box.name} {box.id} {box.label}".lower() for w in REMEMBER)]
    return fitting[0] if len(fitting) == 1 else None


def _hints(control: Control, parts: Iterable[str]) -> bool:
    where = f"{control.name} {control.id} {control.autocomplete}".lower().replace("_", "-")
    return any(part in where for part in parts)
