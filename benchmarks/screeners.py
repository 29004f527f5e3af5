"""What screening tools do to a queue between import and export, SIMULATED from their exports and documentation.

It is a part of `round_trip.py`. Only ASReview is run for real (`run_asreview_trip.py`); the others cannot be. What
stands here for them is what is seen in real exports (tests/data/screen/PROVENANCE.md), in documentation, or in their
source: which tags are dropped, which are written over, where decisions stand. What a live tool does beyond that is
not shown by this.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence

from openpyxl import load_workbook

from screen.ris import Tagged, read_ris

Votes = Mapping[str, Mapping[str, tuple[str, str]]]
"""Person → title → (verdict, reason). The tools know nothing of our identifiers."""
Tool = Callable[[bytes, Votes], list[tuple[bytes, str]]]
"""Our file and the votes → the tool's exports, each with the verdict it is the list of, or with none."""

_RAYYAN = {"include": ("Included", "1"), "exclude": ("Excluded", "-1"), "unsure": ("Maybe", "0")}


def rayyan(body: bytes, votes: Votes) -> list[tuple[bytes, str]]:
    """A zip of articles.csv, with its own keys and everybody's decisions in the notes, and the log with the reasons."""
    articles = [
        {
            "key": f"rayyan-{number}",
            "title": _one(record, "TI"),
            "year": _one(record, "PY"),
            "authors": " and ".join(record.all("AU")),
            "abstract": _one(record, "AB"),
            "notes": " | ".join(("; ".join(record.all("N1")), *_rayyan_notes(_one(record, "TI"), votes))),
            "doi": _one(record, "DO"),
        }
        for number, record in enumerate(_records(body), start=42_000_000)
    ]
    log = list(_rayyan_log([article["title"] for article in articles], votes))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("articles.csv", _csv([*articles[0], "pubmed_id", "pmc_id"], articles))
        package.writestr("customizations_log.csv", _csv(list(log[0]), log))
    return [(out.getvalue(), "")]


def _rayyan_notes(title: str, votes: Votes) -> Iterator[str]:
    said = {person: told[title] for person, told in votes.items() if title in told}
    if said:
        inclusion = ", ".join(f'"{who}"=>"{_RAYYAN[verdict][0]}"' for who, (verdict, _) in said.items())
        yield f"RAYYAN-INCLUSION: {{{inclusion}}}"
    if reasons := ",".join(dict.fromkeys(reason for _, reason in said.values() if reason)):
        yield f"RAYYAN-EXCLUSION-REASONS: {reasons}"


def _rayyan_log(titles: Sequence[str], votes: Votes) -> Iterator[dict[str, object]]:
    place = {title: number for number, title in enumerate(titles, start=42_000_000)}
    for user, (person, told) in enumerate(votes.items()):
        for title, (verdict, reason) in told.items():
            event = {"created_at": "2026-11-22 10:00:00 UTC", "user_id": user, "user_email": person}
            said = [("included", _RAYYAN[verdict][1]), *([(f"__EXR__{reason}", "1")] if reason else [])]
            for key, value in said:
                yield {**event, "article_id": place[title], "key": key, "value": value}


def covidence(body: bytes, votes: Votes) -> list[tuple[bytes, str]]:
    """A CSV for each list, without KW, ID and notes; what is excluded has its reason in the notes."""
    return [
        (_csv(list(rows[0]), rows), verdict)
        for verdict, rows in _lists(body, votes, _covidence_row).items()
        if rows
    ]


def _covidence_row(number: int, record: Tagged, reason: str) -> dict[str, object]:
    return {
        "Title": _one(record, "TI"), "Authors": "; ".join(record.all("AU")), "Abstract": _one(record, "AB"),
        "Published Year": _one(record, "PY"), "Accession Number": _one(record, "AN"), "DOI": _one(record, "DO"),
        "Ref": "", "Covidence #": f"#{number}", "Study": "", "Tags": "",
        "Notes": f"Exclusion reason: {reason}; " if reason else "",
    }  # fmt: skip


