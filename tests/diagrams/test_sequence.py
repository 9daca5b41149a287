"""The sequence charts: the seed's numbers at the right steps, and a picture in which nothing is cut or covered."""

import itertools
import xml.etree.ElementTree as ET

import pytest
from sessionproof.diagrams.sequence import Change, events, numbers_of
from sessionproof.diagrams.sequence_chart import sequence_chart
from sessionproof.model.stories import STORIES, Story

SVG = "{http://www.w3.org/2000/svg}"
each_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)


@each_story
def test_the_numbers_are_those_that_the_model_gives_each_stimulus(story: Story) -> None:
    assert numbers_of(story) == list(story.steps)


@each_story
def test_every_sentence_of_the_seed_is_in_the_chart(story: Story) -> None:
    last = {"seed A": 6, "seed B": 9}[story.name]
    shown = {number for numbers in numbers_of(story) for number in numbers}
    assert shown == {f"{story.name[-1]}{number}" for number in range(1, last + 1)}


def test_the_first_story_creates_two_sessions_and_the_second_three() -> None:
    logged_in = [
        {e.party for e in events(story) if isinstance(e, Change) and e.state in ("authenticated", "logged in")}
        for story in STORIES
    ]
    assert [len(parties) for parties in logged_in] == [2, 3]


@each_story
def test_nothing_covers_anything_else(story: Story) -> None:
    root = ET.fromstring(sequence_chart(story))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    boxes = [
        tuple(float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        for rect in root.iter(f"{SVG}rect")
        if "x" in rect.attrib
    ]
    assert len(boxes) > 20
    for x, y, w, h in boxes:
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
    for (x, y, w, h), (x2, y2, w2, h2) in itertools.combinations(boxes, 2):
        assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


def test_words_are_escaped() -> None:
    story = STORIES[0]._replace(title='<script>alert("&")</script>')
    svg = sequence_chart(story)
    assert "<script>" not in svg
    assert ET.fromstring(svg).findtext(f"{SVG}title") == f"seed A: {story.title}"
