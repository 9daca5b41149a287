"""Writes a product of two browsers out in Promela, the language of the model checker SPIN.

Each browser is a process, each part a label of it, each move a `goto`; a joint step is a rendezvous of the two. SPIN
interleaves the processes itself, so the states that it stores are those of the product, one for one. Left out are
steps that change nothing; a step that breaks a property is an assertion that fails.
"""

from collections import defaultdict
from collections.abc import Iterator

from .product import Joint, Move, Product
from .state import Browser, Server

NAMES = ("authorization server", "identity provider")


def promela(product: Product) -> str:
    """The whole model, one line for each step."""
    return "\n".join(_lines(product)) + "\n"


def _lines(product: Product) -> Iterator[str]:
    scope = product.scope
    yield f"/* {scope.name}: two browsers, {', '.join(scope.apps)}; {len(product.parts)} parts of a browser."
    yield "   Check with: spin -a FILE && gcc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -E -m10000000 */"
    if product.joint:
        yield "chan both = [0] of { short, short };  /* number of the step, what is shared before it */"
    if len(product.shared) > 1:
        yield "short shared = 0;"
        yield from (f"/* shared {number}: {_shared(shared)} */" for number, shared in enumerate(product.shared))
    yield ""
    yield "active [2] proctype Browser() {"
    options = _options(product)
    for number, part in enumerate(product.parts):
        yield f"p{number}: /* {_words(part, scope.apps)} */"
        yield "  if"
        yield from options[number] or ["  :: false"]
        yield "  fi;"
    yield "}"


def _options(product: Product) -> defaultdict[int, list[str]]:
    options: defaultdict[int, list[str]] = defaultdict(list)
    everywhere = range(len(product.shared))
    plain: defaultdict[tuple[int, int, bool], list[Move]] = defaultdict(list)
    for move in product.moves.values():
        if move.source == move.target and not move.marks.breaks:
            continue
        if move.source[0] == move.target[0]:
            plain[move.source[1], move.target[1], bool(move.marks.breaks)].append(move)
        else:
            step = f"d_step {{ shared == {move.source[0]}; shared = {move.target[0]} }}"
            options[move.source[1]].append(_option(step, move, move.target[1]))
    for (source, target, _), moves in plain.items():
        at = sorted(move.source[0] for move in moves)
        guard = "true" if at == [*everywhere] else " || ".join(f"shared == {shared}" for shared in at)
        options[source].append(_option(guard, moves[0], target))
    for number, joint in enumerate(product.joint):
        for source, target in joint.sends.items():
            options[source].append(f"  :: both!{number},{joint.shared} -> goto p{target} /* {joint.stimulus} */")
        for source, target in joint.takes.items():
            options[source].append(_taken(number, joint, target, len(everywhere)))
    return options


def _option(step: str, move: Move, target: int) -> str:
    wrong = f" assert(false); /* {', '.join(sorted(move.marks.breaks))} */" if move.marks.breaks else ""
    return f"  :: {step} ->{wrong} goto p{target} /* {move.stimulus} */"


def _taken(number: int, joint: Joint, target: int, several: int) -> str:
    receive = f"both?{number},eval(shared)" if several > 1 else f"both?{number},0"
    change = f"shared = {joint.after}; " if joint.after != joint.shared else ""
    wrong = f"assert(false); /* {', '.join(sorted(joint.marks.breaks))} */ " if joint.marks.breaks else ""
    if change or wrong:
        return f"  :: atomic {{ {receive}; {change}{wrong}goto p{target} }}"
    return f"  :: {receive} -> goto p{target}"


def _shared(shared: tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]]) -> str:
    consents, disabled = shared
    words = [f"{user} at {app}: {what}" for user, app, what in consents] + [f"{user} is disabled" for user in disabled]
    return ", ".join(words) or "nothing"


def _words(part: Browser, apps: tuple[str, ...]) -> str:
    words = []
    for app, local in zip(apps, part.locals, strict=True):
        details = [local.session, local.user, *_more(local._asdict(), ("former", "joined", "quiet", "used"))]
        clock = [f"{local.idle}/{local.absolute} ticks left"] if local.absolute else []
        words.append(f"{app}: {' '.join(filter(None, [*details, *clock]))}")
    for name, session in zip(NAMES, (part.server, part.provider), strict=True):
        if session != Server():
            details = [
                session.session,
                session.user,
                *_more(session._asdict(), ("former", "chosen", "old", "factor", "remembered")),
            ]
            clock = [f"{session.idle}/{session.absolute} ticks left"] if session.absolute else []
            half = [f"{session.half} half way"] if session.half else []
            words.append(f"{name}: {' '.join(filter(None, [*details, *half, *clock]))}")
    for number, tab in enumerate(part.tabs, 1):
        if tab.open:
            words.append(f"tab {number}: {' '.join(filter(None, [tab.open, tab.by, tab.wants]))}")
    return "; ".join(words)


def _more(fields: dict[str, object], names: tuple[str, ...]) -> list[str]:
    return [name if fields[name] is True else f"{name} {fields[name]}" for name in names if fields[name]]
