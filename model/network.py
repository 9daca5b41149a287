"""How the three machines talk: one stimulus runs as a chain of messages between them until a page stands still.

Every redirect is a message, and the chain *is* the sequence diagram. Where a table allows several answers (MAY), the
network returns several outcomes; which of them a target took is found by observing it.
"""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from . import authorization_server, identity_provider, local_app
from .context import BACK_CHANNEL, Context, Outcome
from .possible import ADMINISTRATION, FORMS, NEEDS, needs, possible, stimuli
from .scopes import SCOPES
from .state import Browser, Scope, Tab, World
from .table import SAME, Compiled, Machine
from .vocabulary import FEDERATED, NOBODY, RIGHT_PASSWORD, SOMEBODY, Expected, Stimulus

LOCAL, SERVER, PROVIDER = local_app.MACHINE, authorization_server.MACHINE, identity_provider.MACHINE
MACHINES = (LOCAL, SERVER, PROVIDER)

APP_PAGES = ("page account", "page checkout", "page home", "page error", "page logged out")
UNKNOWN_USER = (NOBODY, "absent", "created", "anonymous")
"""What a session in which nobody is logged in may look like from outside."""

ECHOES = (("state", "echoed"), ("iss", "right"))
"""What an answer of the authorization server must repeat or name, where a rule says so."""

HAND_MADE = {
    "replay callback": (LOCAL, "replayed answer"),
    "planted callback": (LOCAL, "planted answer"),
    "planted callback without state": (LOCAL, "planted answer without state"),
    "ask none and login": (SERVER, "authorize prompt=none login"),
    "ask with foreign hint": (SERVER, "authorize prompt=none hint"),
    "ask foreign redirect": (SERVER, "authorize foreign redirect"),
    "ask from another port": (SERVER, "authorize prompt=none another port"),
    "ask unknown response type": (SERVER, "authorize unknown response type"),
    "end without hint": (SERVER, "end session without hint"),
    "end with foreign hint": (SERVER, "end session foreign hint"),
    "end to foreign address": (SERVER, "end session foreign address"),
    "resend form": (SERVER, "resend form"),
    "allow after all": (SERVER, "allow after all"),
    "foreign login form": (SERVER, "foreign login form"),
    "server cookies from before login": (SERVER, "server cookies from before login"),
    "server cookies of a former session": (SERVER, "server cookies of a former session"),
    "redeem again": (SERVER, "redeem again"),
    "refresh": (SERVER, "refresh"),
    "wrong token": (LOCAL, "visit orders"),
    "old login answer": (LOCAL, "confirm identity"),
    "provider logout token": (SERVER, "provider logout token"),
    "wrong provider logout token": (SERVER, "wrong provider logout token"),
    "redeem wrongly": (LOCAL, "visit orders"),
    "redeem twice at once": (LOCAL, "visit orders"),
    "ask provider again": (PROVIDER, "provider authorize prompt=login"),
    "ask provider silently": (PROVIDER, "provider authorize prompt=none"),
    "end at provider": (PROVIDER, "provider end session"),
    "provider cookies from before login": (PROVIDER, "provider cookies from before login"),
    "provider cookies of a former session": (PROVIDER, "provider cookies of a former session"),
}
"""Stimuli that are not what a person does at a page of an application: who gets them, as which message."""


FEATURES = frozenset(
    {rule.rule.needs for machine in MACHINES for rule in machine.compiled}
    | {need for action in NEEDS for need in needs(action)}
    | {need for scope in SCOPES for need in scope.needs}
) - {""}
"""Everything that a target can offer: with all of it, every rule and stimulus exists."""


ONE_OF_SEVERAL = "AS-25"
"""The requirement that an answer belongs to its own request: another must be under way for it to mean something."""
REDEEMED = ("redeem wrongly", "redeem twice at once")
"""Stimuli whose code does not reach the application."""
UNHEARD = ("ask from another port",)
"""Stimuli whose answer goes where nobody listens."""
STILL = ("page ", "token ", "notification ", "turned away", "let in")
"""How replies begin that nobody takes on: they are what can be seen in the end."""
WHOLE = {"refreshed": "unchanged", "cookies": "safe", "as_cookies": "safe", "caching": "private", "framing": "refused"}
"""Facets of an answer that are right or not, whatever the state."""


