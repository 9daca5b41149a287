"""The messages of an adapter in any language: one JSON object a line, requests on its input, answers on its output.

Each request has a number, which its answer repeats. An answer is `ok` with what was asked for, or a `problem` with
cause and hint: then the step is inconclusive, and never the target's fault. docs/adapter.schema.json is their schema.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator
from sessionproof.model.requirements import PROFILES
from sessionproof.model.vocabulary import ACTIONS

PROTOCOL = 1
"""The version of all this. It changes when an adapter must."""

PAGES = (
    "account|checkout|home|error|logged out|login|second factor|consent|question|server"
    "|provider (login|consent|question)"
)
SEEN = (
    rf"^(authorize|end session|answer|return|error \S.*|foreign address \S.*|page ({PAGES})"
    r"|provider (authorize( prompt=login)?|answer|error|end session|return)|token (accepted|refused)"
    r"|(one|no) token of two|notification (accepted|refused)|turned away|let in( as another user)?)$"
)
"""What can be seen of a step, in order: messages that cross between parties, and the page that stands still."""
VALUES = {
    "state": ("echoed", "altered"),
    "iss": ("right", "wrong"),
    "sid": ("same", "new"),
    "auth_time": ("now", "before"),
}
"""Facets that have no other values."""


class Message(BaseModel):
    """Unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


class Stimulus(Message):
    """One step: what a person, an attacker or time does. Browsers and tabs count from 0."""

    action: Literal[tuple(ACTIONS)]  # type: ignore[valid-type]
    app: str = ""
    arg: str = Field("", description="A user, or the kind of a fault.")
    browser: int = Field(0, ge=0)
    tab: int = Field(0, ge=0)


class Scope(Message):
    """What the flow that begins may do: how many browsers it needs, and with which applications and users."""

    name: str
    actions: list[str]
    apps: list[str]
    users: list[str]
    provider_users: list[str]
    browsers: int
    tabs: int
    lifetimes: dict[str, int] = Field(description="In ticks of the stimulus `wait`; 0: no end.")
    notifies: str = Field(description="`back channel`, `front channel`, or empty.")


class Declare(Message):
    """Say what the target is; the first request."""

    number: int
    command: Literal["declare"] = "declare"
    protocol: Literal[1] = 1


class Reset(Message):
    """Begin anew: fresh browsers, and a fresh target where that can be had."""

    number: int
    command: Literal["reset"] = "reset"
    scope: Scope


class Perform(Message):
    """Do one step. `distinct`: wait first until a login now has another `auth_time` than one in the step before."""

    number: int
    command: Literal["perform"] = "perform"
    stimulus: Stimulus
    distinct: bool


class AskExchanges(Message):
    """Tell the HTTP exchanges of the last step."""

    number: int
    command: Literal["exchanges"] = "exchanges"


class AskEffort(Message):
    """Tell what it cost so far."""

    number: int
    command: Literal["effort"] = "effort"


class Close(Message):
    """Give everything back; the last request, after which the input ends."""

    number: int
    command: Literal["close"] = "close"


class Statement(Message):
    """What the target is, and what it offers: see `Statement` in conformance/adapter.py."""

    protocol: Literal[1] = Field(description="The version that the adapter speaks.")
    name: str = Field(min_length=1)
    version: str = ""
    layers: list[Literal["APP", "AS", "IDP", "SYS"]] = Field(min_length=1, description="The layers under test.")
    features: list[str] = Field(description="Names that SPEC.md's requirements and rules need.")
    profiles: list[Literal[PROFILES]] = Field(min_length=1)  # type: ignore[valid-type]
    status: bool = Field(description="Whether every layer tells its session at each step.")
    apps: list[str] = ["shop", "outlet"]
    unfinished_logins: int | None = Field(None, ge=1)


class Observation(Message):
    """What was seen of a step. What could not be observed is left out."""

    trace: list[Annotated[str, StringConstraints(pattern=SEEN)]]
    facets: dict[str, str]

    @model_validator(mode="after")
    def _known(self) -> Observation:
        for name, values in VALUES.items():
            if name in self.facets and self.facets[name] not in values:
                raise ValueError(f"facet {name}: one of {', '.join(values)}")
        return self


class Exchange(Message):
    """One HTTP exchange, without secrets."""

    request: str
    status: int
    curl: str = ""


class Exchanges(Message):
    """Those of the last step."""

    exchanges: list[Exchange]


class Effort(Message):
    """HTTP requests, seconds spent waiting for the target, and seconds paused on purpose."""

    requests: int = Field(0, ge=0)
    waited: float = Field(0, ge=0)
    paused: float = Field(0, ge=0)


class Nothing(Message):
    """The answer to `reset` and `close`."""


class Problem(Message):
    """The step could not be done, or not be observed."""

    cause: str = Field(min_length=1)
    hint: str = ""


class Answer(Message):
    """`number` is the request's. One of `ok` and `problem`."""

    number: int
    ok: Statement | Observation | Exchanges | Effort | Nothing | None = None
    problem: Problem | None = None


Request = Annotated[Declare | Reset | Perform | AskExchanges | AskEffort | Close, Field(discriminator="command")]


def adapter_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of requests and answers."""
    requests: TypeAdapter[Any] = TypeAdapter(Request)
    both = {
        "Request": requests.json_schema(mode="serialization"),
        "Answer": TypeAdapter(Answer).json_schema(),
    }
    definitions: dict[str, Any] = {}
    for schema in both.values():
        definitions |= schema.pop("$defs", {})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"sessionproof adapter protocol, version {PROTOCOL}",
        "description": "One JSON object a line. The suite writes requests, the adapter writes one answer to each.",
        "oneOf": [{"$ref": "#/$defs/Request"}, {"$ref": "#/$defs/Answer"}],
        "$defs": {**definitions, **both},
    }
