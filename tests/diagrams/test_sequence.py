"""The sequence charts: the seed's numbers at the right steps, the right ends, and nothing that is cut or covered."""

import itertools
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from sessionproof.diagrams import endings
from sessionproof.diagrams.endings import ENDINGS, ending_actions, ends_one, plays
from sessionproof.diagrams.explored import explored, ways
from sessionproof.diagrams.network_chart import BROWSER
from sessionproof.diagrams.problem import DiagramProblem
from sessionproof.diagrams.sequence import Arrow, Change, Play, States, events, numbers_of, play_of
from sessionproof.diagrams.sequence_chart import sequence_chart
from sessionproof.model.network import PROVIDER, SERVER
from sessionproof.model.requirements import CATALOGUE
from sessionproof.model.scopes import SCOPES
from sessionproof.model.stories import STORIES, Story

SVG = "{http://www.w3.org/2000/svg}"
each_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
ALL = (*map(play_of, STORIES), *plays())
each_play = pytest.mark.parametrize("play", ALL, ids=lambda play: play.name)

LAST = {
    "logout_local": ["authorize", "answer", "page landing"],
    "logout_rp": ["authorize", "page login"],
    "logout_rp_accepted": ["authorize", "page login"],
    "logout_rp_declined": ["authorize", "answer", "page landing"],
    "logout_backchannel": ["authorize", "page login"],
    "logout_backchannel_token": ["authorize", "answer", "page landing"],
    "logout_frontchannel": ["authorize", "page login"],
    "logout_frontchannel_request": ["authorize", "answer", "page landing"],
    "logout_federated": ["choose provider", "provider authorize", "page provider login"],
    "ended_by_time": ["authorize", "page login"],
    "ended_by_time_at_provider": ["choose provider", "provider authorize", "page provider login"],
    "ended_by_another_user": ["visit orders", "page account"],
}
"""The last arrows of each run that was chosen: what its text promises."""


@each_story
def test_the_numbers_are_those_that_the_model_gives_each_stimulus(story: Story) -> None:
    assert numbers_of(play_of(story)) == list(story.steps)


@each_story
def test_every_sentence_of_the_seed_is_in_the_chart(story: Story) -> None:
    last = {"seed A": 6, "seed B": 9}[story.name]
    shown = {number for numbers in numbers_of(play_of(story)) for number in numbers}
    assert shown == {f"{story.name[-1]}{number}" for number in range(1, last + 1)}


def test_the_first_story_creates_two_sessions_and_the_second_three() -> None:
    logged_in = [
        {e.party for e in events(play_of(story)) if isinstance(e, Change) and e.state in ("authenticated", "logged in")}
        for story in STORIES
    ]
    assert [len(parties) for parties in logged_in] == [2, 3]


@pytest.mark.parametrize("play", [p for p in plays() if p.name in LAST], ids=lambda play: play.name)
def test_a_chosen_run_ends_as_its_text_says(play: Play) -> None:
    arrows = [event.text for event in events(play) if isinstance(event, Arrow)]
    assert arrows[-len(LAST[play.name]) :] == LAST[play.name]


def test_every_chosen_run_is_looked_at() -> None:
    assert {ending.name for ending in ENDINGS} == set(LAST)


def test_the_other_application_is_told_and_its_session_ends() -> None:
    for name, text in (("logout_backchannel", "logout token"), ("logout_frontchannel", "front-channel logout")):
        found = list(events(next(play for play in plays() if play.name == name)))
        told = found.index(Arrow(SERVER.title, "Application outlet", text, ()))
        assert found[told + 1] == Change("Application outlet", "absent", ())


def test_a_declined_logout_keeps_the_server_s_session_and_an_accepted_one_does_not() -> None:
    after = {play.name: [e.states[SERVER.title] for e in events(play) if isinstance(e, States)] for play in plays()}
    assert after["logout_rp_declined"][-2:] == ["logged in", "logged in"]
    assert after["logout_rp_accepted"][-2:] == ["absent", "created+login"]


def test_a_federated_logout_ends_all_three() -> None:
    play = next(play for play in plays() if play.name == "logout_federated")
    third, fourth = [e.states for e in events(play) if isinstance(e, States)][3:5]
    assert {third[SERVER.title], third[PROVIDER.title]} == {"logged in"}
    assert set(fourth.values()) == {"absent"}


def test_whatever_ends_a_session_is_in_a_chart() -> None:
    """Looked for in every edge of every scope with one browser and tab, not by the code that draws."""
    shown = {action for play in plays() for action in ending_actions(play)}
    ends = {
        edge.stimulus.action
        for scope in SCOPES
        if scope.browsers == scope.tabs == 1
        for edge, _ in ways(explored(scope))
        if ends_one(explored(scope).states[edge.source], edge.outcome.after, 0)
    }
    assert len(ends) > 5
    assert ends <= shown


@each_play
def test_nothing_covers_anything_else(play: Play) -> None:
    root = ET.fromstring(sequence_chart(play))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    boxes = [
        tuple(float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        for rect in root.iter(f"{SVG}rect")
        if "x" in rect.attrib
    ]
    assert len(boxes) > 6
    for x, y, w, h in boxes:
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
    for (x, y, w, h), (x2, y2, w2, h2) in itertools.combinations(boxes, 2):
        assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


@each_play
def test_no_words_are_cut(play: Play) -> None:
    root = ET.fromstring(sequence_chart(play))
    for text in root.iter(f"{SVG}text"):
        at, length = float(text.attrib["x"]), 6.4 * len(text.text or "") * float(text.get("font-size", "13")) / 13
        assert at + (length / 2 if text.get("text-anchor") == "middle" else length) <= float(root.attrib["width"])


@each_play
def test_arrows_go_between_parties_that_are_there(play: Play) -> None:
    shown = {party for event in events(play) if isinstance(event, States) for party in event.states} | {BROWSER}
    arrows = [event for event in events(play) if isinstance(event, Arrow)]
    assert arrows
    assert all({arrow.source, arrow.target} <= shown for arrow in arrows)
    assert all(arrow.source != arrow.target for arrow in arrows)


@each_play
def test_words_of_a_reply_lead_to_its_requirement(play: Play) -> None:
    links = ET.fromstring(sequence_chart(play)).findall(f"{SVG}a")
    known = {requirement.id for requirement in CATALOGUE}
    assert links
    for link in links:
        ids = (link.findtext(f"{SVG}title") or "").split()
        assert set(ids) <= known
        assert link.attrib["href"] == f"../SPEC.md#{ids[0]}"
        assert link.findtext(f"{SVG}text")


def test_words_are_escaped() -> None:
    story = STORIES[0]._replace(title='<script>alert("&")</script>')
    svg = sequence_chart(play_of(story))
    assert "<script>" not in svg
    assert ET.fromstring(svg).findtext(f"{SVG}title") == f"seed A: {story.title}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scope": "nowhere"}, "endings.py, logout_local: there is no scope 'nowhere'; the model has: core, "),
        ({"flow": ENDINGS[0].flow[1:]}, "endings.py, logout_local: credentials alice is not possible in the scope "),
    ],
)
def test_a_run_that_the_model_does_not_know_any_more_is_named(
    change: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endings, "ENDINGS", (ENDINGS[0]._replace(**change),))
    with pytest.raises(DiagramProblem, match=message):
        plays.__wrapped__()