def eppi(body: bytes, votes: Votes) -> list[tuple[bytes, str]]:
    """A RIS for each list: its number in U1, comments in N1, its keyword first; AN and ID are gone."""
    kept = ("TY", "T1", "JF", "A1", "KW", "PY", "AB", "DO", "UR")
    return _ris_lists(body, votes, lambda number, record: [
        *((tag, value) for tag, value in record.tags if tag in kept),
        ("KW", "eppi-reviewer"), ("U1", str(102_000_000 + number)), ("N1", "\n".join(record.all("N1"))),
    ])  # fmt: skip


def zotero(body: bytes, votes: Votes) -> list[tuple[bytes, str]]:
    """Tags as KW, notes as HTML; ID is its own, AN is gone."""
    tags = _tags(votes)
    return [(_ris([
        *((tag, value) for tag, value in record.tags if tag not in ("ID", "AN", "N1")), ("ID", str(number)),
        *(("N1", f"<p>{note}</p>") for note in record.all("N1")),
        *(("KW", tag) for tag in tags.get(_one(record, "TI"), ())),
    ] for number, record in enumerate(_records(body), start=1)), "")]  # fmt: skip


def endnote(body: bytes, votes: Votes) -> list[tuple[bytes, str]]:
    """One KW with a keyword a line; ID is its own number."""
    tags = _tags(votes)
    return [(_ris([
        *((tag, value) for tag, value in record.tags if tag not in ("ID", "KW")), ("ID", str(number)),
        ("KW", "\n".join([*record.all("KW"), *tags.get(_one(record, "TI"), ())])),
    ] for number, record in enumerate(_records(body), start=1)), "")]  # fmt: skip


def excel(body: bytes, votes: Votes) -> list[tuple[bytes, str]]:
    """Filled in, sorted the other way round, and saved."""
    ((_, told),) = votes.items()
    book = load_workbook(io.BytesIO(body))
    sheet = book["Queue"]
    _, *rows = (list(row) for row in sheet.iter_rows(values_only=True))
    for row in rows:
        row[2], row[3] = told.get(str(row[5]).removeprefix("'"), (None, None))
    for place, row in enumerate(reversed(rows), start=2):
        for column, cell in enumerate(row, start=1):
            sheet.cell(place, column).value = cell
    out = io.BytesIO()
    book.save(out)
    return [(out.getvalue(), "")]


SIMULATED: dict[str, Tool] = {
    "rayyan": rayyan, "covidence": covidence, "eppi": eppi, "zotero": zotero, "endnote": endnote, "excel": excel,
}  # fmt: skip


def _records(body: bytes) -> list[Tagged]:
    return list(read_ris(body.decode()))


def _one(record: Tagged, *tags: str) -> str:
    return next((value for tag in tags for value in record.all(tag)), "")


def _tags(votes: Votes) -> dict[str, list[str]]:
    """Title → the tag that says what the one person decided."""
    ((_, told),) = votes.items()
    return {
        title: [f"harvest:{verdict}{f':{reason}' if reason else ''}"]
        for title, (verdict, reason) in told.items()
    }


def _lists(
    body: bytes, votes: Votes, row: Callable[[int, Tagged, str], dict[str, object]]
) -> dict[str, list[dict[str, object]]]:
    ((_, told),) = votes.items()
    lists: dict[str, list[dict[str, object]]] = {"include": [], "exclude": [], "unsure": []}
    for number, record in enumerate(_records(body), start=1):
        if said := told.get(_one(record, "TI", "T1")):
            lists[said[0]].append(row(number, record, said[1]))
    return lists


def _ris_lists(
    body: bytes, votes: Votes, write: Callable[[int, Tagged], list[tuple[str, str]]]
) -> list[tuple[bytes, str]]:
    ((_, told),) = votes.items()
    verdict = {title: said[0] for title, said in told.items()}
    numbered = list(enumerate(_records(body), start=1))
    return [
        (_ris(write(number, record) for number, record in chosen), each)
        for each in ("include", "exclude", "unsure")
        if (chosen := [pair for pair in numbered if verdict.get(_one(pair[1], "T1", "TI")) == each])
    ]


def _ris(records: Iterator[list[tuple[str, str]]]) -> bytes:
    lines = (
        line for tags in records for line in (*(f"{tag}  - {value}" for tag, value in tags), "ER  - ", "")
    )
    return "\r\n".join(lines).encode()


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
