"""A file that came back, taken apart by what its bytes are: a workbook, a zip of exports, RIS, or CSV."""

from __future__ import annotations

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from db.errors import WrongUse
from screen.returned import Entry, Form
from screen.ris import Tagged, read_ris
from screen.tables import LARGEST, delimiter_of, read_csv, read_xlsx, text_of

SIGNS = frozenset(
    ["decision", "verdict", "asreview_label", "included", "consensus", "covidence", "article_id", "pubmed_id"]
)
"""Columns by which a header row is known: at least one stands in every tool's table."""

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_LABEL = re.compile(r"\bASReview_(?:(?:ir)?relevant|not_seen)\b", re.IGNORECASE)
"""ASReview's label, which may stand amid other notes."""
_MARKUP = re.compile(r"</?(?:p|div|span|br|b|i|em|strong)\b[^<>]*>", re.IGNORECASE)
"""Zotero's notes are HTML."""
_ALIASES = {
    "title": ("TI", "T1"),
    "authors": ("AU", "A1"),
    "year": ("PY", "Y1"),
    "doi": ("DO",),
    "keywords": ("KW",),
}
_OURS = ("harvest_decision", "harvest_reason", "harvest_note")
_NAMED = ("harvest_id", "pmid", "registry_number")


def unpack(body: bytes) -> tuple[Form, ...]:
    """The files in a file: one, or those of a zip.

    Raises:
        WrongUse: it is none that can be read, or has no header that a decision could stand under.
    """
    if not body.startswith(b"PK"):
        return (_form(body),)
    names = _members(body)
    if "[Content_Types].xml" in names:
        return (read_xlsx(body, SIGNS),)
    forms = tuple(_inside(body, names))
    if not forms:
        raise WrongUse(
            "This is no workbook, and no file in the zip ends in .csv or .ris; bring the export as it was made."
        )
    return forms


def _members(body: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            size = sum(entry.file_size for entry in package.infolist())
            names = package.namelist()
    except (zipfile.BadZipFile, OSError) as error:
        raise WrongUse(
            f"This is no workbook that can be read, and no zip of exports ({error}); save it again."
        ) from error
    if size > LARGEST:
        raise WrongUse(f"The file unpacks to {size:,} bytes, more than the {LARGEST:,} allowed.")
    return names


def _inside(body: bytes, names: list[str]) -> Iterator[Form]:
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        for name in sorted(names):
            if name.lower().endswith((".csv", ".ris")) and not name.startswith("__MACOSX/"):
                try:
                    form = _form(package.read(name))
                except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError) as error:
                    raise WrongUse(f"{name} in the zip cannot be read ({error}); export it again.") from error
                yield Form(form.kind, form.columns, tuple(_at(name, entry) for entry in form.entries))


def _at(name: str, entry: Entry) -> Entry:
    return Entry(f"{name}, {entry.place}", entry.values)


def _form(body: bytes) -> Form:
    if body.startswith(_OLD_EXCEL):
        raise WrongUse("This is a workbook of the old format (.xls); save it as .xlsx or CSV.")
    text = text_of(body)
    if re.search(r"^TY  ?-", text, re.MULTILINE) and not delimiter_of(
        text, SIGNS
    ):  # a cell may hold such a line
        entries = tuple(_entry(record) for record in read_ris(text))
        return Form("ris", frozenset(name for entry in entries for name in entry.values), entries)
    return read_csv(text, SIGNS)


def _entry(record: Tagged) -> Entry:
    """A RIS record in the words of a table."""
    values: dict[str, str] = {}
    for name, value in _values(record):
        values.setdefault(name, value)  # ASReview puts its newest label in front
    return Entry(f"record {record.number} (line {record.line})", values)


def _values(record: Tagged) -> Iterator[tuple[str, str]]:
    notes = "\n".join(_plain(note) for note in record.all("N1"))
    yield from (_noted(line) for line in notes.split("\n"))
    yield "notes", notes
    for name, tags in _ALIASES.items():
        found = (record.all(tag) for tag in tags)
        yield name, next(("\n".join(values) for values in found if any(values)), "")
    for tag in dict.fromkeys(tag for tag, _ in record.tags):
        yield tag.lower(), "\n".join(record.all(tag))


def _plain(note: str) -> str:
    return html.unescape(_MARKUP.sub("\n", note)) if "<" in note else note


def _noted(line: str) -> tuple[str, str]:
    """What one line of the notes says, by name; `("", …)` when it says nothing to us."""
    key, colon, value = line.partition(":")
    key = key.strip().lower()
    if key in _NAMED or (colon and re.fullmatch("asreview_[a-z_]+", key) and not _LABEL.fullmatch(key)):
        return key, value.strip()
    if key in _OURS:
        return key.removeprefix("harvest_"), value.strip()
    label = _LABEL.search(line)
    return ("asreview_label", label[0]) if label else ("", "")
