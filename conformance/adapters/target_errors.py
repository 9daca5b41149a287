"""Turns what pydantic found wrong with a target file into lines that say where, what, and what to do.

Values are shown only where they cannot be secrets: never below `clients` and `users`.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .page import shown

_KINDS = {str: "text", int: "a number", float: "a number", bool: "true or false", list: "a list", dict: "a table"}
_EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
}
_PRIVATE = {"clients", "users"}


def explain(error: ValidationError, content: Mapping[str, Any], roles: Mapping[str, type[BaseModel]]) -> list[str]:
    """One line for each problem, in the order of the file's keys. `roles`: the class that describes each role."""
    return [_line(problem, content, roles) for problem in error.errors(include_url=False)]


def one_of(valid: list[str], found: str) -> str:
    """What is expected instead of `found`, with the nearest one spelled out."""
    near = get_close_matches(found, valid, n=1)
    return f"one of {', '.join(valid)}" + (f" (did you mean `{near[0]}`?)" if near else "")


def _line(problem: ErrorDetails, content: Mapping[str, Any], roles: Mapping[str, type[BaseModel]]) -> str:
    role = str(content.get("role", ""))
    path = [part for part in problem["loc"] if part not in roles] or ["role"]
    key = ".".join(shown(str(part)) for part in path)
    kind = problem["type"]
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        found = f"found {_found(path, content['role'])}" if "role" in content else "missing"
        return f"role: {found}, expected {one_of(list(roles), role)}"
    if kind == "extra_forbidden":
        return f"{key}: unknown key; {_nearest(path, roles.get(role))}"
    about = _description(path, roles.get(role))
    if kind == "missing":
        return f"{key}: missing; add it" + (f". {about}" if about else "")
    if kind == "secret_unset":
        return f"{key}: refers to the environment variable {problem['msg']}, which is not set; set it"
    expected = _EXPECTED.get(kind) or problem["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return f"{key}: found {_found(path, problem['input'])}, expected {expected}" + (f". {about}" if about else "")


def _found(path: list[Any], value: Any) -> str:
    kind = _KINDS.get(type(value), "a value of another type")
    if path[0] in _PRIVATE or isinstance(value, list | dict):
        return kind
    return f"{kind} ({shown(repr(value))})"


def _nearest(path: list[Any], model: type[BaseModel] | None) -> str:
    section = _model_at(path[:-1], model)
    valid = sorted(section.model_fields) if section else []
    near = get_close_matches(str(path[-1]), valid, n=1)
    return f"did you mean `{near[0]}`?" if near else f"remove it. Known here: {', '.join(valid)}"


def _description(path: list[Any], model: type[BaseModel] | None) -> str:
    section = _model_at(path[:-1], model)
    field = section.model_fields.get(str(path[-1])) if section else None
    return (field.description or "") if field else ""


def _model_at(path: list[Any], model: type[BaseModel] | None) -> type[BaseModel] | None:
    """The class that describes the table at a path: a field's class, or that of all values of a `dict`."""
    place: Any = model
    for part in path:
        if isinstance(place, type) and issubclass(place, BaseModel):
            field = place.model_fields.get(str(part))
            place = field.annotation if field else None
            place = next((a for a in get_args(place) if isinstance(a, type) and issubclass(a, BaseModel)), place) if (
                type(None) in get_args(place)
            ) else place  # fmt: skip
        else:
            place = next(iter(get_args(place)[1:]), None)
    return place if isinstance(place, type) and issubclass(place, BaseModel) else None
