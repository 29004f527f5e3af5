"""Studies: the same reports however they are grouped, labels that stay, and states that follow from what is known."""

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
from db.opinion import Decision, Resolution, Retrieval
from db.record import Author, Identifier, Record, Trial
from harvest.project import load
from harvest.studies import STANDINGS, counts, studies, study_with
from harvest.studies.kinds import is_running, kind_of
from harvest.studies.labels import _letters
from harvest.studies.saying import call, cite_first, keep, settle, study_of
from screen.plan import FULL_TEXT, TITLE


def paper(key, family="Cicchetti", year=1999, title="", **fields):
    authors = (Author(family, "Dante"),) if family else ()
    return article(key, title or f"Psychotherapy, part {key}", authors=authors, year=year, **fields)


def registration(key, status="RECRUITING", year=2013):
    return Record(
        "clinicaltrials", key, kind="registration", title=f"Trial {key}", year=year, trial=Trial(status=status),
        identifiers=(Identifier("nct", key),),
    )  # fmt: skip


@pytest.fixture
def review(tmp_path):
    """1, 2 one study of Cicchetti 1999; 3 another of the same year; 4 Cohen 1999; 5 its registration; 6 a running trial."""
    project = load(write(tmp_path / "review"), environ={})
    with opened(project.database) as store:
        begun(store)
        kept(
            store, paper("1", year=2000), paper("2"), paper("3"), paper("4", "Cohen"),
            registration("NCT00000005", "COMPLETED"), registration("NCT00000006"),
        )  # fmt: skip
        group(store, [1, 2], [3], [4, 5], [6])
        yield store, project


def group(store, *groups):
    store.set_membership({n: (n, min(members)) for members in groups for n in members})


def vote(store, verdict, *reports, stage=TITLE, reason=""):
    for who in ("ana", "ben"):
        store.add_decisions(Decision(n, stage, who, verdict, reason) for n in reports)


def labels(store, project):
    return {study.number: study.label for study in studies(store, project)}


def standings(store, project):
    return {study.label: study.standing for study in studies(store, project)}


# -- counts in both units ----------------------------------------------------------------------------


@given(st.data())
def test_counts_add_up_in_both_units_however_reports_are_grouped(data):
    with TemporaryDirectory() as folder:
        project = load(write(Path(folder) / "review"), environ={})
        with opened(project.database) as store:
            begun(store)
            kept(
                store,
                *(paper(str(n)) for n in range(1, 6)),
                registration("NCT1"),
                registration("NCT2", "COMPLETED"),
            )
            for n in range(1, 8):
                vote(store, data.draw(st.sampled_from(("include", "include", "exclude"))), n)
                said = data.draw(st.sampled_from(("", "include", "exclude", "unsure")))
                if said:
                    vote(store, said, n, stage=FULL_TEXT, reason="design" if said == "exclude" else "")
            seen = set()
            for _ in range(2):
                of = [data.draw(st.integers(1, n)) for n in range(1, 8)]
                leads = {n: min(m for m in range(1, 8) if of[m - 1] == of[n - 1]) for n in range(1, 8)}
                store.set_membership({n: (n, leads[n]) for n in leads})
                found = studies(store, project)
                both = counts(found)
                candidates = {r.number for study in found for r in study.candidates}
                assert sum(both.studies.values()) == len(found) == len({leads[n] for n in candidates})
                assert sum(both.reports.values()) == len(candidates)
                assert len({study.label for study in found}) == len(found)
                assert set(both.studies) == set(STANDINGS)
                seen.add((frozenset(candidates), tuple(both.reports.items())))
            assert len(seen) == 1  # grouping changes studies, never reports


@given(st.lists(st.sets(st.integers(1, 5), min_size=2), min_size=1, max_size=4))
def test_whatever_is_joined_and_split_again_labels_come_back(joins):
    with TemporaryDirectory() as folder:
        project = load(write(Path(folder) / "review"), environ={})
        with opened(project.database) as store:
            begun(store)
            kept(store, *(paper(str(n)) for n in range(1, 6)))
            apart = [[n] for n in range(1, 6)]
            group(store, *apart)
            vote(store, "include", *range(1, 6))
            call(store, project, "H3", "Toth 2002", "ana")
            keep(store, studies(store, project))
            before = labels(store, project)
            for joined in joins:
                group(store, joined, *([n] for n in range(1, 6) if n not in joined))
                keep(store, studies(store, project))
                assert "Toth 2002" in labels(store, project).values()
            group(store, *apart)
            assert labels(store, project) == before


# -- labels ------------------------------------------------------------------------------------------


def test_first_author_and_year_of_the_earliest_report_with_letters_where_shared(review):
    store, project = review
    vote(store, "include", 1, 3, 4, 6)
    assert labels(store, project) == {
        1: "Cicchetti 1999a",
        3: "Cicchetti 1999b",
        4: "Cohen 1999",
        6: "NCT00000006",
    }


