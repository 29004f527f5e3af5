"""From the bytes of a strategy file to its lines, and to what is sent of them; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from db.errors import Problem, ProjectError
from harvest.strategy import filters
from harvest.strategy.lines import LIMIT, Line, expand, misled, references, refers_openly, unused
from harvest.strategy.slips import Piece, Slip, curly, unbalanced

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        # ClinicalTrials.gov API v2, /studies (https://clinicaltrials.gov/data-api/api); "" is the query
        "term": "",
        "cond": "query.cond",
        "intr": "query.intr",
        "titles": "query.titles",
        "outc": "query.outc",
        "spons": "query.spons",
        "lead": "query.lead",
        "locn": "query.locn",
        "id": "query.id",
        "patient": "query.patient",
        "advanced": "filter.advanced",
        "overallStatus": "filter.overallStatus",
        "geo": "filter.geo",
        "synonyms": "filter.synonyms",
        "aggFilters": "aggFilters",
    }
)
"""Names of field lines, with or without their first part, and the option each of them fills."""

_OPTION = {**FIELDS, **{full: full for full in FIELDS.values() if full}, "query.term": ""}
FIELD_LINE = re.compile(r"([A-Za-z]+(?:\.[A-Za-z]+)?)\s*:(?:\s+(.*))?$")
"""A name and a colon, and what the line says behind them."""
_COMMENT = re.compile(r"\s*(?:$|//|;|#(?!\s*\d))")
_NUMBERED = re.compile(
    r"\s*#\s?(?P<hash>\d{1,3})(?:[.):\s]\s*|$)(?P<a>.*)$"
    r"|\s*(?P<mark>\d{1,3})[.)](?:\s+|$)(?P<b>.*)$"
    r"|(?P<bare>\d{1,3})\s+(?P<c>.*)$"
)
_LETTERED = re.compile(r"\s*S(?P<letter>\d{1,3})(?:[.):\s]\s*|$)(?P<d>.*)$")
"""As the search histories of EBSCOhost and ProQuest number their lines."""
_OPEN_END = re.compile(r"(?:\b(?:and|or|not|adj\d*|near/?\d*|next|with)|\()\s*$", re.IGNORECASE)
_OPEN_START = re.compile(r"\s*(?:(?:and|or|not|adj\d*|near|next)\b|\))", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')

Said = Sequence[tuple[int, str]]
"""The lines of a file that say something, with their numbers in the file."""
Layout = Literal["empty", "expression", "lines", "form"]


@dataclass(frozen=True, slots=True)
class Strategy:
    """One stored search string."""

    stored: bytes
    """The file, byte for byte."""
    lines: tuple[Line, ...] = ()
    """Numbered lines; an expression or a form has one for each line of the file that says something."""
    query: str = ""
    """What is sent; empty when references lead nowhere, or when a form has no `term`."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Fields of a register's form under their full names: `query.cond`."""
    problems: tuple[Problem, ...] = ()
    layout: Layout = "empty"
    passages: tuple[Line, ...] = ()
    """What belongs together, as it stands in the file: each line of a line-by-line strategy, the whole of an
    expression (its lines joined by line breaks), each line of a form without the name of its field."""

    @property
    def sign(self) -> str:
        """What stands before the number of a line in its references: see `Line.sign`."""
        return self.lines[0].sign if self.lines else "#"

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What a run may go on in spite of."""
        return tuple(problem for problem in self.problems if problem.warning)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What must be put right first."""
        return tuple(problem for problem in self.problems if not problem.warning)

    def check(self) -> None:
        """Raise `ProjectError` with everything that must be put right; nothing to say when all is well."""
        if self.errors:
            raise ProjectError(self.errors)


def load(path: Path, file: str = "") -> Strategy:
    """Read a strategy file; `file` is its name in messages. A file that cannot be read is a problem."""
    file = file or path.name
    try:
        return read_strategy(path.read_bytes(), file)
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        return Strategy(b"", problems=(Problem(file, "", f"The strategy file cannot be read: {reason}."),))


def read_strategy(body: bytes, file: str) -> Strategy:
    """Read a stored search string. Never raises: everything wrong with it stands in `problems`."""
    text, problems = _decode(body, file)
    said = [(n, line.rstrip()) for n, line in enumerate(text, 1) if not _COMMENT.match(line)]
    if not said:
        sentence = "The strategy says nothing; write the search string into it."
        return Strategy(body, problems=(*problems, Slip(file, "", sentence, code="S001")))
    if _is_form(said):
        found = _form(body, said, file)
    elif _is_lettered(said):
        found = _line_by_line(body, tuple(_numbered(said, _LETTERED, "S")), file)
    elif _is_numbered(said):
        found = _line_by_line(body, tuple(_numbered(said)), file)
    elif _is_combined(said):
        found = _line_by_line(body, _each(said), file)
    else:
        found = _expression(body, said, file)
    marks = [slip for line in found.passages for slip in curly(line.text, line.pieces, file)]
    return Strategy(
        body,
        found.lines,
        found.query,
        found.options,
        (*problems, *found.problems, *marks),
        found.layout,
        found.passages,
    )


