"""`harvest check --known`: by which line of its strategy a search loses a record that the source holds.

The source counts the record AND a line: 1 when the line lets it through, 0 when not. From the last line, which is
what is sent, one goes down through what must all be true to the lines that lose the record. A name that the source
does not know may be dropped from a longer query, which then counts everything: so the name is counted alone first,
and a count above that is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import NamedTuple

from db.errors import SearchError, Unreachable
from harvest.guarded import Guarded
from harvest.hits import lines_of
from harvest.known import Item, clauses_for, items
from harvest.progress import Progress
from harvest.project import Project
from harvest.source import Counting, Search, Source
from harvest.strategy import Line
from harvest.strategy.lines import expand, references


@dataclass(frozen=True, slots=True)
class Culprit:
    """What keeps a record out."""

    line: int | None
    """Number of the line; None for a part of a search that has no lines."""
    text: str
    """The line, or the part of it, as the reviewer wrote it."""
    takes_away: bool = False
    """It stands behind NOT, and matches."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One known record in one search."""

    search: str
    item: str
    outcome: str
    """found, not matched, not in this source, or not found (the source could not be asked)."""
    lost_by: tuple[Culprit, ...] = ()
    because: str = ""
    failed: bool = False
    """The source was asked and gave no answer that can be used: another time it may."""

    def to_dict(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)


class _Operand(NamedTuple):
    """A part of a search that must match, or must not."""

    text: str
    search: Search
    line: int | None
    """The line that it stands in."""
    negated: bool = False
    refers: int | None = None
    """The line that it stands for, when it is nothing but a reference."""


def trace(project: Project, make_source: Callable[[str], Source], progress: Progress) -> Iterator[Trace]:
    """Ask every source of the project for every known record; writes nothing.

    Raises `WrongUse` when the file of known records cannot be read.
    """
    wanted = items(project)
    for plan in project.plans:
        if plan.by_hand or not wanted:
            continue
        counting = Guarded(make_source(plan.search.source)).counting
        progress.say(f"{plan.search.name}: looking for known records, {len(wanted)} in all")
        yield from _in_search(plan.search, wanted, counting)


def _in_search(search: Search, wanted: Sequence[Item], counting: Counting | None) -> Iterator[Trace]:
    """A source that cannot be reached is not asked for the records that are left."""
    silent: Unreachable | None = None
    for item in wanted:
        try:
            if silent:
                raise silent
            yield _traced(search, item, counting)
        except SearchError as error:
            silent = error if isinstance(error, Unreachable) else None
            yield Trace(search.name, item.name, "not found", because=str(error), failed=True)


def _traced(search: Search, item: Item, counting: Counting | None) -> Trace:
    clauses = clauses_for(counting, item)
    if counting is None or not clauses:
        because = f"{search.source} cannot be asked for {item.name.partition(':')[0]}"
        return Trace(search.name, item.name, "not found", because=because)
    asking = next((a for clause in clauses if (a := _Asking(counting, search, clause)).held), None)
    if asking is None:
        return Trace(search.name, item.name, "not in this source")
    if asking.lets_through(search):
        return Trace(search.name, item.name, "found")
    return Trace(search.name, item.name, "not matched", tuple(dict.fromkeys(asking.culprits())))


