"""A search string taken apart: terms with their field tags, operators by bracket, the concepts joined by AND."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from harvest.press.finding import Subject
from harvest.press.vocabulary import TEXT_TAGS
from harvest.strategy import Line, Strategy
from harvest.strategy.filters import INCLUDE, put_in
from harvest.strategy.lines import expand, references

_QUOTED = re.compile(r'"[^"]*"')
_REFERENCE = "\x02"
_TOKEN = re.compile(
    r'(?P<quote>"[^"]*")|(?P<tag>\[[^\]]*\])|(?P<stop>[()\x01\x02]+|\b(?:AND|OR|NOT)\b)|(?P<word>[^\s()\[\]"\x01\x02]+)'
)
_OPERATOR = re.compile(r"(?<![\w/-])(?:and|or|not)(?![\w/-])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Term:
    """A term of PubMed's syntax."""

    text: str
    """Its words, without quotation marks."""
    start: int
    end: int
    quoted: bool
    tag: str = ""
    """Its field tag in lower case, without brackets; empty when there is none."""
    tag_start: int = 0
    tag_end: int = 0

    @property
    def field(self) -> str:
        """The tag without what follows a colon: `mesh` of `mesh:noexp`."""
        return self.tag.partition(":")[0].strip()


class Operator(NamedTuple):
    """AND, OR or NOT, and where it stands."""

    word: str
    """As it is written."""
    start: int
    end: int
    group: int
    """Number of the bracket it stands in directly; 0 outside all of them."""


class Concept(NamedTuple):
    """What is joined with others by AND: one idea of the question."""

    line: Line
    start: int
    end: int
    text: str
    """With its references replaced."""


def unquoted(text: str) -> str:
    """The text with what stands in quotation marks, and names of filters, blotted out; of the same length."""
    return INCLUDE.sub(_blot, _QUOTED.sub(_blot, text))


def _blot(match: re.Match[str]) -> str:
    return "\x01" * len(match[0])


def without_references(subject: Subject, text: str) -> str:
    """The text with references to lines blotted out; of the same length."""
    if subject.strategy.layout != "lines":
        return text
    for reference in references(text, subject.strategy.sign):
        blot = _REFERENCE * (reference.end - reference.start)
        text = text[: reference.start] + blot + text[reference.end :]
    return text


def terms(subject: Subject, line: Line) -> tuple[Term, ...]:
    """The terms of a passage in PubMed's syntax, in order."""
    text = INCLUDE.sub(_blot, without_references(subject, line.text))
    return tuple(_terms(text))


def _terms(text: str) -> Iterator[Term]:
    words: list[re.Match[str]] = []
    for match in _TOKEN.finditer(text):
        if match["word"] and not (words and words[-1]["quote"]):
            words.append(match)
        elif match["tag"]:
            if words:
                yield _term(text, words, match)
            words = []
        else:
            if words:
                yield _term(text, words)
            words = [match] if match["quote"] or match["word"] else []
    if words:
        yield _term(text, words)


def _term(text: str, words: list[re.Match[str]], tag: re.Match[str] | None = None) -> Term:
    start, end = words[0].start(), words[-1].end()
    quoted = bool(words[0]["quote"])
    said = text[start + 1 : end - 1] if quoted else text[start:end]
    if tag is None:
        return Term(" ".join(said.split()), start, end, quoted)
    name = " ".join(tag[0][1:-1].lower().split())
    return Term(" ".join(said.split()), start, end, quoted, name, tag.start(), tag.end())


def operators(subject: Subject, line: Line) -> list[Operator]:
    """AND, OR and NOT in any case, outside quotation marks, field tags and names such as wounds and injuries[mh]."""
    names = [term for term in terms(subject, line) if term.field not in TEXT_TAGS]
    text = re.sub(r"\[[^\]]*\]", _blot, unquoted(without_references(subject, line.text)))
    found: list[Operator] = []
    open_groups, last = [0], 0
    for match in re.finditer(rf"[()]|{_OPERATOR.pattern}", text, re.IGNORECASE):
        if match[0] == "(":
            last += 1
            open_groups.append(last)
        elif match[0] == ")":
            open_groups = open_groups[:-1] or [0]
        elif not any(name.start < match.start() < name.end for name in names):
            found.append(Operator(match[0], match.start(), match.end(), open_groups[-1]))
    return found


# -- concepts ----------------------------------------------------------------------------------------


def concepts(subject: Subject) -> list[Concept]:
    """What the whole search joins by AND, through all references; what is taken away by NOT is left out."""
    strategy = subject.strategy
    if not strategy.passages or strategy.layout == "form" or not strategy.query:
        return []
    line = strategy.passages[-1]
    return list(_concepts(strategy, line, 0, len(line.text)))


def _concepts(strategy: Strategy, line: Line, start: int, end: int) -> Iterator[Concept]:
    start, end = _bare(unquoted(line.text), start, end)
    parts = split(line.text, start, end, "and")
    if len(parts) > 1:
        for part in parts:
            yield from _concepts(strategy, line, *part)
        return
    kept = split(line.text, start, end, "not")[0]
    if kept != (start, end):
        yield from _concepts(strategy, line, *kept)
        return
    named = _named(strategy, line, start, end)
    if named is None:
        yield Concept(line, start, end, expanded(strategy, line, start, end))
    for number in named or ():
        inner = next(each for each in strategy.lines if each.number == number)
        yield from _concepts(strategy, inner, 0, len(inner.text))


def _named(strategy: Strategy, line: Line, start: int, end: int) -> tuple[int, ...] | None:
    """The lines that a span names and does not join by OR; None when it says anything else."""
    if strategy.layout != "lines":
        return None
    for reference in references(line.text, line.sign):
        if (reference.start, reference.end) == (start, end) and reference.operator != "OR":
            return reference.numbers
    return None


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """Without blanks and without brackets around the whole."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end - start > 1 and text[start] == "(" and _closing(text, start) == end - 1:
        return _bare(text, start + 1, end - 1)
    return start, end


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at `start` is closed; -1 when it is not."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return -1


def split(text: str, start: int, end: int, operator: str) -> list[tuple[int, int]]:
    """The parts of a span between an operator that stands outside all brackets."""
    masked = re.sub(r"\[[^\]]*\]", _blot, unquoted(text))
    parts: list[tuple[int, int]] = []
    depth, place = 0, start
    for match in re.finditer(rf"[()]|(?<![\w/-]){operator}(?![\w/-])", masked[start:end], re.IGNORECASE):
        if match[0] in "()":
            depth += 1 if match[0] == "(" else -1
        elif depth == 0:
            parts.append(_bare(masked, place, start + match.start()))
            place = start + match.end()
    return [*parts, _bare(masked, place, end)]


def expanded(strategy: Strategy, line: Line, start: int, end: int) -> str:
    """What a span says once its references and filters are replaced."""
    text = line.text[start:end]
    if strategy.layout == "lines":
        earlier = tuple(each for each in strategy.lines if each.number < line.number)
        text = expand((*earlier, replace(line, text=text))).get(line.number, text)
    return put_in(text)
