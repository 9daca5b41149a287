"""Forms and links of an HTML page, and what a browser sends for them (HTML Living Standard 4.10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from selectolax.lexbor import LexborHTMLParser, LexborNode

from .urls import resolve

_DEPTH = 512  # browsers nest no deeper; it bounds the work that a hostile page can cause
_BUTTONS = {"submit", "image"}
_TICKED = {"checkbox", "radio"}
_TYPES = {
    "hidden", "text", "search", "tel", "url", "email", "password", "date", "month", "week", "time", "datetime-local",
    "number", "range", "color", "checkbox", "radio", "file", "submit", "image", "reset", "button",
}  # fmt: skip
_ROWS = {"table", "thead", "tbody", "tfoot", "tr"}


@dataclass(frozen=True, slots=True)
class Control:
    """A field or button of a form.

    kind -- the `type` in lower case, or "select", "textarea".
    values -- what an untouched form sends under its name: none, one, or several.
    label -- the text on a button; of a field its `aria-label` or `placeholder`.
    visible -- not hidden by type, `hidden` attribute or inline style (style sheets are not read).
    action, method -- a button's `formaction` (absolute) and `formmethod`, if it has them.
    node -- identity of the element, to find what a CSS selector selected.
    ticked -- what a box sends when it is ticked.
    """

    kind: str
    name: str
    values: tuple[str, ...] = field(repr=False)
    label: str
    id: str
    autocomplete: str
    visible: bool
    disabled: bool
    readonly: bool
    action: str | None
    method: str | None
    node: int
    ticked: str = ""

    @property
    def is_button(self) -> bool:
        """True if pressing it submits its form."""
        return self.kind in _BUTTONS


@dataclass(frozen=True, slots=True)
class Submission:
    """The request that submitting a form makes; `fields` is empty for GET, where they are in the address."""

    method: str
    url: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    enctype: str


@dataclass(frozen=True, slots=True)
class Form:
    """A form with all its controls in document order, also those outside of it that name it.

    document -- address of the page that holds it: the referrer of its submission.
    """

    document: str
    action: str
    method: str
    enctype: str
    id: str
    controls: tuple[Control, ...]

    @property
    def fields(self) -> list[Control]:
        """The controls that carry data and are not disabled."""
        return [c for c in self.controls if not c.is_button and not c.disabled and c.kind not in ("button", "reset")]

    @property
    def buttons(self) -> list[Control]:
        """The buttons that submit the form and can be pressed."""
        return [c for c in self.controls if c.is_button and not c.disabled and c.visible]

    def submission(self, values: Mapping[str, str | None] | None = None, button: Control | None = None) -> Submission:
        """What a browser sends for the form with `values` filled in, by pressing `button` (None: by the Enter key).

        A value replaces what all controls of that name would send; None leaves the name out; a name that the form does
        not have is added at the end, as somebody with developer tools could.
        """
        left = dict(values or {})
        filled = set(left)
        fields: list[tuple[str, str]] = []
        for control in self.controls:
            if control.disabled or not (control.name or control.kind == "image"):
                continue
            if control.is_button or control.kind in ("button", "reset"):
                fields += _pressed(control) if control is button else []
            elif control.name not in filled:
                fields += [(control.name, value) for value in control.values]
            elif (value := left.pop(control.name, None)) is not None:
                fields.append((control.name, value))
        fields += [(name, value) for name, value in left.items() if value is not None]
        action = button.action if button and button.action else self.action
        method = button.method if button and button.method else self.method
        if method == "GET":
            place = action.partition("#")[0].partition("?")[0]
            return Submission("GET", f"{place}?{urlencode(fields)}", (), self.enctype)
        return Submission(method, action, tuple(fields), self.enctype)


@dataclass(frozen=True, slots=True)
class Link:
    """An `<a href>`; `document` is the address of its page."""

    document: str
    url: str
    text: str
    visible: bool
    node: int


def forms_of(tree: LexborHTMLParser, document: str) -> list[Form]:
    """All forms of the page in document order, with fields that belong to them wherever they stand."""
    base = base_of(tree, document)
    forms: dict[int, LexborNode] = {}
    by_id: dict[str, int] = {}
    owned: dict[int, list[Control]] = {}
    open_in_table: tuple[int, int] | None = None  # a form and the part of a table that it was opened in
    for node in tree.css("form"):
        forms[node.mem_id] = node
        by_id.setdefault(_get(node, "id"), node.mem_id)
        owned[node.mem_id] = []
    for node in tree.css("form, input, select, textarea, button"):
        if node.tag == "form":
            # A form that opens between table rows is closed at once by the parser, yet owns what follows (HTML 13.2.6).
            between_rows = node.child is None and node.parent is not None and node.parent.tag in _ROWS
            open_in_table = (node.mem_id, node.parent.mem_id) if between_rows and node.parent else None
            continue
        chain = list(_upwards(node))
        if "form" in node.attributes:
            owner = by_id.get(_get(node, "form"))
        else:
            owner = next((n.mem_id for n in chain if n.tag == "form"), None)
            if owner is None and open_in_table and any(n.mem_id == open_in_table[1] for n in chain):
                owner = open_in_table[0]
        if owner is not None:
            owned[owner].append(_control(node, chain, base))
    return [_form(node, owned[key], base, document) for key, node in forms.items()]


def links_of(tree: LexborHTMLParser, document: str) -> list[Link]:
    """All links of the page in document order; those to `javascript:` are left out."""
    base = base_of(tree, document)
    links = (
        Link(document, resolve(base, _get(node, "href")), _text(node), _visible(_upwards(node)), node.mem_id)
        for node in tree.css("a[href]")
    )
    return [link for link in links if not link.url.lower().startswith("javascript:")]


def base_of(tree: LexborHTMLParser, document: str) -> str:
    """The address that relative references of the page start from."""
    node = tree.css_first("base[href]")
    return resolve(document, _get(node, "href")) if node else document


def _form(node: LexborNode, controls: list[Control], base: str, document: str) -> Form:
    action = _get(node, "action").strip()
    return Form(
        document=document,
        action=resolve(base, action) if action else resolve(document, ""),
        method=_method(_get(node, "method")),
        enctype=_get(node, "enctype").lower(),
        id=_get(node, "id") or _get(node, "name"),
        controls=tuple(controls),
    )


def _control(node: LexborNode, chain: list[LexborNode], base: str) -> Control:
    kind = _kind(node)
    value = _get(node, "value")
    on_button = _text(node) if node.tag == "button" else value or _get(node, "alt") if kind in _BUTTONS else ""
    action = _get(node, "formaction")
    return Control(
        kind=kind,
        name=_get(node, "name"),
        values=_values(node, kind),
        label=on_button or _get(node, "aria-label") or _get(node, "placeholder") or _get(node, "title"),
        id=_get(node, "id"),
        autocomplete=_get(node, "autocomplete").lower(),
        visible=kind != "hidden" and _visible(chain),
        disabled="disabled" in node.attributes
        or any(n.tag == "fieldset" and "disabled" in n.attributes for n in chain),
        readonly="readonly" in node.attributes,
        action=resolve(base, action) if action else None,
        method=_method(_get(node, "formmethod")) if "formmethod" in node.attributes else None,
        node=node.mem_id,
        ticked=_ticked(node) if kind in _TICKED else "",
    )


def _kind(node: LexborNode) -> str:
    declared = _get(node, "type").lower()
    if node.tag == "button":
        return declared if declared in ("button", "reset") else "submit"
    if node.tag == "input":
        return declared if declared in _TYPES else "text"
    return str(node.tag)


def _values(node: LexborNode, kind: str) -> tuple[str, ...]:
    if kind == "textarea":
        return (node.text(deep=True).removeprefix("\n"),)
    if kind == "select":
        options = [n for n in node.css("option") if "disabled" not in n.attributes]
        chosen = [n for n in options if "selected" in n.attributes]
        if "multiple" not in node.attributes:
            chosen = chosen[-1:] or options[:1]
        return tuple(_get(n, "value") if "value" in n.attributes else _text(n) for n in chosen)
    if kind in _TICKED:
        return (_ticked(node),) if "checked" in node.attributes else ()
    return () if kind == "file" else (_get(node, "value"),)


def _ticked(node: LexborNode) -> str:
    return _get(node, "value") if "value" in node.attributes else "on"


def _pressed(button: Control) -> list[tuple[str, str]]:
    if button.kind == "image":
        prefix = f"{button.name}." if button.name else ""
        return [(prefix + "x", "0"), (prefix + "y", "0")]
    return [(button.name, button.values[0])] if button.name else []


def _upwards(node: LexborNode) -> Iterator[LexborNode]:
    up: LexborNode | None = node
    for _ in range(_DEPTH):
        if up is None:
            return
        yield up
        up = up.parent


def _visible(chain: Iterator[LexborNode] | list[LexborNode]) -> bool:
    for node in chain:
        style = _get(node, "style").replace(" ", "").lower()
        if "hidden" in node.attributes or "display:none" in style or "visibility:hidden" in style:
            return False
    return True


def _method(value: str) -> str:
    return "POST" if value.strip().lower() == "post" else "GET"


def _get(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""


def _text(node: LexborNode) -> str:
    return " ".join(node.text(deep=True).split())
