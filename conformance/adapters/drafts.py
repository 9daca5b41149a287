"""Reads the draft of a target file as the file will be read: what it says wrong is wrong before it is written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from .target import AnyTarget, load_target


class _Anything(Mapping[str, str]):
    """An environment in which every secret is set: they need not be there yet."""

    def __getitem__(self, name: str) -> str:
        return "draft"

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def load_draft(text: str, folder: Path, environ: Mapping[str, str] | None = None) -> AnyTarget:
    """The target that a file with this text in `folder` would be; without `environ` its secrets are made up.

    Raises TargetFileError, and OSError where nothing can be written there.
    """
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".toml", dir=folder, delete=False) as file:
        file.write(text)
    try:
        return load_target(Path(file.name), _Anything() if environ is None else environ)
    finally:
        with suppress(OSError):
            os.unlink(file.name)
