"""What is wrong at one place of a strategy file, and where that place is; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from db.errors import Problem


class Piece(NamedTuple):
    """A part of a text that was put together from lines of a file."""

    start: int
    """Where it begins in the text."""
    number: int
    """Of the strategy's line."""
    file_line: int
    """Counted from 1."""
    column: int
    """Where it begins in the file's line, counted from 0."""


@dataclass(frozen=True, slots=True)
class Slip(Problem):
    """One thing wrong in a strategy, as the catalogue of checks (`harvest.press`) explains it."""

    code: str = ""
    """Of the check: S101."""
    pieces: tuple[Piece, ...] = ()
    """Of the text that the place is counted in; empty when the whole file is meant."""
    start: int = 0
    end: int = 0


def piece_at(pieces: Sequence[Piece], place: int) -> Piece:
    """The piece that holds a place of the text."""
    return next((piece for piece in reversed(pieces) if piece.start <= place), pieces[0])


def unbalanced(text: str, pieces: tuple[Piece, ...], file: str) -> list[Slip]:
    """Brackets and quotation marks without their other half, each with its line and column."""
    wrong = sorted(_halves(text))
    return [_at(code, text, pieces, file, place, sentence) for place, code, sentence in wrong]


def _halves(text: str) -> Iterator[tuple[int, str, str]]:
    open_brackets: list[int] = []
    quote = -1
    for place, sign in enumerate(text):
        if sign == '"':
            quote = place if quote < 0 else -1
        elif quote >= 0:
            continue
        elif sign == "(":
            open_brackets.append(place)
        elif sign == ")" and not open_brackets:
            yield place, "S101", "This bracket closes nothing; take it away or open one before it."
        elif sign == ")":
            open_brackets.pop()
    yield from ((place, "S101", "This bracket is never closed.") for place in open_brackets)
    if quote >= 0:
        yield quote, "S102", "This quotation mark has no second one."


def curly(text: str, pieces: tuple[Piece, ...], file: str) -> list[Slip]:
    """The typographic quotation marks of a text."""
    sentence = '{} is no straight quotation mark ("), and databases read it in different ways.'
    return [
        _at("S103", text, pieces, file, match.start(), sentence.format(match[0]), warning=True)
        for match in re.finditer("[“”„‟«»]", text)
    ]


def _at(
    code: str,
    text: str,
    pieces: tuple[Piece, ...],
    file: str,
    place: int,
    sentence: str,
    *,
    warning: bool = False,
) -> Slip:
    piece = piece_at(pieces, place)
    column = piece.column + place - piece.start + 1
    end = min(place + 1, len(text))
    where = f"line {piece.file_line}, column {column}"
    return Slip(file, where, sentence, warning, code, pieces, place, end)
