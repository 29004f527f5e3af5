"""The promise under damage: nothing lost, nothing raised but `WrongUse`."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_files import EVERY, body, nbib_count, ris_count

from db.errors import WrongUse
from harvest import readers

RIS = [
    "ovid_psycinfo.ris",
    "cochrane.ris",
    "embase.ris",
    "jstor.ris",
    "no_er.ris",
    "preamble.ris",
    "several_lines.ris",
]
NBIB = ["pubmed_result2.txt", "medline_complete.txt", "medline_strange_lines.txt"]
STRAY = st.sampled_from(
    ["Record #2 of 18", "2. ", "Link to the Ovid Full Text", "% a remark", "", "Provider: X"]
)


def read(data, name="x.ris"):
    return readers.read(data, name, "file:x")


def words_of(found):
    """Every word that is anywhere in what was read or reported."""
    texts = (
        [r.to_json() for r in found.records]
        + [u.raw for u in found.unreadable]
        + [s.text for s in found.stray]
    )
    return set(re.findall(r"\w+", " ".join(texts).replace("\\n", " ").casefold()))


@given(st.sampled_from(RIS), st.data())
def test_ris_without_some_of_its_ends(name, data):
    lines = body(name).decode("utf-8-sig").splitlines()
    kept = [line for line in lines if not line.startswith("ER") or data.draw(st.booleans())]
    whole = "\n".join(kept).encode()
    found = read(whole)
    assert len(found.records) + len(found.unreadable) == ris_count(whole)


@given(st.sampled_from(RIS), st.data())
def test_ris_with_text_between_its_lines(name, data):
    lines = body(name).decode("utf-8-sig").splitlines()
    for _ in range(data.draw(st.integers(1, 6))):
        lines.insert(data.draw(st.integers(0, len(lines))), data.draw(STRAY))
    whole = data.draw(st.sampled_from(["\n", "\r\n", "\r", "\r\r\n"])).join(lines).encode()
    found = read(whole)
    assert len(found.records) + len(found.unreadable) == ris_count(whole)


@pytest.mark.parametrize(
    "name", ["embase.ris", "ovid_psycinfo.ris", "web_of_science.ris", "every_tag.ris", "pubmed_result2.txt"]
)
def test_every_word_of_the_file_is_somewhere(name):
    data = body(name)
    there = words_of(read(data, name))
    values = re.sub(r"(?m)^[A-Z][A-Z0-9]{1,3}[ \t]*-", "", data.decode("utf-8-sig"))
    numbers_are_respelt = {
        word for word in re.findall(r"\w+", values.casefold()) if not re.search(r"\d", word)
    }
    respelt = {
        *("http", "https", "dx", "org", "doi"),  # DOIs lose their prefix
        *("sep", "dec", "mar", "apr", "jan", "feb", "jun", "jul", "aug", "oct", "nov", "may"),
        *("print", "electronic", "linking", "pii", "amp", "issn"),
    }
    initials = {word for word in numbers_are_respelt if len(word) <= 3}
    assert numbers_are_respelt - there - respelt - initials == set()


@given(st.sampled_from(NBIB), st.data())
def test_nbib_with_text_between_its_lines(name, data):
    lines = body(name).decode().splitlines()
    for _ in range(data.draw(st.integers(1, 6))):
        lines.insert(data.draw(st.integers(0, len(lines))), data.draw(STRAY))
    whole = data.draw(st.sampled_from(["\n", "\r\n", "\r"])).join(lines).encode()
    found = read(whole, "x.nbib")
    assert len(found.records) + len(found.unreadable) == nbib_count(whole)


@given(st.sampled_from(sorted(EVERY)), st.data())
def test_a_file_cut_anywhere(name, data):
    whole = body(name)
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    with contextlib.suppress(WrongUse):
        found = read(cut, name)
        count = {"RIS": ris_count, "nbi": nbib_count}.get(found.dialect[:3])
        if count and name not in ("no_ty.ris", "eric.nbib"):
            assert (
                abs(len(found.records) + len(found.unreadable) - count(cut)) <= 1
            )  # the cut may be inside of `TY  -`


@given(st.sampled_from(sorted(EVERY)), st.data())
def test_a_file_with_its_head_cut_off(name, data):
    whole = body(name)
    with contextlib.suppress(WrongUse):
        read(whole[data.draw(st.integers(0, len(whole))) :], name)


@given(st.binary(max_size=400), st.sampled_from(["x.ris", "x.nbib", "x.csv", "x.txt"]))
def test_any_bytes(data, name):
    with contextlib.suppress(WrongUse):
        found = read(data, name)
        assert found.records or found.unreadable or found.dialect[:3] in ("CSV", "TSV")


TAGS = st.sampled_from(
    [
        "TY  - JOUR",
        "ER  - ",
        "TI  - T",
        "AU  - A, B",
        "AB  - text",
        "  more",
        "",
        "PMID- 1",
        "DO  - 10.1/x",
        "SN  - 1",
        "SP  - 1",
        "Y1  - 2001//",
        "KW  - *a [b]",
    ]
)


@given(st.lists(TAGS, max_size=25))
def test_any_order_of_lines(lines):
    with contextlib.suppress(WrongUse):
        found = read("\n".join(lines).encode(), "x.ris")
        if found.dialect.startswith("RIS"):
            begun = sum(line.startswith("TY") for line in lines)
            unbegun = sum("begins without TY" in note for note in found.notes)
            assert begun <= len(found.records) + len(found.unreadable)
            assert unbegun or begun == len(found.records) + len(found.unreadable)


CELLS = st.lists(st.text(st.sampled_from('ab ,;"\n1'), max_size=8), min_size=1, max_size=4)


@given(st.lists(CELLS, min_size=1, max_size=8))
def test_tables_that_were_written_by_the_book_are_read_row_by_row(content):
    def quoted(cell):
        return '"' + cell.replace('"', '""') + '"'

    text = "title,abstract,doi,x\n" + "\n".join(",".join(map(quoted, row)) for row in content)
    found = read(text.encode(), "x.csv")
    told = len(found.records) + len(found.unreadable)
    set_aside = [s for s in found.stray if not re.search(r"[ab1]", s.text)]
    said = sum(any(cell.strip() for cell in row) for row in content)
    assert told == said
    assert len(set_aside) == len(found.stray)


@given(st.integers(0, 5), st.integers(0, 40))
def test_a_stray_quotation_mark_costs_one_row_at_most(row, column):
    rows = [f'Title {n},"abstract, {n}",10.1000/{n}' for n in range(6)]
    place = min(column, len(rows[row]))
    rows[row] = rows[row][:place] + '"' + rows[row][place:]
    found = read("\n".join(["title,abstract,doi", *rows]).encode(), "x.csv")
    intact = {f"Title {n}" for n in range(6) if n not in (row, row + 1)}
    assert intact <= {r.title for r in found.records}
    assert f"{row + 1}" in words_of(found) or row == 5