def test_a_label_that_was_kept_stays_whatever_comes(review):
    store, project = review
    vote(store, "include", 3)
    assert labels(store, project) == {3: "Cicchetti 1999"}
    assert keep(store, studies(store, project)) == 1
    assert keep(store, studies(store, project)) == 0
    vote(store, "include", 1)
    assert labels(store, project) == {3: "Cicchetti 1999", 1: "Cicchetti 1999b"}
    group(store, [1, 2, 3], [4, 5], [6])
    assert labels(store, project) == {1: "Cicchetti 1999"}


def test_a_person_names_a_study_and_takes_it_back(review):
    store, project = review
    vote(store, "include", 1, 3)
    call(store, project, "H2", "  Toth   2002 ", "ana", "as its other papers are known")
    assert labels(store, project) == {1: "Toth 2002", 3: "Cicchetti 1999"}
    assert study_of(store, project, "toth 2002").label_by == "ana"
    with pytest.raises(WrongUse, match="H000001 is called Toth 2002 already"):
        call(store, project, "H3", "TOTH 2002", "ben")
    call(store, project, "H1", "Toth 2003", "ana", dry_run=True)
    call(store, project, "Toth 2002", "Toth 2002a", "ana")
    assert labels(store, project)[1] == "Toth 2002a"
    call(store, project, "H1", "", "ana")
    assert labels(store, project)[1] == "Cicchetti 1999a"
    assert labels(store, project)[3] == "Cicchetti 1999b"


@pytest.mark.parametrize(
    ("record", "label"),
    [
        (paper("1", "Toth SL"), "Toth 1999"),
        (paper("1", "Toth, S. L."), "Toth 1999"),
        (paper("1", "van der Berg", None), "van der Berg"),
        (paper("1", ""), "Anonymous 1999"),
        (paper("1", "", None), "Anonymous"),
        (
            replace(paper("1"), authors=(Author("SLEED study group", collective=True),)),
            "SLEED study group 1999",
        ),
    ],
)
def test_labels_of_all_kinds_of_authors(tmp_path, record, label):
    project = load(write(tmp_path / "review"), environ={})
    with opened(project.database) as store:
        begun(store)
        kept(store, record)
        group(store, [1])
        vote(store, "include", 1)
        assert labels(store, project) == {1: label}


def test_letters_never_end():
    letters = [letter for letter, _ in zip(_letters(), range(30), strict=False)]
    assert (letters[0], letters[25:28]) == ("a", ["z", "aa", "ab"])


# -- primary report, kinds ---------------------------------------------------------------------------


def test_the_primary_report_is_the_earliest_full_article_unless_a_person_says_so(review):
    store, project = review
    vote(store, "include", 1, 2, 4, 5)
    found = studies(store, project)
    assert [study.primary.number for study in found] == [2, 4]
    assert [report.number for report in study_with(found, 5).reports] == [4, 5]
    cite_first(store, project, "H000001", "ana", "reports the main outcome")
    (one, _) = studies(store, project)
    assert (one.primary.number, one.primary_by) == (1, "ana")
    group(store, [1], [2], [3], [4, 5], [6])
    assert [study.primary.number for study in studies(store, project)] == [2, 1, 4]
    vote(store, "exclude", 4, stage=FULL_TEXT, reason="design")
    vote(store, "include", 5, stage=FULL_TEXT)
    assert study_with(studies(store, project), 4).primary.number == 5


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (paper("1"), "article"),
        (paper("1", title="Psychotherapy for mothers: a four-year follow-up"), "follow-up"),
        (paper("1", title="Psychotherapy for mothers: outcomes two years later"), "follow-up"),
        (paper("1", title="Psychotherapy for mothers: study protocol for a randomised trial"), "protocol"),
        (paper("1", publication_types=("Preprint",)), "preprint"),
        (
            paper("1", publication_types=("Congress",), journal="Proceedings of the 3rd congress"),
            "conference abstract",
        ),
        (registration("NCT1"), "registration"),
    ],
)
def test_kinds_of_reports(record, kind):
    assert kind_of(record) == kind


# -- where a study stands ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "running"),
    [
        *((word, True) for word in (
            "RECRUITING", "NOT_YET_RECRUITING", "ACTIVE_NOT_RECRUITING", "ENROLLING_BY_INVITATION", "SUSPENDED", "Ongoing",
            "Ongoing, recruitment ended", "Authorised, not started", "Completed, Ongoing", "No longer recruiting",
            "Recruiting", "Open to Recruitment", "Not yet recruiting", "Temporarily halted",
            "Recruiting complete, study continuing",
        )),
        *((word, False) for word in (
            "COMPLETED", "TERMINATED", "WITHDRAWN", "UNKNOWN", "Not Recruiting", "Not recruiting", "", "Ended",
            "Recruiting complete, follow-up complete", "Stopped", "Prematurely Ended", "Completed",
        )),
    ],
)  # fmt: skip
def test_words_of_registers(status, running):
    assert is_running(status) is running


