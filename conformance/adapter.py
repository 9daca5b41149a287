"""The interface to a target: declare what it is, reset, perform a stimulus and say what was seen.

The same for a Python object, a web site and a program in any language. Whatever is not under test is
played by the suite, behind this interface.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import Observation, Stimulus


@dataclass(frozen=True)
class Statement:
    """The implementation conformance statement: what the target is, and what it offers.

    `layers`: the layers under test (`APP`, `AS`, `IDP`, `SYS`); requirements of others are not applicable, since the
    suite plays these parties itself. `features`: names that the model's rules and requirements need. `profiles`: what
    it is certified for. `apps`: the applications that there are. `unfinished_logins`: how many one browser may have
    under way. `status`: whether every layer tells its session at each step, truthfully and undisturbed.
    `tokens`: whether somebody sees what the parties hand on among themselves, so that a wrong session is told to be the
    fault of one. `beyond`: requirements that nothing in this role could exercise, each with the reason.
    """

    name: str
    role: str
    layers: frozenset[str]
    features: frozenset[str]
    profiles: tuple[str, ...]
    status: bool
    version: str = ""
    apps: frozenset[str] = frozenset({"shop", "outlet"})
    unfinished_logins: int | None = None
    tokens: bool = True
    beyond: Mapping[str, str] = field(default_factory=dict)


class Effort(NamedTuple):
    """What a run cost so far: HTTP requests, seconds spent waiting for the target (measured at the transport), and
    seconds paused on purpose: for rate limits, and for time stamps that count whole seconds."""

    requests: int = 0
    waited: float = 0.0
    paused: float = 0.0


class Adapter(Protocol):
    """One target. Any method may raise HarnessProblem: the step is then inconclusive, never the target's fault."""

    def declare(self) -> Statement:
        """The conformance statement; may contact the target (discovery)."""

    def reset(self, scope: Scope) -> None:
        """Fresh browsers, and a fresh target where that can be had."""

    def perform(self, stimulus: Stimulus, *, distinct: bool = False) -> Observation:
        """Do one step and say what was seen of it. What could not be observed is left out, never guessed.

        `distinct`: wait first until a login now has another `auth_time` (whole seconds) than one in the step before.
        """

    def exchanges(self) -> tuple[dict[str, Any], ...]:
        """The HTTP exchanges of the last step, as people want to see them: redacted, ready for a log."""

    def effort(self) -> Effort:
        """What it cost so far."""

    def close(self) -> None:
        """Give everything back."""
