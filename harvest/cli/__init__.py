"""The command line: thin, one file a group of commands, heavy imports inside the commands."""

from __future__ import annotations

from harvest.cli.app import cli, main

__all__ = ["cli", "main"]
