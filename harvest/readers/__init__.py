"""Export files of databases, reference managers and screening tools: bytes in, records out.

A format is one module with an object that keeps the protocol `Format`; to add one, add it to `FORMATS`.
Files are recognised by what they say, and only then by what they are called: PubMed's `.nbib` is often
saved as `.txt` or `.ris`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePath

from db.errors import WrongUse
from harvest.readers import workbook
from harvest.readers.bibtex import Bibtex
from harvest.readers.columns import check
from harvest.readers.endnote_xml import EndNoteXml
from harvest.readers.euctr import Euctr
from harvest.readers.ictrp import Ictrp
from harvest.readers.isi import Isi
from harvest.readers.nbib import Nbib
from harvest.readers.ovid import Ovid
from harvest.readers.reading import Format, Reading, Stray
from harvest.readers.refer import Refer
from harvest.readers.ris import Ris
from harvest.readers.table import Table
from harvest.readers.text import decode

__all__ = ["FORMATS", "VERSION", "Format", "Reading", "Stray", "read"]

VERSION = "2"
"""Kept with every revision; raised whenever a reader reads anything differently."""

FORMATS: tuple[Format, ...] = (
    *(Isi(), Ovid(), Refer(), EndNoteXml()),  # known by how a file begins
    *(Ris(), Nbib(), Ictrp(), Euctr(), Bibtex(), Table()),
)
"""Every format that is read, the most telling first."""

SHEETS: tuple[workbook.SheetFormat, ...] = (Ictrp(),)
"""Formats that come as a workbook and are more than a table of records; a sheet of records needs none."""

_PACKED: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("a PDF", lambda body: body.startswith(b"%PDF")),
    (
        "a Word document; save the list in it as a table, or export the records",
        lambda body: body.startswith(b"PK\x03\x04") and b"word/document.xml" in body,
    ),
    ("a ZIP archive; unpack it", lambda body: body.startswith(b"PK\x03\x04")),
    ("a compressed file; unpack it", lambda body: body.startswith((b"\x1f\x8b", b"7z\xbc\xaf", b"BZh"))),
    ("an old Office document; save it as CSV", lambda body: body.startswith(b"\xd0\xcf\x11\xe0")),
    (
        "a binary file",
        lambda body: not body.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0\0" in body[:4000],
    ),
)
"""What is not text, and how it begins."""

_OTHERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a web page", re.compile(r"(?:<!--.*?-->\s*)*<(?:!doctype html|html)", re.IGNORECASE | re.DOTALL)),
    ("XML", re.compile(r"<[?!a-zA-Z]")),
    ("JSON", re.compile(r"\{|\[\s*[{\]]")),
)
"""Text of formats that are not read, and how it begins."""


def read(body: bytes, name: str, source: str, columns: Mapping[str, str] | None = None) -> Reading:
    """Read an export file.

    Args:
        body: The file, byte for byte.
        name: Its name, for messages and for its ending.
        source: What becomes `Record.source`: `file:embase`.
        columns: Column of a table → the field it fills, where the reviewer knows better than the readers.

    Returns:
        Its records with keys that are the same whenever the same file is read, and everything else
        there is in it: records that cannot be read, and text outside of records.

    Raises:
        WrongUse: When the file is empty, or of no format that is read, or has no such columns.
    """
    check(said := columns or {})
    if workbook.is_workbook(body):
        return workbook.read(body, name, source, (*SHEETS, workbook.SheetTable(said)))
    packed = next((kind for kind, sign in _PACKED if sign(body)), "")
    if packed:
        raise _unknown(name, packed)
    text = decode(body)
    if not any(line.strip() for line in text.lines):
        raise WrongUse(f"{name}: the file is empty; export it again.")
    found = next((format_ for format_ in FORMATS if format_.looks_like(text)), None)
    if said:
        table = Table(said=said)
        if found and not table.looks_like(text):
            raise WrongUse(f"{name} is no table: --column has no meaning here.")
        return table.read(text, name, source)
    if not found:
        head = "\n".join(text.lines[:200]).lstrip()[:8000]
        seems = next((kind for kind, sign in _OTHERS if sign.match(head)), "")
        found = None if seems else _by_name(name)
        if not found:
            raise _unknown(name, seems or "of no known format")
    return found.read(text, name, source)


def _by_name(name: str) -> Format | None:
    return next((format_ for format_ in FORMATS if PurePath(name.lower()).suffix in format_.suffixes), None)


def _unknown(name: str, seems: str) -> WrongUse:
    """What the file seems to be, what to do about it, and what can be read."""
    what, _, remedy = seems.partition("; ")
    formats = ((each.name, ", ".join(each.suffixes)) for each in FORMATS)
    named = (*formats, ("Excel", ".xlsx, .xlsm"))
    known = ", ".join(f"{kind} ({endings})" if endings else kind for kind, endings in named)
    return WrongUse(f"{name} seems to be {what}: {remedy or 'export it again'}. What is read: {known}.")
