"""The entries of a BibTeX file, found by bibtexparser, and the values of their fields.

bibtexparser parts a file into blocks and says of some that it could not read them, but not always all of what
belongs to such a block, and it counts no line that ends in a backslash. So here every block is looked up in
the file, and what lies between two blocks is a piece of its own, or the rest of the one that could not be read.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from harvest.readers.text import Text

if TYPE_CHECKING:
    from bibtexparser.model import Block, Entry

_NO_KEY = re.compile(r"(@\s*\w+\s*[{(])(?=\s*[A-Za-z][\w-]*\s*=)")
_FIELD = re.compile(r"\s*([A-Za-z][\w-]*)\s*=\s*")
_SWALLOWED = re.compile(r"\n[ \t]*[A-Za-z][\w-]*[ \t]*=[ \t]*[{\"]")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_WORD = re.compile(r"[^\s{}\"#]+")
_BRACE = re.compile(r"(?<!\\)[{}]")
_BRACE_OR_QUOTE = re.compile(r"(?<!\\)[{}\"]")

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file: an entry, one that cannot be read (`problem`), or what is none (no `kind`)."""

    line: int
    """Counted from 1."""
    raw: str
    kind: str = ""
    """article, book … in small letters."""
    key: str = ""
    pairs: Pairs = ()
    """Fields with their values, names in small letters, without the outer braces or quotes."""
    problem: str = ""
    repaired: frozenset[str] = frozenset()
    """`key`, `comma` or `brace`, where one was missing."""


def pieces(text: Text) -> Iterator[Piece]:
    """Everything that stands in the file, in its order; `@string` is read and gives no piece."""
    whole = "\n".join(text.lines)
    blocks = list(_placed(whole))
    strings = _strings(found.block for found in blocks)
    starts = [*(found.start for found in blocks[1:]), len(whole)]
    line, at, end = 1, 0, 0
    for found, following in zip(blocks, starts, strict=False):  # a file without any has one end more
        yield from _between(whole[end : found.start], line + whole.count("\n", at, end))
        line, at = line + whole.count("\n", at, found.start), found.start
        end = following if _failed(found.block) else found.start + len(found.raw)
        yield from _read(found.block, Piece(line, whole[found.start : end].rstrip()), strings)
    yield from _between(whole[end:], line + whole.count("\n", at, end))


def _between(text: str, line: int) -> Iterator[Piece]:
    if text.strip():
        yield Piece(line, text)


# -- what bibtexparser finds -------------------------------------------------------------------------


class _Found(NamedTuple):
    start: int
    raw: str
    block: Block


def _parsed(text: str) -> Sequence[Block]:
    """The blocks of a text; what bibtexparser logs of broken ones is reported here, with its line."""
    from bibtexparser.entrypoint import parse_string  # noqa: PLC0415 (only BibTeX needs it, and it is slow to load)

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    return parse_string(text, parse_stack=[]).blocks


def _placed(whole: str) -> Iterator[_Found]:
    """Every block but the text between blocks, with its place in the file."""
    from bibtexparser.model import ImplicitComment  # noqa: PLC0415 (as above)

    at = 0
    for block in _parsed(whole):
        raw = block.raw or ""
        if not isinstance(block, ImplicitComment) and raw:
            start = whole.index(raw, at)
            at = start + (1 if _failed(block) else len(raw))
            yield _Found(start, raw, block)


def _entry(block: Block) -> Entry | None:
    """The entry in a block, also one whose key, or a field of which, is there twice."""
    from bibtexparser import model  # noqa: PLC0415 (as above)

    inside = block.ignore_error_block if isinstance(block, model.ParsingFailedBlock) else block
    return inside if isinstance(inside, model.Entry) else None


def _failed(block: Block) -> bool:
    from bibtexparser import model  # noqa: PLC0415 (as above)

    return isinstance(block, model.ParsingFailedBlock) and block.ignore_error_block is None


def _strings(blocks: Iterable[Block]) -> Mapping[str, str]:
    """What `@string` defines, names in small letters, as BibTeX compares them."""
    from bibtexparser.model import String  # noqa: PLC0415 (as above)

    found: dict[str, str] = {}
    for block in blocks:
        if isinstance(block, String):
            found[block.key.casefold()] = _values(block.key, str(block.value), found)[0][1]
    return found


