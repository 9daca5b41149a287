"""What must hold of the whole network, whatever the single rules say: always, sometimes, or from everywhere.

Proved by looking at every edge of an explored scope. Each property carries the requirement that it states.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from .explore import Edge, Graph
from .state import Browser, World
from .vocabulary import FEDERATED, RIGHT_PASSWORD


class Property(NamedTuple):
    """`kind`: `always` (of each edge), `sometimes` (of at least one), `from everywhere` (a state can be reached)."""

    name: str
    requirement: str
    kind: str
    holds: Callable[[Graph, Edge], bool]
    applies: Callable[[Graph], bool] = lambda _graph: True


class Result(NamedTuple):
    """`edge` is the counterexample of a property that fails, or the witness of one that holds sometimes."""

    property: Property
    holds: bool
    checked: int
    edge: Edge | None


def _around(graph: Graph, edge: Edge) -> tuple[Browser, Browser]:
    at = edge.stimulus.browser
    return graph.states[edge.source].browsers[at], edge.outcome.after.browsers[at]


def _layers(browser: Browser) -> tuple[int, bool, bool]:
    """How many local sessions are logged in, whether the server's is, whether the provider's is."""
    return sum(bool(v.user) for v in browser.locals), bool(browser.server.user), bool(browser.provider.user)


def _fires(edge: Edge, machine: str, *messages: str) -> bool:
    return any(r.machine == machine and r.rule.message in messages for r in edge.outcome.rules)


def _logs_in(edge: Edge) -> bool:
    return any(r.machine == "application" and "log in" in r.rule.effects for r in edge.outcome.rules)


def _two(graph: Graph, edge: Edge) -> bool:
    before, after = _around(graph, edge)
    fresh = (
        _layers(before) == (0, False, False)
        and _logs_in(edge)
        and _fires(edge, "authorization server", *RIGHT_PASSWORD)
    )
    return not fresh or _layers(after) == (1, True, False)


def _three(graph: Graph, edge: Edge) -> bool:
    before, after = _around(graph, edge)
    fresh = (
        _layers(before)[:2] == (0, False) and _logs_in(edge) and _fires(edge, "authorization server", "provider answer")
    )
    return not fresh or _layers(after) == (1, True, True)


def _same_user(graph: Graph, edge: Edge) -> bool:
    after = _around(graph, edge)[1]
    users = [v.user for v in after.locals if v.user]
    return not _logs_in(edge) or after.server.user in users


def _from_nothing(graph: Graph, edge: Edge) -> bool:
    """Whoever is logged in was so before, typed a password in this step, or is vouched for by the layer above."""
    for before, after in zip(graph.states[edge.source].browsers, edge.outcome.after.browsers, strict=True):
        typed = edge.stimulus.arg if edge.stimulus.action in RIGHT_PASSWORD else ""
        if edge.stimulus.action == "second factor":
            typed = before.server.half
        provider = {"", before.provider.user, typed}
        server = {"", before.server.user, typed, *([after.provider.user + FEDERATED] if after.provider.user else [])}
        if after.provider.user not in provider or after.server.user not in server:
            return False
        if any(
            new.user not in ("", old.user, after.server.user)
            for old, new in zip(before.locals, after.locals, strict=True)
        ):
            return False
    return True


def _ends_what_it_should(graph: Graph, edge: Edge) -> bool:
    action = edge.stimulus.action
    if not action.startswith("log out") and action != "confirm logout":
        return True
    before, after = _around(graph, edge)
    at = graph.network.scope.apps.index(edge.stimulus.app) if edge.stimulus.app else -1
    server_ends = any("end" in r.rule.effects.split(", ") for r in edge.outcome.rules)
    told = server_ends and bool(graph.network.scope.notifies)
    others = [
        ("" if told and o.joined else o.user, n.user)
        for i, (o, n) in enumerate(zip(before.locals, after.locals, strict=True))
        if i != at
    ]
    elsewhere = [
        (o, n)
        for i, (o, n) in enumerate(zip(graph.states[edge.source].browsers, edge.outcome.after.browsers, strict=True))
        if i != edge.stimulus.browser
    ]
    kept = all(o == n for o, n in others) and all(_layers(o) == _layers(n) for o, n in elsewhere)
    if action == "confirm logout" and _fires(edge, "identity provider", action):
        return kept and before.server == after.server and not after.provider.user
    if not kept or (edge.stimulus.app and after.locals[at].user):
        return False
    if action == "log out here":
        return before.server == after.server and before.provider == after.provider
    all_three = action == "log out at the provider too"
    if all_three and before.server.user.endswith(FEDERATED):
        asks = after.tabs[edge.stimulus.tab].open == "provider question"
        return not after.server.user and (asks or not after.provider.user)
    server = "" if all_three or server_ends else before.server.user
    return before.provider == after.provider and after.server.user == server


def _outlives(graph: Graph, edge: Edge) -> bool:
    after = _around(graph, edge)[1]
    return any(v.user for v in after.locals) and not after.server.user


def _somebody_in(_graph: Graph, edge: Edge) -> bool:
    return any(v.user for b in edge.outcome.after.browsers for v in b.locals)


def _all_out(_graph: Graph, edge: Edge) -> bool:
    return not any(any(map(bool, _layers(b))) for b in edge.outcome.after.browsers)


def _can(action: str) -> Callable[[Graph], bool]:
    return lambda graph: action in graph.network.scope.actions


def _can_outlive(graph: Graph) -> bool:
    scope = graph.network.scope
    return "log out everywhere" in scope.actions and len(scope.apps) > 1 and not scope.notifies


def _can_log_out(graph: Graph) -> bool:
    scope = graph.network.scope
    return "log out everywhere" in scope.actions and (
        not scope.provider_users or "log out at the provider too" in scope.actions
    )


PROPERTIES = (
    Property("a password login leaves exactly two sessions", "SYS-01", "always", _two),
    Property("a login through the provider leaves exactly three", "SYS-02", "always", _three, _can("choose provider")),
    Property("the application's user is the server's user", "SYS-03", "always", _same_user),
    Property("no session out of nothing", "SYS-04", "always", _from_nothing),
    Property("a logout ends what it is documented to end, and nothing else", "SYS-05", "always", _ends_what_it_should),
    Property("the local session may outlive the server's", "SYS-06", "sometimes", _outlives, _can_outlive),
    Property("somebody can log in", "SYS-07", "from everywhere", _somebody_in, _can("visit orders")),
    Property("everybody can log out", "SYS-07", "from everywhere", _all_out, _can_log_out),
)


def prove(graph: Graph) -> Iterator[Result]:
    """Check every property that applies to the graph's scope."""
    for prop in PROPERTIES:
        if prop.applies(graph):
            yield _check(graph, prop)


def _check(graph: Graph, prop: Property) -> Result:
    edges = list(graph.edges())
    if prop.kind == "always":
        wrong = next((e for e in edges if not prop.holds(graph, e)), None)
        return Result(prop, wrong is None, len(edges), wrong)
    if prop.kind == "sometimes":
        witness = next((e for e in edges if prop.holds(graph, e)), None)
        return Result(prop, witness is not None, len(edges), witness)
    wanted: set[World] = {e.outcome.after for e in edges if prop.holds(graph, e)}
    reaching = graph.reaching(wanted.__contains__)
    lost = next((i for i in range(len(graph.states)) if i not in reaching), None)
    return Result(prop, lost is None, len(graph.states), None if lost is None else graph.first[lost])
