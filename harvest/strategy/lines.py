"""Lines of a strategy that refer to each other: `#1 OR #2`, `1 and 2`, `or/1-4`, `{OR #1-#4}`, `S1 OR S2`; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from harvest.strategy.slips import Piece, Slip

LIMIT = 1_000_000
"""Characters a query may grow to by replacing references."""

_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<![\w’'])'[^'\n]*'(?![\w'])|\{\s*filter\b[^}]*\}", re.IGNORECASE)
"""What is never a reference: quoted text, and the name of a filter."""
_WORD = r"(?:and|or|not)"
_SETS = (
    r"\b(?P<op1>or|and)/(?P<set1>{0})(?![\w/])"
    r"|(?<![\w#])(?P<set2>{0})/(?P<op2>or|and)\b"
    r"|\{{\s*(?P<op3>or|and)\s+(?P<set3>{0})\s*\}}"
    r"|^\s*(?P<op4>or|and)\s+(?P<set4>{0})\s*$"
    r"|(?<![\w#]){1}(?P<one>\d{{1,3}})(?![\w-])"
)
_BARE = (  # where an operand stands: at an end of the line, or beside an operator or a bracket
    rf"(?P<before>(?:^|\b{_WORD}\s+|\blimit\s+)[(\s]*)(?<![\w#])(?P<bare>\d{{1,3}})"
    rf"(?=\s*$|\s*\)(?!\.)|\s+{_WORD}\b|\s+to\b)"
)
_NEVER = r"(?P<before>(?!))(?P<bare>(?!))"
_NAMING = ("set1", "set2", "set3", "set4", "one", "bare")
_JOINING = ("op1", "op2", "op3", "op4")


def _reference(sign: str, needed: str, bare: str) -> re.Pattern[str]:
    """What refers to a line: `sign` before a single number, `needed` before each number of a set."""
    one = rf"{needed}\d{{1,3}}(?:\s*[-–]\s*{sign}?\d{{1,3}})?"
    several = rf"{one}(?:\s*,\s*{one})*"
    return re.compile(f"{_SETS.format(several, sign)}|{bare}", re.IGNORECASE)


_REFERENCES = {"#": _reference("#", "#?", _BARE), "S": _reference("S", "S", _NEVER)}
_OPERATOR = re.compile(rf"\b{_WORD}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One numbered line of a strategy."""

    number: int
    text: str
    """Without its number; lines that go on are joined by a blank."""
    file_line: int
    """Where it begins in the file, counted from 1."""
    pieces: tuple[Piece, ...] = field(default=(), compare=False, repr=False)
    """Where each part of the text stands in the file."""
    sign: str = field(default="#", compare=False, repr=False)
    """What stands before the number in a reference: `#` or nothing, or `S` as in histories of EBSCOhost."""


class Reference(NamedTuple):
    """A place in a line that stands for other lines."""

    start: int
    end: int
    numbers: tuple[int, ...]
    """The lines it names, in order."""
    operator: str
    """Of a set: OR for `or/1-4`; empty for a single line."""


def references(text: str, sign: str = "#") -> tuple[Reference, ...]:
    """References in a line, in order; quoted text is never one, and S1 only where the lines are numbered so."""
    masked = _QUOTED.sub(lambda match: "\x01" * len(match[0]), text)
    found: list[Reference] = []
    place = 0
    while match := _REFERENCES[sign].search(masked, place):
        listed = next(filter(None, map(match.group, _NAMING)))
        number_before = re.search(r"\d\s*$", masked[place : match.start()])
        if not (match["bare"] and number_before):  # grade (1 or 2): words, both of them
            start = match.end("before") if match["before"] is not None else match.start()
            operator = next(filter(None, map(match.group, _JOINING)), "").upper()
            found.append(Reference(start, match.end(), tuple(_numbers(listed)), operator))
        place = match.end()
    return tuple(found)


def refers_openly(text: str) -> bool:
    """True for a reference that says so, by `#` or `/`: `2 OR 3` alone may be words."""
    return any(
        reference.operator or text[reference.start : reference.end].startswith("#")
        for reference in references(text)
    )


def expand(lines: Sequence[Line]) -> Mapping[int, str]:
    """Each line by its number, with every reference replaced, in brackets.

    The lines must refer to earlier ones only. Ends with the first line that would grow beyond `LIMIT`.
    """
    expanded: dict[int, str] = {}
    for line in lines:
        whole = _replaced(line, expanded)
        if len(whole) > LIMIT:
            break
        expanded[line.number] = whole
    return expanded


