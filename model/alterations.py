"""Tables with one thing changed: the faults that a rule can have, for flows that show them and for measuring.

Each rule in turn forgets an effect, does without a condition or turns it round, goes to another state, answers
otherwise, accepts what it should refuse, takes another user, spoils another browser, or forgets one of several browsers
or applications. An altered table is a target with that fault.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from .context import Context
from .network import MACHINES
from .possible import ADMINISTRATION
from .state import Browser, Scope
from .table import SAME, Compiled, Machine

ACCEPTED = {
    "turned away": "let in",
    "token refused": "token accepted",
    "token once": "token accepted",
    "notification refused": "notification accepted",
}
"""What is answered where something is accepted that should have been refused."""
IN_EVERY_BROWSER = ("time passes", *ADMINISTRATION)
"""Messages that a machine gets for every browser."""


class Alteration(NamedTuple):
    """One change of one rule: `key` says which, `what` in words what is changed, `rule` what it becomes."""

    machine: Machine
    key: str
    what: str
    rule: Compiled

    @property
    def name(self) -> str:
        """The rule and the change, in words."""
        return f"{self.key}: {self.what}"


def alterations(scope: Scope, features: frozenset[str]) -> Iterator[Alteration]:
    """Every alteration of every rule that exists for a target with these features, in the order of the tables."""
    for machine in MACHINES:
        for rule in machine.compiled:
            if not rule.rule.needs or rule.rule.needs in features:
                yield from (Alteration(machine, rule.key, what, to) for what, to in _changes(scope, machine, rule))


@contextmanager
def altered(alteration: Alteration) -> Iterator[None]:
    """As long as this lasts, the machine's table holds the altered rule. Only new networks notice."""
    machine, kept = alteration.machine, dict(alteration.machine.by_message)
    for place, rules in kept.items():
        machine.by_message[place] = tuple(alteration.rule if r.key == alteration.key else r for r in rules)
    try:
        yield
    finally:
        machine.by_message.update(kept)


def _changes(scope: Scope, machine: Machine, rule: Compiled) -> Iterator[tuple[str, Compiled]]:
    row = rule.rule
    names = [name for name in row.effects.split(", ") if name]
    for at, name in enumerate(names):
        yield f"does not {name}", replace(rule, effects=rule.effects[:at] + rule.effects[at + 1 :])
    for at, (wanted, guard) in enumerate(rule.guards):
        others = rule.guards[:at] + rule.guards[at + 1 :]
        name = row.guard.split(" and ")[at]
        yield f"whether or not: {name}", replace(rule, guards=others)
        yield f"only if not: {name}", replace(rule, guards=(*others, (not wanted, guard)))
    alike = [r.rule for r in machine.compiled if r.rule.message == row.message]
    targets = (SAME, *(other.to for other in alike))
    if set(targets) == {SAME}:
        targets = tuple(state for state in machine.states if "+" not in state)
    for to in dict.fromkeys(targets):
        if to != row.to:
            yield f"goes to {to}" if to != SAME else "stays where it was", replace(rule, rule=row._replace(to=to))
    for reply in dict.fromkeys((ACCEPTED.get(row.reply, ""), *(other.reply for other in alike))):
        if reply and row.reply and reply != row.reply:
            yield f"answers with {reply}", replace(rule, rule=row._replace(reply=reply))
    if len({*scope.users, *scope.provider_users}) > 1:
        yield "takes the other user", replace(rule, effects=(_other_user, *rule.effects))
    if len(scope.apps) > 1:
        yield "spares the other application", replace(rule, effects=(*rule.effects, _spare_the_other))
    for at in range(scope.browsers) if scope.browsers > 1 and row.message in IN_EVERY_BROWSER else ():
        yield f"only in browser {at + 1}", replace(rule, guards=(*rule.guards, (True, partial(_is_in, at))))
    if scope.browsers > 1:
        yield "ends the sessions of the other browser", replace(rule, effects=(*rule.effects, _end_elsewhere))
        yield "ends the same user's sessions in the other browser", replace(rule, effects=(*rule.effects, _end_own))


def _is_in(browser: int, context: Context) -> bool:
    return context.stimulus.browser == browser


def _spare_the_other(context: Context) -> None:
    """Whatever this does to the session of an application that did not ask for it is undone."""
    before = context.world.browsers[context.stimulus.browser].locals
    own = context.scope.apps.index(context.app) if context.app in context.scope.apps else 0
    now = context.here.locals
    context.here = context.here._replace(locals=tuple(now[i] if i == own else v for i, v in enumerate(before)))


def _other_user(context: Context) -> None:
    users = dict.fromkeys((*context.scope.users, *context.scope.provider_users))
    context.user = next((user for user in users if user != context.user), context.user)


def _end_elsewhere(context: Context, whose: str = "") -> None:
    own, world = context.stimulus.browser, context.world
    fresh = context.scope.start().browsers[0]
    browsers = tuple(
        browser if at == own or not _holds(browser, whose) else fresh for at, browser in enumerate(world.browsers)
    )
    context.world = context.world._replace(browsers=browsers)


def _end_own(context: Context) -> None:
    """What ends is found by the user, so that all of that user's sessions do."""
    here = context.here
    for user in {context.user, here.server.user, here.provider.user, *(local.user for local in here.locals)} - {""}:
        _end_elsewhere(context, user)


def _holds(browser: Browser, user: str) -> bool:
    return not user or user in (browser.server.user, browser.provider.user, *(v.user for v in browser.locals))
