"""`harvest rank status`: what counts as read, what it says at every stage of a review, and what it never says."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import pytest
from click.testing import CliRunner
from reviews import REVIEW
from stores import TITLE, article, begun, kept, opened

from db.opinion import Decision, Ranking
from harvest.cli import cli
from harvest.stopping import reading
from screen import models
from screen.plan import Plan
from screen.stop.sample import by_lot

TRIALS = {1, 3, 6, 10, 18, 41, 67, 120}
BOTH = ("ana", "ben")


def vote(record, verdict="exclude", reviewer="ana"):
    return Decision(record, TITLE, reviewer, verdict)


def review(folder, size, votes=(), *, ranked=False):
    """A review folder with so many reports and these votes."""
    (folder / "searches").mkdir()
    for name in ("pubmed", "register"):
        (folder / "searches" / f"{name}.txt").write_text("parents")
    (folder / "review.toml").write_text(
        REVIEW.format(pubmed="http://127.0.0.1:9", trials="http://127.0.0.1:9")
    )
    with opened(folder / "review.db") as store:
        kept(store, *(article(str(n), f"Title {n}") for n in range(1, size + 1)), fetch=begun(store))
        store.set_membership({number: (number, number) for number in range(1, size + 1)})
        store.add_decisions(votes)
        if ranked:
            store.add_ranking(Ranking("svm-7", {}, 1, {"harvest": "0.0.9"}, {}, "d", ((1, 1.0),)))
    return folder


def settled(reports, included=TRIALS):
    return [
        vote(report, "include" if report in included else "exclude", who)
        for report in reports
        for who in BOTH
    ]


def said(folder, *words, code=0):
    done = CliRunner().invoke(cli, ["-C", str(folder), "rank", "status", *map(str, words)])
    assert done.exit_code == code, done.output
    return done


def told(folder, *words):
    return json.loads(said(folder, "--json", *words).stdout)


# -- what counts as read -----------------------------------------------------------------------------


def reports(size):
    return {number: [number] for number in range(1, size + 1)}


def test_a_report_is_read_when_enough_people_agree_at_the_vote_that_made_them_enough():
    votes = [vote(1), vote(2, "include"), vote(2, "include", "ben"), vote(1, reviewer="ben"), vote(3)]
    found = reading(votes, reports(4), Plan(2))
    assert found.history == ((2, True), (1, False))
    assert found.unread == {3, 4}
    assert found.unsettled == 1


@pytest.mark.parametrize("other", ["include", "unsure"])
def test_what_is_disputed_is_not_read(other):
    found = reading([vote(1), vote(1, other, "ben")], reports(2), Plan(2))
    assert (found.history, found.unread, found.unsettled) == ((), {1, 2}, 1)


def test_a_change_of_mind_changes_the_outcome_and_not_the_place():
    votes = [vote(1), vote(2), vote(1, "include")]
    assert reading(votes, reports(2), Plan(1)).history == ((1, True), (2, False))


def test_votes_on_two_records_of_one_report_are_read_together():
    found = reading([vote(1), vote(2, reviewer="ben")], {1: [1, 2], 3: [3]}, Plan(2))
    assert found.history == ((1, False),)
    assert found.total == 2


# -- what it says ------------------------------------------------------------------------------------


def test_eight_trials_of_two_thousand_reports(tmp_path):
    review(tmp_path, 2000, settled(range(1, 813)), ranked=True)
    found = told(tmp_path)
    assert (found["reports"], found["read"], found["included"], found["not_settled"]) == (2000, 812, 8, 0)
    assert found["work_saved"] == pytest.approx(0.594)
    assert found["recall"]["low"] < 0.95 < found["recall"]["estimate"] < found["recall"]["high"] == 1
    assert 0 < found["left"]["estimate"] < 1
    assert [(rule["rule"], rule["stop"]) for rule in found["rules"]] == [
        ("recall curve", False), ("strict test", False), ("excludes in a row", True),
    ]  # fmt: skip
    assert found["rules"][1]["value"] == pytest.approx(0.6319148936170212)
    assert found["rules"][2]["now"] == "692"


def test_target_and_confidence_can_be_others(tmp_path):
    review(tmp_path, 2000, settled(range(1, 813)))
    assert told(tmp_path, "--target", 0.8)["rules"][0]["verdict"] == "the rule would let you stop"
    toml = tmp_path / "review.toml"
    toml.write_text(toml.read_text() + "\n[ranking]\ntarget = 0.8\nconfidence = 0.9\n")
    found = told(tmp_path)
    assert (found["target"], found["confidence"]) == (0.8, 0.9)
    assert (
        "By the recall curve, at 80% recall with 90% confidence: the rule would let" in said(tmp_path).stderr
    )


@pytest.mark.parametrize("words", [("--target", 2), ("--confidence", 1)])
def test_what_is_no_share_is_refused(tmp_path, words):
    assert "is a share" in said(review(tmp_path, 3), *words, code=2).stderr


def test_the_table_says_that_it_recommends_and_hides_nothing(tmp_path):
    done = said(review(tmp_path, 2000, settled(range(1, 813))))
    assert re.search(r"recall so far +\d+% \(\d+% to 100%\)", done.stdout)
    assert re.search(r"strict test +p for recall below 95% under 0\.05 +0\.632 +go on reading", done.stdout)
    assert "no report is excluded, none is hidden" in done.stderr
    assert re.search(r"A proof that assumes nothing takes 11\d\d of the 1188 reports", done.stderr)


STAGES = {
    "no harvest": (0, [], "There is nothing to read yet"),
    "no vote": (5, [], "and nobody has voted: start reading."),
    "no include": (50, settled(range(1, 20), ()), "Nothing is included yet"),
    "only unsure": (5, [vote(n, "unsure", who) for n in range(1, 6) for who in BOTH], "No report is settled yet, 5 wait"),
    "everything read": (5, settled(range(1, 6)), "Every report is read and settled"),
    "everything excluded": (5, settled(range(1, 6), ()), "Every report is read and settled"),
    "five reports": (5, settled(range(1, 3)), "By the recall curve"),
}  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_its_sentence(tmp_path, stage):
    size, votes, sentence = STAGES[stage]
    review(tmp_path, size, votes)
    assert sentence in said(tmp_path, "--plot", tmp_path / "reading.svg").stderr
    assert ET.parse(tmp_path / "reading.svg").getroot().tag.endswith("svg")
    assert sentence in told(tmp_path)["recommendation"]
    assert "The software excluded nothing" in said(tmp_path, "--paragraph").stdout


def test_the_paragraph_is_ready_to_be_pasted(tmp_path):
    review(tmp_path, 2000, settled(range(1, 813)), ranked=True)
    text = said(tmp_path, "--paragraph").stdout
    for part in (
        "(model svm-7, seed 1, made by version 0.0.9), which learns from", "Of 2,000 reports, 812 (40.6%) were read and settled",
        "8 of them were included", "target recall of 95% at 95% confidence", "10.1186/s13643-020-01521-4; p = 0.632",
        "Each report was for 2 reviewers to read independently", "the rule to stop was not met", "the 1,188 reports that were not read are kept as not read",
    ):  # fmt: skip
        assert part in text
    assert text.count("\n") == 1


def test_the_paragraph_tells_what_is_not_settled_from_what_nobody_read(tmp_path):
    review(tmp_path, 30, [*settled(range(1, 21)), *(vote(n) for n in range(21, 25))])
    text = said(tmp_path, "--paragraph").stdout
    assert "4 more had votes and were not settled" in text
    assert "the 6 reports that were not read" in text


def test_the_paragraph_of_a_whole_reading_needs_no_rule(tmp_path):
    review(tmp_path, 5, settled(range(1, 6)))
    text = said(tmp_path, "--paragraph").stdout
    assert "Every report was read" in text
    assert "rule to stop was" not in text.replace("no rule to stop was needed", "")
    assert "not read are kept" not in text


def test_the_paragraph_names_changed_parameters_and_what_was_mixed_in(tmp_path):
    review(tmp_path, 30, settled(range(1, 21)))
    with (tmp_path / "review.toml").open("a") as file:
        file.write("\n[ranking]\nmix_random = 0.05\n")
    with opened(tmp_path / "review.db") as store:
        changed = {**models.MODELS[models.DEFAULT].parameters, "C": 0.5}
        store.add_ranking(Ranking(models.DEFAULT, changed, 1, {"harvest": "1"}, {}, "d", ((1, 1.0),)))
    text = said(tmp_path, "--paragraph").stdout
    model = f"(model {models.DEFAULT}, C = 0.5, seed 1, made by version 1)"
    assert f"{model}, which starts from the question and learns from" in text
    assert "5% of the reports were drawn by lot" in text


def test_where_nothing_is_included_sentence_and_rule_say_the_same(tmp_path):
    review(tmp_path, 100, settled(range(1, 98), ()))
    found = told(tmp_path)
    assert found["rules"][0]["stop"]
    assert found["recommendation"].endswith("the rule would let you stop.")


def test_there_is_nothing_to_draw_when_everything_is_settled(tmp_path):
    review(tmp_path, 5, settled(range(1, 6)))
    done = said(tmp_path, "--audit", 3)
    assert (done.stdout, done.stderr) == ("", "Every report is settled: none is left to draw.\n")


def test_figures_are_told_even_where_the_picture_cannot_be_drawn(tmp_path):
    review(tmp_path, 5, settled(range(1, 3)))
    (tmp_path / "file").write_text("")
    done = said(tmp_path, "--plot", tmp_path / "file" / "reading.svg", code=1)
    assert "included so far" in done.stdout


def test_an_audit_is_named_read_and_told(tmp_path):
    review(tmp_path, 2000, settled(range(1, 813)))
    names = said(tmp_path, "--audit", 200).stdout.split()
    assert names == json.loads(said(tmp_path, "--audit", 200, "--json").stdout)
    drawn = [int(name[1:]) for name in names]
    assert drawn == by_lot(range(813, 2001), seed=1)[:200]
    with opened(tmp_path / "review.db") as store:
        store.add_decisions(settled(drawn))
    rules = {rule["rule"]: rule for rule in told(tmp_path)["rules"]}
    assert rules["audit of the unread"]["now"].startswith("200 of 1188 drawn, 0 included: 16 left at most")
    assert "0 included: 16 left at most" in said(tmp_path, "--paragraph").stdout
    assert "random sample" in rules


def test_nothing_is_written_but_the_picture(tmp_path):
    review(tmp_path, 5, settled(range(1, 3)))
    said(tmp_path)
    before = (tmp_path / "review.db").read_bytes()
    said(tmp_path, "--plot", tmp_path / "reading.svg")
    assert (tmp_path / "review.db").read_bytes() == before
