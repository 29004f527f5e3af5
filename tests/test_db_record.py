"""Records and JSON are exact inverses, whatever a source says."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from typing import Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.record import Author, Heading, Identifier, Record, Section, Trial, digest_of, storable


def joined(text: str) -> str:
    """Two halves of a character that stand side by side are that character: JSON knows no difference."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


odd = st.sampled_from(
    ["", "é", "e\u0301", "\x00", "\u2028", "\ud800", "\udcff", "\U0001f600", '"\\', "\r\n", "ß", "\ufeff"]
)
texts = st.one_of(st.text(max_size=5), odd, st.lists(odd, max_size=3).map("".join)).map(joined)
PLAIN = {str: texts, int: st.integers(-(10**6), 10**6), bool: st.booleans()}


def of(hint):
    """Any value that an annotation allows."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is tuple:
        return st.lists(of(inside[0]), max_size=2).map(tuple)
    if origin is Mapping:
        return st.dictionaries(texts, of(inside[1]), max_size=2)
    if origin in (Union, types.UnionType):
        return st.one_of(*map(of, inside))
    if is_dataclass(hint):
        return st.deferred(lambda: st.builds(hint, **{n: of(h) for n, h in get_type_hints(hint).items()}))
    return PLAIN.get(hint, st.none())


RECORDS = of(Record)


@given(RECORDS)
@settings(max_examples=40, deadline=None)
def test_reading_what_was_written_gives_the_same_record(record):
    text = record.to_json()
    again = Record.from_json(text)
    assert again == record
    assert again.digest == record.digest == digest_of(text)


@given(RECORDS)
@settings(max_examples=25, deadline=None)
def test_the_json_is_canonical_and_can_be_stored(record):
    text = record.to_json()
    plain = json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert text == storable(plain)
    assert text.encode().decode() == text


def test_a_record_is_written_like_this():
    record = Record(
        "pubmed", "1", "book", title='A "title"', authors=(Author("Ng", affiliations=("Oslo",)), Author()), year=0,
        authors_complete=False, dates={"revised": "2020", "created": ""}, headings=(Heading("Sepsis", major=True),),
        identifiers=(Identifier("doi", "10.1/x"),), trial=Trial(enrollment=0), extra={"XX": ("a", "")},
    )  # fmt: skip
    assert record.to_json() == (
        '{"authors":[{"affiliations":["Oslo"],"family":"Ng"},{}],"authors_complete":false,'
        '"dates":{"created":"","revised":"2020"},"extra":{"XX":["a",""]},"headings":[{"major":true,"term":"Sepsis"}],'
        '"identifiers":[{"scheme":"doi","value":"10.1/x"}],"key":"1","kind":"book","source":"pubmed",'
        '"title":"A \\"title\\"","trial":{"enrollment":0},"year":0}'
    )


def test_what_a_source_did_not_say_is_not_written():
    assert Record("s", "k").to_json() == '{"key":"k","source":"s"}'
    assert Record("s", "").to_json() == '{"key":"","source":"s"}'  # but what it must say is
    assert Record("s", "k", title=None, trial=Trial()).to_json() == '{"key":"k","source":"s","trial":{}}'
    assert Record("s", "k", kind="").to_json() == '{"key":"k","kind":"","source":"s"}'


def test_the_digest_is_the_same_on_every_machine_and_in_every_version():
    assert (
        Record("pubmed", "1", title="Sepsis").digest
        == "889ae90799794da44dc5f52cff2e23ee5ee729a4a0f6d42bc05ffe6766e6a899"
    )


@pytest.mark.parametrize("name", [f.name for f in fields(Record)])
def test_every_field_changes_the_digest(name):
    hint = get_type_hints(Record)[name]
    other = {str: "other", int | None: 7, bool: False, Trial | None: Trial("COMPLETED")}.get(hint)
    if other is None:
        inside = get_args(hint)
        other = (
            {"x": ("y",)}
            if name == "extra"
            else {"x": "y"}
            if get_origin(hint) is Mapping
            else (said(inside[0]),)
        )
    record = Record("s", "k")
    assert replace(record, **{name: other}).digest != record.digest


def said(hint):
    return (
        "x"
        if hint is str
        else hint(**{f.name: "x" for f in fields(hint) if get_type_hints(hint)[f.name] is str})
    )


def test_the_order_of_a_mapping_says_nothing():
    one, two = {"a": "1", "b": "2"}, {"b": "2", "a": "1"}
    assert Record("s", "k", dates=one).digest == Record("s", "k", dates=types.MappingProxyType(two)).digest


def test_what_a_newer_version_wrote_is_read_as_far_as_it_is_known():
    text = '{"source":"s","key":"k","mood":"sunny","authors":[{"family":"Ng","shoe_size":41}]}'
    assert Record.from_json(text) == Record("s", "k", authors=(Author("Ng"),))


def test_a_record_that_was_read_is_like_one_that_was_made():
    record = Record.from_json('{"source":"s","key":"k","authors":[{"family":"Ng"}],"identifiers":[]}')
    assert type(record) is Record
    assert hash(record.authors) == hash((Author("Ng"),))
    assert replace(record, title="Sepsis") == Record("s", "k", title="Sepsis", authors=(Author("Ng"),))
    with pytest.raises(FrozenInstanceError):
        record.title = "Sepsis"
    with pytest.raises(FrozenInstanceError):
        record.authors[0].family = "Ong"


def test_what_was_not_said_is_shared_by_no_two_records():
    one, two = Record.from_json('{"source":"s","key":"1"}'), Record.from_json('{"source":"s","key":"2"}')
    assert one.dates == one.extra == {}
    assert one.dates is not two.dates
    assert one.extra is not two.extra


@pytest.mark.parametrize(
    "text", ['{"key":"k"}', '{"source":"s"}', '{"source":"s","key":"k","headings":[{}]}']
)
def test_what_must_be_said_is_never_invented(text):
    with pytest.raises(KeyError):
        Record.from_json(text)


@given(texts)
def test_a_storable_text_stays_as_it_is(text):
    once = storable(text)
    assert storable(once) == once
    assert once.encode().decode() == once


def test_half_characters_are_spelled_out_and_two_halves_are_joined():
    assert storable("caf\udce9 \ud83d\ude00") == "caf\\udce9 😀"
    assert storable("plain ünïcödé \x00") == "plain ünïcödé \x00"


@pytest.mark.parametrize(
    ("author", "name"),
    [
        (Author("Ng", "Ada", "A"), "Ng Ada"),
        (Author("Ng", initials="A", suffix="Jr"), "Ng A Jr"),
        (Author("The Sepsis Group", collective=True), "The Sepsis Group"),
        (Author(), ""),
    ],
)
def test_the_name_of_an_author(author, name):
    assert author.name == name


def test_the_abstract_as_one_text():
    record = Record("s", "k", abstract=(Section("Sepsis kills.", "BACKGROUND"), Section("We asked.")))
    assert record.abstract_text == "BACKGROUND: Sepsis kills.\nWe asked."


def test_identifiers_of_one_scheme_come_once_in_order():
    names = [
        Identifier("nct", "NCT2"),
        Identifier("doi", "10.1/x"),
        Identifier("nct", "NCT1"),
        Identifier("nct", "NCT2", "text"),
    ]
    assert Record("s", "k", identifiers=tuple(names)).identifiers_of("nct") == ("NCT2", "NCT1")
