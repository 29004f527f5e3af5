"""From bytes to numbered lines, without losing a character and without guessing silently.

Export files come in UTF-8 with and without a byte-order mark, in UTF-16 from spreadsheets, and in
Windows' code page 1252 from older managers; with CRLF, LF, lone CR (Web of Science puts one between
repeated values) and mixtures of them. Whatever is not plain UTF-8 is told in a note.
"""

from __future__ import annotations

import codecs
import html
import re
from dataclasses import dataclass

_BREAK = re.compile(r"\r+\n|\n|\r")
_BREAK_BYTES = re.compile(rb"\r+\n|\n|\r")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_BLOCK = re.compile(r"</?(?:p|br|div|li|ul|ol|jats:p|jats:title|jats:sec)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_INLINE = re.compile(
    r"</?(?:i|b|u|em|strong|su[bp]|span|inf|sc|small|italic|bold|jats:\w+)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_UTF16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CP1252 = "".join(bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in range(256))
"""Windows' code page, with Latin-1 for the five bytes to which it gives no meaning."""


@dataclass(frozen=True, slots=True)
class Text:
    """A file as lines; line n of the file is `lines[n - 1]`, without its line break."""

    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What had to be decided to read the bytes, one sentence each."""


def decode(body: bytes) -> Text:
    """Decode a file: UTF-16 by its byte-order mark, else UTF-8, else Windows-1252. Never fails.

    The choice between the last two is made line by line: exports of different databases are often put
    into one file, and one wrong byte must not spoil the accents of all others.
    """
    lines, notes = _wide(body) or _narrow(body)
    nuls = sum(line.count("\0") for line in lines)
    if nuls:
        notes.append(f"{nuls} NUL characters were left out.")
    return Text(tuple(line.replace("\0", "").lstrip("\ufeff") for line in lines), tuple(notes))


def plain(value: str) -> str:
    """One line of text as a person reads it: markup and entities resolved, blanks squeezed."""
    return " ".join(_unmarked(value).split())


def paragraphs(value: str) -> str:
    """As `plain`, with the line breaks of the source kept and empty lines left out."""
    lines = (" ".join(line.split()) for line in _unmarked(value).split("\n"))
    return "\n".join(line for line in lines if line)


def _wide(body: bytes) -> tuple[list[str], list[str]] | None:
    for mark, name in _UTF16:
        if body.startswith(mark):
            text = body[len(mark) :].decode(name, "replace")
            return _BREAK.split(text), [f"Read as {name}, as its byte-order mark says."]
    return None


def _narrow(body: bytes) -> tuple[list[str], list[str]]:
    lines, others = [], 0
    for line in _BREAK_BYTES.split(body):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            lines.append(codecs.charmap_decode(line, "strict", _CP1252)[0])
            others += 1
    notes = [f"{others} of {len(lines)} lines are not UTF-8 and were read as Windows-1252."] if others else []
    return lines, notes


def _unmarked(value: str) -> str:
    if "<" in value:
        value = _INLINE.sub("", _BLOCK.sub("\n", value))
    return _ENTITY.sub(lambda m: html.unescape(m[0]), value) if "&" in value else value
