"""Wheels, built from a folder of sources without a network and without an installer."""

from __future__ import annotations

import contextlib
from pathlib import Path

from hatchling.build import build_wheel


def built(project: Path, into: Path) -> Path:
    """The wheel of a project that is built with hatchling."""
    with contextlib.chdir(project):
        return into / build_wheel(str(into))
