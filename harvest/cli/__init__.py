"""The command line: thin, one file a group of commands, heavy imports inside the commands."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, NoReturn

from harvest.cli.fence import check_siblings

if TYPE_CHECKING:
    from harvest.cli.app import cli

__all__ = ["cli", "main"]


def main() -> NoReturn:
    """Start the program, once it is certain that all of it is ours."""
    check_siblings()
    from harvest.cli.app import cli

    for stream in (sys.stdout, sys.stderr):
        if isinstance(
            stream, TextIOWrapper
        ):  # a terminal or a log that does not know every letter of a title
            stream.reconfigure(errors="backslashreplace")
    cli(prog_name="harvest")
    raise AssertionError  # click ends the process


def __getattr__(name: str) -> Any:
    if name == "cli":
        from harvest.cli.app import cli

        return cli
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
