"""Who sends which messages to whom, from the tables: a reply of one machine is a message of another, or a page."""

from html import escape

from sessionproof.model.context import BACK_CHANNEL
from sessionproof.model.network import HAND_MADE, LOCAL, MACHINES, REPLIES, SERVER
from sessionproof.model.vocabulary import ACTIONS

from .dot import Chart, bold, rows
from .style import COLOURS, PERSON

BROWSER, BY_HAND, CLOCK = "A person in a browser", "Made by hand", "Clock"
"""Who sends what no machine sends. What is made by hand comes from an attacker or a broken browser."""

SPOKEN_FOR = {BY_HAND: BROWSER}
"""Where there is no room for a party of its own, this one stands for it."""

TOLD = ("logout token", "front-channel logout")
"""What the authorization server tells an application of a logout."""

Messages = dict[tuple[str, str], tuple[str, ...]]
"""The messages from one party to another, by title; each in the order of the tables."""


def receiver(reply: str) -> str:
    """The party that gets a reply: a machine, the browser that shows the page, or whoever asked by hand."""
    known = REPLIES.get(reply)
    if known and known.to:
        return known.to.title
    if reply.startswith("page "):
        return BROWSER
    if reply.startswith(("turned away", "let in")):
        return BY_HAND
    return LOCAL.title if reply.startswith("token ") else SERVER.title


def messages() -> Messages:
    """Every message of every table, with its sender and its receiver."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    sent: set[tuple[str, str]] = set()
    for machine in MACHINES:
        for reply in (rule.reply for rule in machine.rules if rule.reply):
            found.setdefault((machine.title, receiver(reply)), {})[reply] = None
            sent.add((receiver(reply), reply))
    for machine in MACHINES:
        for message in (rule.message for rule in machine.rules):
            if (machine.title, message) not in sent:
                found.setdefault((sender(message), machine.title), {})[message] = None
    return {pair: tuple(names) for pair, names in found.items()}


def sender(message: str) -> str:
    """Who sends a message that is no reply of any machine."""
    if message == "time passes":
        return CLOCK
    if message in TOLD:
        return SERVER.title
    return BROWSER if message in ACTIONS and message not in (*HAND_MADE, *BACK_CHANNEL) else BY_HAND


def network_chart() -> Chart:
    """The three machines and what they say to each other and to the browser."""
    chart = Chart("network", ranksep="0.25")
    looks = dict.fromkeys((BROWSER, BY_HAND, CLOCK), PERSON) | {m.title: COLOURS[m.name] for m in MACHINES}
    for party, look in looks.items():
        chart.box(party, bold(party), look.line, look.full)
    order = list(looks)
    for (sender, to), names in sorted(messages().items(), key=lambda item: [order.index(end) for end in item[0]]):
        down = order.index(sender) < order.index(to)
        chart.arrow(sender, to, rows(map(escape, names)), down, color=looks[sender].line)
    return chart
