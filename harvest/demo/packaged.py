"""What is packaged with the program: a review folder as it is copied, and the answers of two sources."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from db.errors import WrongUse

_DATA = files("harvest").joinpath("demo", "data")
_BESIDE = ("PROVENANCE.md", "LICENSES.md", "SOURCES.csv")
"""Copied, too: whoever has the records has their origin and licence."""


def names() -> tuple[str, ...]:
    """Paths of the files that `copy` writes, inside the folder."""
    return tuple(name for name, _ in _contents())


def copy(folder: Path) -> list[Path]:
    """Write the example into a folder that does not exist yet, or is empty; returns the files.

    Raises `WrongUse` when the folder is used already or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongUse(
            f"{folder} holds something already: name a new folder, `harvest demo FOLDER`; nothing was changed."
        )
    try:
        return [_write(folder / name, _unpacked(source)) for name, source in _contents()]
    except OSError as error:
        raise WrongUse(
            f"{error.filename or folder} cannot be written ({error.strerror}): delete what is there of {folder}, "
            "and name a folder in which you may write."
        ) from error


def answer(name: str) -> bytes:
    """One of the stored answers: `pubmed.xml`, `clinicaltrials.json`."""
    return _DATA.joinpath("answers", name).read_bytes()


def _contents() -> Iterator[tuple[str, Traversable]]:
    """Path in the copy, and what is packed for it."""
    for name in _BESIDE:
        yield name, _DATA.joinpath(name)
    for path, source in _below(_DATA.joinpath("review")):
        yield path.removesuffix(".gz"), source


def _below(folder: Traversable, path: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _below(entry, f"{path}{entry.name}/")
        else:
            yield f"{path}{entry.name}", entry


def _unpacked(source: Traversable) -> bytes:
    body = source.read_bytes()
    return gzip.decompress(body) if source.name.endswith(".gz") else body


def _write(path: Path, body: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path
