"""The session store and the store of short-lived things."""

import pytest
from sessionproof.conformance.storezero.clock import ManualClock
from sessionproof.conformance.storezero.expiring import ExpiringStore
from sessionproof.conformance.storezero.sessions import Lifetimes, Session, SessionStore


@pytest.fixture
def store(clock: ManualClock) -> SessionStore[Session]:
    return SessionStore(clock, Lifetimes(idle=10, absolute=25))


def test_a_visit_extends_the_idle_lifetime_only(store: SessionStore[Session], clock: ManualClock) -> None:
    session = store.open(Session())
    for _ in range(2):
        clock.advance(9)
        assert store.get(session.id) is session
    clock.advance(7)
    assert store.get(session.id) is None


def test_peeking_extends_nothing(store: SessionStore[Session], clock: ManualClock) -> None:
    session = store.open(Session())
    clock.advance(9)
    assert store.peek(session.id) is session
    clock.advance(1)
    assert store.peek(session.id) is None
    assert not store.holds(session)


def test_a_rotated_id_leaves_the_old_one_dead(store: SessionStore[Session]) -> None:
    session = store.open(Session())
    old = session.id
    store.rotate(session)
    assert store.get(old) is None
    assert store.get(session.id) is session


def test_nothing_brings_an_ended_session_back(store: SessionStore[Session]) -> None:
    session = store.open(Session())
    store.end(session)
    store.touch(session)
    store.end(session)
    with pytest.raises(ValueError, match="has ended"):
        store.rotate(session)
    assert not store.holds(session)


def test_ending_some(store: SessionStore[Session]) -> None:
    first, second = store.open(Session()), store.open(Session())
    assert store.end_where(lambda session: session is first) == 1
    assert list(store) == [second]
    assert len(store) == 1


def test_unknown_ids(store: SessionStore[Session]) -> None:
    store.open(Session())
    assert [store.get(found) for found in (None, "", "guessed")] == [None, None, None]


def test_expired_sessions_give_their_memory_back(store: SessionStore[Session], clock: ManualClock) -> None:
    for _ in range(3000):
        store.open(Session())
        clock.advance(0.5)
    assert len(store._by_id) < 1100


def test_an_expiring_store_forgets(clock: ManualClock) -> None:
    store: ExpiringStore[str] = ExpiringStore(clock, 10, limit=3)
    key = store.put("value")
    assert store.get(key) == "value"
    assert store.pop(key) == "value"
    assert store.pop(key) is None
    key = store.put("late")
    clock.advance(10)
    assert store.get(key) is None
    for number in range(5):
        store.put(str(number))
    assert len(store) == 3


def test_a_clock_cannot_go_back(clock: ManualClock) -> None:
    with pytest.raises(ValueError, match="cannot go back"):
        clock.advance(-1)
