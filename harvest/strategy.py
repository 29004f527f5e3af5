"""Stored search strings: what the reviewer keeps in a file, and what is sent of it.

Three layouts are read:

==================  ===========================================  ==================================
one expression      over as many lines as it likes               sent as it is, line breaks as blanks
line by line        numbered (`1.`, `1`, `#1`, `1)`) or not,     the last line is sent, its references
                    combined by reference: `#1 OR #2`,           replaced by what they refer to, in
                    `1 and 2`, `or/1-4`, `{OR #1-#4}`            brackets
fields              `cond: …`, `intr: …`, `term: …` of a         `term` is the query, the others are
                    register's form                              options under the register's names
==================  ===========================================  ==================================

Blank lines and lines that begin with `//`, `;` or a `#` without a number are comments. The file itself is
kept byte for byte and never rewritten; everything here is derived from it and pure.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from db.errors import Problem, ProjectError

LIMIT = 1_000_000
"""Characters a query may grow to by replacing references."""

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
_FIELD_LINE = re.compile(r"([A-Za-z]+(?:\.[A-Za-z]+)?)\s*:(?:\s+(.*))?$")
_COMMENT = re.compile(r"\s*(?:$|//|;|#(?!\s*\d))")
_NUMBERED = re.compile(
    r"\s*#\s?(?P<hash>\d{1,3})(?:[.):\s]\s*|$)(?P<a>.*)$"
    r"|\s*(?P<mark>\d{1,3})[.)](?:\s+|$)(?P<b>.*)$"
    r"|(?P<bare>\d{1,3})\s+(?P<c>.*)$"
)
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<![\w’'])'[^'\n]*'(?![\w'])")
_WORD = r"(?:and|or|not)"
_RANGE = r"#?\d{1,3}(?:\s*[-–]\s*#?\d{1,3})?"
_RANGES = rf"{_RANGE}(?:\s*,\s*{_RANGE})*"
_EXPLICIT = (
    rf"\b(?P<op1>or|and)/(?P<set1>{_RANGES})(?![\w/])"
    rf"|(?<![\w#])(?P<set2>{_RANGES})/(?P<op2>or|and)\b"
    rf"|\{{\s*(?P<op3>or|and)\s+(?P<set3>{_RANGES})\s*\}}"
    r"|(?<![\w#])#(?P<one>\d{1,3})(?![\w-])"
)
_BARE = (  # where an operand stands: at an end of the line, or beside an operator or a bracket
    rf"(?P<before>(?:^|\b{_WORD}\s+|\blimit\s+)[(\s]*)(?<![\w#])(?P<bare>\d{{1,3}})"
    rf"(?=\s*$|\s*\)(?!\.)|\s+{_WORD}\b|\s+to\b)"
)
_REFERENCE = re.compile(f"{_EXPLICIT}|{_BARE}", re.IGNORECASE)
_OPERATOR = re.compile(rf"\b{_WORD}\b", re.IGNORECASE)
_OPEN_END = re.compile(rf"(?:\b(?:{_WORD}|adj\d*|near/?\d*|next|with)|\()\s*$", re.IGNORECASE)
_OPEN_START = re.compile(rf"\s*(?:{_WORD}\b|adj\d*\b|near\b|next\b|\))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One numbered line of a strategy."""

    number: int
    text: str
    """Without its number; lines that go on are joined by a blank."""
    file_line: int
    """Where it begins in the file, counted from 1."""


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
        problems.append(Problem(file, "", "The strategy says nothing; write the search string into it."))
        return Strategy(body, problems=tuple(problems))
    if _is_form(said):
        found = _form(body, said, file)
    elif _is_numbered(said):
        found = _line_by_line(body, tuple(_numbered(said)), file)
    elif _is_combined(said):
        lines = tuple(Line(number, line.strip(), n) for number, (n, line) in enumerate(said, 1))
        found = _line_by_line(body, lines, file)
    else:
        found = _expression(body, said, file)
    problems += [*found.problems, *_curly(said, file)]
    return Strategy(body, found.lines, found.query, found.options, tuple(problems))


def same_but_for_layout(a: Strategy, b: Strategy) -> bool:
    """True when both send the same: they differ at most in blanks, comments, numbers and line breaks."""
    return _squeezed(a.query) == _squeezed(b.query) and a.options == b.options and _texts(a) == _texts(b)


def difference(a: Strategy, b: Strategy, name_a: str = "before", name_b: str = "now") -> str:
    """The two wordings line by line as a unified diff, for a person; empty when the lines are the same."""
    return "\n".join(difflib.unified_diff(_shown(a), _shown(b), name_a, name_b, lineterm="", n=1))


# -- reading the file --------------------------------------------------------------------------------


def _decode(body: bytes, file: str) -> tuple[list[str], list[Problem]]:
    """Lines of the file: UTF-16 with its mark, UTF-8, else Windows-1252 with a warning."""
    problems = []
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
            problems.append(Problem(file, "", sentence, warning=True))
    return re.split(r"\r+\n|\n|\r", text.replace("\0", "")), problems


