"""A validator for the part of JSON Schema (2020-12) that our schemas use; any other keyword is an error."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int,),
    "null": (type(None),),
}
WORDS = {"title", "description", "default", "discriminator", "format", "$schema", "$defs"}
"""Keywords that say something to people and editors only."""

Schema = Mapping[str, Any]


def complaints(schema: Schema, value: Any, root: Schema | None = None, at: str = "") -> Iterator[str]:
    """What is wrong with `value`; raises AssertionError for what is wrong with the schema."""
    root = root or schema
    for keyword, said in schema.items():
        match keyword:
            case "$ref":
                yield from complaints(root["$defs"][said.removeprefix("#/$defs/")], value, root, at)
            case "anyOf" | "oneOf":
                fitting = [one for one in said if not list(complaints(one, value, root, at))]
                if not fitting or (keyword == "oneOf" and len(fitting) > 1):
                    yield f"{at}: fits {len(fitting)} of the alternatives"
            case "type":
                wanted = TYPES[said]
                if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
                    yield f"{at}: is no {said}"
            case "enum":
                if value not in said:
                    yield f"{at}: {value!r} is none of {said}"
            case "const":
                if value != said:
                    yield f"{at}: {value!r} is not {said!r}"
            case "required":
                yield from (f"{at}: lacks {name}" for name in said if isinstance(value, dict) and name not in value)
            case "properties":
                for name, inner in said.items():
                    if isinstance(value, dict) and name in value:
                        yield from complaints(inner, value[name], root, f"{at}.{name}")
            case "additionalProperties":
                for name in set(value) - set(schema.get("properties", ())) if isinstance(value, dict) else ():
                    if said is False:
                        yield f"{at}: has an unknown key {name}"
                    else:
                        yield from complaints(said, value[name], root, f"{at}.{name}")
            case "items":
                for number, item in enumerate(value if isinstance(value, list) else ()):
                    yield from complaints(said, item, root, f"{at}[{number}]")
            case "pattern":
                if isinstance(value, str) and not re.search(said, value):
                    yield f"{at}: {value!r} does not match {said}"
            case "minLength" | "minItems" | "minProperties":
                if isinstance(value, str | list | dict) and len(value) < said:
                    yield f"{at}: is too short"
            case "minimum" | "maximum" | "exclusiveMinimum":
                if isinstance(value, int | float):
                    right = {"minimum": value >= said, "maximum": value <= said, "exclusiveMinimum": value > said}
                    if not right[keyword]:
                        yield f"{at}: {value} breaks {keyword} {said}"
            case _:
                assert keyword in WORDS, f"{at}: this validator does not know {keyword!r}"