def line_queries(strategy: Strategy) -> tuple[tuple[Line, str], ...]:
    """Each line with what asking for it alone would send: its references replaced, its filters put in.

    Only a line-by-line strategy has lines that can be asked one by one: the others give nothing, and so
    does one whose references lead nowhere. What the last line sends is the query of the strategy.
    """
    if strategy.layout != "lines" or not strategy.query:
        return ()
    expanded = expand(strategy.lines)
    return tuple((line, filters.put_in(expanded[line.number])) for line in strategy.lines)


# -- reading the file --------------------------------------------------------------------------------


def file_lines(strategy: Strategy) -> list[str]:
    """The lines of the file as they were read: place `line 14` is number 13 of them."""
    return _decode(strategy.stored, "")[0]


def _decode(body: bytes, file: str) -> tuple[list[str], list[Problem]]:
    """Lines of the file: UTF-16 with its mark, UTF-8, else Windows-1252 with a warning."""
    problems: list[Problem] = []
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = body.decode("utf-16", "replace")
    else:
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = body.decode("cp1252", "replace")
            sentence = (
                "The file is not UTF-8 and was read as Windows-1252; look at its accents and quotation marks."
            )
            problems.append(Slip(file, "", sentence, warning=True, code="S002"))
    return re.split(r"\r+\n|\n|\r", text.replace("\0", "")), problems


def _piece(number: int, n: int, line: str, text: str, start: int = 0) -> Piece:
    """Where the end of a line stands that became a text: what stood before it are its number and blanks."""
    return Piece(start, number, n, len(line) - len(text) if text else 0)


def _each(said: Said) -> tuple[Line, ...]:
    """One line for each line of the file that says something, numbered from 1."""
    return tuple(
        Line(number, line.strip(), n, (_piece(number, n, line, line.strip()),))
        for number, (n, line) in enumerate(said, 1)
    )


def _is_form(said: Said) -> bool:
    match = FIELD_LINE.match(said[0][1])
    return bool(match and match[1] in _OPTION)


def _form(body: bytes, said: Said, file: str) -> Strategy:
    """Fields of a register's form; a line without a known name goes on with the field before it."""
    values: dict[str, list[str]] = {}
    problems: list[Problem] = []
    passages: list[Line] = []
    name = ""
    for number, (n, line) in enumerate(said, 1):
        match = FIELD_LINE.match(line)
        known = bool(match and match[1] in _OPTION)
        if match and known:
            name = _OPTION[match[1]]
            if name in values:
                problems.append(_twice(file, number, n, match))
        value = ((match[2] or "") if match and known else line).strip()
        values.setdefault(name, []).append(value)
        passages.append(Line(number, value, n, (_piece(number, n, line, value),)))
        problems += unbalanced(value, passages[-1].pieces, file)
    joined = {key: _squeezed(" ".join(parts)) for key, parts in values.items()}
    problems += [slip for passage in passages for slip in filters.unknown(passage, file)]
    sent = {key: filters.put_in(value) for key, value in joined.items()}
    return Strategy(body, _each(said), sent.pop("", ""), sent, tuple(problems), "form", tuple(passages))


def _twice(file: str, number: int, n: int, match: re.Match[str]) -> Slip:
    sentence = f"The field {match[1]} is given twice; join them with AND or OR."
    return Slip(file, f"line {n}", sentence, False, "S305", (Piece(0, number, n, 0),), 0, match.end(1))


def _expression(body: bytes, said: Said, file: str) -> Strategy:
    """One expression; a line that follows without an operator is most likely a slip."""
    lines = _each(said)
    whole = _joined(lines)
    problems: list[Problem] = [*unbalanced(whole.text, whole.pieces, file), *filters.unknown(whole, file)]
    for before, line in pairwise(lines):
        if not (
            _OPEN_END.search(before.text)
            or _OPEN_START.match(line.text)
            or _QUOTED.sub("", before.text).count('"') % 2
        ):
            sentence = (
                "This line follows the one before it without AND, OR or NOT; both are read as one text."
            )
            place = f"line {line.file_line}"
            problems.append(Slip(file, place, sentence, True, "S106", line.pieces, 0, len(line.text)))
    query = filters.put_in(_squeezed(whole.text))
    return Strategy(body, lines, query, {}, tuple(problems), "expression", (whole,))


