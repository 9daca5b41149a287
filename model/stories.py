"""The two stories of the seed, by name: what the user does, and which numbered step each message of the chain is."""

from typing import NamedTuple

from .vocabulary import Stimulus


class Story(NamedTuple):
    """A flow with a name. `scope` names the bound that it lives in; `steps[i]` are the seed's numbers for `flow[i]`."""

    name: str
    title: str
    scope: str
    needs: tuple[str, ...]
    flow: tuple[Stimulus, ...]
    steps: tuple[tuple[str, ...], ...]


STORIES = (
    Story(
        "seed A",
        "User logs in with username and password",
        "core",
        (),
        (
            Stimulus("visit checkout", "shop"),
            Stimulus("visit orders", "shop"),
            Stimulus("credentials", "", "alice"),
            Stimulus("visit orders", "shop"),
        ),
        ((), ("A1", "A2", "A3"), ("A3", "A4", "A5", "A6"), ()),
    ),
    Story(
        "seed B",
        "User logs in with identity provider",
        "federation",
        ("federation", "rp_initiated_logout"),
        (
            Stimulus("visit orders", "shop"),
            Stimulus("choose provider"),
            Stimulus("credentials", "", "alice"),
            Stimulus("log out everywhere", "shop"),
            Stimulus("visit orders", "shop"),
            Stimulus("choose provider"),
        ),
        (
            ("B1", "B2", "B3"), ("B4", "B5", "B6"), ("B6", "B7", "B8", "B9"), (),
            ("B1", "B2", "B3"), ("B4", "B5", "B7", "B8", "B9"),
        ),
    ),
)  # fmt: skip
