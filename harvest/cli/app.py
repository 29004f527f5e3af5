"""The front door: the group of commands, and how every error becomes one sentence and an exit code."""

from __future__ import annotations

import errno
import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from db.errors import HarvestError
from harvest import __version__
from harvest.files import legible

COMMANDS = {
    "new": "review", "check": "checking", "filters": "checking", "status": "status", "find": "review",
    "run": "running", "add": "running", "schedule": "scheduling", "sources": "running",
    "reproduce": "proving",
    "same": "same",
    "rank": "ranking", "queue": "screening", "decide": "screening", "postpone": "screening",
    "pilot": "piloting", "votes": "resolving", "resolve": "resolving", "unblind": "resolving",
    "desk": "desk",
    "fulltext": "fulltexts", "study": "studying",
    "simulate": "simulating", "report": "reporting", "bundle": "bundling",
    "db": "database",
    "demo": "demo",
}  # fmt: skip
"""Command → the module of this package that holds it."""


class Commands(click.Group):
    """Loads a command only when it is asked for, and lets no traceback out."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order in which a review needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module that holds the command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"harvest.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a guess at what was meant."""
        import difflib

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            close = difflib.get_close_matches(args[0], COMMANDS, 1)
            meant = f" Did you mean `{close[0]}`?" if close else ""
            raise click.UsageError(
                f"There is no command '{args[0]}'.{meant} `harvest --help` lists them.", ctx
            )
        return super().resolve_command(ctx, args)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the command line; `--help` and `--version` answer here already."""
        with _in_sentences():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whatever goes wrong becomes a sentence."""
        with _in_sentences():
            return super().invoke(ctx)


@contextmanager
def _in_sentences() -> Iterator[None]:
    """Turn whatever goes wrong into one sentence on stderr and the exit code of what happened."""
    try:
        yield
    except HarvestError as error:
        _end(str(error), error.exit_code)
    except KeyboardInterrupt:
        _end("Interrupted. What was stored stays; give the same command again to go on.", 130)
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # whoever read along has seen enough: click ends quietly
        _end(_about_files(error), 1)
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        if os.environ.get("HARVEST_DEBUG"):
            raise
        _end(
            f"Harvest met a fault of its own ({type(error).__name__}: {error}). What was stored stays. "
            "Please report it with what HARVEST_DEBUG=1 prints.",
            1,
        )


def _end(sentence: str, exit_code: int) -> NoReturn:
    """One sentence on stderr, and the exit code of what happened."""
    click.echo("Error: " + legible(sentence, keep="\n"), err=True)
    raise click.exceptions.Exit(exit_code)


def _about_files(error: OSError) -> str:
    where = f"{legible(error.filename)}: " if error.filename else ""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"{where}the disk is full: free some space and start again; what was stored stays."
    if error.errno == errno.EFBIG:
        return f"{where}no file may become that large here: lift that limit and start again; what was stored stays."
    return f"{where}{error.strerror or error}: check the path and its permissions."


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="harvest")
@click.option(
    "-C", "--review", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path(),
    envvar="HARVEST_REVIEW", help="The review folder. [default: this folder]",
)  # fmt: skip
@click.pass_context
def cli(ctx: click.Context, folder: Path) -> None:
    """Stored search strings in, a ranked and provable screening queue out.

    \b
    harvest new my-review        write the folder of a review
    harvest run                  ask every source, deduplicate, rank
    harvest queue export …       hand the queue to a reviewer
    """
    ctx.obj = folder
