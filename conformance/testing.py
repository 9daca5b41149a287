"""For tests in Python: an application under test in this process, without a server for it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from starlette.types import ASGIApp

from .adapter import Adapter
from .adapters.application import ApplicationAdapter
from .adapters.target import ApplicationTarget, load_target
from .errors import UsageProblem


@contextmanager
def application(app: ASGIApp, target: Path, environ: Mapping[str, str] = os.environ) -> Iterator[Adapter]:
    """An adapter for an ASGI application, as the target file at `target` describes it (role `application`).

    The suite plays the application's authorization server at the address in `[provider]`, on a real socket: the
    application finds it there while it answers. Its own `base` needs no server and may be any address, such as
    `http://app.test`. Secrets that the file refers to are looked up in `environ`. What an ASGI server does at its start
    (lifespan) is left to the caller. Raises UsageProblem for a wrong file, and HarnessProblem if the provider's address
    is taken.
    """
    described = load_target(target, environ)
    if not isinstance(described, ApplicationTarget):
        raise UsageProblem(f"{target}: role {described.role!s}, where 'application' is expected")
    with closing(ApplicationAdapter(described)) as adapter:
        adapter.network.host(described.base, app, ours=False)
        yield adapter