def _is_form(said: Sequence[tuple[int, str]]) -> bool:
    match = _FIELD_LINE.match(said[0][1])
    return bool(match and match[1] in _OPTION)


def _form(body: bytes, said: Sequence[tuple[int, str]], file: str) -> Strategy:
    """Fields of a register's form; a line without a known name goes on with the field before it."""
    values: dict[str, list[str]] = {}
    problems: list[Problem] = []
    name = ""
    for n, line in said:
        match = _FIELD_LINE.match(line)
        if match and match[1] in _OPTION:
            name = _OPTION[match[1]]
            if name in values:
                problems.append(
                    _at(file, n, f"The field {match[1]} is given twice; join them with AND or OR.")
                )
        value = (match[2] or "") if match and match[1] in _OPTION else line
        values.setdefault(name, []).append(value.strip())
        problems += _unbalanced(value, n, file)
    joined = {key: _squeezed(" ".join(parts)) for key, parts in values.items()}
    lines = tuple(Line(number, line.strip(), n) for number, (n, line) in enumerate(said, 1))
    return Strategy(body, lines, joined.pop("", ""), joined, tuple(problems))


def _expression(body: bytes, said: Sequence[tuple[int, str]], file: str) -> Strategy:
    """One expression; a line that follows without an operator is most likely a slip."""
    problems = list(_unbalanced("\n".join(line for _, line in said), said[0][0], file, said))
    for (_, before), (n, line) in pairwise(said):
        if not (
            _OPEN_END.search(before) or _OPEN_START.match(line) or _QUOTED.sub("", before).count('"') % 2
        ):
            sentence = (
                "This line follows the one before it without AND, OR or NOT; both are sent as one text."
            )
            problems.append(_at(file, n, sentence, warning=True))
    lines = tuple(Line(number, line.strip(), n) for number, (n, line) in enumerate(said, 1))
    return Strategy(body, lines, _squeezed(" ".join(line for _, line in said)), {}, tuple(problems))


def _is_numbered(said: Sequence[tuple[int, str]]) -> bool:
    """True when the first line is number 1 and a later one number 2, or the only line has a marked number."""
    matches = [_NUMBERED.match(line) for _, line in said]
    if not matches[0] or _number(matches[0]) != 1:
        return False
    if len(said) == 1:
        return matches[0]["bare"] is None and not _references(matches[0][0].replace("#", "", 1))
    return any(match and _number(match) == 2 for match in matches[1:])


def _is_combined(said: Sequence[tuple[int, str]]) -> bool:
    """True for lines without numbers that refer to each other; a single line must say so with `#` or `/`."""
    found = [match for _, line in said for match, _ in _references(line)]
    return any(len(said) > 1 or match["bare"] is None for match in found)


def _number(match: re.Match[str]) -> int:
    return int(match["hash"] or match["mark"] or match["bare"])


def _numbered(said: Sequence[tuple[int, str]]) -> Iterator[Line]:
    """Lines with their own numbers; one that is indented or has none goes on with the line before it."""
    current: Line | None = None
    for n, line in said:
        match = _NUMBERED.match(line)
        if match:
            if current:
                yield current
            text = match["a"] or match["b"] or match["c"] or ""
            current = Line(_number(match), text.strip(), n)
        else:
            assert current is not None  # the first line has a number
            current = Line(current.number, f"{current.text} {line.strip()}".strip(), current.file_line)
    assert current is not None
    yield current


# -- line by line ------------------------------------------------------------------------------------


def _line_by_line(body: bytes, lines: tuple[Line, ...], file: str) -> Strategy:
    problems = [found for line in lines for found in _unbalanced(line.text, line.file_line, file)]
    wrong = [*_misnumbered(lines, file), *_dangling(lines, file)]
    if wrong:
        return Strategy(body, lines, "", {}, (*problems, *wrong))
    problems += _unused(lines, file)
    query = _expand(lines)
    if not query:
        sentence = f"Replacing its references makes the search longer than {LIMIT:,} characters; shorten it."
        problems.append(_at(file, lines[-1].file_line, sentence))
    return Strategy(body, lines, query, {}, tuple(problems))


def _misnumbered(lines: Sequence[Line], file: str) -> Iterator[Problem]:
    """Numbers that are there twice or do not follow each other: references would lead astray."""
    seen = {lines[0].number}
    for before, line in pairwise(lines):
        if line.number in seen:
            yield _at(file, line.file_line, f"Number {line.number} is given twice; number the lines anew.")
        elif line.number != before.number + 1:
            sentence = f"Number {line.number} follows number {before.number}; number the lines anew."
            yield _at(
                file, line.file_line, f"{sentence} A line that goes on with the one before is indented."
            )
        seen.add(line.number)


def _dangling(lines: Sequence[Line], file: str) -> Iterator[Problem]:
    """References to lines that are not there, and to the line itself or later ones (so there are no circles)."""
    there = {line.number for line in lines}
    for line in lines:
        for number in dict.fromkeys(n for _, numbers in _references(line.text) for n in numbers):
            if number not in there:
                yield _at(
                    file, line.file_line, f"Line {line.number} refers to line {number}, which is not there."
                )
            elif number >= line.number:
                what = "itself" if number == line.number else f"line {number}, which comes later"
                yield _at(file, line.file_line, f"Line {line.number} refers to {what}.")


