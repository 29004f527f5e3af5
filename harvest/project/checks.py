"""What the parts of `review.toml` must have, and how they must fit each other. Pure: no file is looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeAlias

from harvest import exports_only
from harvest.project.places import Path
from harvest.project.reading import Finding, Reading
from harvest.project.settings import ReviewFile, Screening, SearchTable
from harvest.readers.columns import COLUMNS, KEPT

FILE_SOURCE = "file"
"""The source of records that somebody exported by hand."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_Findings: TypeAlias = Iterator[Finding]

_UNUSABLE = re.compile(
    r"un-?use?able"
    r"|\b(?:no|not|without|lack\w*|insufficient|missing)(?: \w+){0,3} (?:use?able|extractable|outcome data)\b"
    r"|\b(?:no|insufficient|missing|incomplete) (?:data|results)$"
    r"|\b(?:outcomes?|data|results?)\b.*\b(?:not (?:\w+ )?(?:use?able|extractable|reported)|missing|insufficient)\b",
    re.IGNORECASE,
)
"""Words for “no usable outcome data”. Too wide rather than too narrow: they only draw a warning."""
_C40 = (
    "MECIR C40: “Include studies in the review irrespective of whether measured outcome data are reported in a "
    "‘usable’ way.” Delete this reason if that is what it means; outcomes that were not measured are another matter"
)


def check(review: ReviewFile, sources: Collection[str]) -> _Findings:
    """Everything that is missing from a review file or contradicts itself; `sources` are the known ones."""
    for part in (_essentials, _placeholders, _criteria, _reviewers, _mixture, _schedule):
        yield from part(review)
    yield from _searches(review, sources)
    yield from _source_tables(review, sources)


def unspoilt(reading: Reading, findings: Iterable[Finding]) -> _Findings:
    """Without complaints that something is missing where it was said, and only said wrongly."""
    return (finding for finding in findings if not reading.spoilt(finding.path))


def unknown_source(name: str, sources: Collection[str]) -> str:
    """One sentence about a source nobody knows."""
    entry = exports_only.by_name(name)
    if entry:
        said = f'source = "file", database = "{entry.database}", platform = "{entry.platform}"'
        return f"{entry.label} comes as an export file: write {said} (see `harvest sources {entry.name}`)"
    close = exports_only.close_to(name, sources)
    meant = f"did you mean {close!r}? " if close else ""
    return f"there is no source {name!r}; {meant}known are {', '.join(sorted(sources))}"


def is_placeholder(text: str) -> bool:
    """`<Title of the review>`: what the template leaves for the reviewer to write."""
    return text.startswith("<") and text.endswith(">")


def _essentials(review: ReviewFile) -> _Findings:
    for key in ("title", "question"):
        if not getattr(review, key):
            yield Finding((key,), f'is missing: write {key} = "…" at the top of the file')
    if not review.search:
        message = "nothing is searched yet: write [[search]] with name, source and query"
        yield Finding(("search",), message, warning=True)


def _placeholders(review: ReviewFile) -> _Findings:
    for path, text in _all_texts(review.model_dump()):
        if is_placeholder(text):
            yield Finding(path, f"still says {text}: replace it by your own words", warning=True)


