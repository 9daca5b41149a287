"""The two stories of the seed are flows of the model, with its steps in its order and its numbers of sessions."""

from typing import NamedTuple

import pytest
from sessionproof.model.authorization_server import ASKS, CONSENT
from sessionproof.model.context import Outcome
from sessionproof.model.identity_provider import ASKS as ASKS_AGAIN
from sessionproof.model.identity_provider import CONSENT as CONSENT_THERE
from sessionproof.model.network import FEATURES, Network
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import World
from sessionproof.model.stories import STORIES, Story

BESIDE = {CONSENT, CONSENT_THERE, ASKS, ASKS_AGAIN}
"""Pages that the seed's steps do not show: consent (A3 says may), a logout question, a second password."""

A, B = STORIES
each_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)


class Run(NamedTuple):
    """One way in which a conforming target may go through a story: what is seen at each step, and the worlds."""

    traces: tuple[tuple[str, ...], ...]
    worlds: tuple[World, ...]


def runs(story: Story, features: frozenset[str] = FEATURES) -> list[Run]:
    """All ways, whatever the target chooses; the story is a legal flow of each."""
    scope = next(scope for scope in SCOPES if scope.name == story.scope)
    network, found = Network(scope, features), [Run((), (scope.start(),))]
    for stimulus in story.flow:
        for run in found:
            assert stimulus in network.enabled(run.worlds[-1]), f"{stimulus} is not possible"
        found = [
            Run((*run.traces, seen(outcome)), (*run.worlds, outcome.after))
            for run in found
            for outcome in network.step(run.worlds[-1], stimulus)
            if BESIDE.isdisjoint(variant for variant, _ in outcome.choices)
        ]
    return found


def seen(outcome: Outcome) -> tuple[str, ...]:
    """The trace, and of the pages of the application only that it is one."""
    return tuple("page app" if "page home" in e.allowed else e.allowed[0] for e in outcome.trace)


def sessions(world: World) -> list[str]:
    """Everybody who is logged in anywhere."""
    users: list[str] = []
    for browser in world.browsers:
        users += [*(local.user for local in browser.locals), browser.server.user, browser.provider.user]
    return [user for user in users if user]


def test_the_first_story_leaves_exactly_two_sessions() -> None:
    found = runs(A)
    assert len(found) == 4  # both sessions may begin early or late
    for run in found:
        assert [len(sessions(world)) for world in run.worlds] == [0, 0, 0, 2, 2]
        assert sessions(run.worlds[-1]) == ["alice", "alice"]


def single_sign_on() -> list[Run]:
    """Story B where the server is content with the session that the provider has, as the seed has it."""
    return [run for run in runs(B) if not any("provider authorize prompt=login" in trace for trace in run.traces)]


def test_the_second_story_leaves_exactly_three_sessions() -> None:
    found = single_sign_on()
    assert len(found) > 1
    for run in found:
        assert [len(sessions(world)) for world in run.worlds] == [0, 0, 0, 3, 1, 1, 3]
        assert sessions(run.worlds[-1]) == ["alice@idp", "alice@idp", "alice"]


def test_the_first_story_in_the_order_of_the_seed() -> None:
    assert {run.traces for run in runs(A)} == {
        (
            ("page checkout",),
            ("authorize", "page login"),  # A1, A2
            ("answer", "page app"),  # A5, A6
            ("page account",),
        )
    }


def test_the_second_story_in_the_order_of_the_seed() -> None:
    assert {run.traces for run in single_sign_on()} == {
        (
            ("authorize", "page login"),  # B1, B3
            ("provider authorize", "page provider login"),  # B5, B6
            ("provider answer", "answer", "page app"),  # B7, B8, B9
            ("end session", "return", "page app"),
            ("authorize", "page login"),
            ("provider authorize", "provider answer", "answer", "page app"),  # B5, B7, B8, B9
        )
    }


def test_the_second_login_of_the_second_story_asks_nobody_for_a_password() -> None:
    assert [stimulus.action for stimulus in B.flow].count("credentials") == 1
    for run in single_sign_on():
        assert len(sessions(run.worlds[4])) == 1, "only the provider's session is there before it"
        assert not any("login" in message for message in run.traces[-1])


@each_story
def test_a_target_without_the_features_that_it_needs_is_not_asked_for_it(story: Story) -> None:
    assert set(story.needs) <= FEATURES
    assert runs(story, frozenset(story.needs))
    for need in story.needs:
        with pytest.raises(AssertionError, match="is not possible"):
            runs(story, frozenset(story.needs) - {need})


@each_story
def test_every_step_of_the_seed_has_its_place(story: Story) -> None:
    assert len(story.steps) == len(story.flow)
    last = {"seed A": 6, "seed B": 9}[story.name]
    letter = story.name[-1]
    first_time = list(dict.fromkeys(number for numbers in story.steps for number in numbers))
    assert first_time == [f"{letter}{number}" for number in range(1, last + 1)]
