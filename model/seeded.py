"""A fault put into the tables on purpose, to see whether a search of the model finds it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from .network import MACHINES


@contextmanager
def without_effects(key: str) -> Iterator[None]:
    """As long as this lasts, the rule of this key only changes the state of its machine. Raises KeyError: no such."""
    machine = next((m for m in MACHINES if any(rule.key == key for rule in m.compiled)), None)
    if machine is None:
        raise KeyError(key)
    kept = dict(machine.by_message)
    for place, rules in kept.items():
        machine.by_message[place] = tuple(replace(r, effects=()) if r.key == key else r for r in rules)
    try:
        yield
    finally:
        machine.by_message.update(kept)
