"""The picture of the flow in pixels, drawn by a program that is on the computer anyway; Harvest brings none along."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from db.errors import WrongUse

TIMES = 3
"""Pixels for one of the SVG: 288 an inch."""
PATIENCE = 120
"""Seconds for the program to come to its end."""

_SIZE = re.compile(rb'<svg [^>]*?width="(\d+)" height="(\d+)"')


def _rsvg(svg: Path, png: Path, _: tuple[int, int]) -> Sequence[str]:
    return (f"--zoom={TIMES}", f"--output={png}", str(svg))


def _inkscape(svg: Path, png: Path, size: tuple[int, int]) -> Sequence[str]:
    return ("--export-type=png", f"--export-filename={png}", f"--export-width={size[0] * TIMES}", str(svg))


def _chromium(svg: Path, png: Path, size: tuple[int, int]) -> Sequence[str]:
    root = (
        ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    )  # it refuses to start otherwise
    return (
        "--headless", *root, "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={svg.parent / 'profile'}",
        f"--force-device-scale-factor={TIMES}", f"--window-size={size[0]},{size[1]}", f"--screenshot={png}",
        svg.as_uri(),
    )  # fmt: skip


PROGRAMS: Mapping[str, Callable[[Path, Path, tuple[int, int]], Sequence[str]]] = MappingProxyType(
    {
        "rsvg-convert": _rsvg,
        "inkscape": _inkscape,
        "chromium": _chromium,
        "chromium-browser": _chromium,
        "google-chrome": _chromium,
    }
)
"""Program → its arguments; the first that is on the path is used."""


def drawn(svg: bytes) -> bytes:
    """An SVG of ours as PNG.

    Raises:
        WrongUse: no program is there that could draw it, or the one that is there does not.
    """
    found = next(((path, words) for name, words in PROGRAMS.items() if (path := shutil.which(name))), None)
    if found is None:
        raise WrongUse(
            f"A PNG needs one of {', '.join(PROGRAMS)} on the path, and none is there: take --format svg, which "
            "browsers, Word and LibreOffice open, or install librsvg (`rsvg-convert`)."
        )
    program, arguments = found
    size = _SIZE.match(svg)
    if size is None:
        raise WrongUse("This is no picture that Harvest has drawn: it does not say its size.")
    with TemporaryDirectory(prefix="harvest-", ignore_cleanup_errors=True) as folder:
        drawing, picture = Path(folder) / "flow.svg", Path(folder) / "flow.png"
        drawing.write_bytes(svg)
        words = arguments(drawing, picture, (int(size[1]), int(size[2])))
        why = _run([program, *words])
        if not picture.is_file():
            raise WrongUse(f"{Path(program).name} did not draw the PNG ({why}): take --format svg.")
        return picture.read_bytes()


def _run(words: Sequence[str]) -> str:
    """Start a program and wait for its end; what it complained of."""
    try:
        done = subprocess.run(  # noqa: S603 - one of `PROGRAMS`, and no shell
            words, check=False, capture_output=True, timeout=PATIENCE, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = " ".join(done.stderr.decode("utf-8", "replace").split())
    return said[-200:] or f"it ended with {done.returncode}"
