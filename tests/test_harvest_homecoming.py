"""Files that come back into a review: whose they are, which reports they mean, and that nothing is half taken."""

from __future__ import annotations

import csv
import io
import shutil
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reviews import harvest, rows, told
from terminal import copied, harvested

from db.errors import WrongUse
from db.store import Store
from harvest.homecoming import Sayings, take_in
from harvest.project import load
from screen.export import harvest_id

HEAD = "harvest_id,decision,reason,title,doi,pmid,year,authors\n"


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return harvested(tmp_path_factory.mktemp("once") / "review")


@pytest.fixture
def review(once, tmp_path):
    return copied(once, tmp_path / "review")


def brought(review, text, name="back.csv", **more):
    """Take a file in without the command line."""
    path = review / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with Store.open(review / "review.db") as store:
        return take_in(store, load(review), path, **more)


def refused(review, text, **more):
    """What is said of a file that is not taken; nothing of it is kept."""
    with pytest.raises(WrongUse) as error:
        brought(review, text, **more)
    assert rows(review, "SELECT count(*) FROM decision") == [(0,)]
    return str(error.value)


def known(review, number):
    """A record as its own title, DOI, PMID, year and first author."""
    with Store.open(review / "review.db") as store:
        record = store.record(number)
    doi, pmid = (next(iter(record.identifiers_of(scheme)), "") for scheme in ("doi", "pmid"))
    author = record.authors[0] if record.authors else None
    return record.title, doi, pmid, str(record.year or ""), f"{author.family}, X" if author else ""


def line(*cells):
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue()


def votes(review):
    return rows(review, "SELECT record_id, reviewer, verdict, reason FROM decision ORDER BY 1, 2")


def test_a_report_is_found_by_what_is_left_and_said_so(review):
    title, _, pmid, year, author = known(review, 1)
    other = known(review, 2)
    text = HEAD + line("", "include", "", "", "", pmid, "", "")
    text += line("", "exclude", "design", other[0], "", "", other[3], other[4])
    done = brought(review, text, reviewer="ana")
    assert votes(review) == [(1, "ana", "include", ""), (2, "ana", "exclude", "design")]
    assert done.matched == {"PMID": 1, "title, year and first author": 1}
    assert done.remarks[0] == "row 2: taken for H000001 by its PMID; the harvest_id is gone."
    assert title
    assert (year, author) != ("", "")


def test_what_may_mean_two_reports_means_none(review):
    one, two = known(review, 1), known(review, 2)
    both = refused(review, HEAD + line("", "include", "", "", one[1], two[2], "", ""), reviewer="ana")
    assert "the harvest_id is gone" in both
    year = refused(review, HEAD + line("", "include", "", one[0], "", "", "1066", one[4]), reviewer="ana")
    assert f"row 2: the harvest_id is gone ({one[0][:60]}): copy it" in year


def test_columns_sorted_without_the_others_are_noticed(review):
    one, two = known(review, 1), known(review, 2)
    if one[0] == two[0]:
        pytest.fail("the corpus has two different titles")
    message = refused(review, HEAD + line("H1", "include", "", two[0], "", "", "", ""), reviewer="ana")
    assert "H000001 is another report, the title in this row is that of H000002" in message
    brought(review, HEAD + line("H1", "include", "", one[0][:20] + "…", "", "", "", ""), reviewer="ana")
    assert votes(review) == [(1, "ana", "include", "")]


def test_every_row_that_is_wrong_is_named_and_nothing_is_taken(review):
    text = HEAD + "H1,include\nH2,perhaps\nH999,include\n,include\nH3,exclude,nonsense\nH1,exclude\n"
    message = refused(review, text, reviewer="ana")
    for place in (
        "row 3: 'perhaps'",
        "row 4: H000999",
        "row 5: the harvest_id",
        "row 6: 'nonsense'",
        "row 7: H000001",
    ):
        assert place in message
    assert "the codes are design, population" in message