def test_states_follow_from_votes_and_registrations(review):
    store, project = review
    vote(store, "include", 1, 2, 3, 5, 6)
    assert standings(store, project) == {
        "Cicchetti 1999a": "awaiting classification", "Cicchetti 1999b": "awaiting classification",
        "Cohen 1999": "awaiting classification", "NCT00000006": "ongoing",
    }  # fmt: skip
    vote(store, "include", 1, stage=FULL_TEXT)
    vote(store, "exclude", 3, 5, stage=FULL_TEXT, reason="design")
    assert standings(store, project) == {
        "Cicchetti 1999a": "included", "Cicchetti 1999b": "excluded", "Cohen 1999": "excluded", "NCT00000006": "ongoing",
    }  # fmt: skip
    assert counts(studies(store, project)).sentences == (
        "Studies: 1 included, 2 excluded, 1 ongoing, 0 awaiting classification.",
        "Reports at full text: 1 included, 2 excluded, 2 pending.",
    )


def test_a_trial_that_has_reported_is_not_ongoing_and_joining_it_says_so(review):
    store, project = review
    vote(store, "include", 4, 6)
    assert standings(store, project)["NCT00000006"] == "ongoing"
    group(store, [1, 2], [3], [4, 5, 6])
    assert standings(store, project) == {"Cohen 1999": "awaiting classification"}


def test_a_person_says_where_a_study_stands_and_takes_it_back(review):
    store, project = review
    vote(store, "include", 3, 6)
    vote(store, "include", 6, stage=FULL_TEXT)
    settle(store, project, "H6", "none", "ana", "the register is years behind")
    settle(store, project, "H3", "ongoing", "ben")
    assert standings(store, project) == {"NCT00000006": "included", "Cicchetti 1999": "ongoing"}
    assert {study.standing_by for study in studies(store, project)} == {"ana", "ben"}
    settle(store, project, "H6", "derived", "ana")
    settle(store, project, "H3", "awaiting", "ben")
    assert standings(store, project) == {
        "NCT00000006": "ongoing",
        "Cicchetti 1999": "awaiting classification",
    }


def test_what_a_report_waits_for_is_said(review):
    store, project = review
    vote(store, "include", 1, 2, 3, 4)
    store.add_retrievals([Retrieval(2, "retrieved", "ana"), Retrieval(3, "not retrieved", "ana")])
    for who, verdict in (("ana", "include"), ("ben", "exclude")):
        store.add_decisions([Decision(4, FULL_TEXT, who, verdict)])
    waiting = {r.number: r.why_pending for study in studies(store, project) for r in study.reports}
    assert waiting == {
        1: "full text to be sought", 2: "waits for votes on the full text", 3: "full text not retrieved",
        4: "waits for the arbiter", 5: "",
    }  # fmt: skip
    ids = sorted(vote.id for vote in store.decisions(FULL_TEXT))
    store.add_resolution(Resolution(4, FULL_TEXT, "cleo", "include", votes=tuple(ids)))
    assert standings(store, project)["Cohen 1999"] == "included"


# -- what cannot be said -----------------------------------------------------------------------------


def test_what_cannot_be_said_is_refused(review):
    store, project = review
    vote(store, "include", 1, 3)
    for name, label, by, sentence in (
        ("H4", "X 1999", "ana", "has not come to full text"),
        ("H99", "X 1999", "ana", "no record H99"),
        ("H1", "X" * 81, "ana", "is no label"),
        ("H1", "X 1999", "harvest", "cannot sign"),
        ("H1", "X 1999", "", "cannot sign"),
    ):
        with pytest.raises(WrongUse, match=sentence):
            call(store, project, name, label, by)
    with pytest.raises(WrongUse, match="'over' is no state of a study: ongoing, awaiting, none, derived are"):
        settle(store, project, "H1", "over", "ana")
    assert store.study_notes() == []


# -- as it is typed ----------------------------------------------------------------------------------


def test_on_the_command_line(review):
    store, project = review
    vote(store, "include", 1, 3, 4, 5, 6)
    store.close()
    folder = project.folder
    shown = harvest(folder, "study", "list")
    assert "Cicchetti 1999a  awaiting classification" in shown.stdout
    assert "Studies: 0 included, 0 excluded, 1 ongoing, 3 awaiting classification." in shown.stderr
    assert [each["label"] for each in told(folder, "study", "list", "--state", "ongoing")] == ["NCT00000006"]
    assert "4 labels kept." in harvest(folder, "study", "list", "--keep").stderr
    done = harvest(folder, "study", "label", "H1", "Cicchetti 1999", "--by", "ana", "--dry-run").stdout
    assert done == "Would note: the study of H000001 is called Cicchetti 1999.\n"
    harvest(folder, "study", "label", "H1", "Toth 2002", "--by", "ana")
    assert "follows from its reports" in harvest(folder, "study", "label", "H1", "", "--by", "ana").stdout
    assert "primary report" in harvest(folder, "study", "primary", "H5", "--by", "ana").stdout
    assert (
        "is awaiting classification"
        in harvest(folder, "study", "state", "H6", "awaiting", "--by", "ben").stdout
    )
    one = told(folder, "study", "show", "Cohen 1999")
    assert (one["primary"], one["primary_by"], one["label_by"]) == ("H000005", "ana", "harvest")
    assert one["registrations"] == ["NCT00000005"]
    text = harvest(folder, "study", "show", "H000006")
    assert "(said by ben)" in text.stdout
    assert "RECRUITING" in text.stderr