def _unused(lines: Sequence[Line], file: str) -> list[Problem]:
    """Lines that do not take part in the last one, which is the one that is sent."""
    used = {lines[-1].number}
    for line in reversed(lines):
        if line.number in used:
            used.update(n for _, numbers in _references(line.text) for n in numbers)
    sentence = "Line {} does not take part in the last line, which is what is sent."
    return [
        _at(file, line.file_line, sentence.format(line.number), warning=True)
        for line in lines
        if line.number not in used
    ]


def _expand(lines: Sequence[Line]) -> str:
    """The last line with every reference replaced, in brackets; empty when it would grow beyond `LIMIT`."""
    expanded: dict[int, str] = {}
    for line in lines:
        parts: list[str] = []
        place = 0
        for match, numbers in _references(line.text):
            start = match.end("before") if match["before"] is not None else match.start()
            operator = match["op1"] or match["op2"] or match["op3"] or ""
            joined = f" {operator.upper()} ".join(f"({expanded[n]})" for n in numbers)
            whole = start == 0 and match.end() == len(line.text)
            parts += [_loud(line.text[place:start]), joined if whole or not operator else f"({joined})"]
            place = match.end()
        expanded[line.number] = "".join((*parts, _loud(line.text[place:]) if parts else line.text))
        if len(expanded[line.number]) > LIMIT:
            return ""
    return expanded[lines[-1].number]


def _loud(between: str) -> str:
    """Operators between references in capitals, as PubMed needs them; other words as they are."""
    bare = _OPERATOR.sub("", between).strip("() \t")
    return between if bare else _OPERATOR.sub(lambda match: match[0].upper(), between)


def _references(text: str) -> list[tuple[re.Match[str], tuple[int, ...]]]:
    """References in a line with the numbers they name, in order; quoted text is never one."""
    masked = _QUOTED.sub(lambda match: "\x01" * len(match[0]), text)
    found: list[tuple[re.Match[str], tuple[int, ...]]] = []
    place = 0
    while match := _REFERENCE.search(masked, place):
        listed = match["set1"] or match["set2"] or match["set3"] or match["one"] or match["bare"]
        number_before = re.search(
            r"\d\s*$", masked[place : match.start()]
        )  # grade (1 or 2): words, both of them
        if not (match["bare"] and number_before):
            found.append((match, tuple(_numbers(listed))))
        place = match.end()
    return found


def _numbers(listed: str) -> Iterator[int]:
    """`1-3,7` → 1, 2, 3, 7; a range that runs backwards names its two ends."""
    for part in listed.replace("#", "").split(","):
        first, _, last = (piece.strip() for piece in part.replace("–", "-").partition("-"))
        if last and int(first) < int(last):
            yield from range(int(first), int(last) + 1)
        else:
            yield from (int(piece) for piece in (first, last) if piece)


# -- what can be wrong in a line ---------------------------------------------------------------------


def _unbalanced(text: str, first: int, file: str, said: Sequence[tuple[int, str]] = ()) -> Iterator[Problem]:
    """Brackets and quotation marks without their other half, each with its line and column."""
    open_brackets: list[int] = []
    quote = -1
    wrong: list[tuple[int, str]] = []
    for place, sign in enumerate(text):
        if sign == '"':
            quote = place if quote < 0 else -1
        elif quote >= 0:
            continue
        elif sign == "(":
            open_brackets.append(place)
        elif sign == ")" and not open_brackets:
            wrong.append((place, "This bracket closes nothing; take it away or open one before it."))
        elif sign == ")":
            open_brackets.pop()
    wrong += [(place, "This bracket is never closed.") for place in open_brackets]
    if quote >= 0:
        wrong.append((quote, "This quotation mark has no second one."))
    for place, sentence in sorted(wrong):
        row = text.count("\n", 0, place)
        column = place - text.rfind("\n", 0, place)
        yield Problem(file, f"line {said[row][0] if said else first}, column {column}", sentence)


def _curly(said: Sequence[tuple[int, str]], file: str) -> Iterator[Problem]:
    for n, line in said:
        found = re.search("[“”„‟«»]", line)
        if found:
            sentence = (
                f'{found[0]} is no straight quotation mark ("), and databases read it in different ways.'
            )
            yield Problem(file, f"line {n}, column {found.start() + 1}", sentence, warning=True)


def _at(file: str, line: int, sentence: str, *, warning: bool = False) -> Problem:
    return Problem(file, f"line {line}", sentence, warning)


# -- comparing ---------------------------------------------------------------------------------------


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _texts(strategy: Strategy) -> str:
    """All that is said, without line breaks and numbers: decides when nothing can be sent."""
    return _squeezed(" ".join(line.text for line in strategy.lines)) if not strategy.query else ""


def _shown(strategy: Strategy) -> list[str]:
    return [f"{line.number}. {_squeezed(line.text)}" for line in strategy.lines]
