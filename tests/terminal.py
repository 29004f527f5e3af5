"""Harvest as a process of its own, for what only a process shows: signals, pipes, encodings, limits, rights."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
import server_corpus as corpus
from reviews import harvest, write
from server import Server

PROGRAM = (sys.executable, "-c", "from harvest.cli import main; main()")
ARTICLES, STUDIES = 8, 3
PATIENCE = 60
"""Seconds after which a process is given up; none needs more than three."""


def served() -> Server:
    """A server with a few articles and studies, to be entered with `with`."""
    server = Server(corpus.articles(ARTICLES), corpus.created(ARTICLES), corpus.studies(STUDIES))
    server.pubmed.match("the", corpus.articles(ARTICLES))
    server.trials.match("trial", corpus.studies(STUDIES))
    return server


def harvested(folder: Path) -> Path:
    """A review after its first run; its sources are gone."""
    with served() as server:
        write(folder, server.pubmed_url, server.trials_url)
        harvest(folder, "run")
    return folder


def copied(review: Path, folder: Path) -> Path:
    """The same review once more, to be spoilt."""
    return Path(shutil.copytree(review, folder))


def files(folder: Path) -> set[str]:
    """Everything that lies in a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def started(
    folder: Path, *words: object, stdout: IO[bytes] | int = subprocess.PIPE, **more: str
) -> subprocess.Popen[bytes]:
    """The program, started in a review; `more` goes into its environment."""
    path = os.pathsep.join(part for part in (str(Path(__file__).parents[1]), *sys.path) if part)
    return subprocess.Popen(
        [*PROGRAM, "-C", str(folder), *map(str, words)], stdin=subprocess.DEVNULL, stdout=stdout,
        stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path, **more},
    )  # fmt: skip


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    """Its exit code, and what it said on stdout and stderr."""
    out, err = process.communicate(timeout=PATIENCE)
    assert b"Traceback" not in err, err.decode()
    return process.returncode, (out or b"").decode("utf-8", "replace"), err.decode("utf-8", "replace")


def sentence(said: str) -> str:
    """The one sentence that an error is."""
    (line,) = [line for line in said.splitlines() if line.startswith("Error: ")]
    return line.removeprefix("Error: ")


# -- rights ------------------------------------------------------------------------------------------

_CAPABILITIES_3 = 0x20080522
_OVER_RIGHTS = 0b110
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: what makes root pass over the rights of files."""


@contextmanager
def rights_that_hold() -> Iterator[None]:
    """Rights of files hold for this thread, also when it is root's; skips where that cannot be had."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "capset"):
        pytest.skip("root passes over the rights of files, and cannot be kept from it here")
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; low bits, then high ones
    if libc.capget(header, sets):
        pytest.skip("what root may do cannot be read here")
    all_of_them = sets[0]
    sets[0] = all_of_them & ~_OVER_RIGHTS
    if libc.capset(header, sets):
        pytest.skip("root cannot be kept from passing over the rights of files here")
    try:
        yield
    finally:
        sets[0] = all_of_them
        libc.capset(header, sets)


@contextmanager
def closed(path: Path, mode: int) -> Iterator[None]:
    """A file or folder with these rights, for a while, and rights that hold."""
    before = path.stat().st_mode
    path.chmod(mode)
    try:
        with rights_that_hold():
            yield
    finally:
        path.chmod(before)
