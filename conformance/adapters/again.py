"""Plays a flow again from its start where trouble on the way cut it off, so that trouble is neither judged nor lost.

A request whose answer was lost may have been heard or not: only fresh browsers are in a known state. The steps before
are done again, and must show what they showed: a target that goes another way now (a consent that it remembers) leaves
the step without an answer, which is no verdict. A server error in place of an answer is one only if it comes each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
from sessionproof.model.state import Scope
from sessionproof.model.vocabulary import Observation, Stimulus

from ..adapter import Effort, Statement
from ..checks import Checks
from .browsing import BrowsingAdapter
from .discretion import WAITS
from .page import shown
from .problems import PASSING, FlowBroken, HarnessProblem, RateLimited, TargetFailed

REPEATS = 2
"""How often a server error must be seen again, from fresh browsers, to be the target's answer."""


class Again:
    """An adapter over one whose target is reached through a network."""

    def __init__(self, adapter: BrowsingAdapter) -> None:
        """`adapter` must not have begun a flow yet."""
        self._adapter = adapter
        self._scope: Scope
        self._done: list[tuple[Stimulus, bool, Observation]] = []
        self._answers: set[tuple[str, str, tuple[str, ...]]] = set()
        """Steps that the target answers with a server error, and what they show."""
        self.troubles: list[str] = []
        """The cause of each trouble after which something was tried again, or given up."""

    @property
    def checks(self) -> Checks:
        """Of the adapter."""
        return self._adapter.checks

    def declare(self) -> Statement:
        """The adapter's, which tries again by itself."""
        with self._redacting():
            return self._adapter.declare()

    def reset(self, scope: Scope) -> None:
        """Begin a flow."""
        self._scope, self._done = scope, []
        self._adapter.reset(scope)

    def perform(self, stimulus: Stimulus, *, distinct: bool = False) -> Observation:
        """Do one step, as often as is worth it, each time but the first from the start of the flow."""
        with self._redacting():
            return self._perform(stimulus, distinct=distinct)

    def _perform(self, stimulus: Stimulus, *, distinct: bool) -> Observation:
        tried = reached = 0
        errors: list[tuple[str, ...]] = []
        while True:
            try:
                if tried:
                    self._repeat()
                reached += 1
                seen = self._adapter.perform(stimulus, distinct=distinct)
                self._doubt(stimulus, seen, errors)
            except PASSING as problem:
                tried += 1
                self.troubles.append(self._adapter.redact(problem.cause))
                self._wait(problem, tried, here=reached == tried)
                continue
            self._done.append((stimulus, distinct, seen))
            return seen

    def exchanges(self) -> tuple[dict[str, Any], ...]:
        """Of the last step."""
        return self._adapter.exchanges()

    def effort(self) -> Effort:
        """With what was done again."""
        return self._adapter.effort()

    def close(self) -> None:
        """Close the adapter."""
        self._adapter.close()

    def _repeat(self) -> None:
        """Do the steps before once more. Raises FlowBroken where they show something else now."""
        self._adapter.reset(self._scope)
        for number, (stimulus, distinct, before) in enumerate(self._done, 1):
            now = self._adapter.perform(stimulus, distinct=distinct)
            both = before.facets.keys() & now.facets.keys()
            if now.trace != before.trace or any(now.facets[name] != before.facets[name] for name in both):
                if error := self._server_error():  # the trouble is not over yet
                    raise error
                raise FlowBroken(
                    f"{self.troubles[-1]} When the flow was played again, step {number} of it showed something else.",
                    "Make the connection to the target steady: what it remembers of a flow cannot be undone.",
                )

    def _doubt(self, stimulus: Stimulus, seen: Observation, errors: list[tuple[str, ...]]) -> None:
        """Raise TargetFailed for a server error that may pass; `errors`: what was shown with those of this step."""
        step = (stimulus.action, stimulus.arg, seen.trace)
        error = self._server_error()
        if not error or step in self._answers:
            return
        errors.append(seen.trace)
        if errors.count(seen.trace) <= REPEATS or not self._is_up():
            raise error
        self._answers.add(step)

    def _server_error(self) -> TargetFailed | None:
        """The first one among the answers to the last step."""
        network = self._adapter.network
        failed = next((e for e in network.exchanges if e.status >= 500 and network.is_real(e.url)), None)
        if failed is None:
            return None
        address = shown(failed.url.partition("?")[0], 200)
        return TargetFailed(f"{address} answered with status {failed.status}.", "Look into the target's log.")

    def _wait(self, problem: HarnessProblem, tried: int, *, here: bool) -> None:
        """As `Discretion.wait`; `here`: all went well each time up to this step."""
        try:
            self._adapter.discretion.wait(problem, tried)
        except PASSING:
            if tried > 1:
                problem.cause += f" It was tried {tried} times, each time from the start of the flow."
            problem.lasting = here and tried > len(WAITS) and not isinstance(problem, RateLimited) and self._is_up()
            raise

    @contextmanager
    def _redacting(self) -> Iterator[None]:
        """A problem may hold words of the target: no secrets in them."""
        try:
            yield
        except HarnessProblem as problem:
            problem.cause, problem.hint = map(self._adapter.redact, (problem.cause, problem.hint))
            raise

    def _is_up(self) -> bool:
        """Whether the target gives an answer that it has given before."""
        network = self._adapter.network
        with suppress(HarnessProblem):
            return network.run(network.send(httpx.Request("GET", network.healthy))).status < 500
        return False