def _replaced(line: Line, expanded: Mapping[int, str]) -> str:
    text = line.text
    parts: list[str] = []
    place = 0
    for start, end, numbers, operator in references(text, line.sign):
        joined = f" {operator} ".join(f"({expanded[n]})" for n in numbers)
        alone = start == 0 and end == len(text)
        parts += [_loud(text[place:start]), joined if alone or not operator else f"({joined})"]
        place = end
    return "".join((*parts, _loud(text[place:]) if parts else text))


def _loud(between: str) -> str:
    """Operators between references in capitals, as PubMed needs them; other words as they are."""
    bare = _OPERATOR.sub("", between).strip("() \t")
    return between if bare else _OPERATOR.sub(lambda match: match[0].upper(), between)


def _numbers(listed: str) -> Iterator[int]:
    """`1-3,7` → 1, 2, 3, 7; a range that runs backwards names its two ends."""
    for part in re.sub("[#S]", "", listed, flags=re.IGNORECASE).split(","):
        first, _, last = (piece.strip() for piece in part.replace("–", "-").partition("-"))
        if last and int(first) < int(last):
            yield from range(int(first), int(last) + 1)
        else:
            yield from (int(piece) for piece in (first, last) if piece)


# -- what can be wrong with references ----------------------------------------------------------------


def misled(lines: Sequence[Line], file: str) -> list[Slip]:
    """Everything because of which references would lead astray, or nowhere."""
    return [*_misnumbered(lines, file), *_dangling(lines, file)]


def _misnumbered(lines: Sequence[Line], file: str) -> Iterator[Slip]:
    """Numbers that are there twice or do not follow each other."""
    seen = {lines[0].number}
    for before, line in pairwise(lines):
        if line.number in seen:
            yield _at("S303", file, line, f"Number {line.number} is given twice; number the lines anew.")
        elif line.number != before.number + 1:
            sentence = f"Number {line.number} follows number {before.number}; number the lines anew."
            yield _at("S303", file, line, f"{sentence} A line that goes on with the one before is indented.")
        seen.add(line.number)


def _dangling(lines: Sequence[Line], file: str) -> Iterator[Slip]:
    """References to lines that are not there, and to the line itself or later ones (so there are no circles)."""
    there = {line.number for line in lines}
    for line in lines:
        for start, end, numbers, _ in references(line.text, line.sign):
            later = [number for number in dict.fromkeys(numbers) if number > line.number and number in there]
            absent = [number for number in dict.fromkeys(numbers) if number not in there]
            if line.number in numbers:
                yield _at("S302", file, line, f"Line {line.number} refers to itself.", (start, end))
            if later:
                sentence = f"Line {line.number} refers to {_lines(later, 'comes later', 'come later')}."
                yield _at("S302", file, line, sentence, (start, end))
            if absent:
                sentence = f"Line {line.number} refers to {_lines(absent, 'is not there', 'are not there')}."
                yield _at("S301", file, line, sentence, (start, end))


def _lines(numbers: Sequence[int], one: str, many: str) -> str:
    """`line 4, which is not there`; `lines 25 to 77, which are not there`."""
    if len(numbers) == 1:
        return f"line {numbers[0]}, which {one}"
    if len(numbers) == numbers[-1] - numbers[0] + 1:
        return f"lines {numbers[0]} to {numbers[-1]}, which {many}"
    return f"lines {', '.join(map(str, numbers))}, which {many}"


def unused(lines: Sequence[Line], file: str) -> list[Slip]:
    """Lines that do not take part in the last one, which is the one that is sent."""
    used = {lines[-1].number}
    for line in reversed(lines):
        if line.number in used:
            used.update(n for reference in references(line.text, line.sign) for n in reference.numbers)
    sentence = "Line {} does not take part in the last line, which is what is searched."
    return [
        _at("S304", file, line, sentence.format(line.number), warning=True)
        for line in lines
        if line.number not in used
    ]


def _at(
    code: str,
    file: str,
    line: Line,
    sentence: str,
    place: tuple[int, int] = (0, 0),
    *,
    warning: bool = False,
) -> Slip:
    start, end = place if place[1] else (0, len(line.text))
    return Slip(file, f"line {line.file_line}", sentence, warning, code, line.pieces, start, end)
