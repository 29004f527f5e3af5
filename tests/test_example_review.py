"""The example review CD010534: its folder is one, its appendix is the one in the docs, and its strategy is the published one."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from report_reading import from_markdown, from_word

from harvest.project import load, problems
from harvest.reports import markdown, word

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "examples" / "parent_infant_psychotherapy"
PAGE = ROOT / "docs" / "prisma-s-example.md"
PUBLISHED = (Path(__file__).parent / "data" / "strategies" / "CD010534_ovid_medline.txt").read_bytes()
_RUN_ON = re.compile(r"esearch\.fcgi \| (\d{4}-\d\d-\d\d) \|")


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("appendix", FOLDER / "appendix.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def appendix(example, tmp_path_factory):
    return example.report("searches", tmp_path_factory.mktemp("example"))


def test_the_folder_is_a_review_with_nothing_wrong_but_what_the_review_left_open():
    found = problems(FOLDER, {})
    assert [problem for problem in found if not problem.warning] == []
    assert all("no strategy is given" in p.message or "no file is called" in p.message for p in found)


def test_every_database_of_the_review_stands_in_it():
    plans = load(FOLDER, environ={}).plans
    by_hand = [plan.database.partition(" (")[0] for plan in plans if plan.by_hand]
    assert set(by_hand) == {
        "MEDLINE", "CENTRAL", "Embase", "CINAHL", "PsycINFO", "BIOSIS Citation Index", "Science Citation Index", "ERIC",
        "Sociological Abstracts", "metaRegister of Controlled Trials",
    }  # fmt: skip
    assert {plan.date for plan in plans if plan.by_hand} == {"2014-01-13"}


def test_the_appendix_holds_the_published_strategy_to_the_byte(appendix):
    assert PUBLISHED in from_markdown(markdown.write(appendix))
    assert PUBLISHED in from_word(word.write(appendix))
    assert len(PUBLISHED.splitlines()) == 41


def test_the_page_in_the_docs_is_what_the_script_prints(appendix):
    page = PAGE.read_text("utf-8")
    made = markdown.write(appendix).decode()
    today, then = _RUN_ON.search(made), _RUN_ON.search(page)
    assert page.partition("\n\n")[2] == made.replace(today[1], then[1])


def test_what_is_missing_is_what_the_review_does_not_say(appendix):
    assert {re.match(r"Item (\d+)", sentence)[1] for sentence in appendix.missing} == {
        "1",
        "4",
        "8",
        "10",
        "11",
        "14",
        "15",
    }


def test_the_example_gives_its_other_reports_too(example, tmp_path):
    rows = example.report("yield", tmp_path).rows.to_dicts()
    searches = {row["name"]: row for row in rows if row["level"] == "search"}
    assert (searches["medline"]["reports"], searches["medline"]["unique"]) == (6, 0)
    assert (searches["psycinfo"]["reports"], searches["psycinfo"]["unique"]) == (4, 2)
