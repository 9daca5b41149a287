"""Looks for secrets in what a command printed and wrote, in every form in which they travel."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape
from json import dumps
from pathlib import Path
from urllib.parse import quote, quote_plus

from .command import CANARIES, Done


def forms_of(secrets: Mapping[str, str]) -> Iterator[str]:
    """The secrets as they stand in headers, forms, addresses, pages and logs."""
    for name, secret in secrets.items():
        yield from {secret, quote(secret, safe=""), quote_plus(secret), escape(secret), dumps(secret)[1:-1]}
        client = name.removeprefix("SESSIONPROOF_").removesuffix("_SECRET").lower()
        for value in (secret, quote_plus(secret)):
            yield b64encode(f"{client}:{value}".encode()).decode()


def assert_no_leak(done: Done, *files: Path, secrets: Mapping[str, str] = CANARIES) -> None:
    """No secret in the output of a command, nor in the files that it wrote."""
    texts = {"stdout": done.out, "stderr": done.err}
    texts |= {path.name: path.read_text(encoding="utf-8") for path in files if path.exists()}
    for where, text in texts.items():
        for form in forms_of(secrets):
            assert form not in text, f"{form} stands in {where}"
