"""Judges every step of a flow by the model: the ioco relation, kept as the set of model states that fit.

After each stimulus the model says which answers are legal from each state that still fits; the observation filters
them. If none is left, the target did what no rule allows: fail, blamed on the requirement of the rule and the place
where the nearest legal answer differs. A deviation does not end the flow as long as the state that follows is known:
one from a SHOULD or outside the selection, or one beside the messages and the sessions. Pure: no input, no output, no
clock.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sessionproof.model.context import Outcome
from sessionproof.model.network import Network
from sessionproof.model.requirements import BY_ID
from sessionproof.model.state import World
from sessionproof.model.vocabulary import NOBODY, SOMEBODY, Expected, Observation, Stimulus

from .verdict import Judgement, Mismatch, Verdict

FACETS = ("state", "iss", "sub", "sid", "auth_time", "acr", "shown", "landed")
"""The order in which facets are blamed; sessions (`b1/as`) come after these, `layers` last."""


FACETS_OF_ANSWERS = FACETS[:6]
"""Those that an answer of the authorization server carries, itself or in its token."""

FACETS_OF_PROVIDER = ("provider_error", "provider_sub", "provider_auth_time")
"""Those that an answer of the identity provider carries."""

SERVERS = ("/idp", "/as")
"""Sessions that are blamed before the others, the farthest from the application first."""

BESIDE_THE_STATE = (
    "state", "iss", "sid", "auth_time", "acr", "landed", "refreshed", "cookies", "as_cookies", "caching", "framing",
    "told ", "provider_error", "provider_auth_time",
)  # fmt: skip
"""How facets begin that may be wrong although everybody is in the state that the model says: the flow can go on."""

_TIMES = frozenset({"auth_time", "provider_auth_time"})

BROKEN_ONLY_BY: dict[str, str | tuple[str, ...]] = {
    "APP-01": "page account",
    "APP-03": "page account",
    "APP-12": "authorize",
    "AS-02": ("answer", "error"),
    "AS-19": ("answer", "error consent_required"),
    "AS-30": "foreign address",
    "IDP-01": "provider answer",
}
"""Requirements that forbid one kind of message or page, and how it begins: another wrong one does not break them."""


REMEMBERED = 2_000
"""Judgements that are kept: the same step in the same states looks the same again and again."""


class _Compared(NamedTuple):
    world: World
    outcome: Outcome
    right: int
    hard: tuple[Mismatch, ...]
    soft: tuple[Mismatch, ...]
    outside: tuple[Mismatch, ...]
    inexact: int


class Judge:
    """Follows one flow on a network; `selected` are the ids that count.

    `tokens`: whether what the parties hand on among themselves is seen. Where it is not, a wrong session of an
    application breaks first what is required across the layers (SYS), for nobody can tell whose fault it is.
    """

    def __init__(self, network: Network, selected: frozenset[str], *, tokens: bool = True) -> None:
        """Start in the initial state of the network's scope."""
        self.network = network
        self.selected = selected
        self._tokens = tokens
        self.worlds: tuple[World, ...] = ()
        self._known: dict[tuple[object, ...], Judgement] = {}
        self.reset()

    def reset(self) -> None:
        """Forget the flow: the next step starts in a fresh browser."""
        self.worlds = (self.network.scope.start(),)

    def possible(self, stimulus: Stimulus) -> bool:
        """Whether the model knows the stimulus to be possible in every state that still fits."""
        return all(stimulus in self.network.enabled(world) for world in self.worlds)

    def timed_rules(self, stimulus: Stimulus) -> set[str]:
        """Keys of the rules that may fire now and say what `auth_time` must be."""
        outcomes = (outcome for world in self.worlds for outcome in self.network.step(world, stimulus))
        return {rule.key for outcome in outcomes for rule in outcome.rules if not _TIMES.isdisjoint(rule.facets)}

    def step(self, stimulus: Stimulus, seen: Observation) -> Judgement:
        """Judge what was `seen` after `stimulus`, and move on to the states that fit it."""
        key = (self.worlds, stimulus, seen.trace, *seen.facets.items())
        judgement = self._known.get(key)
        if judgement is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            judgement = self._known[key] = self._judge(stimulus, seen)
        self.worlds = judgement.after or self.worlds
        return judgement

    def _judge(self, stimulus: Stimulus, seen: Observation) -> Judgement:
        outcomes = [(world, outcome) for world in self.worlds for outcome in self.network.step(world, stimulus)]
        before = self.worlds
        # Only where no answer looks like this one does it matter how the others differ.
        alike = [(w, o) for w, o in outcomes if len(o.trace) == len(seen.trace) == _agreeing(o.trace, seen.trace)]
        compared = [self._compare(world, outcome, seen) for world, outcome in alike]
        fitting = [c for c in compared if not c.hard]
        if not fitting:
            compared = [self._compare(world, outcome, seen) for world, outcome in outcomes]
            fitting = [c for c in compared if not c.hard]
        if not fitting:
            return self._deviating(stimulus, seen, compared)
        best = min(map(_badness, fitting))
        fitting = [c for c in fitting if _badness(c) == best]
        after = tuple(dict.fromkeys(c.outcome.after for c in fitting))
        first = fitting[0]
        soft = (*first.soft, *(_broken(identifier, first.outcome) for identifier in first.outcome.breaks))
        soft_selected = tuple(m for m in soft if m.requirement in self.selected)
        fits = set(_variants(c.outcome for c in fitting))
        declined = tuple(dict.fromkeys(v for v in _turned_down(outcomes, fitting) if v not in fits))
        shared = set(_variants((fitting[0].outcome,))).intersection(*(_variants((c.outcome,)) for c in fitting))
        return Judgement(
            stimulus,
            seen,
            Verdict.WARNING if soft_selected else Verdict.PASS,
            _witnessed(first.outcome, seen, {m.place for m in (*soft, *first.outside)}),
            soft_selected,
            (*first.outside, *(m for m in soft if m not in soft_selected)),
            tuple(dict.fromkeys(rule.key for c in fitting for rule in c.outcome.rules)),
            tuple(sorted(shared)),
            declined,
            before,
            after,
        )

    def _deviating(self, stimulus: Stimulus, seen: Observation, compared: list[_Compared]) -> Judgement:
        """The nearest legal answer is blamed. Where all messages and sessions are as it says, its state follows."""
        before = self.worlds
        worst = max(compared, key=lambda c: (c.right, -len(c.hard)), default=None)
        if worst is None:
            return Judgement(stimulus, seen, Verdict.INCONCLUSIVE, (), (), (), (), (), (), before, ())
        wrong = tuple(m for m in worst.hard if m.requirement in self.selected)
        if worst.hard[0].place.startswith("trace") and worst.hard[0] not in wrong:
            wrong = ()  # what else is wrong follows from what was not asked about
        verdict = Verdict.FAIL if wrong else Verdict.INCONCLUSIVE
        outside = (*worst.outside, *(m for m in worst.hard if m not in wrong))
        if not all(m.place.startswith(BESIDE_THE_STATE) for m in worst.hard):
            return Judgement(stimulus, seen, verdict, (), wrong, outside, (), (), (), before, ())
        places = [m.place for m in worst.hard]
        alike = [c for c in compared if [m.place for m in c.hard] == places]
        return Judgement(
            stimulus,
            seen,
            verdict,
            _witnessed(worst.outcome, seen, {m.place for m in (*worst.hard, *worst.soft, *worst.outside)}),
            wrong,
            outside,
            tuple(dict.fromkeys(rule.key for c in alike for rule in c.outcome.rules)),
            (),
            (),
            before,
            tuple(dict.fromkeys(c.outcome.after for c in alike)),
        )

    def _compare(self, world: World, outcome: Outcome, seen: Observation) -> _Compared:
        hard: list[Mismatch] = []
        soft: list[Mismatch] = []
        outside: list[Mismatch] = []
        right = _agreeing(outcome.trace, seen.trace)
        if right < max(len(outcome.trace), len(seen.trace)):
            mismatch = _trace_mismatch(outcome, seen, right)
            last = right == len(outcome.trace) - 1 == len(seen.trace) - 1
            known = BY_ID.get(mismatch.requirement)
            (soft if last and known and known.level == "SHOULD" else hard).append(mismatch)
        facets = outcome.facets
        for name, expected in facets.items():
            if name in seen.facets and not expected.admits(seen.facets[name]):
                mismatch = _facet_mismatch(outcome, name, self._ordered(name, expected), seen.facets[name])
                level = BY_ID[mismatch.requirement].level
                if "/" in name:
                    hard.append(mismatch)
                elif mismatch.requirement not in self.selected:
                    outside.append(mismatch)
                else:
                    (soft if level == "SHOULD" else hard).append(mismatch)
        hard.sort(key=lambda m: _rank(m.place, outcome, right))
        inexact = sum(seen.facets.get(name, e.allowed[0]) != e.allowed[0] for name, e in facets.items() if "/" in name)
        return _Compared(world, outcome, right, tuple(hard), tuple(soft), tuple(outside), inexact)

    def _ordered(self, name: str, expected: Expected) -> Expected:
        if self._tokens or "/" not in name or name.endswith(SERVERS):
            return expected
        return expected._replace(requirements=tuple(sorted(expected.requirements, key=lambda i: i[:3] != "SYS")))