RAYYAN = (
    "key,title,year,notes,pubmed_id,pmc_id\n"
    'rayyan-1,,,"harvest_id: H000001 | RAYYAN-INCLUSION: {""Ann Smith""=>""Excluded"", ""Ben""=>""Included""} '
    '| RAYYAN-EXCLUSION-REASONS: wrong population",,\n'
)


def test_people_and_reasons_of_another_tool_are_ours_once_somebody_says_so(review):
    message = refused(review, RAYYAN)
    assert (
        "'Ann Smith' is no reviewer of this review (ana, ben): say who it is with --as 'Ann Smith=NAME'"
        in message
    )
    assert "'wrong population' is no reason of this review" in message
    path = review / "rayyan.csv"
    path.write_text(RAYYAN)
    words = ("queue", "import", path, "--as", "Ann Smith=ana", "--reason", "wrong population=population")
    done = told(review, *words)
    assert (done["reviewers"], done["tool"], done["matched"]) == (["ana", "ben"], "Rayyan", {"harvest_id": 2})
    assert votes(review) == [(1, "ana", "exclude", "population"), (1, "ben", "include", "")]
    assert rows(review, "SELECT reviewer, rows FROM handover ORDER BY 1") == [("ana", 1), ("ben", 1)]
    assert told(review, *words)["added"] == 0
    assert "this is the queue of ben" in harvest(review, *words, "--reviewer", "ana", code=2).stderr


def test_what_is_said_on_the_command_line_must_hold(review):
    path = review / "rayyan.csv"
    path.write_text(RAYYAN)
    assert "has no =" in harvest(review, "queue", "import", path, "--as", "Ann", code=2).stderr
    assert (
        "'eve' is no reviewer" in harvest(review, "queue", "import", path, "--as", "Ann=eve", code=2).stderr
    )
    message = harvest(review, "queue", "import", path, "--reason", "x=y", code=2).stderr
    assert "there is no exclusion reason 'y'" in message


def test_a_file_that_names_nobody_needs_a_name_and_one_person_is_who_brings_it(review):
    assert "name them with --reviewer" in refused(review, HEAD + "H1,include\n")
    text = "harvest_id,title,asreview_label,asreview_user_name\nH1,,1,Ana María\n"
    done = brought(review, text, reviewer="ana")
    assert (done.tool, votes(review)) == ("ASReview", [(1, "ana", "include", "")])
    assert "queue of ben" in refused_later(
        review, "harvest_id,decision,reviewer\nH2,include,ben\n", reviewer="ana"
    )


def refused_later(review, text, **more):
    with pytest.raises(WrongUse) as error:
        brought(review, text, **more)
    return str(error.value)


def test_a_list_is_taken_with_what_it_is_the_list_of(review):
    text = "Title,Accession Number,Covidence #,Study,Notes,Tags\n,H000001,#1,,,\n,H000002,#2,,,\n"
    blank = brought(review, text, reviewer="ana")
    assert (blank.decided, blank.blank) == (0, 2)
    assert "--verdict" in blank.remarks[0]
    done = brought(review, text + "\n", reviewer="ana", sayings=Sayings(verdict="exclude"), dry_run=True)
    assert (done.decided, done.added, votes(review)) == (2, 2, [])
    brought(review, text + "\n", reviewer="ana", sayings=Sayings(verdict="exclude"))
    assert [verdict for _, _, verdict, _ in votes(review)] == ["exclude", "exclude"]


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(1, 6), st.sampled_from(["ana", "ben"])),
        st.sampled_from(["include", "exclude", "unsure"]),
        min_size=1,
    ),
    st.randoms(use_true_random=False),
)
def test_files_taken_in_any_order_twice_or_partly_filled_end_alike(once, tmp_path_factory, said, lot):
    folder = tmp_path_factory.mktemp("order")
    wanted = sorted((number, who, verdict, "") for (number, who), verdict in said.items())
    files = []
    for who in ("ana", "ben"):
        full = [(harvest_id(n), said.get((n, who), ""), who) for n in range(1, 7)]
        half = [(name, verdict if lot.random() < 0.5 else "", who) for name, verdict, who in full]
        files += [lot.sample(full, 6), lot.sample(half, 6)]
    order = lot.choice(list(permutations(range(4))))
    review = copied(once, folder / "review")
    for place in [*order, *order[:2]]:
        text = "harvest_id,decision,reviewer\n" + "".join(",".join(row) + "\n" for row in files[place])
        brought(review, text, name=f"{place}.csv")
    assert votes(review) == wanted
    shutil.rmtree(folder)


