"""The agreement report: whose votes count, and that nothing said later moves it."""

from __future__ import annotations

import pytest
from reviews import write
from stores import article, begun, kept, opened

from db.opinion import Decision, Pilot, Resolution, Unblinding
from harvest.project import load
from harvest.reports.agreement import COLUMNS, build
from harvest.reports.writing import FORMATS
from screen.plan import FULL_TEXT, TITLE


@pytest.fixture
def review(tmp_path):
    """Six reports; records 5 and 6 are one."""
    project = load(write(tmp_path / "review"), environ={})
    with opened(project.database) as store:
        begun(store)
        kept(store, *(article(str(n)) for n in range(1, 7)))
        store.set_membership({n: (min(n, 5), min(n, 5)) for n in range(1, 7)})
        yield store, project


def vote(store, who, said, stage=TITLE, reason="", month="11"):
    """`iex` on the records 1, 2, 3 …; a dot: no vote."""
    words = {"i": "include", "e": "exclude", "u": "unsure"}
    store.add_decisions(
        Decision(n, stage, who, words[sign], reason, at=f"2026-{month}-01T00:00:00.000Z")
        for n, sign in enumerate(said, 1)
        if sign != "."
    )


def told(report, part="all", stage=TITLE):
    return [row for row in report.rows.to_dicts() if (row["part"], row["stage"]) == (part, stage)]


def sentences(report):
    return [block.text for block in report.walk() if hasattr(block, "text")]


def test_votes_as_first_given_make_the_table(review):
    store, project = review
    vote(store, "ana", "ieiu")
    vote(store, "ben", "ieeu")
    (row,) = told(build(store, project))
    assert (row["reviewers"], row["reports"], row["alike"], row["observed"]) == ("ana, ben", 4, 3, 0.75)
    assert (row["include/include"], row["include/exclude"], row["unsure/unsure"]) == (1, 1, 1)
    assert row["kappa"] == pytest.approx((0.75 - 5 / 16) / (1 - 5 / 16))
    assert row["PABAK"] == pytest.approx(0.625)


def test_neither_a_change_of_mind_nor_the_arbiter_moves_it(review):
    store, project = review
    vote(store, "ana", "ieie")
    vote(store, "ben", "ieee")
    before = build(store, project).rows
    vote(store, "ana", "..e.")
    store.add_resolution(Resolution(3, TITLE, "cleo", "exclude", votes=(5, 7)))
    assert build(store, project).rows == before


def test_what_is_said_after_unblinding_is_not_counted(review):
    store, project = review
    vote(store, "ana", "ie")
    vote(store, "ben", "i")
    store.unblind(Unblinding(TITLE, "cleo", "discussion", "2026-11-20T00:00:00.000Z"))
    vote(store, "ben", ".e", month="12")
    (row,) = told(build(store, project))
    assert row["reports"] == 1


def test_votes_on_two_records_of_one_report_meet(review):
    store, project = review
    vote(store, "ana", "....i.")
    vote(store, "ben", ".....i")
    (row,) = told(build(store, project))
    assert (row["reports"], row["include/include"], row["kappa"]) == (1, 1, None)
    assert any(
        "undefined: both always said “include”" in sentence for sentence in sentences(build(store, project))
    )


def test_months_and_hundreds_add_up(review):
    store, project = review
    vote(store, "ana", "ieiie", month="10")
    vote(store, "ben", "ie", month="10")
    vote(store, "ben", "..iie", month="12")
    made = build(store, project)
    assert [(row["name"], row["reports"]) for row in told(made, "month")] == [("2026-10", 2), ("2026-12", 3)]
    assert [(row["name"], row["reports"]) for row in told(made, "reports")] == [("1–5", 5)]


