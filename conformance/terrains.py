"""The terrains of one run, and what is true of the target in all of them: its choices, its deviations, its gaps."""

import gc
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence

from sessionproof.model.explore import Edge, explore, uncollected
from sessionproof.model.network import Network
from sessionproof.model.state import Scope, World
from sessionproof.model.vocabulary import Stimulus

from .generate.cover import STRENGTHS, Strength, shown
from .generate.terrain import Terrain
from .verdict import BEHIND, LEFT, ROUTED_AROUND, Judgement, Mismatch

CHANCES = 3
"""How often a target must have declined a choice (MAY) before covers stop waiting for it."""

Deviation = tuple[str, str, str, str]
"""The rule whose answer is not given, action and argument of the stimulus, and the requirement that this breaks."""


class Terrains:
    """One terrain for each scope, made when it is asked for: exploring takes longer than a short flow."""

    def __init__(self, features: frozenset[str]) -> None:
        """Nothing is known of the target yet but the features that it offers."""
        self._features = features
        self._networks: dict[str, Network] = {}
        self._terrains: dict[str, Terrain] = {}
        self._walked: dict[str, list[Sequence[Judgement]]] = {}
        """By scope: flows of which the terrain is not told yet."""
        self.covered: dict[tuple[Strength, str], set[Hashable]] = {}
        """By strength and scope: everything that some flow has shown, whatever made it."""
        self.declined: Counter[tuple[str, str]] = Counter()
        self.chosen: Counter[tuple[str, str]] = Counter()
        """How often each choice (variant, application) was possible and not made, and made."""
        self._deviations: list[Deviation] = []
        self._left_out: dict[str, str] = {}
        self._given: set[tuple[str, str, str]] = set()
        """Rules by which the target has answered an action with an argument as it should."""
        self._given_in: set[tuple[str, Stimulus, World]] = set()
        """The same with the state in which it did."""

    def network(self, scope: Scope) -> Network:
        """The model of a scope."""
        if scope.name not in self._networks:
            self._networks[scope.name] = Network(scope, self._features)
        return self._networks[scope.name]

    def items(self) -> Iterable[tuple[str, Terrain]]:
        """The terrains that were asked for, by the names of their scopes."""
        return self._terrains.items()

    def terrain(self, scope: Scope) -> Terrain:
        """The reachable states of a scope, and what is known of the target there."""
        if scope.name not in self._terrains:
            with uncollected():
                terrain = self._terrains[scope.name] = Terrain(explore(self.network(scope)))
                gc.freeze()  # the graph stays to the end of the run: the collector need not walk it even once
            for deviation in self._deviations:
                terrain.block(_refuses(deviation), f"{ROUTED_AROUND} {deviation[-1]}")
            for action, why in self._left_out.items():
                terrain.block(_does(action), why)
            for played in self._walked.pop(scope.name, ()):
                self._learn(scope, terrain, played, toured=False)
        never = (v for v, times in self.declined.items() if times >= CHANCES and not self.chosen[v])
        self._terrains[scope.name].close(frozenset(never))
        return self._terrains[scope.name]

    def walked(self, scope: Scope, played: Sequence[Judgement], *, toured: bool) -> None:
        """A flow was played. `toured`: the tour that planned it has told the terrain already."""
        terrain = self._terrains.get(scope.name)
        if terrain is None:
            self._walked.setdefault(scope.name, []).append(played)
        else:
            self._learn(scope, terrain, played, toured=toured)

    def _learn(self, scope: Scope, terrain: Terrain, played: Sequence[Judgement], *, toured: bool) -> None:
        last = ""
        for judgement in played:
            step = judgement.before, judgement.stimulus, judgement.rules
            sources = terrain.numbers(judgement.before) if toured else terrain.took(*step, judgement.after)
            for strength in STRENGTHS:
                covered = self.covered.setdefault((strength, scope.name), set())
                covered.update(shown(terrain, strength, last, judgement.before, sources, *step[1:]))
            last = judgement.rules[-1] if judgement.rules else ""

    def chose(self, judgement: Judgement) -> None:
        """Remember what the target has answered; what it failed to answer before is no longer left out everywhere."""
        self.declined.update(judgement.declined)
        self.chosen.update(judgement.variants)
        stimulus = judgement.stimulus
        self._given_in.update((rule, stimulus, world) for rule in judgement.rules for world in judgement.before)
        new = {(rule, stimulus.action, stimulus.arg) for rule in judgement.rules} - self._given
        if not new:
            return
        self._given |= new
        for deviation in [d for d in self._deviations if d[:3] in new]:
            self._deviations.remove(deviation)
            for terrain in self._terrains.values():
                terrain.unblock(_refuses(deviation))

    def leave_out(self, scope: Scope, worlds: tuple[World, ...], stimulus: Stimulus, why: str) -> None:
        """Do this never again, or not here, where it has shown something elsewhere."""
        action = stimulus.action
        if any(given == action for _, given, _ in self._given):
            self.terrain(scope).block(lambda edge: edge.stimulus == stimulus, why, worlds)
            return
        self._left_out[action] = why
        for terrain in self._terrains.values():
            terrain.block(_does(action), why)

    def route_around(self, scope: Scope, judgement: Judgement, mismatch: Mismatch) -> None:
        """Where the target has given the answer before, it depends on what was: only this state is left out then.

        Not even that is, if it was given in this very state: it is asked for again then.
        """
        stimulus, why = judgement.stimulus, f"{ROUTED_AROUND} {mismatch.requirement}"
        deviation = (mismatch.rule, stimulus.action, stimulus.arg, mismatch.requirement)
        if any((mismatch.rule, stimulus, world) in self._given_in for world in judgement.before):
            return
        if deviation[:3] in self._given:
            self.terrain(scope).block(_refuses(deviation), why, judgement.before)
            return
        self._deviations.append(deviation)
        for terrain in self._terrains.values():
            terrain.block(_refuses(deviation), why)

    def left(self) -> dict[str, str]:
        """Why rules may not have fired on this target: the reason that a run can do something about goes first."""
        reasons: dict[str, set[str]] = {}
        for terrain in self._terrains.values():
            for edge, why in terrain.left():
                for key in edge.rules:
                    reasons.setdefault(key, set()).add(why)

        def order(why: str) -> tuple[bool, bool, bool, str]:
            return why != LEFT, ROUTED_AROUND not in why, why == BEHIND, why

        return {key: min(found, key=order) for key, found in reasons.items()}


def _refuses(deviation: Deviation) -> Callable[[Edge], bool]:
    """Which edges need the answer in which the target deviates."""
    rule, action, arg, _ = deviation
    return lambda edge: edge.stimulus.action == action and edge.stimulus.arg == arg and rule in edge.rules


def _does(action: str) -> Callable[[Edge], bool]:
    """Which edges are steps of this action."""
    return lambda edge: edge.stimulus.action == action