def _badness(compared: _Compared) -> tuple[int, int, int]:
    """In doubt the target did what is recommended."""
    return len(compared.soft) + len(compared.outcome.breaks), len(compared.outside), compared.inexact


def _agreeing(expected: tuple[Expected, ...], seen: tuple[str, ...]) -> int:
    for at, (one, other) in enumerate(zip(expected, seen, strict=False)):
        if not one.admits(other):
            return at
    return min(len(expected), len(seen))


def _visible_rules(outcome: Outcome) -> list[str]:
    return [r.key for r in outcome.rules if r.rule.reply]


def _trace_mismatch(outcome: Outcome, seen: Observation, at: int) -> Mismatch:
    rules = _visible_rules(outcome)
    rule = rules[at] if at < len(rules) else rules[-1] if rules else ""
    actual = seen.trace[at] if at < len(seen.trace) else "nothing more"
    if at < len(outcome.trace):
        expected, ids = " or ".join(outcome.trace[at].allowed), outcome.trace[at].requirements
    else:
        expected, ids = "the page stands still", outcome.trace[-1].requirements if outcome.trace else ()
    if actual.startswith("provider "):
        # Nobody was to go to the identity provider now: what the rules say of its session is what this is about.
        provider = next((e.requirements for name, e in outcome.facets.items() if name.endswith("/idp")), ())
        ids = provider or ids
    ids = tuple(i for i in ids if actual.startswith(BROKEN_ONLY_BY.get(i, ""))) or ids
    if not ids:
        beside = [i for r in outcome.rules if r.key == rule for f in ("server", "local") for i in r.facets.get(f, ())]
        ids = tuple(i for i in beside if i in BROKEN_ONLY_BY and actual.startswith(BROKEN_ONLY_BY[i])) or tuple(beside)
    return Mismatch(ids[0] if ids else "SYS-04", rule, f"trace {at + 1}", expected, actual)


