"""Files that people meet: written whole or not at all, under a free name, named so that they can be read."""

from __future__ import annotations

import os
import stat
import unicodedata
from contextlib import suppress
from pathlib import Path

from db.errors import StoreError, WrongUse

_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, halves of characters, and the two separators that break lines."""


def whole(path: Path, most: int) -> bytes:
    """What is in a file of `most` bytes at most; a pipe or a device has no end, and no size to tell before.

    Raises `WrongUse` when it is no such file, or cannot be read.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise WrongUse(f"{legible(path)} is no file: name an export file.")
        if status.st_size > most:
            raise WrongUse(f"{legible(path)} is larger than {most // 10**6} MB: export it in several parts.")
        return path.read_bytes()
    except OSError as error:
        raise WrongUse(
            f"{legible(path)} cannot be read ({error.strerror}): check its name and permissions."
        ) from error


def put(path: Path, body: bytes) -> None:
    """Write beside, sync, then give it its name: a reader sees the whole file or none.

    The last folder is made when it is missing. Raises `StoreError` when the file cannot be written.
    """
    folder = path.parent
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"{legible(folder)} is a file where a folder is needed: move it away.")
    partial = path.with_name(f".{path.name}.part")
    try:
        folder.mkdir(exist_ok=True)
        with partial.open("wb") as handle:
            handle.write(body)
            handle.flush()
            os.fsync(handle.fileno())
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):  # where even this fails, nothing was begun
            partial.unlink(missing_ok=True)
        raise StoreError(
            f"{legible(path)} cannot be written ({error.strerror}): check the folder and the disk."
        ) from error


def free(folder: Path, stem: str, suffix: str, body: bytes) -> Path:
    """A name that is free, or that already holds exactly these bytes; `suffix` begins with its dot.

    Somebody may be working in the older file: it is never written over.
    """
    number = 1
    while True:
        path = folder / f"{stem}{'' if number == 1 else f'_{number}'}{suffix}"
        if not path.exists() or path.read_bytes() == body:
            return path
        number += 1


def legible(text: object, keep: str = "") -> str:
    r"""A text for people: whatever would break a line or steer a terminal is spelled out, as `\n` or `\x1b`.

    Bytes of a file name that are no text become `\udcff`. The characters in `keep` stay as they are.
    """
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in _UNSEEN and c not in keep else c
        for c in str(text)
    )