# -- blocks to pieces --------------------------------------------------------------------------------


def _read(block: Block, piece: Piece, strings: Mapping[str, str]) -> Iterator[Piece]:
    from bibtexparser.model import String  # noqa: PLC0415 (as above)

    entry = _entry(block)
    if entry is not None:
        yield _filled(entry, piece, strings)
    elif _failed(block):
        yield _repaired(block, piece, strings)
    elif not isinstance(block, String):
        yield piece


def _filled(entry: Entry, piece: Piece, strings: Mapping[str, str]) -> Piece:
    pairs: list[tuple[str, str]] = []
    repaired = set(piece.repaired)
    for one in entry.fields:
        values = _values(one.key, str(one.value), strings)
        pairs += values
        if len(values) > 1:
            repaired.add("comma")
    kind = entry.entry_type.casefold()
    return replace(piece, kind=kind, key=entry.key, pairs=tuple(pairs), repaired=frozenset(repaired))


def _repaired(block: Block, piece: Piece, strings: Mapping[str, str]) -> Piece:
    """The entry, if nothing but its key or its last brace is missing; else why it cannot be read."""
    attempts = {"key": _NO_KEY.sub(r"\1,", piece.raw, count=1), "brace": piece.raw + "\n}"}
    for missing, text in attempts.items():
        found = _parsed(text)
        entry = _entry(found[0]) if len(found) == 1 and text != piece.raw else None
        if entry is not None and not any(_SWALLOWED.search(str(one.value)) for one in entry.fields):
            return _filled(entry, replace(piece, repaired=frozenset({missing})), strings)
    reason = " ".join(str(getattr(getattr(block, "error", None), "abort_reason", "")).split()).rstrip(".")
    return replace(piece, problem=f"The entry cannot be read: {reason}.")


def named_apart(value: str) -> list[str]:
    """The names in one value, parted by `and`, except where braces hold them: `{Simon and Schuster}`."""
    if "{" not in value:
        return [name for name in _AND.split(value.strip()) if name]
    from bibtexparser.middlewares.names import split_multiple_persons_names  # noqa: PLC0415 (as above)

    return split_multiple_persons_names(value)


# -- values ------------------------------------------------------------------------------------------


def _values(name: str, value: str, strings: Mapping[str, str]) -> list[tuple[str, str]]:
    """The value of a field without its braces or quotes; several fields where a comma is missing."""
    found, parts, at = [], [], 0
    while at < len(value):
        part, at = _part(value, at, strings)
        parts.append(part)
        glued = value[at:].lstrip()[:1] == "#" if at < len(value) else False
        match = None if glued else _FIELD.match(value, at)
        if match:
            found.append((name.casefold(), "".join(parts).strip()))
            name, parts, at = match[1], [], match.end()
        elif glued:
            at = value.index("#", at) + 1
    return [*found, (name.casefold(), "".join(parts).strip())]


def _part(value: str, at: int, strings: Mapping[str, str]) -> tuple[str, int]:
    """One part of a value (in braces, in quotes, a name, a number) and where it ends."""
    while at < len(value) and value[at].isspace():
        at += 1
    opener = value[at : at + 1]
    if opener in ("{", '"'):
        end = _closing(value, at)
        return value[at + 1 : end], end + 1
    word = _WORD.match(value, at)
    if word:
        return strings.get(word[0].casefold(), word[0]), word.end()
    return opener, at + 1


def _closing(value: str, at: int) -> int:
    """Where the braces or quotes that open here are closed; the end of the text when they are not."""
    depth = 0
    for mark in (_BRACE if value[at] == "{" else _BRACE_OR_QUOTE).finditer(value, at + 1):
        if mark[0] == "{":
            depth += 1
        elif depth and mark[0] == "}":
            depth -= 1
        elif not depth and (mark[0] == "}") == (value[at] == "{"):
            return mark.start()
    return len(value) - (
        1 if value[at + 1 :].endswith(value[at]) else 0
    )  # `"a { b"` is closed for bibtexparser