class Reply(NamedTuple):
    """What a reply of a rule looks like from outside (empty: nothing), and which machine gets it (none: it stands)."""

    seen: tuple[str, ...]
    to: Machine | None = None
    message: str = ""


REPLIES = {
    "": Reply(()),
    "answer": Reply(("answer",), LOCAL, "answer"),
    "error": Reply((), LOCAL, "error"),
    "provider authorize": Reply(("provider authorize",), PROVIDER, "provider authorize"),
    "provider authorize prompt=login": Reply(
        ("provider authorize prompt=login",), PROVIDER, "provider authorize prompt=login"
    ),
    "provider answer": Reply(("provider answer",), SERVER, "provider answer"),
    "provider error": Reply(("provider error",), SERVER, "provider error"),
    "provider end session": Reply(("provider end session",), PROVIDER, "provider end session"),
    "provider return": Reply(("provider return",), SERVER, "provider return"),
    "return": Reply(("return",), LOCAL, "return"),
    "page landing": Reply(APP_PAGES),
    "page any": Reply(APP_PAGES),
    "page anywhere": Reply(("page *",)),
    "token once": Reply(("one token of two", "no token of two")),
    "page refused": Reply(("page server", "page login")),
    "page turned down": Reply(("page error", "page home", "page checkout", "page logged out")),
    "page own": Reply(("page server", "page login")),
}


class Network:
    """The model of one scope for a target with the given features.

    `features`: what the target's conformance statement says that it offers (`consent`, `federation`, `refresh_tokens`,
    `clock`, ...); rules and stimuli that need anything else do not exist.
    """

    def __init__(self, scope: Scope, features: frozenset[str]) -> None:
        """Build the model; outcomes are computed when asked for and kept, since a bounded model has few of them."""
        self.scope = scope
        self.features = features
        self.stimuli = tuple(stimuli(scope, features))
        self._outcomes: dict[tuple[World, Stimulus], tuple[Outcome, ...]] = {}
        self._enabled: dict[World, tuple[Stimulus, ...]] = {}

    def rules(self) -> tuple[Compiled, ...]:
        """The rules that exist for this target, in the order of the tables."""
        return tuple(r for machine in MACHINES for r in machine.compiled if self._exists(r))

    def _exists(self, rule: Compiled) -> bool:
        return not rule.rule.needs or rule.rule.needs in self.features

    def enabled(self, world: World) -> tuple[Stimulus, ...]:
        """The stimuli that are possible in `world`, legal and hand-made ones alike."""
        if world not in self._enabled:
            self._enabled[world] = tuple(s for s in self.stimuli if possible(self.scope, world, s))
        return self._enabled[world]

    def step(self, world: World, stimulus: Stimulus) -> tuple[Outcome, ...]:
        """All legal outcomes of a possible `stimulus` in `world`; none means that the tables have a hole."""
        key = (world, stimulus)
        if key not in self._outcomes:
            self._outcomes[key] = self.afresh(world, stimulus)
        return self._outcomes[key]

    def afresh(self, world: World, stimulus: Stimulus) -> tuple[Outcome, ...]:
        """The same by the tables as they are now, which somebody may have altered since: nothing is kept."""
        return tuple(self._run(Context(self.scope, world, stimulus)))

    def _run(self, context: Context) -> Iterator[Outcome]:
        action = context.stimulus.action
        if action == "wait":
            yield _everywhere(context, "time passes", MACHINES)
        elif action in ADMINISTRATION:
            yield _everywhere(context, action, (SERVER,))
        elif action == "restart browser":
            context.here, context.tab = context.here._replace(tabs=(Tab(),) * self.scope.tabs), Tab()
            first = self.scope.apps[0]
            yield from self._in_turn(context, action, [*((LOCAL, app) for app in self.scope.apps), (SERVER, first)])
        elif action in FORMS:
            at_provider = context.tab.open.startswith("provider ")
            disabled = action in RIGHT_PASSWORD and context.user in context.world.disabled and not at_provider
            message = "credentials of a disabled user" if disabled else action
            yield from self._send(context, PROVIDER if at_provider else SERVER, message)
        else:
            machine, message = HAND_MADE.get(action, (LOCAL, action))
            context.tab = Tab("asked", context.app) if machine is SERVER and action not in BACK_CHANNEL else Tab()
            if machine is PROVIDER:
                context.tab = Tab("provider")  # of no application: nobody at the authorization server waits for it
            yield from self._send(context, machine, message)

    def _send(self, context: Context, machine: Machine, message: str) -> Iterator[Outcome]:
        state = machine.read(context)
        for rule in machine.by_message.get((state, message), ()):
            if self._exists(rule) and all(guard(context) is wanted for wanted, guard in rule.guards):
                branch = context.branch()
                fire(machine, rule, branch)
                yield from self._reply(branch, rule)

    def _in_turn(self, context: Context, message: str, parties: list[tuple[Machine, str]]) -> Iterator[Outcome]:
        """Each of the parties (a machine, and for which application) gets the message, and none of them answers."""
        if not parties:
            yield Outcome(context.after(), (), partial(_facets, context), context.rules, context.app)
            return
        (machine, context.app), *others = parties
        for rule in machine.by_message.get((machine.read(context), message), ()):
            if self._exists(rule) and all(guard(context) is wanted for wanted, guard in rule.guards):
                branch = context.branch()
                fire(machine, rule, branch)
                yield from self._in_turn(branch, message, others)

    def _reply(self, context: Context, rule: Compiled) -> Iterator[Outcome]:
        name = rule.rule.reply
        reply = REPLIES.get(name) or _plain(name)
        if seen := _error_codes(context) if name == "error" else reply.seen:
            context.trace = (*context.trace, Expected(seen, rule.requirements))
        to, message = reply.to, reply.message
        if name == "answer" and context.stimulus.action in REDEEMED:
            to, message = SERVER, context.stimulus.action
        if to is SERVER and name.startswith("provider ") and not context.tab.by:
            to = None
        if context.stimulus.action in UNHEARD:
            to = None
        if name == "provider answer":
            context.user += FEDERATED
        if name == "return":
            context.tab = Tab()
        if to:
            yield from self._send(context, to, message)
        else:
            yield Outcome(context.after(), context.trace, partial(_facets, context), context.rules, context.app)


