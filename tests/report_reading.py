"""Texts taken back out of reports, as somebody would who has nothing but the file."""

from __future__ import annotations

import csv
import io
import re

from docx import Document

from harvest.reports.word import STRATEGY, characters
from screen.cells import bare

_PROOF = re.compile(
    r"(?s)\((?P<bytes>[\d,]+) bytes, (?P<encoding>[\w-]+), (?:line ends (?P<ends>CR LF|CR|mixed), )?"
    r"SHA-256 (?P<sha256>[0-9a-f]{64})(?:; control characters are drawn as (?P<first>.) and following)?\)"
)
_ENDS = {"CR LF": "\r\n", "CR": "\r"}
_FENCED = re.compile(
    rb"^(?P<proof>\([^\n]*SHA-256[^\n]*\))\n\n(?P<fence>`{3,})text\n(?P<body>.*?)\n(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)


def from_markdown(body: bytes) -> list[bytes]:
    """The bytes of every text that is kept to the byte."""
    found = []
    for match in _FENCED.finditer(body):
        proof = _PROOF.fullmatch(match["proof"].decode().replace("\\", ""))
        assert proof, match["proof"]
        found.append(match["body"].decode().encode(proof["encoding"].lower()))
    return found


def from_word(body: bytes) -> list[bytes]:
    """The same from a Word file: the line above says what the characters stand for."""
    found, proof = [], None
    for paragraph in Document(io.BytesIO(body)).paragraphs:
        if paragraph.style.name == STRATEGY:
            assert proof
            text = characters(paragraph, _ENDS.get(proof["ends"] or "", "\n"), proof["first"] or "")
            found.append(text.encode(proof["encoding"].lower()))
        proof = _PROOF.search(paragraph.text)
    return found


def from_csv(body: bytes) -> list[dict[str, str]]:
    """Rows by their headings, cells as they were before a spreadsheet had to be kept from computing them."""
    csv.field_size_limit(2**31 - 1)
    rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    return [{name: bare(cell) for name, cell in row.items()} for row in rows]
