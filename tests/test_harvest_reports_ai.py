"""What automation did, and how reports were selected: everything said is in the configuration or in the log."""

from __future__ import annotations

import pytest
from report_reading import from_csv
from reviews import harvest, rows, told
from terminal import copied, harvested

from db.opinion import Decision, Pilot, Resolution, Unblinding
from db.store import Store
from harvest.project import load
from harvest.reports import ai, builder, methods
from screen.plan import FULL_TEXT, TITLE


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    review = harvested(tmp_path_factory.mktemp("once") / "review")
    with Store.open(review / "review.db") as store:
        verdicts = {1: "include", 2: "exclude", 3: "unsure"}
        store.add_decisions([Decision(number, TITLE, "ana", said) for number, said in verdicts.items()])
    harvest(review, "rank")
    with Store.open(review / "review.db") as store:
        store.add_export("queues/ben.csv", "csv", "ben", TITLE, 2, [4, 5, 6, 7], "ab")
    return review


@pytest.fixture
def review(once, tmp_path):
    return copied(once, tmp_path / "review")


def change(review, old, new):
    toml = review / "review.toml"
    assert old in toml.read_text()
    toml.write_text(toml.read_text().replace(old, new))


def said(review, name):
    """What a report says, by its headings (or what it is about)."""
    return {list(row.values())[-2]: list(row.values())[-1] for row in told(review, "report", name)["rows"]}


# -- ai ----------------------------------------------------------------------------------------------


def test_it_says_tool_data_seed_and_what_was_shown_as_the_log_has_it(once):
    found = said(once, "ai")
    newest, first = told(once, "rank", "log")
    assert (found["model"], found["seed"], found["rankings made"]) == (newest["model"], newest["seed"], 2)
    assert found["version"] == newest["versions"]["harvest"]
    assert (found["labels"], found["labels: included"], found["labels: excluded"]) == (3, 1, 1)
    assert found["SHA-256 of the labels"] == newest["labels_digest"]
    assert found["SHA-256 of all input"] == newest["input_digest"]
    assert (found["used from"], found["used until"]) == (first["at"][:10], newest["at"][:10])
    text = harvest(once, "report", "ai").stdout
    assert "| 2 | ben | title and abstract | 4 |" in text
    assert "docs/model-card.md" in text
    assert "fewer than ten includes" in text
    paragraph = found["paragraph"]
    assert "The software excluded nothing" in paragraph


def test_nothing_was_excluded_by_software_and_the_votes_are_counted(once):
    found = said(once, "ai")
    assert found["reports excluded by automation"] == 0
    assert (found["votes given by people"], found["people who voted"]) == (3, 1)
    assert found["records taken together"] == "11 records to 11 reports"


def test_a_review_that_was_never_ranked_says_so(review):
    with Store.open(review / "review.db"):
        pass
    fresh = review.parent / "fresh"
    fresh.mkdir()
    with Store.open(fresh / "review.db") as store:
        made = ai.build(store, load(review))
    text = str(made.blocks)
    assert "none was made" in text
    assert "What it learnt from" not in text
    assert made.missing == ()


def test_a_model_from_elsewhere_has_to_be_told_by_hand(review, monkeypatch):
    monkeypatch.setattr(ai, "MODELS", {})
    with Store.open(review / "review.db") as store:
        made = ai.build(store, load(review))
    (sentence,) = made.missing
    assert "comes from elsewhere: add who made it" in sentence
    assert "its own documentation has to be cited" in str(made.blocks)


def test_orders_that_nobody_was_shown_are_told_so(tmp_path):
    text = harvest(harvested(tmp_path / "review"), "report", "ai").stdout
    assert "No queue went out and no report was shown" in text


def test_both_are_written_in_every_form(once, tmp_path):
    for name in ("ai", "methods"):
        for kind in ("md", "docx", "csv", "json"):
            harvest(once, "report", name, "--format", kind, "--out", tmp_path)
            assert (tmp_path / f"{name}.{kind}").stat().st_size > 500
    assert from_csv((tmp_path / "methods.csv").read_bytes())[0]["section"] == "Selection process"


# -- methods -----------------------------------------------------------------------------------------


def test_what_is_not_defined_is_missing(review):
    missing = told(review, "report", "methods")["missing"]
    assert missing == ["How conflicts end is not defined: write arbiter below [screening] in review.toml."]
    change(review, 'reviewers = ["ana", "ben"]', 'reviewers = ["ana"]')
    made = builder("methods")
    with Store.open(review / "review.db") as store:
        project = load_anyway(review)
        assert "2 are to vote on each report, and 1 reviewers are named." in made(store, project).missing


def load_anyway(review):
    """A project whose reviewers are too few, which `load` refuses where it can."""
    from dataclasses import replace

    change(review, 'reviewers = ["ana"]', 'reviewers = ["ana", "ben"]')
    project = load(review)
    few = project.screening.model_copy(update={"reviewers": ("ana",)})
    none = project.criteria.model_copy(update={"exclude": ()})
    changed = project.review.model_copy(update={"screening": few, "criteria": none})
    return replace(project, review=changed)


def test_the_paragraph_follows_configuration_and_log(review):
    change(review, "per_record = 2", 'per_record = 2\nper_record_full_text = 3\narbiter = "cleo"')
    change(review, 'reviewers = ["ana", "ben"]', 'reviewers = ["ana", "ben", "dora"]')
    with Store.open(review / "review.db") as store:
        store.add_pilot(Pilot(TITLE, 1, (1, 2), "cleo"))
        store.add_decisions(
            [
                *(Decision(number, TITLE, "dora", "include") for number in (1, 2)),
                *(Decision(number, TITLE, "ben", "include") for number in (1, 2, 3)),
            ]
        )
        votes = [vote for vote in store.decisions(TITLE) if vote.record == 2]
        store.add_resolution(Resolution(2, TITLE, "cleo", "include", votes=tuple(vote.id for vote in votes)))
        store.unblind(Unblinding(FULL_TEXT, "cleo", "all is read"))
        text = " ".join(str(cell) for row in methods.build(store, load(review)).rows.rows for cell in row)
    assert (
        "Titles and abstracts were each for two reviewers to read independently (3 have as many votes" in text
    )
    assert "Full texts were each for three reviewers to read independently (this has not begun)" in text
    assert "a random sample of 2 reports" in text
    assert "were settled by a third person: 1 reports." in text
    assert "1 conflicts are not settled yet." in text
    assert "(all is read)" in text
    assert "Three reviewers and one arbiter took part." in text
    assert "Two reviewers (ana and ben) judged 3 titles and abstracts independently" in text
    assert "in this order: Not a controlled trial; Other participants." in text
    assert rows(review, "SELECT count(*) FROM decision") == [(8,)]


def test_one_reader_a_report_and_a_share_read_twice(review):
    change(review, "per_record = 2", "per_record = 1\ndoubled = 0.1")

    text = " ".join(row["text"] for row in told(review, "report", "methods")["rows"])
    assert "Titles and abstracts were for one reviewer each to read (" in text
    assert "Of the reports 10%, drawn by lot (seed 1), were read by one reviewer more." in text


def test_without_a_conflict_nobody_had_to_settle_one(review):
    change(review, "per_record = 2", 'per_record = 2\narbiter = "cleo"')
    with Store.open(review / "review.db") as store:
        store.add_decisions([Decision(1, TITLE, "ben", "include")])
    text = " ".join(row["text"] for row in told(review, "report", "methods")["rows"])
    assert "No conflict had to be settled by a third person." in text
