"""The fence around four names that others use, too: stop with one sentence instead of running half of each.

Imports nothing of ours, because it is asked before anything of ours is imported (docs/decisions/001).
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

SIBLINGS = ("harvest", "dedupe", "screen", "db")
"""The four packages of this program. Each name is taken by somebody else on PyPI, too."""

_ADVICE = "Install Harvest into an environment of its own (pipx, uv tool, or a venv)"


def check_siblings() -> None:
    """Raise `SystemExit` with a sentence when a package of ours is not ours."""
    home = Path(__file__).resolve().parents[2]
    for name in SIBLINGS:
        if complaint := _elsewhere(name, home) or _overwritten(name):
            sys.exit(f"Error: {complaint}")


def _elsewhere(name: str, home: Path) -> str:
    """Python finds somebody else's first: another folder on its path, or a file where it was started."""
    spec = find_spec(name)
    place = Path(spec.origin).resolve() if spec and spec.origin else None
    if place == home / name / "__init__.py":
        return ""
    return (
        f"the package '{name}' that Python finds ({place or 'nowhere'}) is not Harvest's. {_ADVICE}, and do not "
        f"start it from a folder that holds a '{name}.py'."
    )


def _overwritten(name: str) -> str:
    """Another project of the same name, installed into the same folder, replaces our files one by one."""
    try:
        other = distribution(name)
    except PackageNotFoundError:
        return ""
    return (
        f"the project '{name}' {other.version} is installed in the same environment, and its files have taken the "
        f"place of Harvest's. {_ADVICE}."
    )
