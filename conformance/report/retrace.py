"""Judges the steps of a log once more: what was seen then gives the same verdicts now, and the states in between.

A log that another version of the model judged may be judged otherwise today: whoever uses this must compare.
"""

from collections.abc import Iterator, Sequence

from sessionproof.model.network import Network
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import Observation, Stimulus

from ..events import step as step_event
from ..judge import Judge
from ..runlog import Event
from ..verdict import Judgement

BY_NAME = {scope.name: scope for scope in SCOPES}


class Retracer:
    """Follows flows of one log; there is one judge per scope, so that every outcome is worked out only once."""

    def __init__(self, header: Event) -> None:
        """`header`: the first event of the log, which says what the target offers and which requirements count."""
        self._features = frozenset(header["target"]["features"])
        self._selected = frozenset(header.get("selected", ()))
        self._judges: dict[str, Judge] = {}

    def scope(self, name: str) -> Scope | None:
        """The scope of this name; None if this version of the model has none."""
        return BY_NAME.get(name)

    def follow(self, scope: str, steps: Sequence[Event]) -> Iterator[Judgement]:
        """The judgement of each step, as far as the model knows the step to be possible."""
        judge = self._judge(scope)
        if judge is None:
            return
        judge.reset()
        for event in steps:
            stimulus = Stimulus(*event["do"])
            if not judge.possible(stimulus):
                return
            yield judge.step(stimulus, Observation(tuple(event["trace"]), event["facets"]))

    def network(self, scope: str) -> Network | None:
        """The model of a scope, for this target."""
        judge = self._judge(scope)
        return judge.network if judge else None

    def _judge(self, name: str) -> Judge | None:
        if name not in self._judges and (scope := BY_NAME.get(name)):
            self._judges[name] = Judge(Network(scope, self._features), self._selected)
        return self._judges.get(name)


def agrees(event: Event, judgement: Judgement) -> bool:
    """Whether a step of a log was judged then as it is judged now."""
    now = step_event(judgement)
    return all(event.get(key) == now.get(key) for key in ("verdict", "witnessed", "mismatches", "outside"))
