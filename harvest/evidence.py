"""The evidence on a pair in plain words: `titles 97 % alike`, `pages differ (637-41 / 641-5)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from db.record import Record

Features: TypeAlias = Mapping[str, str | float | bool | None]
"""`Link.evidence`: named features with their values; what both records are silent about is not among them."""

ALIKE, UNLIKE = 0.9, 0.6
"""Similarities that speak for one text, and against it."""


class Sign(NamedTuple):
    """One thing that two records agree about, or not."""

    text: str
    speaks: bool | None
    """True: for one document; False: against it; None: neither, and worth knowing."""


def signs(evidence: Features, left: Record, right: Record) -> list[Sign]:
    """What the features say, in the order in which a reviewer looks; `left` and `right` give the values."""
    said = _Said(evidence, left, right)
    named = [*said.titles(), *said.people(), *said.place(), *said.names(), *said.natures(), *said.trials()]
    return [*named, *said.others()]


def in_words(evidence: Features, left: Record, right: Record) -> str:
    """All of it in one line, what speaks against one document at the end."""
    found = signs(evidence, left, right)
    ordered = [s.text for s in found if s.speaks is not False] + [s.text for s in found if s.speaks is False]
    return "; ".join(ordered)


class _Said:
    """Takes the features one by one, so that none is forgotten and none told twice."""

    def __init__(self, evidence: Features, left: Record, right: Record) -> None:
        self._left = {name: value for name, value in evidence.items() if name not in _SIZES}
        self._records = (left, right)

    def titles(self) -> Iterator[Sign]:
        same, plain, ordered = self._take("title_exact"), self._number("title"), self._number("title_sorted")
        part, likeness = self._number("title_part"), max(plain or 0.0, ordered or 0.0)
        if same:
            yield Sign("same title", speaks=True)
        elif plain is not None:
            yield Sign(f"titles {_percent(likeness)} alike", _leaning(likeness))
            if part is not None and part >= 0.95 > likeness:
                yield Sign("one title holds the other", speaks=None)
        if self._take("swap"):
            yield Sign("a word of the titles is exchanged", speaks=False)
        if self._take("numbers") is False:
            yield Sign("numbers in the titles differ", speaks=False)
        if self._take("generic"):
            yield Sign("a title that many papers bear", speaks=False)

    def people(self) -> Iterator[Sign]:
        first, share, few = self._take("first_author"), self._number("authors"), self._number("authors_few")
        if first is True:
            yield Sign("same first author", speaks=True)
        elif first is False:
            yield Sign(f"other first author{self._first_authors()}", speaks=False)
        if share is not None and few and few > 1:
            number = round(share * few)
            of = f"all {few:.0f}" if number == few else f"{number} of {few:.0f}"
            yield Sign(f"{of} authors in common", True if share >= 0.75 else None if share >= 0.5 else False)
        yield from self._agreed("groups", "signed by the same group", "signed by other groups")

    def place(self) -> Iterator[Sign]:
        yield from self._agreed("journal", "same journal", "other journal", "journal")
        yield from self._years()
        yield from self._agreed("volume", "same volume", "volumes differ", "volume")
        yield from self._agreed("issue", "same issue", "issues differ", "issue")
        start, end = self._take("start"), self._take("end")
        if start is False or end is False:
            yield Sign(f"pages differ{self._values('pages')}", speaks=False)
        elif start:
            yield Sign("same pages" if end else "same first page", speaks=True)
        if self._take("overlap"):
            yield Sign("one begins within the pages of the other", speaks=None)
        if self._take("unplaced"):
            yield Sign("no volume and no page on one side at least", speaks=None)

    def names(self) -> Iterator[Sign]:
        for scheme, name in (("doi", "DOI"), ("pmid", "PMID")):
            agreed = self._take(scheme)
            if agreed is not None:
                values = " / ".join(", ".join(record.identifiers_of(scheme)) for record in self._records)
                yield (
                    Sign(f"same {name}", speaks=True)
                    if agreed
                    else Sign(f"{name}s differ ({values})", speaks=False)
                )

    def natures(self) -> Iterator[Sign]:
        alike = self._number("abstract")
        if alike is not None:
            yield Sign(f"abstracts {_percent(alike)} alike", _leaning(alike))
        if self._take("notices") is False:
            yield Sign("one is a notice, and the other none or another", speaks=False)
        for feature, name in (("registrations", "registration"), ("conferences", "conference abstract")):
            number = self._number(feature)
            if number:
                yield Sign(f"one is a {name}" if number == 1 else f"both are {name}s", speaks=None)
        claim, kind = self._take("claim"), self._take("kind")
        if claim:
            yield Sign(f"one says that it is the {claim} of the other", speaks=None)
        elif kind and kind != "registration":  # that one of them is one has been said
            yield Sign(f"one looks like a {kind} of the other", speaks=None)

    def trials(self) -> Iterator[Sign]:
        """What ties a registration and a report: see `dedupe.match_trials.Ties`."""
        tie, grade = self._take("trial"), self._take("grade")
        if tie:
            graded = f" (grade {grade})" if grade else ""
            yield Sign(f"{_TIES.get(str(tie), f'registration numbers: {tie}')}{graded}", speaks=None)
        for feature, (agrees, differs) in _TRIAL.items():
            if isinstance(self._left.get(feature), bool):
                agreed = self._take(feature)
                yield Sign(agrees if agreed else differs, None if agreed else False)
        likely = self._number("study")
        if likely is not None:
            yield Sign(f"{_percent(likely)} likely a report of this trial", speaks=None)

    def others(self) -> Iterator[Sign]:
        """Features that have no words of their own: what newer rules look at is told, too."""
        for name, value in self._left.items():
            if value is not None and value is not False and value != 0:
                told = name.replace("_", " ")
                yield Sign(told if value is True else f"{told}: {value}", speaks=None)

    def _agreed(self, feature: str, same: str, other: str, field: str = "") -> Iterator[Sign]:
        value = self._take(feature)
        if value is True:
            yield Sign(same, speaks=True)
        elif value is False:
            yield Sign(f"{other}{self._values(field) if field else ''}", speaks=False)

    def _years(self) -> Iterator[Sign]:
        apart = self._number("years_apart")
        if apart == 0:
            yield Sign("same year", speaks=True)
        elif apart is not None:
            told = "a year apart" if apart == 1 else f"{apart:.0f} years apart"
            yield Sign(f"{told}{self._values('year')}", None if apart == 1 else False)

    def _first_authors(self) -> str:
        first = [record.authors[0].family if record.authors else "" for record in self._records]
        return f" ({first[0]} / {first[1]})" if all(first) else ""

    def _values(self, field: str) -> str:
        """Both values in brackets, when both records give one as it stands."""
        one, two = (getattr(record, field) for record in self._records)
        return f" ({one} / {two})" if one and two and one != two else ""

    def _number(self, feature: str) -> float | None:
        value = self._take(feature)
        return float(value) if isinstance(value, (int, float)) else None

    def _take(self, feature: str) -> str | float | bool | None:
        return self._left.pop(feature, None)


_SIZES = frozenset({"title_length", "abstract_length", "single_page", "extent", "bare"})
"""Features that only say how much the others are worth."""
_TIES = {
    "own": "same registration number",
    "secondary": "one registration names the other's number",
    "databank": "the paper names this registration in its databank field",
    "statement": "the paper states this registration number as its own",
    "result reference": "the register names this paper among its results",
    "background reference": "the register names this paper as background",
    "disputed": "the register names this paper, which is older or names another trial",
    "several": "the paper names this registration among others",
    "mentioned": "a registration number in common",
}
"""How registration numbers tie two records."""
_TRIAL = {
    "investigator": ("an investigator is among the authors", "no investigator is among the authors"),
    "condition": ("the condition is spoken of", "the condition is not spoken of"),
    "treatment": ("the treatment is spoken of", "the treatment is not spoken of"),
    "size": ("as many participants", "another number of participants"),
    "dates": ("the dates fit", "the paper is older than the trial"),
}


def _percent(share: float) -> str:
    """Never rounded up to 100: that would say they are the same."""
    return f"{int(share * 100)} %"


def _leaning(share: float) -> bool | None:
    return True if share >= ALIKE else None if share >= UNLIKE else False
