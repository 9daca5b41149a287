"""What the seed's text says beyond its flow: which choices its servers make, and the number of each sentence.

`NUMBERS` names a message of the chain, or `machine: state` where the sentence is about what the machine remembers.
"""

CHOICES = {
    "seed A": frozenset(
        {
            "local session begins when login succeeds",
            "server session begins at the authorization request",
            "does not ask for consent",
        }
    ),
    "seed B": frozenset(
        {
            "local session begins when login starts",
            "server session begins at the authorization request",
            "provider session begins at the visit",
            "provider does not ask for consent",
            "does not ask for consent",
        }
    ),
}

NUMBERS: dict[str, dict[str, tuple[str, ...]]] = {
    "seed A": {
        "authorize": ("A1",),
        "authorization server: created+login": ("A2",),
        "page login": ("A2", "A3"),
        "credentials": ("A3",),
        "authorization server: logged in": ("A4",),
        "answer": ("A5",),
        "application: authenticated": ("A6",),
        "page landing": ("A6",),
    },
    "seed B": {
        "application: anonymous+pending": ("B1",),
        "authorize": ("B1",),
        "authorization server: created+login": ("B2",),
        "page login": ("B3",),
        "choose provider": ("B4",),
        "provider authorize": ("B5",),
        "identity provider: created+login": ("B6",),
        "page provider login": ("B6",),
        "credentials": ("B6",),
        "identity provider: logged in": ("B6",),
        "provider answer": ("B7",),
        "authorization server: logged in": ("B7",),
        "answer": ("B8",),
        "application: authenticated": ("B9",),
        "page landing": ("B9",),
    },
}
