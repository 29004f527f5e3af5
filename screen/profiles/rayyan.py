"""Rayyan: RIS or CSV out; back comes `articles.csv` (or .ris) and `customizations_log.csv`, also in one zip.

Rayyan puts its own key over `AN` and `key`, keeps notes, and writes into them what everybody decided:
`RAYYAN-INCLUSION: {"Ann"=>"Included", "Bob"=>"Excluded"} | RAYYAN-LABELS: a,b | RAYYAN-EXCLUSION-REASONS: x,y |
USER-NOTES: {"Ann"=>["t"]}`. The reasons there are everybody's together; whose they are stands in the log alone, one
line an event: `included` is 1, 0 (maybe), -1 or `deleted`, `__EXR__reason` is 1 while it is given. The log names
people by their address.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from db.errors import WrongUse
from db.opinion import Verdict
from screen.export import Cover, QueueRow
from screen.profiles.profile import Profile, Read
from screen.profiles.table import csv_of
from screen.returned import Entry, Form, Said
from screen.ris import write_ris

COLUMNS = (
    "key", "title", "year", "month", "day", "journal", "issn", "volume", "issue", "pages", "authors", "url", "language",
    "publisher", "location", "abstract", "notes", "doi", "keywords", "pubmed_id", "pmc_id",
)  # fmt: skip
_VERDICTS: dict[str, Verdict] = {"included": "include", "excluded": "exclude", "maybe": "unsure"}
_EVENTS: dict[str, Verdict] = {"1": "include", "0": "unsure", "-1": "exclude"}
_LOG = frozenset({"article_id", "key", "value"})
_INCLUSION = re.compile(r"RAYYAN-INCLUSION:\s*\{(.*?)\}", re.DOTALL)
_VOTE = re.compile(r'"((?:[^"\\]|\\.)*)"\s*=>\s*"((?:[^"\\]|\\.)*)"')
_GIVEN = re.compile(r"RAYYAN-EXCLUSION-REASONS:\s*(.*?)\s*(?:\||$)", re.DOTALL | re.MULTILINE)
_REMARKS = re.compile(r"USER-NOTES:\s*\{(.*)\}", re.DOTALL)
_REMARK = re.compile(r'"((?:[^"\\]|\\.)*)"\s*=>\s*\[(.*?)\](?=\s*[,}]|\s*$)', re.DOTALL)
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


def _csv(rows: Sequence[QueueRow], _: Cover) -> bytes:
    return csv_of([COLUMNS, *map(_cells, rows)])


def _cells(row: QueueRow) -> list[str]:
    said = {
        "key": row.harvest_id,
        "title": row.title,
        "year": "" if row.year is None else str(row.year),
        "journal": row.journal,
        "authors": " and ".join(row.authors),
        "url": next(iter(row.urls), ""),
        "abstract": row.abstract,
        "notes": f"harvest_id: {row.harvest_id}",
        "doi": row.doi,
        "keywords": ",".join(row.keywords),
        "pubmed_id": row.pmid,
    }
    return [said.get(column, "") for column in COLUMNS]


def _recognises(form: Form) -> bool:
    if _log(form):
        return True
    if any("RAYYAN-" in entry.first("notes") for entry in form.entries):
        return True
    return "asreview_label" not in form.columns and any(map(_key, form.entries))


def _log(form: Form) -> bool:
    return form.kind == "table" and form.columns >= _LOG


def _read(forms: Sequence[Form]) -> Read:
    """What the log says counts before what the notes say: it knows whose a reason is."""
    log = [entry for form in forms if _log(form) for entry in form.entries]
    articles = [entry for form in forms if not _log(form) for entry in form.entries]
    if not articles:
        raise WrongUse(
            "This is Rayyan's log alone, which knows the reports by its own numbers only: bring the whole zip, or "
            "articles.csv."
        )
    told = _told(log)
    for entry in articles:
        yield entry, told.get(_key(entry), ()) if log else tuple(_noted(entry.first("notes")))


def _key(entry: Entry) -> str:
    """`42924189` of `rayyan-42924189`."""
    found = re.search(r"\brayyan-(\d+)", " ".join((entry.first("key"), entry.first("an"))))
    return found[1] if found else ""


def _noted(notes: str) -> Iterator[Said]:
    votes, given = _INCLUSION.search(notes), _GIVEN.search(notes)
    remarks = _remarks(notes)
    for person, word in _VOTE.findall(votes[1]) if votes else ():
        verdict = _VERDICTS.get(word.lower())
        reason = given[1] if given and verdict == "exclude" else ""
        yield Said(word, verdict, person, reason, remarks.get(person, ""))


def _remarks(notes: str) -> Mapping[str, str]:
    """Person → what they noted."""
    told = _REMARKS.search(notes)
    people = _REMARK.findall(told[1]) if told else ()
    return {person: "; ".join(_TEXT.findall(texts)) for person, texts in people}


def _told(log: Sequence[Entry]) -> dict[str, list[Said]]:
    """Article → what each person had said of it when the log was written."""
    verdicts: dict[tuple[str, str], str] = {}
    reasons: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for event in sorted(log, key=lambda entry: entry.first("created_at")):
        place = event.first("article_id"), event.first("user_email", "user_id")
        key, value = event.first("key").strip('"'), event.first("value").strip('"')
        if key == "included":
            verdicts[place] = value
        elif key.startswith("__EXR__"):
            _give(reasons[place], key.removeprefix("__EXR__"), value)
    told: dict[str, list[Said]] = defaultdict(list)
    for (article, person), word in verdicts.items():
        if word != "deleted":
            verdict = _EVENTS.get(word)
            given = ",".join(reasons[article, person]) if verdict == "exclude" else ""
            told[article].append(Said(word, verdict, person, given))
    return told


def _give(reasons: dict[str, None], reason: str, value: str) -> None:
    if value == "1":
        reasons[reason] = None
    else:
        reasons.pop(reason, None)


RAYYAN = Profile(
    "rayyan",
    "Rayyan",
    {"ris": lambda rows, _: write_ris(rows), "csv": _csv},
    _recognises,
    _read,
    "Everybody's decisions, reasons and notes; its own key stands in the place of AN and key, our note is kept.",
)