def _all_texts(value: object, here: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield here, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _all_texts(item, (*here, key))
    elif isinstance(value, tuple):
        alone = len(value) == 1 and isinstance(value[0], str)  # most likely written without a list
        for index, item in enumerate(value):
            yield from _all_texts(item, here if alone else (*here, index))


# -- criteria and people ------------------------------------------------------------------------------


def _criteria(review: ReviewFile) -> _Findings:
    reasons = review.criteria.exclude
    for index, reason in enumerate(reasons):
        here = ("criteria", "exclude", index)
        if not reason.code:
            yield Finding(
                (*here, "code"), 'is missing: give the reason a short name, code = "not-randomised"'
            )
        if not reason.reason:
            yield Finding((*here, "reason"), "is missing: say in words what the code stands for")
        if any(
            _UNUSABLE.search(text)
            for text in (reason.code.replace("-", " ").replace("_", " "), reason.reason)
        ):
            yield Finding((*here, "reason"), _C40, warning=True)
    yield from _repeated([reason.code for reason in reasons], lambda i: ("criteria", "exclude", i, "code"))


def _repeated(names: list[str], path: Callable[[int], Path]) -> _Findings:
    """Names that were given before, ignoring case: on some computers they would be the same file."""
    seen: dict[str, int] = {}
    for index, name in enumerate(names):
        if name and seen.setdefault(name.casefold(), index) != index:
            yield Finding(path(index), f"{name!r} is there already: give each its own name")


def _reviewers(review: ReviewFile) -> _Findings:
    screening = review.screening
    people = screening.reviewers
    yield from _repeated(list(people), lambda i: ("screening", "reviewers", i))
    if not people:
        message = 'nobody screens yet: write reviewers = ["…", "…"] before the first queue is made'
        yield Finding(("screening", "reviewers"), message, warning=True)
    elif screening.per_record > len(people):
        message = f"{screening.per_record} votes a record are asked of {len(people)} reviewers: name more, or ask fewer"
        yield Finding(("screening", "per_record"), message)
    yield from _design(screening)
    if screening.arbiter and screening.arbiter.casefold() in {person.casefold() for person in people}:
        message = f"{screening.arbiter!r} is one of the reviewers: who settles a disagreement must not have voted in it"
        yield Finding(("screening", "arbiter"), message)


def _design(screening: Screening) -> _Findings:
    """How many read: not more than there are, and not fewer than the standards ask for."""
    people, full_text = len(screening.reviewers), screening.per_record_full_text
    if not people:
        return
    few = "MECIR C39 asks for at least two people who work independently"
    for key, asked in (("per_record", screening.per_record), ("per_record_full_text", full_text)):
        if asked == 1:
            yield Finding(("screening", key), few, warning=True)
    if full_text and full_text > people:
        message = f"{full_text} votes a full text are asked of {people} reviewers: name more, or ask fewer"
        yield Finding(("screening", "per_record_full_text"), message)
    if screening.doubled and (full_text or screening.per_record) + 1 > people >= screening.per_record:
        message = f"one vote more on some reports is asked of {people} reviewers who read them all: name more"
        yield Finding(("screening", "doubled"), message)


def _mixture(review: ReviewFile) -> _Findings:
    if review.ranking.mix_random + review.ranking.mix_uncertain >= 1:
        message = "together with mix_uncertain it must stay under 1: the rest of a queue follows the ranking"
        yield Finding(("ranking", "mix_random"), message)


def _schedule(review: ReviewFile) -> _Findings:
    every, day = review.schedule.every, review.schedule.day.lower()
    if bool(review.schedule.ended) != bool(review.schedule.ended_because):
        message = "and `ended_because` belong together: say when the living mode ended, and why"
        yield Finding(("schedule", "ended"), message)
    if not day:
        return
    if every == "weekly" and day not in WEEKDAYS:
        yield Finding(("schedule", "day"), f"{day!r} is no day of the week: write monday … sunday")
    if every == "monthly" and not (day.isascii() and day.isdigit() and 1 <= int(day) <= 28):
        yield Finding(("schedule", "day"), f"{day!r} is no day that every month has: write 1 … 28")
    if every == "daily":
        yield Finding(("schedule", "day"), "has no meaning when the searches run every day: delete it")
    if every is None:
        yield Finding(
            ("schedule", "every"), 'is missing: write every = "weekly" or "monthly", or delete `day`'
        )


# -- searches and sources -----------------------------------------------------------------------------


def _searches(review: ReviewFile, sources: Collection[str]) -> _Findings:
    yield from _repeated([table.name for table in review.search], lambda i: ("search", i, "name"))
    for index, table in enumerate(review.search):
        here = ("search", index)
        if not table.name:
            yield Finding((*here, "name"), 'is missing: give this search a short name, name = "pubmed"')
        if not table.source:
            yield Finding(
                (*here, "source"), f"is missing: say where to ask, one of {', '.join(sorted(sources))}"
            )
        elif table.source not in sources:
            yield Finding((*here, "source"), unknown_source(table.source, sources))
        elif table.source == FILE_SOURCE:
            yield from _file_search(table, here)
        else:
            yield from _asked_search(table, here)


def _asked_search(table: SearchTable, here: Path) -> _Findings:
    if not table.query:
        message = f'is missing: name the file with the search string, query = "searches/{table.source}.txt"'
        yield Finding((*here, "query"), message)
    for key in ("database", "platform", "files", "columns"):
        if getattr(table, key):
            yield Finding((*here, key), f'belongs to searches with source = "{FILE_SOURCE}" only: delete it')


def _file_search(table: SearchTable, here: Path) -> _Findings:
    wanted = {
        "database": 'say which database the files come from, database = "Embase"',
        "platform": 'say how it was searched, platform = "Ovid" (PRISMA-S item 1)',
        "files": 'say which export files belong here, files = "imports/*embase*"',
    }
    for key, hint in wanted.items():
        if not getattr(table, key):
            yield Finding((*here, key), f"is missing: {hint}")
    for name, whose in table.columns.items():
        if whose not in (known := (*COLUMNS, KEPT)):
            yield Finding(
                (*here, "columns", name), f"{whose!r} is no field: the fields are {', '.join(known)}"
            )
    if not table.query:
        message = "no strategy is given: PRISMA-S item 8 asks for the search string as it was run"
        yield Finding((*here, "query"), message, warning=True)


def _source_tables(review: ReviewFile, sources: Collection[str]) -> _Findings:
    for name in review.sources:
        if name not in sources:
            yield Finding(("sources", name), unknown_source(name, sources))
