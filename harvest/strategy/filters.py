"""Search filters by name: `{filter: NAME}` in a strategy stands for a published block that comes packaged.

The braces cannot be mistaken for a search: neither PubMed nor a register gives them a meaning, and in the
sets of lines of other platforms (`{OR #1-#4}`) an operator follows them. The stored file keeps the name; what is
sent holds the block, in brackets and word for word as published, so that it may be reported as not modified
(PRISMA-S item 10). The filters are the files in `harvest/filters/`: one file one filter, with its citation.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from db.errors import WrongUse
from harvest.strategy.lines import Line, expand
from harvest.strategy.slips import Slip, piece_at

if TYPE_CHECKING:
    from harvest.strategy.reading import Strategy

INCLUDE = re.compile(r"\{\s*filter\s*:?\s*(?P<name>[^{}]*?)\s*\}", re.IGNORECASE)
"""How a strategy names a filter."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One published search filter."""

    name: str
    """As a strategy names it: cochrane-rct-pubmed-sensitive."""
    title: str
    """As it was published."""
    version: str
    """Year of the revision."""
    dialect: str
    """Whose syntax it is written in: pubmed, ovid."""
    designs: str
    """What it finds: randomised trials. Empty for a block that only takes away."""
    citation: str
    """Where it is published."""
    checked: str
    """Against what its wording was checked, and when."""
    advice: str
    """What its authors say about its use."""
    lines: tuple[str, ...]
    """Word for word as published; they refer to each other by their numbers."""

    @property
    def query(self) -> str:
        """The block as one expression, without brackets around it."""
        numbered = tuple(Line(number, text, 0) for number, text in enumerate(self.lines, 1))
        return expand(numbered)[len(numbered)]

    @property
    def digest(self) -> str:
        """SHA-256 over the lines: what was used can be told apart from any later correction."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()

    @property
    def modified(self) -> bool:
        """Always False: a filter that is named is used as published."""
        return False


@cache
def known_filters() -> Mapping[str, Filter]:
    """Every packaged filter by its name, in order."""
    folder = resources.files("harvest").joinpath("filters")
    files = sorted(
        (path for path in folder.iterdir() if path.name.endswith(".toml")), key=lambda path: path.name
    )
    found = (_filter(path.name.removesuffix(".toml"), path.read_text("utf-8")) for path in files)
    return {each.name: each for each in found}


def filter_named(name: str) -> Filter:
    """The filter of this name. Raises `WrongUse`, with the names there are."""
    if name.lower() in known_filters():
        return known_filters()[name.lower()]
    raise WrongUse(unknown_name(name))


def filters_of(strategy: Strategy) -> tuple[Filter, ...]:
    """The packaged filters a strategy includes by name, each once, in order."""
    names = (match["name"].lower() for line in strategy.passages for match in INCLUDE.finditer(line.text))
    return tuple(known_filters()[name] for name in dict.fromkeys(names) if name in known_filters())


def described(used: tuple[Filter, ...]) -> str:
    """Name, version and digest of each, as they are recorded with a search."""
    return "; ".join(f"{each.name} ({each.version}) sha256:{each.digest}" for each in used)


def put_in(text: str) -> str:
    """The text with every filter it names, in brackets; a name that nobody knows stays as it is."""

    def block(match: re.Match[str]) -> str:
        found = known_filters().get(match["name"].lower())
        return f"({found.query})" if found else match[0]

    return INCLUDE.sub(block, text)


def written_for_others(strategy: Strategy, source: str, file: str) -> list[Slip]:
    """Filters whose syntax the source does not read: what they say must not be sent to it."""
    return [
        Slip(
            file,
            f"line {piece_at(line.pieces, match.start()).file_line}",
            f"{block.name} is written for {block.dialect}, and this asks {source}: `harvest filters` lists them all.",
            code="S702",
            pieces=line.pieces,
            start=match.start(),
            end=match.end(),
        )
        for line in strategy.passages
        for match in INCLUDE.finditer(line.text)
        if (block := known_filters().get(match["name"].lower())) and block.dialect != source
    ]


def unknown(line: Line, file: str) -> list[Slip]:
    """Names in a text that no packaged filter bears."""
    wrong = [match for match in INCLUDE.finditer(line.text) if match["name"].lower() not in known_filters()]
    return [
        Slip(
            file,
            f"line {piece_at(line.pieces, match.start()).file_line}",
            unknown_name(match["name"]),
            code="S701",
            pieces=line.pieces,
            start=match.start(),
            end=match.end(),
        )
        for match in wrong
    ]


def unknown_name(name: str) -> str:
    """One sentence about a filter that is not there."""
    close = difflib.get_close_matches(name.lower(), known_filters(), n=1, cutoff=0.5)
    meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(known_filters())}."
    return f'No packaged filter is called "{name}"; {meant}'


def _filter(name: str, text: str) -> Filter:
    said = tomllib.loads(text)
    lines = tuple(line.strip() for line in str(said.pop("lines")).strip().splitlines())
    return Filter(name=name, lines=lines, **said)
