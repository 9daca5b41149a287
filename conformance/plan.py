"""What a run is to do: the profiles, how far the covers go, what limits it, and what of it applies to a target."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sessionproof.model.requirements import BY_ID
from sessionproof.model.scopes import SCOPES, profile_of
from sessionproof.model.state import Scope
from sessionproof.model.stories import Story

from .adapter import Statement
from .generate.cover import Strength
from .runlog import Event


@dataclass(frozen=True)
class Plan:
    """What to run.

    `profiles`: those to certify for. `seconds`, `steps`, `requests`: start nothing new after so much (None: no limit).
    `search`: flows drawn by hypothesis. `fail_fast`: stop at the first confirmed failure, but for `accepted`
    requirements. `only`: of the profiles' requirements, those that count (empty: all). `shard`: which part of how many
    this is, counted from 1: each part plays scopes of its own.
    """

    profiles: tuple[str, ...]
    cover: Strength = "transitions"
    search: int = 100
    seed: int = 0
    seconds: float | None = None
    steps: int | None = None
    fail_fast: bool = False
    accepted: frozenset[str] = frozenset()
    requests: int | None = None
    only: frozenset[str] = frozenset()
    shard: tuple[int, int] = (1, 1)

    def within(self, seconds: float) -> "Plan":
        """The same plan with a limit of time."""
        return replace(self, seconds=seconds)

    def event(self) -> Event:
        """What the header of the log says of it."""
        return {
            "profiles": list(self.profiles),
            "cover": self.cover,
            "search": self.search,
            "seed": self.seed,
            "seconds": self.seconds,
            "steps": self.steps,
            **({"requests": self.requests} if self.requests is not None else {}),
            **({"only": sorted(self.only)} if self.only else {}),
            **({"shard": list(self.shard)} if self.shard[1] > 1 else {}),
        }


def selected(statement: Statement, profiles: Iterable[str]) -> frozenset[str]:
    """The requirements that count: of a chosen profile, at a layer under test, and of a feature that is offered."""
    return frozenset(
        r.id
        for r in BY_ID.values()
        if r.profile in profiles and r.layer in statement.layers and (not r.needs or r.needs in statement.features)
    )


def offered(scope: Scope, statement: Statement) -> bool:
    """Whether the target offers anything that a scope is about."""
    profile = profile_of(scope)
    needs = {r.needs for r in BY_ID.values() if r.profile == profile}
    return (
        scope.needs <= statement.features
        and statement.apps.issuperset(scope.apps)
        and ("" in needs or bool(needs & statement.features))
    )


def scope_of(story: Story) -> Scope:
    """The scope that a story lives in."""
    return next(s for s in SCOPES if s.name == story.scope)
