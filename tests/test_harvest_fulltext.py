"""Full texts: one state a report, kept with its records, and a table that comes back as often as it likes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reviews import harvest, told, write
from stores import article, begun, kept, opened

from db.errors import WrongUse
from db.opinion import Decision, Retrieval
from db.record import Identifier
from harvest.fulltext import STATES, Brought, full_texts, retrievals, say, take_in, template
from harvest.project import load
from screen.plan import TITLE


@pytest.fixture
def review(tmp_path):
    """Four reports, of which 1, 2 and 3 are included at title and abstract; 1 has a twin, 5."""
    project = load(write(tmp_path / "review"), environ={})
    with opened(project.database) as store:
        begun(store)
        first = article("1", "=cmd trial", year=2015)
        kept(store, first, *(article(str(n), f"Trial {n}") for n in range(2, 6)))
        group(store)
        for who in ("ana", "ben"):
            store.add_decisions(
                Decision(n, TITLE, who, "exclude" if n == 4 else "include") for n in (1, 2, 3, 4)
            )
        yield store, project


def group(store, together=(1, 5)):
    store.set_membership({n: (min(together),) * 2 if n in together else (n, n) for n in range(1, 6)})


def listed(store, project):
    return {each.report: each.state for each in full_texts(store, project)}


def table(tmp_path, text):
    path = tmp_path / "full texts.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_what_is_included_is_to_be_sought_until_somebody_says_more(review):
    store, project = review
    assert listed(store, project) == dict.fromkeys(("H000001", "H000002", "H000003"), "to be sought")
    say(store, project, "H2", "sought", "ana", note="asked the library")
    say(store, project, "H000003", "retrieved", "ben", "pdf/3.pdf")
    say(store, project, "H000002", "not-retrieved", "ana", note="no copy anywhere")
    assert [(each.report, each.state) for each in full_texts(store, project)] == [
        ("H000001", "to be sought"), ("H000002", "not retrieved"), ("H000003", "retrieved"),
    ]  # fmt: skip
    (got,) = full_texts(store, project, "retrieved")
    assert (got.place, got.by, got.title) == ("pdf/3.pdf", "ben", "Trial 3")


def test_saying_it_in_rehearsal_says_nothing(review):
    store, project = review
    assert say(store, project, "H1", "retrieved", "ana", dry_run=True).state == "retrieved"
    assert store.retrievals() == []


@pytest.mark.parametrize(
    ("name", "state", "by", "sentence"),
    [
        ("H000004", "sought", "ana", "does not go on to full text"),
        ("H000099", "sought", "ana", "There is no record H000099"),
        ("H000001", "lost", "ana", "'lost' is no state"),
        ("H000001", "to be sought", "ana", "is no state"),
        ("H000001", "sought", " ", "cannot sign"),
        ("H000001", "sought", "rules", "cannot sign"),
    ],
)
def test_what_cannot_be_said_is_refused(review, name, state, by, sentence):
    store, project = review
    with pytest.raises(WrongUse, match=sentence):
        say(store, project, name, state, by)
    assert store.retrievals() == []


def test_the_word_stays_with_every_record_and_a_later_one_replaces_it(review):
    store, project = review
    say(store, project, "H5", "retrieved", "ana")
    group(store, ())
    assert {report: said.state for report, said in retrievals(store).items()} == {
        1: "retrieved",
        5: "retrieved",
    }
    group(store)
    say(store, project, "H1", "not retrieved", "ana", note="it was another paper")
    assert listed(store, project)["H000001"] == "not retrieved"


@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from(STATES[1:])), max_size=12), st.data())
def test_joined_reports_have_the_better_state_and_split_ones_their_own(said, data):
    joined = sorted(data.draw(st.sets(st.integers(1, 5), min_size=2)))
    with TemporaryDirectory() as folder, opened(Path(folder) / "review.db") as store:
        begun(store)
        kept(store, *(article(str(n)) for n in range(1, 6)))
        group(store, ())
        store.add_retrievals(Retrieval(record, state, "ana") for record, state in said)
        before = {report: each.state for report, each in retrievals(store).items()}
        assert before == dict(said)
        group(store, joined)
        after = {report: each.state for report, each in retrievals(store).items()}
        best = max((before[n] for n in joined if n in before), key=STATES.index, default=None)
        assert after.get(joined[0]) == best
        group(store, ())
        assert {report: each.state for report, each in retrievals(store).items()} == before


# -- many at once ------------------------------------------------------------------------------------


def test_the_table_goes_out_and_comes_back_and_a_second_time_changes_nothing(review, tmp_path):
    store, project = review
    say(store, project, "H3", "retrieved", "ben", "3.pdf")
    text = template(full_texts(store, project))
    assert "H000001,,,,,'=cmd trial\n" in text
    filled = text.replace("H000001,,,,", "H000001,retrieved,'=1+1,found,").replace(
        "H000002,,", "H000002,Not-Retrieved,"
    )
    path = table(tmp_path, filled)
    assert take_in(store, project, path, "ana", dry_run=True) == Brought(3, 2, 0)
    assert len(store.retrievals()) == 1
    assert take_in(store, project, path, "ana") == Brought(3, 2, 0)
    assert take_in(store, project, path, "ana") == Brought(3, 0, 0)
    first, second, third = (
        full_texts(store, project, state) for state in ("not retrieved", "retrieved", "sought")
    )
    assert [(each.report, each.by) for each in first] == [("H000002", "ana")]
    assert [(each.report, each.place, each.by) for each in second] == [
        ("H000001", "=1+1", "ana"),
        ("H000003", "3.pdf", "ben"),
    ]
    assert third == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_are_known_by_name_and_blank_rows_stay_open(review, tmp_path, delimiter):
    store, project = review
    lines = ["extra,State,HARVEST_ID", "x,sought,h2", "", "x,,H000001", "x"]
    path = table(tmp_path, ("\ufeff" + "\r\n".join(lines)).replace(",", delimiter))
    assert take_in(store, project, path, "ana") == Brought(1, 1, 2)


def test_everything_that_does_not_fit_is_named_and_nothing_taken_in(review, tmp_path):
    store, project = review
    text = "harvest_id,state,by\nH1,sought,ana\nH4,sought,ana\nX9,sought,ana\nH2,gone,ana\nH3,sought,\nH5,retrieved,ana\n"
    with pytest.raises(WrongUse) as refused:
        take_in(store, project, table(tmp_path, text))
    assert [line.strip().partition("csv: ")[2] for line in str(refused.value).splitlines()[1:]] == [
        "line 3: H000004 does not go on to full text",
        "line 4: 'X9' is no record of this review",
        "line 5: 'gone' is no state of a full text: sought, retrieved and not-retrieved are",
        "line 6: '' cannot sign this: give the name of the person who says so",
        "line 7: H000001 stands in it twice",
    ]
    assert store.retrievals() == []


@pytest.mark.parametrize("text", ["", "title\nA trial\n", b"\xff\xfe\x00"])
def test_a_file_without_our_columns_is_refused(review, tmp_path, text):
    store, project = review
    with pytest.raises(WrongUse, match="has no columns `harvest_id` and `state`"):
        take_in(store, project, table(tmp_path, text), "ana")


# -- as it is typed ----------------------------------------------------------------------------------


def test_on_the_command_line(review, tmp_path):
    store, project = review
    store.close()
    folder = project.folder
    done = harvest(folder, "fulltext", "set", "H000001", "retrieved", "--by", "ana", "--place", "pdf/1.pdf")
    assert done.stdout == "Noted: the full text of H000001 is retrieved.\n"
    assert (
        "Would note" in harvest(folder, "fulltext", "set", "H2", "sought", "--by", "ana", "--dry-run").stdout
    )
    assert [each["state"] for each in told(folder, "fulltext", "list")] == ["to be sought"] * 2 + [
        "retrieved"
    ]
    assert len(told(folder, "fulltext", "list", "--state", "to-be-sought")) == 2
    shown = harvest(folder, "fulltext", "list")
    assert "pdf/1.pdf" in shown.stdout
    assert "2 to be sought, 0 sought, 0 not retrieved, 1 retrieved" in shown.stderr
    path = table(
        tmp_path, harvest(folder, "fulltext", "list", "--csv").stdout.replace("H000002,", "H000002,sought")
    )
    assert "would be noted" in harvest(folder, "fulltext", "import", path, "--by", "ben", "--dry-run").stdout
    assert harvest(folder, "fulltext", "import", path, "--by", "ben").stdout == (
        "2 full texts: 1 noted, the others repeat what is known; 1 row without a state.\n"
    )
    assert told(folder, "fulltext", "import", path, "--by", "ben") == {"rows": 2, "added": 0, "blank": 1}
    harvest(folder, "fulltext", "set", "H1", "lost", "--by", "ana", code=2)


def test_the_identifier_helps_to_find_it(review):
    store, project = review
    kept(store, replace(article("9", "Trial 9"), identifiers=(Identifier("doi", "10.1/x"),)))
    store.set_membership({6: (6, 6)})
    for who in ("ana", "ben"):
        store.add_decisions([Decision(6, TITLE, who, "include")])
    assert {each.doi for each in full_texts(store, project)} == {"", "10.1/x"}
