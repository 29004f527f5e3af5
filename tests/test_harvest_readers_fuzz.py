"""Every reader under damage that no export should have: nothing raised but `WrongUse`, no hang, no word lost.

`--hypothesis-profile=deep` tries ten thousand cases for each kind of file; usually it is sixty.
"""

from __future__ import annotations

import contextlib
import io
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from reader_files import FOLDER

from db.errors import WrongUse
from harvest import readers

DATA = FOLDER.parent
LINES = {
    "RIS": sorted(FOLDER.glob("*.ris")),
    "nbib": [*FOLDER.glob("*.nbib"), *FOLDER.glob("medline*.txt"), *FOLDER.glob("pubmed_result*.txt")],
    "table": [*FOLDER.glob("*.csv"), *FOLDER.glob("*.tsv")],
    "refer": sorted(FOLDER.glob("*.enw")),
    "isi": [*FOLDER.glob("*.isi"), *FOLDER.glob("*.ciw")],
    "ovid": sorted(FOLDER.glob("ovid*.txt")),
}
"""Kind → files whose records are made of lines."""
TREES = {
    "BibTeX": sorted(FOLDER.glob("*.bib")),
    "XML": [*FOLDER.glob("*.xml"), *(DATA / "ictrp").glob("*.xml")],
    "registers": [path for name in ("ictrp", "euctr") for path in (DATA / name).glob("*.[ct][sx][vt]")],
}
"""Kind → files whose records are nested, or fields of one long text."""
FILES = {kind: [path.read_bytes()[:12_000] for path in paths] for kind, paths in (LINES | TREES).items()}
JUNK = (
    *(b"ER  - ", b"TY  - JOUR", b"TI  - x", b"PMID- 1", b"%0 Journal Article", b"PT J", b"<2. >", b"EF"),
    *(b'"', b'""', b"'", b"{", b"}", b"@article{x,", b"<record>", b"</record>", b"&amp;", b"&#0;", b"]]>"),
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\r\r\n", b"\x1a", b"\xe4", b"\xe2\x80\xa8", b"sep=;"),
    *(b"\\", b"<!DOCTYPE x>", b"  ", b",", b";", b"\t", b"=", b"-" * 50, b"9" * 400, b"(" * 300, b"[" * 300),
)
"""What stands where it should not."""
HEADS = ("TY", "ER")


def read(body, name="x"):
    return readers.read(body, name, "file:x")


# -- damage --------------------------------------------------------------------------------------------


def cut(body, dice):
    return body[: dice.randrange(len(body) + 1)]


def behead(body, dice):
    return body[dice.randrange(len(body) + 1) :]


def hole(body, dice):
    place = dice.randrange(len(body) + 1)
    return body[:place] + body[place + dice.randrange(200) :]


def flip(body, dice):
    found = bytearray(body)
    for _ in range(min(len(found), dice.randrange(1, 30))):
        found[dice.randrange(len(found))] = dice.randrange(256)
    return bytes(found)


def insert(body, dice):
    for _ in range(dice.randrange(1, 8)):
        place = dice.randrange(len(body) + 1)
        body = body[:place] + dice.choice(JUNK) + body[place:]
    return body


def shuffle(body, dice):
    lines = body.splitlines(keepends=True)
    for _ in range(dice.randrange(1, 10)):
        if lines:
            line = lines[dice.randrange(len(lines))]
            lines.insert(dice.randrange(len(lines) + 1), line)
            if dice.random() < 0.5:
                del lines[dice.randrange(len(lines))]
    return b"".join(lines)


def endless(body, _dice):
    return re.sub(rb"(?m)^(?:ER|EF)\b.*$", b"", body)


def respell(body, dice):
    text = body.decode("utf-8", "replace")
    encoding = dice.choice(["utf-16", "utf-16-be", "latin-1", "cp1252", "utf-8-sig", "utf-32"])
    return text.encode(encoding, "replace")


def rebreak(body, dice):
    return re.sub(rb"\r\n|\n|\r", dice.choice([b"\r", b"\r\n", b"\n\n", b"\r\r\n", b"\n\r"]), body)


DAMAGE = (cut, behead, hole, flip, insert, insert, shuffle, endless, respell, rebreak)


