"""Server-side sessions: the browser holds an opaque random id, everything else stays here.

Two lifetimes bound a session (ASVS 7.3.1, 7.3.2): the idle one, which every visit extends, and the absolute one,
which nothing extends but a new login. Both are in seconds and both are checked when a session is read, so that the
first request after a deadline already finds nothing.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from .clock import Clock

_FIRST_SWEEP = 1024


@dataclass(frozen=True)
class Lifetimes:
    """How long sessions live, in seconds: without a visit, and at all."""

    idle: float = 30 * 60.0
    absolute: float = 12 * 3600.0


class Session:
    """What every session has; the parties add their own fields. `lifetimes`: its own ones, None for the usual ones.

    The object is the session's identity: a rotated id is still the same object, a reset makes a new one.
    """

    def __init__(self) -> None:
        self.lifetimes: Lifetimes | None = None
        self.id = ""
        self.created_at = 0.0
        self.seen_at = 0.0


S = TypeVar("S", bound=Session)


class SessionStore(Generic[S]):
    """All sessions of one party, by the id that the browser holds."""

    def __init__(self, clock: Clock, lifetimes: Lifetimes) -> None:
        self.lifetimes = lifetimes
        self._clock = clock
        self._by_id: dict[str, S] = {}
        self._sweep_at = _FIRST_SWEEP

    def open(self, session: S) -> S:
        """Store a new session under a fresh id and start both lifetimes."""
        if len(self._by_id) >= self._sweep_at:
            self._sweep()
        session.id = self.new_id()
        self._by_id[session.id] = session
        self.restart(session)
        return session

    def get(self, session_id: str | None) -> S | None:
        """Return the live session with this id and count the visit; None when unknown or expired."""
        session = self.peek(session_id)
        if session is not None:
            self.touch(session)
        return session

    def peek(self, session_id: str | None) -> S | None:
        """Return the live session with this id without counting a visit; None when unknown or expired."""
        session = self._by_id.get(session_id) if session_id else None
        return None if session is None or self.expired(session) else session

    def holds(self, session: S) -> bool:
        """Tell whether this very session is still alive: neither ended nor expired, whatever its id is by now."""
        return self.peek(session.id) is session

    def touch(self, session: S) -> None:
        """Count a visit: extend the idle lifetime. Never brings a session back that has been ended."""
        session.seen_at = self._clock.now()

    def restart(self, session: S) -> None:
        """Start both lifetimes anew, as a login does."""
        session.created_at = session.seen_at = self._clock.now()

    def rotate(self, session: S) -> None:
        """Give the session a fresh id; the old one is dead from now on (ASVS 7.2.4, session fixation).

        Raises ValueError for a session that has ended: a fresh id would bring it back.
        """
        if self._by_id.pop(session.id, None) is not session:
            raise ValueError("only a live session can get a fresh id; this one has ended")
        session.id = self.new_id()
        self._by_id[session.id] = session

    def end(self, session: S) -> None:
        """End the session on the server, whatever the browser still sends."""
        self._by_id.pop(session.id, None)

    def end_where(self, condition: Callable[[S], bool]) -> int:
        """End every session for which `condition` holds; return how many."""
        doomed = [session for session in self if condition(session)]
        for session in doomed:
            self.end(session)
        return len(doomed)

    def clear(self) -> None:
        """Forget all sessions."""
        self._by_id.clear()

    def expired(self, session: S) -> bool:
        """Tell whether one of the two lifetimes is over."""
        return self.idle_expired(session) or self.absolutely_expired(session)

    def idle_expired(self, session: S) -> bool:
        """Tell whether the session was not visited for the idle lifetime."""
        return self._clock.now() - session.seen_at >= (session.lifetimes or self.lifetimes).idle

    def absolutely_expired(self, session: S) -> bool:
        """Tell whether the absolute lifetime since the login is over, however busy the session was."""
        return self._clock.now() - session.created_at >= (session.lifetimes or self.lifetimes).absolute

    def new_id(self) -> str:
        """Return an id that nobody can guess (256 bits)."""
        return secrets.token_urlsafe(32)

    def _sweep(self) -> None:
        # Expired sessions are invisible already; this only gives their memory back, at a constant cost per session
        # opened.
        self._by_id = {key: session for key, session in self._by_id.items() if not self.expired(session)}
        self._sweep_at = max(_FIRST_SWEEP, 2 * len(self._by_id))

    def __iter__(self) -> Iterator[S]:
        return iter([session for session in self._by_id.values() if not self.expired(session)])

    def __len__(self) -> int:
        return sum(1 for _ in self)
