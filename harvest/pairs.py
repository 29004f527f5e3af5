"""Two records side by side: what each of them says, where they agree, and why anybody asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from db.opinion import Link
from db.record import Record, Trial
from db.store import Store
from dedupe.rules import TABLE
from harvest.evidence import Sign, in_words, signs
from screen.export import harvest_id

FIELDS = (
    "source", "key", "kind", "title", "vernacular_title", "authors", "year", "journal", "volume", "issue", "pages",
    "identifiers", "publication_types", "abstract",
)  # fmt: skip
"""What is shown of a record, in this order."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison."""

    name: str
    left: str
    right: str
    agree: bool | None
    """None: one of them is silent, or nothing can be said."""


@dataclass(frozen=True)
class Pair:
    """An opinion about two records, with the records."""

    link: Link
    left: Record
    right: Record
    searches: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    """Names of the searches that found each of them."""

    @property
    def names(self) -> tuple[str, str]:
        """As people call them."""
        return harvest_id(self.link.a), harvest_id(self.link.b)

    @cached_property
    def signs(self) -> list[Sign]:
        """The evidence in words."""
        return signs(self.link.evidence, self.left, self.right)

    def rows(self) -> list[Row]:
        """Line by line; lines on which both are silent are left out. The abstract is not among them."""
        both = [_said(record, found) for record, found in zip(self._both, self.searches, strict=True)]
        return [
            Row(name, left, both[1][name], self._agree(name, left, both[1][name]))
            for name, left in both[0].items()
            if left or both[1][name]
        ]

    def to_dict(self) -> dict[str, Any]:
        """For `--json`: everything that the screen shows, and all the rest."""
        a, b = self.names
        return {
            "a": a, "b": b, **opinion(self.link),
            "words": in_words(self.link.evidence, self.left, self.right),
            "records": [
                {name: value(record, name) for name in FIELDS} | {"searches": list(found)}
                for record, found in zip(self._both, self.searches, strict=True)
            ],
        }  # fmt: skip

    @property
    def _both(self) -> tuple[Record, Record]:
        return self.left, self.right

    def _agree(self, name: str, left: str, right: str) -> bool | None:
        """As the rules see it, else as it is written."""
        if not left or not right:
            return None
        given = [self.link.evidence.get(feature) for feature in _FEATURES.get(name, ())]
        told = [value if isinstance(value, bool) else float(value) == _FULL.get(name, 1.0) for value in given
                if isinstance(value, (bool, int, float))]  # fmt: skip
        if told and name == "title" and all(told) and not _share_words(left, right):
            return None  # what agrees is the title in the language of one of them
        if told:
            return all(told)
        return True if left.casefold() == right.casefold() else None if name in _UNJUDGED else False


_FEATURES: Mapping[str, tuple[str, ...]] = {
    "title": ("title_exact",), "authors": ("authors",), "year": ("years_apart",), "journal": ("journal",),
    "volume": ("volume", "issue"), "pages": ("start", "end"), "DOI": ("doi",), "PMID": ("pmid",),
}  # fmt: skip
_FULL = {"authors": 1.0, "year": 0.0}
"""Values of features that are no yes or no, where both agree."""
_UNJUDGED = frozenset({"about", "other id", "kind", "found by"})
"""Lines that may differ between two records of one document."""


def _share_words(left: str, right: str) -> bool:
    """Whether two titles have half their words in common, as they are printed."""
    one, two = (set(text.casefold().split()) for text in (left, right))
    return 2 * len(one & two) >= min(len(one), len(two))


def _said(record: Record, searches: Iterable[str]) -> dict[str, str]:
    issue = f"({record.issue})" if record.issue else ""
    kinds = dict.fromkeys(record.publication_types or (record.kind.removeprefix("article"),))
    trial = record.trial or Trial()
    title = f"{record.title} [{record.vernacular_title}]" if record.vernacular_title else record.title
    others = [f"{i.scheme} {i.value}" for i in record.identifiers if i.scheme not in {"doi", "pmid"}]
    return {
        "title": title,
        "authors": value(record, "authors") or "; ".join(trial.officials),
        "about": "; ".join((*trial.conditions, *(given.name for given in trial.interventions))),
        "year": value(record, "year"),
        "journal": record.journal or record.journal_abbreviation,
        "volume": f"{record.volume}{issue}",
        "pages": record.pages or record.article_number,
        "DOI": ", ".join(record.identifiers_of("doi")),
        "PMID": ", ".join(record.identifiers_of("pmid")),
        "other id": "; ".join(dict.fromkeys(others)),
        "kind": "; ".join(kinds),
        "found by": ", ".join(searches),
    }


def value(record: Record, name: str) -> str:
    """A field as text; empty when the source does not say."""
    if name == "authors":
        return "; ".join(author.name for author in record.authors)
    if name == "identifiers":
        return "; ".join(f"{i.scheme} {i.value}" for i in record.identifiers)
    if name == "abstract":
        return record.abstract_text
    content = getattr(record, name)
    return "; ".join(content) if isinstance(content, tuple) else str("" if content is None else content)


def opinion(link: Link) -> dict[str, Any]:
    """An opinion for `--json`, with the meaning of the rule that gave it."""
    return {
        "at": link.at, "by": link.by, "relation": link.relation, "kind": link.kind, "rule": link.rule,
        "meaning": "" if link.by_person else meaning(link.rule), "version": link.version,
        "score": round(link.score, 3), "evidence": dict(link.evidence),
    }  # fmt: skip


def meaning(rule: str) -> str:
    """What a rule says, in one sentence; empty for a rule of another version."""
    return next((known.meaning.strip() for known in TABLE if known.name == rule), "")


def pairs(store: Store, links: Iterable[Link]) -> list[Pair]:
    """Opinions with their records, in the order given."""
    wanted = list(links)
    numbers = sorted({number for link in wanted for number in (link.a, link.b)})
    records, found = dict(store.records(numbers)), store.sources_of(numbers)
    return [
        Pair(link, records[link.a], records[link.b], (tuple(found[link.a]), tuple(found[link.b])))
        for link in wanted
    ]
