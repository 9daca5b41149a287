"""Who sends which messages to whom, from the tables: a reply of one machine is a message of another, or a page."""

from html import escape

from sessionproof.model.context import BACK_CHANNEL
from sessionproof.model.network import HAND_MADE, LOCAL, MACHINES, PROVIDER, REPLIES, SERVER
from sessionproof.model.vocabulary import ACTIONS

from .dot import Chart, bold, rows
from .style import COLOURS, PERSON

BROWSER, BY_HAND, CLOCK = "A person in a browser", "Made by hand", "Clock"
"""Who sends what no machine sends. What is made by hand comes from an attacker or a broken browser."""

SPOKEN_FOR = {BY_HAND: BROWSER}
"""Where there is no room for a party of its own, this one stands for it."""

TOLD = {
    "logout token": SERVER.title,
    "front-channel logout": SERVER.title,
    "provider logout token": PROVIDER.title,
}
"""Messages that tell of a logout, and who sends them."""
BEHIND = {LOCAL.title: SERVER.title, SERVER.title: PROVIDER.title}
"""Who tells a machine of a logout, and hears whether it was accepted."""

CAPTION = (
    "Words at an arrow are messages; after a stroke stands what answers a request that was made by hand.",
    "Words in a box: a message that nobody sends.",
)

Messages = dict[tuple[str, str], tuple[str, ...]]
"""The messages from one party to another, by title; each in the order of the tables."""


def receiver(reply: str, machine: str) -> str:
    """The party that gets a reply of a machine: another one, the browser with the page, or whoever asked by hand."""
    known = REPLIES.get(reply)
    if known and known.to:
        return known.to.title
    if reply.startswith("page "):
        return BROWSER
    if reply.startswith(("turned away", "let in")):
        return BY_HAND
    return LOCAL.title if reply.startswith("token ") else BEHIND[machine]


def messages() -> Messages:
    """Every message of every table, with its sender and its receiver."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    sent: set[tuple[str, str]] = set()
    for machine in MACHINES:
        for reply in (rule.reply for rule in machine.rules if rule.reply):
            to = receiver(reply, machine.title)
            found.setdefault((machine.title, to), {})[reply] = None
            sent.add((to, reply))
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
        return TOLD[message]
    return BROWSER if message in ACTIONS and message not in (*HAND_MADE, *BACK_CHANNEL) else BY_HAND


def network_chart() -> Chart:
    """The three machines and what they say to each other and to the browser.

    What the clock says stands in the boxes; what answers a request made by hand stands with the requests.
    """
    chart, said = Chart("network", CAPTION, ranksep="0.25"), messages()
    looks = dict.fromkeys((BROWSER, BY_HAND), PERSON) | {m.title: COLOURS[m.name] for m in MACHINES}
    for party, look in looks.items():
        chart.box(party, bold(party) + _small(said.pop((CLOCK, party), ())), look.line, look.full)
    replies = {machine: said.pop((machine, BY_HAND), ()) for machine in looks}
    order = list(looks)
    for (source, to), names in sorted(said.items(), key=lambda item: [order.index(end) for end in item[0]]):
        answered = [f"/ {reply}" for reply in replies[to]] if source == BY_HAND else []
        down = order.index(source) < order.index(to)
        chart.arrow(source, to, rows(map(escape, [*names, *answered])), down, color=looks[source].line)
    return chart


def _small(names: tuple[str, ...]) -> str:
    return "".join(f'<BR/><FONT POINT-SIZE="10">{escape(name)}</FONT>' for name in names)