def fire(machine: Machine, rule: Compiled, context: Context) -> None:
    """Do what `rule` says: effects first, since they look at the state that was, then the new state."""
    for effect in rule.effects:
        effect(context)
    if rule.rule.to != SAME:
        machine.write(context, rule.rule.to)
    context.rules = (*context.rules, rule)


def _plain(reply: str) -> Reply:
    """Pages, tokens and what is seen of them stand still; `authorize ...` and `end session ...` go to the server."""
    if reply.startswith(STILL):
        return Reply((reply,))
    return Reply(("authorize" if reply.startswith("authorize") else "end session",), SERVER, reply)


def _error_codes(context: Context) -> tuple[str, ...]:
    return tuple(f"error {code}" for code in context.errors)


def _everywhere(context: Context, message: str, machines: tuple[Machine, ...]) -> Outcome:
    """Something happens in all browsers at once: one tick passes (`time passes`), or an administrator acts."""
    scope, ticks = context.scope, message == "time passes"
    for at in range(scope.browsers):
        part = Context(scope, context.world, context.stimulus._replace(browser=at))
        part.rules = context.rules
        if ticks:
            part.here = _tick(scope, part.here)
        part.tab = Tab()
        for machine in machines:
            for part.app in scope.apps if machine is LOCAL else scope.apps[:1]:
                for rule in machine.by_message.get((machine.read(part), message), ()):
                    if all(guard(part) is wanted for wanted, guard in rule.guards):
                        fire(machine, rule, part)
                        break
        browsers = context.world.browsers
        context.world = part.world._replace(browsers=(*browsers[:at], part.here, *browsers[at + 1 :]))
        context.rules = part.rules
        if at == context.stimulus.browser:  # what is seen of being told is about this one's session
            context.told = part.told
    context.here = context.world.browsers[context.stimulus.browser]
    return Outcome(context.world, (), partial(_facets, context), context.rules, context.app)


