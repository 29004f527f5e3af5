"""A report as it is cited: authors, title, where it stands, by which number it is found again."""

from __future__ import annotations

from db.record import Record

MOST = 6
"""Authors that are named; with more of them the first six stand for all, as in the Vancouver style."""


def cited(record: Record) -> str:
    """One line, as far as the record says: `Authors. Title. Journal Year;Volume(Issue):Pages. doi:…`."""
    title = (record.title or record.vernacular_title).strip().rstrip(".")
    parts = [_authors(record), title, _place(record), _number(record)]
    return " ".join(f"{part}." for part in parts if part)


def _authors(record: Record) -> str:
    names = [
        " ".join(part for part in (author.family, author.initials or _initials(author.given)) if part)
        for author in record.authors
    ]
    return ", ".join([*names[:MOST], *(["et al"] if len(names) > MOST else [])])


def _initials(given: str) -> str:
    return "".join(word[0].upper() for word in given.replace("-", " ").replace(".", " ").split())


def _place(record: Record) -> str:
    """Journal and what finds the pages in it; of a registration the register and the day."""
    if record.trial is not None:
        return ", ".join(
            part for part in (record.key, f"registered {record.date}" if record.date else "") if part
        )
    issue = f"({record.issue})" if record.issue else ""
    pages = record.pages or record.article_number
    within = f"{record.volume}{issue}{f':{pages}' if pages else ''}"
    year = str(record.year or "")
    return f"{record.journal or record.journal_abbreviation} {year}{f';{within}' if within else ''}".strip()


def _number(record: Record) -> str:
    for scheme in ("doi", "pmid"):
        for value in record.identifiers_of(scheme):
            return f"doi:{value}" if scheme == "doi" else f"PMID {value}"
    return ""
