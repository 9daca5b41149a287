"""What each machine remembers of a browser beside the name of its state, in words; SPEC.md prints it."""

from sessionproof.model.network import LOCAL, PROVIDER, SERVER
from sessionproof.model.state import Local, Server

USER = "who is logged in; nobody in the other states"
IDLE = "ticks until the session ends if nobody uses it; at each use it starts anew"
ABSOLUTE = "ticks until the session ends whatever happens"

FIELDS = {LOCAL.name: Local._fields, SERVER.name: Server._fields, PROVIDER.name: Server._fields}
"""What the model keeps for each machine; `session` is the part of the state before `+`."""

DATA: dict[str, dict[str, str]] = {
    LOCAL.name: {
        "user": USER,
        "former": "whether a session before this one ended, or was another user's; its cookies must not work any more",
        "joined": (
            "whether the last ID token came from the present session of the authorization server, so that its `sid` "
            "and refresh token belong to that session: the application takes part in it"
        ),
        "quiet": "whether that token came without a login page; such an application hears of a logout, too (AS-57)",
        "used": "whether this browser has logged in here before, so that there is an answer that could be replayed",
        "idle": IDLE,
        "absolute": ABSOLUTE,
    },
    SERVER.name: {
        "user": f"{USER}; `alice@idp` came through the identity provider",
        "former": "whether a session before this one ended, or was reset, by the same user or another",
        "idle": IDLE,
        "absolute": ABSOLUTE,
        "chosen": "whether a login at the identity provider was begun in this browser, and nobody has logged in since",
        "old": "whether the login is of longer ago than `max_age` allows",
        "factor": "whether the second factor was `given` in this session; `maybe` after a new login of the same user",
        "remembered": "whether the session outlives the browser, because its user asked to be remembered",
        "half": "whose password was right, while the second factor is open",
    },
    PROVIDER.name: {
        "user": USER,
        "former": "whether a session before this one ended, or was reset, by the same user or another",
        "idle": IDLE,
        "absolute": ABSOLUTE,
    },
}
"""Meaning by machine and name; what is not here, this machine does not use."""
