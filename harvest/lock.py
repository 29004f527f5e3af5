"""One run at a time: an operating-system lock on a file, which dies with its process."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from db.errors import Locked, StoreError

if sys.platform == "win32":  # pragma: no cover - the tests run where files are locked with flock
    import msvcrt

    def _take(handle: IO[str]) -> None:
        # Byte 0 would be unreadable for the second run, which wants to know who holds it.
        handle.seek(4096)
        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        handle.seek(0)
else:
    import fcntl

    def _take(handle: IO[str]) -> None:
        fcntl.flock(handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def held(folder: Path, started_at: str) -> Iterator[None]:
    """Hold the review for one run.

    Raises `Locked`, saying who holds it, when another run is at work.
    """
    path = folder / ".harvest.lock"
    try:
        handle = path.open("a+", encoding="utf-8", errors="replace")
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written ({error.strerror}): check the folder's permissions."
        ) from error
    with handle:
        _take_or_refuse(handle, folder)
        try:
            handle.seek(0)
            handle.truncate()
            handle.write(f"process {os.getpid()} on {socket.gethostname()}, since {started_at}")
            handle.flush()
            yield
        finally:
            # The file stays: removing it would let two later runs lock two different files.
            handle.truncate(0)


def _take_or_refuse(handle: IO[str], folder: Path) -> None:
    try:
        _take(handle)
    except (BlockingIOError, PermissionError):
        handle.seek(0)
        holder = handle.read().strip() or "somebody"
        raise Locked(
            f"Another run is at work in {folder}: {holder}. Wait until it has ended, then start again."
        ) from None
    except OSError as error:
        raise StoreError(
            f"{folder} lies where files cannot be locked ({error.strerror}): move the review to a local disk."
        ) from error