def _joined(lines: Sequence[Line]) -> Line:
    """The lines of an expression as one, with line breaks between them."""
    pieces: list[Piece] = []
    start = 0
    for line in lines:
        pieces.append(line.pieces[0]._replace(start=start))
        start += len(line.text) + 1
    text = "\n".join(line.text for line in lines)
    return Line(lines[0].number, text, lines[0].file_line, tuple(pieces))


# -- line by line ------------------------------------------------------------------------------------


def _is_lettered(said: Said) -> bool:
    """True when every line begins with S and its number, but those that go on with the line before.

    Everywhere else S1 is a word of the search: a heart sound, a nerve root.
    """
    if len(said) == 1 or not _LETTERED.match(said[0][1]):
        return False
    return all(_fits_a_history(before, line) for (_, before), (_, line) in pairwise([(0, ""), *said]))


def _fits_a_history(before: str, line: str) -> bool:
    match, open_end = _LETTERED.match(line), bool(_OPEN_END.search(before))
    return not open_end and not _OPEN_START.match(match["d"]) if match else open_end or line[:1].isspace()


def _is_numbered(said: Said) -> bool:
    """True when the numbers at the beginnings of lines are no words of the search.

    Numbers with a mark (`1.`, `#1`) are numbers as soon as two lines have them, a bare 1 when a bare 2 follows, or
    when every line has one and they grow.
    """
    matches = [_NUMBERED.match(line) for _, line in said]
    first = matches[0]
    if not first or (first["hash"] and _OPEN_START.match(first["a"])):
        return False
    if first["bare"] is None:
        marked = [match for match in matches if match and match["bare"] is None]
        return len(said) == 1 or len(marked) > 1 or bool(first["hash"])
    numbers = [_number(match) for match in matches if match]
    return numbers[0] == 1 and (
        2 in numbers or (len(said) > 2 and len(numbers) == len(said) and _grow(numbers))
    )


def _grow(numbers: Sequence[int]) -> bool:
    return all(before < after for before, after in pairwise(numbers))


def _is_combined(said: Said) -> bool:
    """True for lines without numbers that refer to each other; a single line must say so with `#` or `/`."""
    texts = [line for _, line in said]
    return any(refers_openly(text) or (len(texts) > 1 and references(text)) for text in texts)


def _number(match: re.Match[str]) -> int:
    return int(next(filter(None, map(match.groupdict().get, ("hash", "mark", "bare", "letter")))))


def _numbered(said: Said, numbered: re.Pattern[str] = _NUMBERED, sign: str = "#") -> Iterator[Line]:
    """Lines with their own numbers; one that is indented or has none goes on with the line before it."""
    current: Line | None = None
    for n, line in said:
        match = numbered.match(line)
        if match:
            if current:
                yield current
            number = _number(match)
            text = next(filter(None, map(match.groupdict().get, "abcd")), "").strip()
            current = Line(number, text, n, (_piece(number, n, line, text),), sign)
        else:
            assert current is not None  # the first line has a number
            current = _goes_on(current, n, line)
    assert current is not None
    yield current


def _goes_on(current: Line, n: int, line: str) -> Line:
    start = len(current.text) + bool(current.text)
    piece = _piece(current.number, n, line, line.strip(), start)
    text = f"{current.text} {line.strip()}".strip()
    return replace(current, text=text, pieces=(*current.pieces, piece))


def _line_by_line(body: bytes, lines: tuple[Line, ...], file: str) -> Strategy:
    problems: list[Problem] = [
        slip
        for line in lines
        for slip in (*unbalanced(line.text, line.pieces, file), *filters.unknown(line, file))
    ]
    if wrong := misled(lines, file):
        return Strategy(body, lines, "", {}, (*problems, *wrong), "lines", lines)
    problems += unused(lines, file)
    query = expand(lines).get(lines[-1].number, "")
    if not query:
        sentence = f"Replacing its references makes the search longer than {LIMIT:,} characters; shorten it."
        last = lines[-1]
        place = f"line {last.file_line}"
        problems.append(Slip(file, place, sentence, False, "S306", last.pieces, 0, len(last.text)))
    return Strategy(body, lines, filters.put_in(query), {}, tuple(problems), "lines", lines)


def _squeezed(text: str) -> str:
    return " ".join(text.split())
