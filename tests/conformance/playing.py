"""Plays a flow on a judge step by step, with what is seen of a step changed as a test wants it."""

from collections.abc import Mapping, Sequence

from sessionproof.conformance.judge import Judge
from sessionproof.conformance.verdict import Judgement, Verdict
from sessionproof.model.context import Outcome
from sessionproof.model.network import FEATURES
from sessionproof.model.requirements import BY_ID
from sessionproof.model.vocabulary import Observation, Stimulus

from .fake import Choose, first, network, perfect

ALL = frozenset(BY_ID)

VISIT = Stimulus("visit orders", "shop")
OUTLET = Stimulus("visit orders", "outlet")
ALICE, BOB = Stimulus("credentials", "", "alice"), Stimulus("credentials", "", "bob")
WRONG = Stimulus("wrong credentials")
SWITCH, SILENT = Stimulus("switch user", "shop"), Stimulus("silent check", "shop")
OUT_HERE, OUT = Stimulus("log out here", "shop"), Stimulus("log out everywhere", "shop")
REFRESH = Stimulus("refresh", "shop")
IN = (VISIT, ALICE)


class Play:
    """A judge and a target that choose alike; what is seen of a step can be changed before it is judged."""

    def __init__(self, scope: str, selected: frozenset[str] = ALL, features: frozenset[str] = FEATURES) -> None:
        self.network = network(scope, features)
        self.judge = Judge(self.network, selected)
        self.world = self.network.scope.start()

    def outcomes(self, stimulus: Stimulus) -> tuple[Outcome, ...]:
        return self.network.step(self.world, stimulus)

    def do(
        self,
        stimulus: Stimulus,
        facets: Mapping[str, str | None] | None = None,
        trace: Sequence[str] | None = None,
        choose: Choose = first,
    ) -> Judgement:
        """One step, seen with other `facets` (None: not observed) or another `trace`."""
        outcome = choose(self.outcomes(stimulus))
        seen = perfect(outcome)
        changed = {k: v for k, v in {**seen.facets, **(facets or {})}.items() if v is not None}
        self.world = outcome.after
        return self.judge.step(stimulus, Observation(seen.trace if trace is None else tuple(trace), changed))

    def after(self, *flow: Stimulus, choose: Choose = first) -> "Play":
        """Go through `flow`, which passes."""
        for stimulus in flow:
            judgement = self.do(stimulus, choose=choose)
            assert judgement.verdict is Verdict.PASS, judgement.mismatches
        return self