def _facet_mismatch(outcome: Outcome, name: str, expected: Expected, actual: str) -> Mismatch:
    role = next(
        (
            r.key
            for r in reversed(outcome.rules)
            if any(i in expected.requirements for f in r.facets.values() for i in f)
        ),
        "",
    )
    ids = expected.requirements
    if "/" in name:
        ids = ids or _sessions_ids(expected, actual)
    return Mismatch(ids[0], role or outcome.rules[-1].key, name, expected.allowed[0], actual)


def _sessions_ids(expected: Expected, actual: str) -> tuple[str, ...]:
    """What holds of every session of which no rule says more: none out of nothing, none lost for nothing."""
    if actual in (NOBODY, "absent", "created", "anonymous"):
        return ("SYS-05",)
    return ("SYS-04",) if NOBODY in expected.allowed else ("SYS-03",)


def _broken(identifier: str, outcome: Outcome) -> Mismatch:
    rule = next(r for r in outcome.rules if r.rule.breaks == identifier)
    return Mismatch(identifier, rule.key, "choice", "the recommended behaviour", rule.rule.variant)


def _witnessed(outcome: Outcome, seen: Observation, wrong: set[str]) -> tuple[str, ...]:
    ids = [i for at, e in enumerate(outcome.trace) if f"trace {at + 1}" not in wrong for i in e.requirements]
    for name, e in outcome.facets.items():
        if name not in wrong and seen.facets.get(name, SOMEBODY) != SOMEBODY:
            ids += e.requirements
    return tuple(dict.fromkeys(ids))


def _variants(outcomes: Iterable[Outcome]) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(pair for outcome in outcomes for pair in outcome.choices))


def _turned_down(outcomes: Iterable[tuple[World, Outcome]], fitting: Iterable[_Compared]) -> Iterator[tuple[str, str]]:
    """The choices at which the target went another way, in each state that it can have been in.

    What would have come after such a choice is no choice that it declined: it was never asked.
    """
    taken: dict[World, list[tuple[str, ...]]] = {}
    for c in fitting:
        taken.setdefault(c.world, []).append(tuple(rule.key for rule in c.outcome.rules))
    for world, outcome in outcomes:
        keys = [rule.key for rule in outcome.rules]
        shared = max((_common(keys, way) for way in taken.get(world, ())), default=len(keys))
        yield from ((variant, outcome.app) for rule in outcome.rules[shared : shared + 1] for variant in rule.variants)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many entries both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _answered(outcome: Outcome, *kinds: str) -> int:
    """Where in the trace such an answer stands."""
    return next((at for at, e in enumerate(outcome.trace) if e.allowed[0].startswith(kinds)), 98)


def _rank(place: str, outcome: Outcome, right: int) -> float:
    """Blame what came first: the messages in their order, what an answer holds where it stands, sessions last."""
    if place.startswith("trace"):
        return right
    if place in FACETS_OF_ANSWERS:
        return _answered(outcome, "answer", "error", "return") + 0.1 + FACETS.index(place) / 100
    if place in FACETS_OF_PROVIDER:
        return _answered(outcome, "provider answer", "provider error") + 0.1
    if place.endswith(SERVERS):  # what an application shows follows from the sessions behind it
        return 98 + 0.1 * SERVERS.index(place[place.index("/") :])
    return 99 + (FACETS.index(place) / 100 if place in FACETS else 0.5 if "/" in place else 0.6)