def _tick(scope: Scope, browser: Browser) -> Browser:
    """Lifetimes run; nobody leaves a page open for so long."""
    locals_ = tuple(v._replace(idle=max(0, v.idle - 1), absolute=max(0, v.absolute - 1)) for v in browser.locals)
    server, provider = (
        session._replace(idle=max(0, session.idle - 1), absolute=max(0, session.absolute - 1))
        for session in (browser.server, browser.provider)
    )
    if scope.ages and server.user:
        server = server._replace(old=True)
    return Browser(locals_, server, provider, (Tab(),) * scope.tabs)


def _facets(context: Context) -> dict[str, Expected]:
    """Everything that must be seen beside the trace: claims, echoes, and which sessions there are afterwards."""
    ids: dict[str, tuple[str, ...]] = {}
    for rule in context.rules:
        for facet, requirements in rule.facets.items():
            ids[facet] = (*ids.get(facet, ()), *requirements)
    if "state" in ids and not _others_open(context):
        ids["state"] = tuple(i for i in ids["state"] if i != ONE_OF_SEVERAL)
    facets = {name: Expected(value, ids[name]) for name, value in context.tokens.items() if name in ids}
    facets |= {name: Expected((value,), ids[name]) for name, value in WHOLE.items() if name in ids}
    for app, told in context.told.items():
        why = "AS-34" if context.scope.notifies == "front channel" else "AS-57" if told.quiet else "AS-33"
        facets[f"told {app}"] = Expected(("yes", "no") if told.asked else ("yes",), (why,))
    last = context.rules[-1].rule.reply if context.rules else ""
    for rule in context.rules:
        if rule.rule.reply in ("answer", "error", "return"):
            facets |= {name: Expected((value,), ids[name]) for name, value in ECHOES if name in ids}
    if last in ("page account", "page checkout", "page landing") and "shown" in ids:
        facets["shown"] = Expected((context.local.user or NOBODY,), ids["shown"])
    if last == "page landing" and not context.silent:
        facets["landed"] = Expected(("page account",), ("APP-18",))
    for at, browser in enumerate(context.after().browsers):
        waits = context.stimulus.action in ("wait", *ADMINISTRATION)
        here = waits or at == context.stimulus.browser
        of_no_app = waits or context.stimulus.action == "restart browser"
        for app, local in zip(context.scope.apps, browser.locals, strict=True):
            role = ("local" if of_no_app or app == context.app else "locals") if here else "elsewhere"
            own = ("APP-16",) if local.user and not here else ()
            place = role if here or "local_elsewhere" not in ids else "local_elsewhere"
            facets[f"b{at + 1}/{app}"] = _who(local.user, local.session, ids.get(place, own))
        for name, role, session in (("as", "server", browser.server), ("idp", "provider", browser.provider)):
            own = ("AS-24",) if name == "as" and session.user and not here else ()
            place = role if here else f"{role}_elsewhere" if f"{role}_elsewhere" in ids else "elsewhere"
            about = ids.get(place, own)
            facets[f"b{at + 1}/{name}"] = _who(session.user, session.session, about)
    if "provider_error" in ids:
        facets["provider_error"] = Expected(context.errors, ids["provider_error"])
    if "layers" in ids:
        facets["layers"] = Expected((_layers(context),), ids["layers"])
    return facets


def _others_open(context: Context) -> bool:
    """Whether something stood open in another tab of this browser when the step began."""
    stimulus = context.stimulus
    tabs = context.world.browsers[stimulus.browser].tabs
    return any(tab.open for at, tab in enumerate(tabs) if at != stimulus.tab)


def _who(user: str, session: str, ids: tuple[str, ...]) -> Expected:
    return Expected((user, SOMEBODY), ids) if user else Expected((session, *UNKNOWN_USER), ids)


def _layers(context: Context) -> str:
    """Which layers of this browser are logged in, in the order of the chain: `shop+as+idp`."""
    here = context.after().browsers[context.stimulus.browser]
    names = [app for app, local in zip(context.scope.apps, here.locals, strict=True) if local.user]
    names += ["as"] if here.server.user else []
    names += ["idp"] if here.provider.user else []
    return "+".join(names) or NOBODY