class _Asking:
    """One record, and everything that is counted together with it."""

    def __init__(self, counting: Counting, search: Search, clause: str) -> None:
        self._counting, self._search, self._clause = counting, search, clause
        self._lines = {line.number: line for line, _ in lines_of(search)}
        self._queries = {line.number: query for line, query in lines_of(search)}
        self.held = counting.count(Search(search.name, search.source, clause)).promised or 0

    def lets_through(self, search: Search) -> bool:
        """Whether the record is among what this would find."""
        said = search.query.strip()
        both = replace(search, query=f"({said}) AND {self._clause}" if said else self._clause)
        return 0 < (self._counting.count(both).promised or 0) <= self.held

    def culprits(self) -> Iterator[Culprit]:
        """What loses the record."""
        if self._lines:
            yield from self._in_line(max(self._lines))
            return
        query = replace(self._search, options={})
        parts = [
            _Operand(text, replace(query, query=text), None, negated) for negated, text in _parts(query.query)
        ]
        parts += [
            _Operand(f"{name}: {value}", Search(query.name, query.source, "", options={name: value}), None)
            for name, value in self._search.options.items()
        ]
        yield from self._among(parts, Culprit(None, self._search.query))

    def _in_line(self, number: int) -> Iterator[Culprit]:
        """A line that does not let the record through: it does so itself, or one that it asks for as well."""
        line = self._lines[number]
        operands = [self._operand(line, negated, text) for negated, text in _parts(line.text, line.sign)]
        yield from self._among(operands, Culprit(number, line.text))

    def _operand(self, line: Line, negated: bool, text: str) -> _Operand:
        before = [known for known in self._lines.values() if known.number < line.number]
        query = expand([*before, replace(line, text=text)]).get(line.number, text)
        return _Operand(
            text, replace(self._search, query=query), line.number, negated, _only_reference(text, line.sign)
        )

    def _among(self, operands: Sequence[_Operand], whole: Culprit) -> Iterator[Culprit]:
        wanted = [part for part in operands if not part.negated]
        if len(operands) == 1 and operands[0].refers is None:
            yield whole
            return
        failing = [part for part in wanted if not self.lets_through(part.search)]
        for part in failing:
            if part.refers is None:
                yield Culprit(part.line, part.text)
            else:
                yield from self._in_line(part.refers)
        if not failing:
            taken = [part for part in operands if part.negated and self.lets_through(part.search)]
            yield from (Culprit(part.line, part.text, takes_away=True) for part in taken)
            if not taken:
                yield whole


# -- what must all be true -----------------------------------------------------------------------------

_OPERATOR = re.compile(r"(?<=[\s)])(AND|OR|NOT)(?=[\s(])", re.IGNORECASE)
_ALL = re.compile(r"\s*\{\s*and\s+[^}]*\}\s*|\s*and/[\d,\s#S–-]+|\s*[\d,\s#S–-]+/and", re.IGNORECASE)


def _parts(text: str, sign: str = "#") -> list[tuple[bool, str]]:
    """What a query joins by AND and NOT outside of brackets and quotation marks; all of it when it has an OR there.

    Each with whether it is taken away.
    """
    text = _bare(text)
    if _ALL.fullmatch(text):
        return [(False, f"{sign}{number}") for found in references(text, sign) for number in found.numbers]
    operators = list(_OPERATOR.finditer(_outside(text)))
    if any(found[1].upper() == "OR" for found in operators):
        return [(False, text)]
    edges = [0, *(place for found in operators for place in found.span()), len(text)]
    parts = [text[start:end].strip() for start, end in zip(edges[::2], edges[1::2], strict=True)]
    negated = [False, *(found[1].upper() == "NOT" for found in operators)]
    return [(away, part) for away, part in zip(negated, parts, strict=True) if part]


def _outside(text: str) -> str:
    """The text with everything inside brackets and quotation marks blotted out."""
    blotted: list[str] = []
    depth, quoted = 0, False
    for sign in text:
        quoted ^= sign == '"'
        if sign == ")" and not quoted:
            depth = max(0, depth - 1)
        blotted.append("_" if depth or quoted or sign == '"' else sign)
        if sign == "(" and not quoted:
            depth += 1
    return "".join(blotted)


def _bare(text: str) -> str:
    """Without brackets around all of it."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")") and ")" not in _outside(text)[:-1]:
        text = text[1:-1].strip()
    return text


def _only_reference(text: str, sign: str) -> int | None:
    """The line that a text stands for, when it is nothing but one reference."""
    bare = _bare(text)
    found = references(bare, sign)
    whole = len(found) == 1 and (found[0].start, found[0].end) == (0, len(bare))
    return found[0].numbers[0] if whole and len(found[0].numbers) == 1 else None
