"""The implementation conformance statement as a form, from the JSON Schema of a target file: one key, one question."""

from collections.abc import Iterator
from typing import Any

from sessionproof.diagrams.tables import link, table
from sessionproof.model.requirements import CATALOGUE, PROFILES

Schema = dict[str, Any]
BOX = "☐"
YES_NO = f"{BOX} yes {BOX} no {BOX} not known"


def statement_form(schema: Schema) -> str:
    """What an implementer fills in. A question of the form is a key of the target file, with the same name."""
    features = _properties(schema, "Features")
    roles = _roles(schema)
    lines = (
        "#### The product",
        table(("question", "answer"), _product(roles)),
        "#### Profiles (`profiles`)",
        table(("profile", "certify?", "MUST", "SHOULD", "MAY"), _profiles()),
        "#### Features (`[features]`)",
        table(("key", "statement", "answer", "requirements that need it"), _features(features)),
        "#### Lifetimes (`[features]`)",
        table(("key", "statement", "seconds"), _lifetimes(features)),
        *(line for role, name in roles for line in _role(schema, role, name)),
    )
    return "\n\n".join(lines)


def _product(roles: list[tuple[str, Schema]]) -> Iterator[tuple[str, str]]:
    yield "name and version", ""
    yield "role under test (`role`)", "<br>".join(f"{BOX} `{role}`: {d['description']}" for role, d in roles)
    yield "configuration that was tested, where it is not the default", ""
    yield "filled in by, date", ""


def _profiles() -> Iterator[tuple[str, ...]]:
    for profile in PROFILES:
        mine = [r for r in CATALOGUE if r.profile == profile]
        counts = (str(sum(r.level == level for r in mine)) for level in ("MUST", "SHOULD", "MAY"))
        yield f"`{profile}`", BOX, *counts


def _features(features: Schema) -> Iterator[tuple[str, ...]]:
    for key, about in features.items():
        if "boolean" in _types(about):
            needed = ", ".join(link(r.id) for r in CATALOGUE if r.needs == key)
            yield f"`{key}`", about["description"], YES_NO, needed or "none by itself"


def _lifetimes(features: Schema) -> Iterator[tuple[str, ...]]:
    for key, about in features.items():
        if "number" in _types(about):
            default = f" (without an answer: {about['default']})" if about.get("default") is not None else ""
            yield f"`{key}`", f"{about['description']}{default}", ""


def _role(schema: Schema, role: str, about: Schema) -> Iterator[str]:
    asked = {key: value for key, value in about["properties"].items() if key not in ("role", "name", "profiles")}
    if not (asked := {key: value for key, value in asked.items() if key not in _everywhere(schema)}):
        return
    yield f"#### Only for `{role}`"
    yield table(("key", "statement", "must be given", "answer"), _questions(schema, asked, about.get("required", ())))


def _questions(schema: Schema, asked: Schema, required: list[str], prefix: str = "") -> Iterator[tuple[str, ...]]:
    for key, value in asked.items():
        inner = next((ref for ref in _refs(value) if ref in schema["$defs"]), "")
        about = value.get("description") or schema["$defs"].get(inner, {}).get("description", "")
        yield f"`{prefix}{key}`", about.partition("\n")[0], "yes" if key in required else "", ""
        if inner and not prefix and value.get("type") != "object":
            nested = schema["$defs"][inner]
            keys = {name: value for name, value in nested["properties"].items() if name not in _everywhere(schema)}
            yield from _questions(schema, keys, nested.get("required", ()), f"{key}.")


def _everywhere(schema: Schema) -> frozenset[str]:
    """Keys that every role has that is reached over HTTP: how to drive it, which is no statement about it.

    Its features are among them; they have tables of their own.
    """
    keys = [frozenset(about["properties"]) for _, about in _roles(schema) if "features" in about["properties"]]
    return keys[0].intersection(*keys[1:])


def _roles(schema: Schema) -> list[tuple[str, Schema]]:
    """What can be under test; the bundled reference states nothing of itself."""
    mapping = schema["discriminator"]["mapping"]
    return [(role, schema["$defs"][ref.rpartition("/")[2]]) for role, ref in mapping.items() if role != "reference"]


def _properties(schema: Schema, name: str) -> Schema:
    found: Schema = schema["$defs"][name]["properties"]
    return found


def _types(about: Schema) -> list[str]:
    return [part.get("type", "") for part in about.get("anyOf", [about])]


def _refs(about: Schema) -> list[str]:
    parts = [about, *about.get("anyOf", ()), about.get("items", {}), about.get("additionalProperties") or {}]
    return [part["$ref"].rpartition("/")[2] for part in parts if isinstance(part, dict) and "$ref" in part]
