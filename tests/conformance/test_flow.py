"""Flows: ids made of the content alone, files that can be played again, and messages that say what is wrong where."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sessionproof.conformance.errors import UsageProblem
from sessionproof.conformance.flow import flow_id, flow_json, load_flow
from sessionproof.model.scopes import SCOPES
from sessionproof.model.stories import STORIES
from sessionproof.model.vocabulary import ACTIONS, Stimulus

FLOW = [Stimulus("visit orders", "shop"), Stimulus("credentials", "", "alice", 1, 1)]
GOOD: dict[str, Any] = {"scope": "core", "steps": [{"action": "visit orders", "app": "shop"}]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "flow.json"


def refusal(path: Path, content: object) -> str:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(UsageProblem) as raised:
        load_flow(path)
    assert str(path) in str(raised.value)
    return str(raised.value).replace(str(path), "FILE")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_what_is_written_is_read_again(path: Path, story: Any) -> None:
    for flow in (list(story.flow), FLOW):
        path.write_text(json.dumps(flow_json(story.scope, flow, "AS-05")))
        loaded = load_flow(path)
        assert (loaded.scope, loaded.requirement, loaded.stimuli()) == (story.scope, "AS-05", flow)


def test_a_file_holds_only_what_is_not_empty() -> None:
    assert flow_json("core", FLOW)["steps"] == [
        {"action": "visit orders", "app": "shop"},
        {"action": "credentials", "arg": "alice", "browser": 1, "tab": 1},
    ]


def test_ids_are_stable() -> None:
    """They stand in logs and reports that users keep: a change of this test is a change for them."""
    assert flow_id("core", FLOW) == "6421d341c4"


def test_ids_do_not_depend_on_the_process() -> None:
    code = (
        "from sessionproof.conformance.flow import flow_id\nfrom sessionproof.model.stories import STORIES\n"
        "print(flow_id('core', list(STORIES[0].flow)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == flow_id("core", list(STORIES[0].flow))


def test_ids_differ_where_the_content_does() -> None:
    flows = [
        FLOW, FLOW[:1], FLOW[::-1], [*FLOW, FLOW[0]], [FLOW[0]._replace(app="outlet"), FLOW[1]],
        [FLOW[0], FLOW[1]._replace(tab=0)], [FLOW[0]._replace(action="visit orders,shop", app=""), FLOW[1]],
    ]  # fmt: skip
    ids = {flow_id(scope.name, flow) for scope in SCOPES for flow in flows}
    assert len(ids) == len(SCOPES) * len(flows)
    assert all(re.fullmatch("[0-9a-f]{10}", identifier) for identifier in ids)


@pytest.mark.parametrize(
    ("change", "place", "expectation"),
    [
        ({"scope": "cores"}, "unknown scope 'cores'", "expected one of: core, core: ID token, core: "),
        ({"scope": None}, "at scope", "valid string"),
        ({"steps": []}, "at steps", "at least 1 item"),
        ({"steps": [{"app": "shop"}]}, "at steps.0.action", "required"),
        ({"steps": [*GOOD["steps"], {"action": "visit"}]}, "steps.1.action: 'visit'", "visit orders"),
        ({"steps": [{**GOOD["steps"][0], "browser": 10}]}, "at steps.0.browser", "less than or equal to 9"),
        ({"steps": [{**GOOD["steps"][0], "tab": -1}]}, "at steps.0.tab", "greater than or equal to 0"),
        ({"steps": [{**GOOD["steps"][0], "user": "alice"}]}, "at steps.0.user", "not permitted"),
        ({"sessionproof": 2}, "at sessionproof", "less than or equal to 1"),
        ({"flow": []}, "at flow", "not permitted"),
    ],
    ids=[
        "unknown scope", "scope", "no steps", "no action", "unknown action", "browser", "tab", "key of a step",
        "version", "key",
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_the_place_and_the_expectation(
    path: Path, change: dict[str, Any], place: str, expectation: str
) -> None:
    message = refusal(path, {**GOOD, **change})
    assert place in message
    assert expectation in message


@pytest.mark.parametrize("content", ["", "{", "[]", "7", '"core"'], ids=["empty", "cut off", "list", "number", "text"])
def test_what_is_no_flow_file_is_refused(path: Path, content: str) -> None:
    assert refusal(path, content).startswith("FILE is no flow file: at the file: ")


def test_a_file_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"cannot read the flow file .*flow\.json: No such file"):
        load_flow(path)


def test_every_action_can_be_loaded(path: Path) -> None:
    path.write_text(json.dumps({**GOOD, "steps": [{"action": action} for action in ACTIONS]}))
    assert [stimulus.action for stimulus in load_flow(path).stimuli()] == list(ACTIONS)
