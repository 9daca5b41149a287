"""The properties of the whole network: they hold, and a table with one wrong row does not get past them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import pytest
from sessionproof.model.context import Context
from sessionproof.model.explore import Graph, explore
from sessionproof.model.network import FEATURES, LOCAL, PROVIDER, SERVER, Network
from sessionproof.model.properties import PROPERTIES, prove
from sessionproof.model.requirements import BY_ID
from sessionproof.model.scopes import SCOPES
from sessionproof.model.state import Local, Scope, Server
from sessionproof.model.table import Effect, Machine, Rule

from .altered import Alter, alter


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)
def test_all_hold(scope: Scope, graph: Callable[[str], Graph]) -> None:
    results = list(prove(graph(scope.name)))
    assert len(results) >= 4
    for result in results:
        assert result.holds, result.property.name
        assert result.checked > 0
        assert (result.edge is None) == (result.property.kind != "sometimes")


def test_each_applies_somewhere_and_states_a_requirement(graph: Callable[[str], Graph]) -> None:
    applied = {result.property.name for scope in SCOPES for result in prove(graph(scope.name))}
    assert applied == {prop.name for prop in PROPERTIES}
    assert {prop.requirement for prop in PROPERTIES} <= BY_ID.keys()


# What each must notice


class Fault(NamedTuple):
    """One wrong decision of a machine, the property that must not hold any more, and a scope to see it in."""

    title: str
    property: str
    scope: str
    machine: Machine
    change: Alter
    effects: Mapping[str, Effect] = MappingProxyType({})


def on(message: str, **cells: str) -> Alter:
    """Other cells in all rows for `message`."""
    return lambda rule: rule._replace(**cells) if rule.message == message else rule


def lock_out(rule: Rule) -> Rule:
    """A session in which nobody has logged in gets no login page any more."""
    asked = rule.state == "created" and rule.message in ("authorize", "authorize prompt=login")
    return rule._replace(to="=", reply="page server") if asked else rule


def same(rule: Rule) -> Rule:
    """The table stays; an effect is what changes."""
    return rule


def keep_the_old_user(context: Context) -> None:
    context.local = context.local._replace(user=context.local.user or context.user, joined=True)


def log_everybody_in(context: Context) -> None:
    here = context.here
    context.here = here._replace(locals=tuple(Local("authenticated", context.user, joined=True) for _ in here.locals))


def log_in_at_the_provider_too(context: Context) -> None:
    context.server = context.provider = Server("logged in", context.user)


def log_the_owner_in(context: Context) -> None:
    context.local = Local("authenticated", "alice")


def remember_the_password_of_bob(context: Context) -> None:
    context.server = Server("logged in", "bob")


def end_the_server_too(context: Context) -> None:
    context.local = context.local._replace(user="")
    context.server = Server()


def end_everywhere(context: Context) -> None:
    context.server = Server()
    here = context.here
    context.here = here._replace(locals=tuple(Local() for _ in here.locals))


def end_the_provider_too(context: Context) -> None:
    context.server, context.provider = Server(), Server()


TWO, THREE = "a password login leaves exactly two sessions", "a login through the provider leaves exactly three"
USER, NOTHING = "the application's user is the server's user", "no session out of nothing"
ENDS = "a logout ends what it is documented to end, and nothing else"
OUTLIVES = "the local session may outlive the server's"
IN, OUT = "somebody can log in", "everybody can log out"

FAULTS = (
    Fault("a login logs in at the other application too", TWO, "sso", LOCAL, same, {"log in": log_everybody_in}),
    Fault("a password logs in at the provider too", TWO, "core", SERVER, same, {"log in": log_in_at_the_provider_too}),
    Fault("the server forgets the login", TWO, "core", SERVER, on("credentials", effects="log in, end")),
    Fault("the provider forgets the login", THREE, "federation", PROVIDER, on("credentials", effects="")),
    Fault("the former user stays", USER, "core", LOCAL, same, {"log in": keep_the_old_user}),
    Fault("the answer names nobody", USER, "sso", SERVER, on("authorize", effects="touch")),
    Fault(
        "a planted answer logs in", NOTHING, "core", LOCAL,
        on("planted answer", to="authenticated", effects="own"), {"own": log_the_owner_in},
    ),
    Fault(
        "a wrong password logs in", NOTHING, "core", SERVER,
        on("wrong credentials", to="logged in", effects="guess"), {"guess": remember_the_password_of_bob},
    ),
    Fault(
        "an old form logs in at the server", NOTHING, "logout-rp", SERVER,
        on("resend form", to="logged in", effects="guess"), {"guess": remember_the_password_of_bob},
    ),
    Fault("logout ends nothing", ENDS, "core", LOCAL, on("log out here", to="=", effects="")),
    Fault("local logout ends the server's session", ENDS, "core", LOCAL, same, {"forget": end_the_server_too}),
    Fault("full logout keeps the local session", ENDS, "sso", LOCAL, on("log out everywhere", to="=", effects="")),
    Fault(
        "federated logout keeps the local session", ENDS, "federation", LOCAL,
        on("log out at the provider too", to="=", effects=""),
    ),
    Fault("logout ends the other application's session", ENDS, "sso", SERVER, same, {"end": end_everywhere}),
    Fault("logout ends the provider's session", ENDS, "federation", SERVER, same, {"end": end_the_provider_too}),
    Fault(
        "federated logout ends nothing at the provider", ENDS, "federation", PROVIDER,
        on("provider end session", to="=", effects=""),
    ),
    Fault("the server's logout ends every local session", OUTLIVES, "sso", SERVER, same, {"end": end_everywhere}),
    Fault("who leaves the login page cannot come back", IN, "core", SERVER, lock_out),
    Fault("full logout leaves the server alone", OUT, "sso", LOCAL, on("log out everywhere", reply="page any")),
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.title)
def test_a_wrong_table_is_noticed(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = alter(monkeypatch, fault.machine, fault.change, fault.effects)
    assert changed or fault.change is same
    scope = next(scope for scope in SCOPES if scope.name == fault.scope)
    graph = explore(Network(scope, FEATURES))
    [result] = [result for result in prove(graph) if result.property.name == fault.property]
    assert not result.holds
    if result.edge is None:
        assert result.property.kind == "sometimes"
    elif result.property.kind == "always":
        assert not result.property.holds(graph, result.edge)
        assert result.edge in graph.out[result.edge.source]
    else:
        lost = [result.edge.target]
        assert not graph.route(lost, lambda edge: result.property.holds(graph, edge), lambda _: True)


def test_there_is_a_fault_for_every_property() -> None:
    assert {fault.property for fault in FAULTS} == {prop.name for prop in PROPERTIES}
