"""A person's word: it outranks the rules, survives everything, can be taken back, and contradicts nobody unseen."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace

import pytest
from asked import RECORDS, asked, asks
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs import doi, paper, pmid
from reviews import harvest, rows, told
from stores import begun, kept, opened
from terminal import sentence

from db.errors import CheckFailed, WrongUse
from db.opinion import Decision, Link
from dedupe.steps import deduplicate, regroup
from harvest.answers import answer, say, take_back, word, words_of
from harvest.questions import open_questions
from screen.export import harvest_id
from screen.plan import TITLE


@pytest.fixture
def review(tmp_path):
    return asked(tmp_path / "review")


@pytest.fixture
def store(review):
    with opened(review / "review.db") as store:
        yield store


def waiting(store, **options):
    return [(link.a, link.b) for link in open_questions(store, **options)]


def said(store, a, b, relation, by="ana", kind=""):
    return say(store, word(store, harvest_id(a), harvest_id(b), relation, by, kind=kind))


# -- what waits ----------------------------------------------------------------------------------------


def test_the_likeliest_wait_first_and_can_be_narrowed(store):
    assert waiting(store) == [(1, 2), (2, 3), (1, 3), (1, 4)]
    assert waiting(store, kind="registration") == [(2, 3), (1, 3)]
    assert waiting(store, rule="alike") == [(1, 2), (1, 4)]
    assert waiting(store, kind="protocol") == []


def test_two_reports_are_asked_about_once(store):
    said(store, 1, 2, "same report")
    assert waiting(store) == [(2, 3), (1, 4)]
    store.add_links([asks(2, 4, 0.9)])
    assert waiting(store) == [(2, 4), (2, 3)]


@pytest.mark.parametrize("relation", ["different", "same study"])
def test_one_word_settles_what_is_asked_between_two_whole_groups(store, relation):
    said(store, 1, 2, "same report")
    said(store, 1, 3, relation)
    assert waiting(store) == [(1, 4)]
    take_back(store, 1, 3, "ana")
    assert waiting(store) == [(2, 3), (1, 4)]


def test_whether_they_are_of_one_study_is_not_asked_when_the_rules_know(store):
    store.add_links([Link(1, 3, "same study", rule="report of registration", kind="registration")])
    store.add_links([Link(1, 2, "same report", rule="same DOI")])
    regroup(store)
    assert waiting(store) == [(1, 4)]
    store.add_links([asks(2, 3, 0.9)])
    assert waiting(store) == [(2, 3), (1, 4)]  # whether they are one document still is


# -- taking back ---------------------------------------------------------------------------------------


def test_a_word_taken_back_leaves_what_was_there_before(store):
    before, questions = store.membership(), waiting(store)
    said(store, 1, 2, "same report", "ana")
    said(store, 1, 2, "different", "ben")
    assert take_back(store, 2, 1, "ben") == (
        "Took back what ben said of H000001 and H000002. Report H000001 has 2 records."
    )
    assert list(words_of(store, 1, 2)) == ["ana"]
    take_back(store, 1, 2, "ana")
    assert (store.membership(), waiting(store)) == (before, questions)
    assert [link.relation for link in store.links_of(1, 2) if link.by_person] == [
        "same report", "different", "ask", "ask",
    ]  # fmt: skip
    with pytest.raises(WrongUse, match="ana says nothing about H000001 and H000002"):
        take_back(store, 1, 2, "ana")


def test_a_word_taken_back_hands_the_pair_to_the_rules_for_good(store):
    said(store, 1, 2, "different")
    take_back(store, 1, 2, "ana")
    store.add_links([Link(1, 2, "same report", rule="same DOI", version="9", score=1.0)])
    regroup(store)
    assert store.records_of(1) == [1, 2]


def test_it_is_typed_and_rehearsed(review):
    harvest(review, "same", "join", "H1", "H2", "--study", "--kind", "protocol", "--by", "ana")
    assert "Would take back" in harvest(review, "same", "undo", "H2", "H1", "--by", "ana", "--dry-run").stdout
    assert told(review, "same", "show", "H1", "H2")["opinions"][-1]["kind"] == "protocol"
    assert "Took back" in harvest(review, "same", "undo", "H2", "H1", "--by", "ana").stdout
    assert "nothing to take back" in sentence(
        harvest(review, "same", "undo", "H1", "H2", "--by", "ana", code=2).stderr
    )


# -- contradictions ------------------------------------------------------------------------------------


def test_an_answer_against_another_persons_word_is_not_recorded(store):
    said(store, 1, 2, "same report", "ben")
    said(store, 2, 4, "same study", "ben")
    for link, because in (
        (
            word(store, "H1", "H2", "different", "ana"),
            "for ben said that H000001 and H000002 are same report",
        ),
        (
            word(store, "H1", "H4", "same report", "ana"),
            "for ben said that H000002 and H000004 are same study",
        ),
        (word(store, "H1", "H4", "different", "ana"), "for ben said that H000002 and H000004 are same study"),
    ):
        with pytest.raises(CheckFailed, match=because):
            answer(store, [link])
    assert {link.by for link in store.said()} == {"ben"}
    assert answer(store, [word(store, "H1", "H2", "same report", "ana")]) == 0


def test_nothing_a_person_says_is_refused_for_what_only_rules_have_joined(store):
    said(store, 1, 3, "different", "ben")
    store.add_links([Link(1, 2, "same report", rule="same DOI", score=1.0)])
    regroup(store)
    said(store, 2, 3, "same study", "ana")
    assert store.report_of(1) != store.report_of(2)
    groups = store.membership()
    assert groups[2][1] == groups[3][1] != groups[1][1]


# -- answers in a file ---------------------------------------------------------------------------------


def test_questions_go_out_as_json_and_answers_come_back(review, tmp_path):
    questions = told(review, "same", "review")
    first = questions[0]
    assert [(q["a"], q["b"], q["rule"], q["kind"]) for q in questions[:2]] == [
        ("H000001", "H000002", "alike", ""), ("H000002", "H000003", "perhaps registration", "registration"),
    ]  # fmt: skip
    assert first["evidence"]["title"] == 0.974
    assert first["meaning"] == "Much agrees, not enough."
    assert first["words"].endswith("DOIs differ (10.1192/bjp.182.5.412 / 10.1192/bjp.182.5.420)")
    assert [record["pages"] for record in first["records"]] == ["412-419", "641-5"]
    assert len(told(review, "same", "review", "--limit", 2, "--kind", "registration")) == 2
    file = tmp_path / "answers.json"
    file.write_text(json.dumps([
        {"a": "h1", "b": "H2", "answer": "same report", "because": "one DOI is wrong"},
        {"a": "H3", "b": "H2", "answer": "same study", "kind": "registration", "by": "ben"},
        {"a": "H1", "b": "H4", "answer": None},
    ]))  # fmt: skip
    rehearsed = told(review, "same", "answer", file, "--by", "ana", "--dry-run")
    assert rows(review, "SELECT count(*) FROM link WHERE by <> 'rules'") == [(0,)]
    done = told(review, "same", "answer", file, "--by", "ana")
    assert (done["answers"], done["moved"], done["left"]) == (2, 2, 1)
    assert (rehearsed["answers"], rehearsed["moved"]) == (2, 2)
    assert rows(review, "SELECT a, b, relation, by, rule, kind FROM link WHERE by <> 'rules'") == [
        (1, 2, "same report", "ana", "one DOI is wrong", ""), (2, 3, "same study", "ben", "", "registration"),
    ]  # fmt: skip
    file.write_text('[{"a": "H1", "b": "H2", "answer": "ask", "by": "ana"}]')
    assert (
        "1 answer recorded, 2 records moved; 3 pairs wait." in harvest(review, "same", "answer", file).stdout
    )


def test_answers_are_taken_all_or_none(review, tmp_path):
    file = tmp_path / "answers.json"
    good = {"a": "H1", "b": "H2", "answer": "same report", "by": "ana"}
    bad = [
        good | {"a": "H99"}, good | {"answer": "maybe"}, good | {"by": ""}, good | {"kind": "protocol"}, good | {"b": "h1"},
        good | {"becuase": "x"}, "same", {"a": 1}, good,
    ]  # fmt: skip
    file.write_text(json.dumps([good, *bad]))
    refused = harvest(review, "same", "answer", file, code=2).stderr
    for place, told_wrong in enumerate((
        "no record H99", "'maybe' is no answer", "'' cannot sign", "'protocol' is no kind that goes with 'same report'",
        "are one record", "'becuase' is no part", '"same" is no answer', "is no answer",
    ), start=2):  # fmt: skip
        assert re.search(f"answer {place}: .*{told_wrong}", refused)
    assert "ana answers twice about H000001 and H000002" in refused
    file.write_text(
        json.dumps(
            [
                good,
                {"a": "H1", "b": "H3", "answer": "different", "by": "ana"},
                {"a": "H2", "b": "H3", "answer": "same report", "by": "ben"},
            ]
        )
    )
    assert "cannot be" in sentence(harvest(review, "same", "answer", file, code=4).stderr)
    for text, said_wrong in (("[", "no JSON"), ("{}", "no list")):
        file.write_text(text)
        assert said_wrong in harvest(review, "same", "answer", file, code=2).stderr
    assert rows(review, "SELECT count(*) FROM link WHERE by <> 'rules'") == [(0,)]


@pytest.mark.parametrize(("words", "said_wrong"), [
    (["join", "H1", "H2", "--kind", "protocol"], "goes with 'same report' (none)"),
    (["join", "H1", "H2", "--study", "--kind", "erratum"], "goes with 'same study' (registration, protocol"),
    (["split", "H1", "H2", "--kind", "preprint"], "goes with 'different' (part, edition"),
])  # fmt: skip
def test_a_kind_goes_with_what_is_said(review, words, said_wrong):
    assert said_wrong in sentence(harvest(review, "same", *words, "--by", "ana", code=2).stderr)


# -- what two documents are to each other --------------------------------------------------------------


def test_what_belongs_together_is_listed_by_kind(review, store):
    said(store, 1, 3, "same study", kind="protocol")
    store.add_links([Link(1, 5, "different", rule="notice of", kind="erratum", score=0.7)])
    store.add_links([Link(4, 5, "same report", rule="same DOI", kind="translation")])
    regroup(store)
    assert [(r["kind"], r["a"], r["b"], r["relation"]) for r in told(review, "same", "list", "--related")] == [
        ("erratum", "H000001", "H000005", "different"), ("protocol", "H000001", "H000003", "same study"),
        ("registration", "H000002", "H000003", "ask"),
    ]  # fmt: skip
    (row,) = told(review, "same", "list", "--related", "--kind", "erratum")
    assert row["meaning"]
    shown = harvest(review, "same", "list", "--related").stdout
    assert "perhaps registration?" in shown
    assert (
        "There is no kind 'poem'"
        in harvest(review, "same", "list", "--related", "--kind", "poem", code=2).stderr
    )
    assert "--kind goes with" in harvest(review, "same", "list", "--kind", "erratum", code=2).stderr


def test_a_retracted_paper_that_somebody_may_include_is_an_alarm(review, store):
    kept(store, paper(source="pubmed", key="16", title=f"Retraction: {RECORDS[0].title}"))
    store.add_links([Link(1, 6, "different", rule="notice of", kind="retraction", score=0.7)])
    regroup(store)
    words = ["same", "list", "--related", "--kind", "retraction"]
    assert "ALARM: H000001 is retracted, and nobody has excluded it yet." in harvest(review, *words).stderr
    store.add_decisions([Decision(1, TITLE, "ana", "exclude"), Decision(1, TITLE, "ben", "include")])
    (row,) = told(review, *words)
    assert (row["included_by"], row["alarm"]) == (["ben"], "H000001 is retracted, and ben included it.")
    store.add_decisions([Decision(1, TITLE, "ben", "exclude")])
    assert told(review, *words)[0]["alarm"] == ""


# -- any order -----------------------------------------------------------------------------------------

CONTENTS = st.builds(
    lambda title, people, doi_, pmid_, page, year: paper(
        title=title, authors=RECORDS[0].authors[:people], identifiers=(*doi_, *pmid_), pages=page, year=year
    ),
    st.sampled_from((RECORDS[0].title, RECORDS[1].title, f"{RECORDS[0].title}, part 2", f"Erratum: {RECORDS[0].title}", "A protocol")),
    st.sampled_from((0, 1, 3)), st.sampled_from(((), doi("10.1000/one"), doi("10.1000/two"))),
    st.sampled_from(((), pmid("101"))), st.sampled_from(("412-419", "641-5", "")), st.sampled_from((2003, 2004)),
)  # fmt: skip
ARRIVALS = st.tuples(
    st.just("records"), st.lists(st.tuples(st.integers(1, 7), CONTENTS), min_size=1, max_size=3)
)
WORDS = st.tuples(
    st.just("word"), st.integers(0, 6), st.integers(0, 6), st.sampled_from(("ana", "ben")),
    st.sampled_from(("same report", "same report", "different", "same study", "take back")),
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(ARRIVALS | WORDS, min_size=3, max_size=12))
def test_joins_splits_and_records_give_one_state_in_any_order_of_arrival(tmp_path_factory, happenings):
    with _empty(tmp_path_factory) as mixed, _empty(tmp_path_factory) as once:
        words = [told for happening in happenings if (told := _happens(mixed, happening))]
        last = {name: record for kind, *rest in happenings if kind == "records" for name, record in rest[0]}
        first_seen = dict.fromkeys(n for kind, *rest in happenings if kind == "records" for n, _ in rest[0])
        for name in first_seen:
            _keep(once, [(name, last[name])])
        deduplicate(once)
        again = [_says(once, *happening) for happening, _ in words]
        assert again == [outcome for _, outcome in words]
        assert _groups(mixed) == _groups(once)
        before = _groups(mixed)
        deduplicate(mixed)
        regroup(mixed)
        assert _groups(mixed) == before
        _nothing_said_is_broken(mixed)


def _happens(store, happening):
    """Let records come, or a person speak; a word with whether it was recorded."""
    kind, *rest = happening
    if kind == "records":
        _keep(store, rest[0])
        deduplicate(store)
        return None
    return (rest, _says(store, *rest)) if max(rest[:2]) < len(store.numbers()) else None


def _says(store, a, b, by, relation):
    """Whether the word was recorded, or why not."""
    one, two = (harvest_id(number) for number in (a + 1, b + 1))
    try:
        if relation == "take back":
            take_back(store, a + 1, b + 1, by)
        else:
            say(store, word(store, one, two, relation, by))
    except (CheckFailed, WrongUse) as refused:
        return str(refused)
    return ""


def _nothing_said_is_broken(store):
    groups = store.membership()
    for link in store.said():
        if link.relation == "different":
            assert groups[link.a][1] != groups[link.b][1]
        if link.relation == "same study":
            assert groups[link.a][0] != groups[link.b][0]


@contextmanager
def _empty(factory):
    with opened(factory.mktemp("review") / "review.db") as store:
        begun(store)
        yield store


def _keep(store, contents):
    for name, record in contents:
        kept(store, _named(record, name))


def _named(record, name):
    return replace(record, source="pubmed" if name % 2 else "file:wos", key=str(name))


def _groups(store):
    found = defaultdict(set)
    for number, (report, study) in store.membership().items():
        found["report", report].add(number)
        found["study", study].add(number)
    return {
        level: {frozenset(g) for (of, _), g in found.items() if of == level} for level in ("report", "study")
    }