def test_more_than_a_hundred_common_reports_are_told_by_hundreds(tmp_path):
    project = load(write(tmp_path / "review"), environ={})
    with opened(project.database) as store:
        begun(store)
        kept(store, *(article(str(n)) for n in range(1, 152)))
        store.set_membership({n: (n, n) for n in range(1, 152)})
        vote(store, "ana", "ie" * 75 + "i")
        vote(store, "ben", "ie" * 75 + "e")
        made = build(store, project)
        assert [row["name"] for row in told(made, "reports")] == ["1–100", "101–151"]
        assert b"By each hundred reports" in FORMATS["md"](made)


def test_at_full_text_the_reasons_are_compared(review):
    store, project = review
    vote(store, "ana", "ee", FULL_TEXT, "design")
    vote(store, "ben", "e.", FULL_TEXT, "design")
    vote(store, "ben", ".e", FULL_TEXT, "population")
    made = build(store, project)
    (row,) = told(made, stage=FULL_TEXT)
    assert (row["same reason"], row["both with a reason"]) == (1, 2)
    assert "Of 2 reports that both excluded with a reason, 1 for the same one." in sentences(made)


def test_each_pilot_round_has_its_own_figures(review):
    store, project = review
    for drawn in ((1, 2), (3, 6), (4,)):
        store.add_pilot(Pilot(TITLE, 1, drawn, "cleo"))
    vote(store, "ana", "iei.i")
    vote(store, "ben", "iee.i")
    vote(store, "cy", "ie")
    made = build(store, project)
    first = [row for row in told(made, "pilot") if row["name"] == "1"]
    assert [row["reviewers"] for row in first] == ["ana, ben", "ana, cy", "ben, cy", "ana, ben, cy"]
    assert (first[-1]["reports"], first[-1]["Fleiss kappa"], first[-1]["kappa"]) == (2, 1.0, None)
    (second,) = (row for row in told(made, "pilot") if row["name"] == "2")
    assert (second["reports"], second["alike"]) == (2, 1)
    assert "No report of this round has been judged by two people yet." in sentences(made)
    assert "All 3 (ana, ben, cy) judged 2 reports of it: Fleiss' kappa 1.00." in sentences(made)


def test_a_round_in_which_all_always_say_the_same_has_no_kappa(review):
    store, project = review
    store.add_pilot(Pilot(TITLE, 1, (1, 2), "cleo"))
    for who in ("ana", "ben", "cy"):
        vote(store, who, "ee")
    assert any(
        "undefined, as everybody always said the same" in text for text in sentences(build(store, project))
    )


def test_worse_than_chance_is_printed_with_a_minus_and_all_alike_without_an_interval(review):
    store, project = review
    vote(store, "ana", "ieie")
    vote(store, "ben", "eiie")
    vote(store, "cy", "ieie")
    text = FORMATS["md"](build(store, project)).decode()
    assert "Cohen's kappa 0.00, 95 % CI −0.98 to 0.98; PABAK 0.00" in text
    assert "Cohen's kappa 1.00, without an interval, as its variance comes out as 0; PABAK 1.00" in text


def test_who_has_left_still_counts_and_stands_last(review):
    store, project = review
    vote(store, "abe", "i")
    vote(store, "ben", "i")
    assert [row["reviewers"] for row in told(build(store, project))] == ["ben, abe"]


def test_without_votes_it_says_so_and_every_format_takes_it(review):
    store, project = review
    made = build(store, project)
    assert sentences(made).count("No report has been judged by two people independently of each other.") == 2
    vote(store, "ana", "ieiu")
    vote(store, "ben", "ieeu")
    made = build(store, project)
    text = FORMATS["md"](made).decode()
    assert "agreed on 75.0% of them (3 of 4; Cohen's kappa 0.64, 95 % CI " in text
    assert "| ana ↓ ben → | include | exclude | unsure |" in text
    assert FORMATS["csv"](made).decode("utf-8-sig").startswith(",".join(COLUMNS[:5]))
    assert all(FORMATS[kind](made) for kind in ("docx", "json"))