def test_a_queue_for_a_tool_is_named_after_it_and_comes_home(review):
    done = told(review, "queue", "export", "--reviewer", "ben", "--for", "asreview")
    assert "title-abstract_ben_asreview_" in done["path"]
    assert (done["path"][-4:], done["more"], done["reports"]) == (".csv", [], 11)
    message = harvest(
        review, "queue", "export", "--reviewer", "ben", "--for", "covidence", "--format", "csv", code=2
    )
    assert "Covidence takes ris, not csv" in message.stderr


def test_a_queue_too_long_for_a_tool_goes_out_in_parts(review, monkeypatch):
    from dataclasses import replace

    from screen.profiles import PROFILES

    monkeypatch.setitem(PROFILES, "covidence", replace(PROFILES["covidence"], most_rows=4))
    done = told(review, "queue", "export", "--reviewer", "ben", "--for", "covidence")
    assert [path[-10:] for path in (done["path"], *done["more"])] == [f"_part{n}.ris" for n in (1, 2, 3)]
    assert rows(review, "SELECT count(*) FROM export") == [(3,)]
    assert harvest(review, "db", "verify").stdout == ""


def test_full_texts_that_are_not_asked_for_are_kept_and_told(review):
    text = "harvest_id,decision,reason,stage\nH1,exclude,design,full text\n"
    done = brought(review, text, reviewer="ana")
    assert done.stage == "full text"
    assert done.remarks[0].startswith("1 of these full texts are not included at title and abstract")
    again = brought(review, text, reviewer="ana")
    assert (again.added, again.remarks[0][:28]) == (
        0,
        "This very file came on " + rows(review, DAY)[0][0][:5],
    )


DAY = "SELECT min(came_at) FROM handover"


def test_a_file_of_another_stage_an_empty_one_and_one_with_no_reason_at_full_text(review):
    text = "harvest_id,decision,stage\nH1,exclude,full text\n"
    assert "not for title and abstract" in refused(review, text, reviewer="ana", stage="title and abstract")
    assert "needs its reason" in refused(review, text, reviewer="ana")
    assert "is empty" in refused(review, " \n", reviewer="ana")


def test_what_two_rows_say_of_one_report_must_agree_once_both_are_known(review):
    pmid = known(review, 1)[2]
    text = HEAD + line("H1", "include") + line("", "exclude", "", "", "", pmid, "", "")
    assert "row 3: H000001 is decided differently in row 2" in refused(review, text, reviewer="ana")


def test_a_title_that_two_reports_share_is_nobodys(review):
    (review / "twins.ris").write_text(
        "".join(f"TY  - JOUR\nTI  - Letter\nPY  - {y}\nER  - \n" for y in (1990, 2010))
    )
    harvest(review, "add", review / "twins.ris")
    message = refused(review, HEAD + line("", "include", "", "Letter", "", "", "", ""), reviewer="ana")
    assert "and it may be H000012 or H000013: add the right one" in message
    brought(review, HEAD + line("", "include", "", "Letter", "", "", "2010", ""), reviewer="ana")
    assert votes(review) == [(13, "ana", "include", "")]


def test_a_table_that_says_nothing_is_told(review):
    assert "Nothing in it says what was decided" in refused(
        review, "pubmed_id,title\n1,One\n", reviewer="ana"
    )


def test_a_tool_nobody_knows_is_refused():
    from harvest.queues import profile_for

    with pytest.raises(WrongUse, match="'word' is none of the tools"):
        profile_for("word", "")
