"""Tables with one change, in place of the model's own for as long as a test runs."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from sessionproof.model.table import Effect, Machine, Rule

Alter = Callable[[Rule], Rule | None]


def alter(
    monkeypatch: pytest.MonkeyPatch, machine: Machine, change: Alter, effects: Mapping[str, Effect] | None = None
) -> int:
    """Put `change(rule)` in the place of every rule (None: no rule), and add or replace `effects`.

    Returns how many rules changed, so that a test can tell whether its rule is still there.
    """
    rules = [(rule, change(rule)) for rule in machine.rules]
    kept = tuple(new for _, new in rules if new is not None)
    altered = replace(machine, rules=kept, effects={**machine.effects, **(effects or {})}, by_message={}, compiled=())
    for key in tuple(machine.by_message):
        monkeypatch.delitem(machine.by_message, key)
    for key, compiled in altered.by_message.items():
        monkeypatch.setitem(machine.by_message, key, compiled)
    return sum(new != old for old, new in rules)
