"""Opens a target: reads its file, starts it where that is allowed, and gives the adapter for its role."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from .adapter import Adapter
from .adapters.again import Again
from .adapters.application import ApplicationAdapter
from .adapters.black_box import BlackBoxAdapter
from .adapters.browsing import BrowsingAdapter
from .adapters.identity_provider import IdentityProviderAdapter
from .adapters.in_process import InProcessAdapter
from .adapters.json_lines import JsonLinesAdapter
from .adapters.process import NotTrusted, TargetProcess
from .adapters.target import (
    AdapterTarget,
    ApplicationTarget,
    AuthorizationServerTarget,
    Deployed,
    IdentityProviderTarget,
    ReferenceTarget,
    WholeTarget,
    load_target,
)
from .adapters.whole import WholeAdapter
from .errors import UsageProblem


@contextmanager
def open_target(
    path: Path | None, environ: Mapping[str, str], *, trust: bool = False, start: bool = True, account: int = 1
) -> Iterator[Adapter]:
    """The adapter of the target file at `path`, or of the bundled reference; closed and stopped at the end.

    `trust`: run the command of its `[start]` section; otherwise the target must be running. `start`: False where
    somebody else has started it. `account`: the number of the worker whose users log in. Raises UsageProblem for a
    wrong file and HarnessProblem for a target that does not start.
    """
    target = load_target(path, environ) if path else None
    if isinstance(target, AuthorizationServerTarget) and account > 1:
        target = target.for_worker(account)
    if isinstance(target, Deployed) and not trust:
        _check_files(target)
    with ExitStack() as stack:
        adapter: BrowsingAdapter | JsonLinesAdapter
        match target:
            case AuthorizationServerTarget():
                adapter = BlackBoxAdapter(target)
                stack.callback(adapter.close)  # first it listens as the provider behind: a server may look early
                _start(stack, target, environ, trust and start)
            case ApplicationTarget():
                adapter = ApplicationAdapter(target)
                stack.callback(adapter.close)
                _start(stack, target, environ, trust and start)
            case IdentityProviderTarget():
                _start(stack, target, environ, trust and start)
                adapter = IdentityProviderAdapter(target)
            case WholeTarget():
                _start(stack, target, environ, trust and start)
                adapter = WholeAdapter(target)
            case AdapterTarget():
                if not trust:
                    raise NotTrusted(target.command, "Allow it with --trust, if you trust the file.")
                adapter = JsonLinesAdapter(target, environ)
            case ReferenceTarget():
                adapter = InProcessAdapter(name=target.name, profiles=tuple(target.profiles))
            case None:
                adapter = InProcessAdapter()
        stack.callback(adapter.close)
        if isinstance(target, Deployed) and not trust:
            adapter.checks.advice = target.advice
        yield Again(adapter) if isinstance(adapter, BrowsingAdapter) and isinstance(target, Deployed) else adapter


@contextmanager
def started(path: Path | None, environ: Mapping[str, str], *, trust: bool) -> Iterator[None]:
    """Start the target of a file, if it says how and may, and stop it at the end."""
    target = load_target(path, environ) if path else None
    with ExitStack() as stack:
        if isinstance(target, Deployed):
            _start(stack, target, environ, trust)
        yield


def check_workers(path: Path | None, environ: Mapping[str, str], workers: int) -> None:
    """Raise UsageProblem if the target of a file cannot be tested by so many workers at the same time."""
    match load_target(path, environ) if path else None:
        case AuthorizationServerTarget(upstream=None) as target:
            fitting = [users for users in target.workers if users.keys() == target.users.keys()]
            if len(fitting) < max(workers - 1, len(target.workers)):
                raise UsageProblem(
                    f"-j {workers} needs users of their own for each further worker: {path} has {len(fitting)} "
                    f"sections [[workers]] with the users of [users], and {workers - 1} are needed"
                )
        case None | ReferenceTarget() | AdapterTarget():
            pass
        case target:
            raise UsageProblem(
                f"-j cannot be used with {path}: there the suite plays a party at one address. Divide the run over "
                "several machines with --shard"
            )


def profiles_of(path: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The profiles that a target file names. Raises UsageProblem for a wrong file."""
    return tuple(load_target(path, environ).profiles)


def _check_files(target: Deployed) -> None:
    """Raise UsageProblem where a file that is not trusted would have others read than those beside it."""
    file = target.ca_file
    if file is not None and not file.resolve().is_relative_to(target.folder.resolve()):
        raise UsageProblem(
            f"ca_file: {file} is not in the folder of the target file; put the certificates there, or allow it with "
            "--trust, if you trust the file"
        )


def _start(stack: ExitStack, target: Deployed, environ: Mapping[str, str], trust: bool) -> None:
    if target.start is not None and trust:
        stack.enter_context(TargetProcess(target.start, target.folder, environ, trust=True, redact=target.redact))
