"""The parts of SPEC.md that the suite generates, beside those that come from the model alone."""

from collections.abc import Callable
from functools import partial
from typing import Any

from .catalogue import requirements
from .field import field_bugs, summary
from .matrix import matrix
from .statement_form import statement_form


def parts(target_schema: dict[str, Any]) -> dict[str, Callable[[], str]]:
    """By the name that stands in the marker; `target_schema` is the JSON Schema of a target file."""
    return {
        **{f"requirements {layer}": partial(requirements, layer) for layer in ("APP", "AS", "IDP", "SYS")},
        "matrix": matrix,
        "field bugs": lambda: f"{summary()}\n\n{field_bugs()}",
        "statement": partial(statement_form, target_schema),
    }
