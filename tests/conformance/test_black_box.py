"""The black-box adapter before a real server on a real socket: what it finds out, and what it leaves alone."""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sessionproof.conformance.adapter import Statement
from sessionproof.conformance.adapters.black_box import BlackBoxAdapter
from sessionproof.conformance.adapters.clock import Offset, clock_offset
from sessionproof.conformance.adapters.curl import SECRETS
from sessionproof.conformance.adapters.network import Network
from sessionproof.conformance.adapters.target import AuthorizationServerTarget, load_target
from sessionproof.conformance.plan import Plan
from sessionproof.conformance.results import Results
from sessionproof.conformance.runner import Runner
from sessionproof.conformance.storezero.provider_decisions import ProviderDecisions
from sessionproof.conformance.storezero.provider_records import AuthorizationRequest, ServerSession
from sessionproof.conformance.verdict import Verdict
from sessionproof.model.scopes import SCOPES
from sessionproof.model.vocabulary import Stimulus

from .command import CANARIES
from .leaks import forms_of
from .serving import Served, serving, target_file

SHOP, OUTLET = Stimulus("visit orders", "shop"), Stimulus("visit orders", "outlet")
ALICE = Stimulus("credentials", "", "alice")
SSO = next(scope for scope in SCOPES if scope.name == "sso")
Connect = Callable[..., tuple[BlackBoxAdapter, Served]]
Known = tuple[BlackBoxAdapter, Served, Statement]


@pytest.fixture(scope="module")
def connect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connect]:
    """Starts a server as `serving` does, and gives the adapter for it."""
    with ExitStack() as stack:

        def made(**options: object) -> tuple[BlackBoxAdapter, Served]:
            server = stack.enter_context(serving(**options))  # type: ignore[arg-type]
            file = target_file(tmp_path_factory.mktemp("target"), server.issuer)
            target = load_target(file, {**os.environ, **CANARIES})
            assert isinstance(target, AuthorizationServerTarget)
            adapter = BlackBoxAdapter(target)
            stack.callback(adapter.close)
            return adapter, server

        yield made


@pytest.fixture(scope="module")
def known(connect: Connect) -> Known:
    """A conforming server, and what the adapter has found out about it."""
    adapter, server = connect()
    return adapter, server, adapter.declare()


def test_conforming_server_conforms(connect: Connect) -> None:
    adapter, _ = connect()
    results = Results()
    Runner(adapter, Plan(("core",), cover="rules", search=0), results.add).run()
    assert results.findings == []
    assert results.verdict() is Verdict.PASS, [line for line in results.lines() if line.verdict is not Verdict.PASS]
    assert results.footer["stopped"] == ""


def test_what_it_offers_is_found_out(known: Known) -> None:
    _, _, statement = known
    assert statement.features >= {"rp_initiated_logout", "refresh_tokens", "cancel", "server under test"}
    assert not statement.features & {"federation", "application under test", "clock"}
    assert statement.layers == {"AS", "SYS"}
    assert not statement.status


def test_a_file_with_one_application_is_enough(tmp_path: Path) -> None:
    with serving() as served:
        file = target_file(tmp_path, served.issuer)
        text = file.read_text(encoding="utf-8")
        file.write_text(
            text.partition("[clients.outlet]")[0] + "[users]" + text.partition("[users]")[2], encoding="utf-8"
        )
        target = load_target(file, {**os.environ, **CANARIES})
        assert isinstance(target, AuthorizationServerTarget)
        adapter = BlackBoxAdapter(target)
        try:
            adapter.declare()
            adapter.reset(next(scope for scope in SCOPES if scope.name == "core"))
            for stimulus in (SHOP, ALICE, Stimulus("log out here", "shop")):
                adapter.perform(stimulus)
            seen = adapter.perform(Stimulus("redeem wrongly", "shop", "client"))
            assert seen.trace == ("authorize", "answer", "token refused")
        finally:
            adapter.close()


# What time it is there


@pytest.mark.parametrize(("ahead", "late"), [(0.0, 0.0), (3.4, 0.0), (-7200.7, 0.3), (0.3, 1.0)])
def test_clock_of_the_server_is_known_well_enough(connect: Connect, ahead: float, late: float) -> None:
    adapter, _ = connect(ahead=ahead, late=late)
    adapter.declare()
    assert adapter.knows_time
    early = adapter.now() - time.time()
    assert early <= ahead + 0.001
    assert ahead <= early + adapter.blur + 0.001
    assert adapter.blur < (0.3 if late == 0 else 0.9)


