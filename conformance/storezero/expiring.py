"""A store of short-lived things under unguessable keys: codes, interactions, answers on their way."""

import secrets
from typing import Generic, TypeVar

from .clock import Clock

T = TypeVar("T")


class ExpiringStore(Generic[T]):
    """Values that live for a fixed number of seconds, and for at most `limit` newer ones (a flood costs no memory)."""

    def __init__(self, clock: Clock, lifetime_seconds: float, *, limit: int = 10_000) -> None:
        self._clock = clock
        self._lifetime = lifetime_seconds
        self._limit = limit
        self._items: dict[str, tuple[float, T]] = {}

    def put(self, value: T, key: str | None = None) -> str:
        """Keep `value` under `key`, or under a fresh random key; return the key."""
        self._drop_old()
        key = key or secrets.token_urlsafe(24)
        self._items[key] = (self._clock.now() + self._lifetime, value)
        return key

    def get(self, key: str | None) -> T | None:
        """Return the value under `key`, or None when there is none or its time is over."""
        deadline, value = self._items.get(key or "", (0.0, None))
        return value if self._clock.now() < deadline else None

    def pop(self, key: str | None) -> T | None:
        """Return the value under `key` and forget it: what is taken here works once."""
        value = self.get(key)
        self._items.pop(key or "", None)
        return value

    def clear(self) -> None:
        """Forget everything."""
        self._items.clear()

    def __len__(self) -> int:
        return len(self._items)

    def _drop_old(self) -> None:
        # All values live equally long, so insertion order is the order of their deadlines.
        now = self._clock.now()
        while self._items:
            oldest = next(iter(self._items))
            if self._items[oldest][0] > now and len(self._items) < self._limit:
                break
            del self._items[oldest]
