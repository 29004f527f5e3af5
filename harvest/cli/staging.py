"""`--stage`: which of the two stages of screening a command is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from db.opinion import Stage

F = TypeVar("F", bound=Callable[..., Any])

STAGES: dict[str, Stage] = {"title-abstract": "title and abstract", "full-text": "full text"}
"""As it is typed → as it is kept."""


def stage_option(said: str, default: str | None = "title-abstract") -> Callable[[F], F]:
    """`--stage title-abstract|full-text`, as the command gets it: typed. With no default it may be left out."""
    return click.option(
        "--stage",
        type=click.Choice(list(STAGES)),
        default=default,
        show_default=default is not None,
        help=said,
    )