def damaged(kind, dice):
    """A file of a kind, spliced into another one and damaged up to four times."""
    body = dice.choice(FILES[kind])
    if dice.random() < 0.3:
        other = dice.choice(FILES[dice.choice(sorted(FILES))] or [b""])
        place = dice.randrange(len(body) + 1)
        body = body[:place] + other[dice.randrange(len(other) + 1) :][:5000] + body[place:]
    for _ in range(dice.randrange(5)):
        body = dice.choice(DAMAGE)(body, dice)
    return body


# -- what must hold ------------------------------------------------------------------------------------


def holds(found):
    """What is true of every reading, whatever was read."""
    positions = [unreadable.position for unreadable in found.unreadable]
    assert len(set(positions)) == len(positions)
    assert len(found.contents) == len(found.records) + len(found.unreadable)
    assert len({record.key for record in found.records}) == len(found.records)
    assert all(record.to_json() and record.source == "file:x" for record in found.records)
    assert all(stray.text.strip() and stray.line >= 1 for stray in found.stray)


def said(found):
    """Everything that a reading says, in small letters."""
    texts = [record.to_json() for record in found.records]
    texts += [unreadable.raw for unreadable in found.unreadable] + [stray.text for stray in found.stray]
    return "\n".join((*texts, *found.columns)).casefold()


@pytest.mark.parametrize("kind", [kind for kind in FILES if FILES[kind]])
@given(st.integers(0, 2**40))
def test_whatever_happens_to_a_file(kind, seed):
    body = damaged(kind, random.Random(seed))
    with contextlib.suppress(WrongUse):
        holds(read(body))


@pytest.mark.parametrize("kind", LINES)
@given(st.integers(0, 2**40))
def test_a_word_is_never_lost(kind, seed):
    dice = random.Random(seed)
    lines = dice.choice(FILES[kind]).splitlines(keepends=True)
    place = dice.randrange(len(lines))
    bare = lines[place].rstrip(b"\r\n")
    lines[place] = bare + b" qwyxkmz" + lines[place][len(bare) :]
    with contextlib.suppress(WrongUse):
        found = read(b"".join(lines))
        holds(found)
        frame = kind == "isi" and re.match(
            rb"FN |VR |EF", bare
        )  # what opens and closes the file says nothing
        assert frame or "qwyxkmz" in said(found), lines[place]


@given(st.integers(0, 2**40))
def test_every_ris_record_is_read_or_reported(seed):
    dice = random.Random(seed)
    body = damaged("RIS", dice)
    with contextlib.suppress(WrongUse):
        found = read(body, "x.ris")
        if found.dialect.startswith("RIS"):
            text = "\n".join(readers.decode(body).lines)
            begun = len(re.findall(r"(?m)^TY(?:[ \t]{2}-|[ \t]-(?:[ \t]|$))", text))
            unbegun = next(
                (note for note in found.notes if note.startswith("A record begins without TY")), ""
            )
            several = re.search(r"(\d+) times", unbegun)
            assert len(found.contents) == begun + (int(several[1]) if several else bool(unbegun))


# -- workbooks -----------------------------------------------------------------------------------------


def book(rows):
    made = Workbook()
    for row in rows:
        made.active.append(row)
    body = io.BytesIO()
    made.save(body)
    return body.getvalue()


BOOK = book(
    [["Title", "Authors", "Year"], ["One", "Li, A", 2001], ["Two", "Yu, B", None], [None, None, "=1+1"]]
)


@given(st.integers(0, 2**40))
def test_whatever_happens_to_a_workbook(seed):
    body = dice_on(BOOK, random.Random(seed))
    with contextlib.suppress(WrongUse):
        holds(read(body, "x.xlsx"))


def dice_on(body, dice):
    for _ in range(dice.randrange(1, 4)):
        body = dice.choice((cut, hole, flip, insert))(body, dice)
    return body


CELL = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.dates(), st.datetimes(), st.times(),
    st.floats(allow_nan=False, allow_infinity=False), st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF), max_size=20),
)  # fmt: skip


@given(st.lists(st.lists(CELL, max_size=5), max_size=6))
def test_every_row_of_a_workbook_is_read_or_reported_or_set_aside(rows):
    try:
        body = book([["Title", "Abstract"], *rows])
    except (ValueError, OverflowError):  # what openpyxl itself does not write: years before 1900
        return
    found = read(body, "x.xlsx")
    holds(found)
    saying = [row for row in rows if any(cell is not None and str(cell).strip() for cell in row)]
    assert len(found.contents) + len(found.stray) == len(saying)
