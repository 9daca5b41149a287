"""A flow: a sequence of stimuli that starts in fresh browsers; replayable, with an id made of its content."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sessionproof.model.scopes import SCOPES
from sessionproof.model.vocabulary import ACTIONS, Stimulus

from .errors import UsageProblem


class Step(BaseModel):
    """One stimulus in a flow file; browsers and tabs count from 0."""

    model_config = ConfigDict(extra="forbid")

    action: str
    app: str = ""
    arg: str = ""
    browser: int = Field(0, ge=0, le=9)
    tab: int = Field(0, ge=0, le=9)


class FlowFile(BaseModel):
    """What `sessionproof replay` reads: the scope of the model that judges it, and the steps."""

    model_config = ConfigDict(extra="forbid")

    sessionproof: int = Field(1, ge=1, le=1, description="version of this format")
    scope: str
    requirement: str = ""
    steps: list[Step] = Field(min_length=1, max_length=10_000)

    def stimuli(self) -> list[Stimulus]:
        """The steps as the model knows them."""
        return [Stimulus(s.action, s.app, s.arg, s.browser, s.tab) for s in self.steps]


def flow_id(scope: str, flow: list[Stimulus]) -> str:
    """Ten hexadecimal digits that depend on nothing but the content: equal flows have equal ids in every run."""
    text = json.dumps([scope, *map(list, flow)], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def flow_json(scope: str, flow: list[Stimulus], requirement: str = "") -> dict[str, Any]:
    """The flow as the content of a file that `sessionproof replay` takes."""
    steps = [{k: v for k, v in s._asdict().items() if v or k == "action"} for s in flow]
    return {"sessionproof": 1, "scope": scope, "requirement": requirement, "steps": steps}


def load_flow(path: Path) -> FlowFile:
    """Read a flow file. Raises UsageProblem that says what is wrong with it and where."""
    try:
        flow = FlowFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageProblem(f"cannot read the flow file {path}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise UsageProblem(f"{path} is no flow file: at {where}: {first['msg']}") from error
    if flow.scope not in (names := [s.name for s in SCOPES]):
        raise UsageProblem(f"{path}: unknown scope {flow.scope!r}; expected one of: {', '.join(names)}")
    for at, step in enumerate(flow.steps):
        if step.action not in ACTIONS:
            raise UsageProblem(
                f"{path}: steps.{at}.action: {step.action!r} is not known; expected one of: {', '.join(ACTIONS)}"
            )
    return flow