def test_date_headers_alone_leave_room_for_servers_that_renew_them_late() -> None:
    for late in (0.0, 0.7):
        with serving(late=late) as server, Network() as network:
            network.reach(server.issuer)
            offset = clock_offset(network, server.issuer)
            assert offset is not None
            assert offset.low <= 0 <= offset.high


def test_time_stamps_narrow_what_is_known() -> None:
    offset = Offset(-0.2, 1.0)
    assert offset.narrowed(100, 100.1, 100.2) == pytest.approx((-0.2, 0.9))
    assert offset.narrowed(100, 99.6, 99.7) == pytest.approx((0.3, 1.0))
    assert offset.narrowed(40, 100.1, 100.2) == offset, "backdated on purpose: says nothing"


def test_silent_logins_are_never_taken_for_new_ones(connect: Connect) -> None:
    """A Date that is renewed late must not make the `auth_time` of an earlier second look like this step's."""
    adapter, _ = connect(late=0.7)
    adapter.declare()
    adapter.reset(SSO)
    adapter.perform(SHOP)
    time.sleep(-time.time() % 1 + 0.1)
    assert adapter.perform(ALICE).facets["sub"] == "alice"
    adapter.perform(OUTLET)
    adapter.perform(Stimulus("allow"))
    told: list[str | None] = []
    end = time.time() + 2.6
    while time.time() < end:
        adapter.perform(Stimulus("log out here", "shop"))
        seen = adapter.perform(SHOP)
        assert seen.trace == ("authorize", "answer", "page account")
        told.append(seen.facets.get("auth_time"))
    assert "now" not in told
    assert told[-1] == "before"


def test_new_login_is_told_from_the_one_before(known: Known) -> None:
    adapter, _, _ = known
    adapter.reset(SSO)
    for stimulus in (SHOP, ALICE, Stimulus("switch user", "shop")):
        adapter.perform(stimulus)
    assert adapter.perform(ALICE, distinct=True).facets["auth_time"] == "now"


# Probing


def test_probe_tells_the_user_and_disturbs_nothing(known: Known) -> None:
    adapter, server, _ = known
    adapter.reset(SSO)
    nobody = adapter.perform(SHOP)
    alice = adapter.perform(ALICE)
    assert (nobody.facets["b1/as"], alice.facets["b1/as"]) == ("nobody", "alice")
    person = adapter.driver.people[0]
    cookies = person.browser.cookies(server.issuer)
    before, shown = server.provider.session_status(cookies), adapter.exchanges()
    assert adapter.probe(person, "shop") == "alice"
    assert person.browser.cookies(server.issuer) == cookies
    assert server.provider.session_status(cookies) == before
    assert adapter.exchanges() == shown
    assert not [exchange for exchange in shown if "prompt=none" in exchange["request"]]


class ProbingEndsSessions(ProviderDecisions):
    """A silent request ends the session that it is answered from, as rotation of a cookie in a copy does."""

    def needs_login(self, request: AuthorizationRequest, session: ServerSession | None) -> bool:
        spoilt = bool(self.memory.pop("probed", False))
        if "none" in request.prompt:
            self.memory["probed"] = True
        return spoilt or super().needs_login(request, session)


def test_server_that_probes_disturb_is_not_probed(connect: Connect) -> None:
    adapter, _ = connect(decisions=ProbingEndsSessions)
    adapter.declare()
    adapter.reset(SSO)
    adapter.perform(SHOP)
    assert "b1/as" not in adapter.perform(ALICE).facets
    adapter.perform(Stimulus("log out here", "shop"))
    assert adapter.perform(SHOP).trace == ("authorize", "answer", "page account")


# What gets into a log


def test_secrets_are_masked_in_exchanges(known: Known) -> None:
    adapter, _, _ = known
    logout = next(scope for scope in SCOPES if scope.name == "logout-rp")
    adapter.reset(logout)
    text, values = "", set[str]()
    for stimulus in (
        SHOP,
        ALICE,
        Stimulus("refresh", "shop"),
        Stimulus("end to foreign address", "shop"),
        Stimulus("log out everywhere", "shop"),
    ):
        adapter.perform(stimulus)
        text += "\n".join(f"{e['request']}\n{e['curl']}\n" for e in adapter.exchanges())
        for exchange in adapter.network.exchanges:
            for part in (urlsplit(exchange.url).query, exchange.request_body.decode()):
                values |= {v for name, found in parse_qs(part).items() if name in SECRETS for v in found}
            values |= set(re.findall(r"=([\w.-]{20,})", exchange.request_headers.get("cookie", "")))
    assert len(values) > 5
    for value in (*forms_of(CANARIES), *values):
        assert value not in text
    for placeholder in ("password=<password>", "code=<code>", "refresh_token=<refresh_token>", "$CLIENT_SECRET"):
        assert placeholder in text
