"""The demonstration: what is packaged, the stored answers, and the figures it ends with."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner

import harvest.demo
from db.errors import Refused, WrongUse
from db.record import Record
from db.store import Store
from harvest.cli import cli
from harvest.demo import Demonstration, Replay, copy, demonstrate, names
from harvest.demo.packaged import answer
from harvest.demo.showing import SOURCE, decided, show
from harvest.progress import Quiet
from harvest.project import load, problems
from harvest.source import Request
from harvest.sources.clinicaltrials import ClinicalTrials
from harvest.sources.pubmed import PubMed
from harvest.transport import Pace

DATA = Path(str(files("harvest"))) / "demo" / "data"


class _Heard(Quiet):
    """Somebody who watches, and remembers."""

    def __init__(self):
        self.steps = set()

    def step(self, search, doing, done, expected):
        self.steps.add((search, doing))


@pytest.fixture(scope="module")
def heard():
    return _Heard()


@pytest.fixture(scope="module")
def done(tmp_path_factory, heard) -> Demonstration:
    return demonstrate(tmp_path_factory.mktemp("demo") / "example", heard)


@pytest.fixture(scope="module")
def copied(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("copy") / "deep" / "example"
    copy(folder)
    return folder


@pytest.fixture
def replay() -> Replay:
    return Replay(answer("pubmed.xml"), answer("clinicaltrials.json"))


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


# -- what is packaged --------------------------------------------------------------------------------


def test_a_copy_holds_a_review_with_its_origin_and_licences(copied):
    there = {path.relative_to(copied).as_posix() for path in copied.rglob("*") if path.is_file()}
    assert there == set(names())
    assert {"review.toml", "labels.csv", "imports/wilson.csv", "PROVENANCE.md", "LICENSES.md"} <= there
    assert not [problem for problem in problems(copied, environ={}) if not problem.warning]


def test_every_packaged_record_file_names_its_originals():
    made = {path.relative_to(DATA).as_posix() for path in DATA.rglob("*") if path.is_file()}
    by_hand = {"PROVENANCE.md", "LICENSES.md", "SOURCES.csv", "review/review.toml"}
    follow = {"review/labels.csv", "review/searches/pubmed.txt", "review/searches/clinicaltrials.txt"}
    sources = _table(DATA / "SOURCES.csv")
    assert {row["file"] for row in sources} == made - by_hand - follow
    assert all(
        row["repository"] and row["path"] and row["licence"] and len(row["commit"]) == 40 for row in sources
    )


def test_exports_are_the_originals_byte_for_byte():
    exports = [row for row in _table(DATA / "SOURCES.csv") if row["file"].endswith(".ris")]
    assert len(exports) == 7
    for row in exports:
        assert hashlib.sha256((DATA / row["file"]).read_bytes()).hexdigest() == row["sha256_of_original"]


def test_the_package_stays_small():
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) < 2_000_000


def test_nothing_in_the_records_gives_the_decisions_away(copied):
    records = _table(copied / "imports" / "wilson.csv")
    labels = {row["accession number"]: row["included"] for row in _table(copied / "labels.csv")}
    assert list(records[0]) == ["accession number", "title", "abstract"]
    assert [row["accession number"] for row in records] == list(labels)
    assert (len(labels), list(labels.values()).count("1")) == (2333, 23)
    places = [place for place, label in enumerate(labels.values()) if label == "1"]
    assert places[0] > 200
    assert places[-1] > 2000


def test_a_folder_in_use_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(WrongUse, match="holds something already"):
        demonstrate(tmp_path, Quiet())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "demo").write_text("")
    with pytest.raises(WrongUse, match="holds something already"):
        copy(tmp_path / "demo")
    with pytest.raises(WrongUse, match="cannot be written"):
        copy(tmp_path / "demo" / "below")


def test_an_empty_folder_will_do(tmp_path):
    assert len(copy(tmp_path)) == len(names())


# -- the stored answers ------------------------------------------------------------------------------


def test_pubmed_lists_and_delivers_what_was_stored(copied, replay):
    source = PubMed(replay, {})
    search = next(search for search in load(copied, environ={}).searches if search.name == "pubmed")
    (listing,) = source.list(search)
    keys = [hit.key for hit in source.hits(listing.body)]
    assert listing.promised == len(keys) == 14
    assert keys == sorted(keys, key=int, reverse=True)
    (page,) = source.fetch(keys)
    records = list(source.records(page.body))
    assert [record.key for record in records] == keys
    assert all(isinstance(record, Record) and record.title and record.journal for record in records)
    assert all(not record.abstract for record in records if record.key != "39159658")


def test_articles_come_unchanged(replay):
    request = Request("POST", "https://x.example/efetch.fcgi", {"id": "32160763"})
    body = replay.ask("pubmed", request, pace=Pace(1)).body
    article = body[body.index(b"<PubmedArticle>") : body.index(b"</PubmedArticleSet>")].strip()
    assert article in answer("pubmed.xml")
    assert b"The London Patient" in article


def test_clinicaltrials_lists_and_delivers_what_was_stored(copied, replay):
    source = ClinicalTrials(replay, {})
    search = next(search for search in load(copied, environ={}).searches if search.name == "clinicaltrials")
    (listing,) = source.list(search)
    hits = source.hits(listing.body)
    assert listing.promised == len(hits) == 22
    assert {hit.key: hit.stamp for hit in hits}["NCT03275402"] == "2024-02-13"
    (page,) = source.fetch([hit.key for hit in hits])
    records = {record.key: record for record in source.records(page.body)}
    assert records.keys() == {hit.key for hit in hits}
    assert records["NCT00716976"].trial.results_posted


def test_what_is_not_stored_is_missing(replay):
    (page,) = PubMed(replay, {}).fetch(["32160763", "1"])
    assert page.missing == ("1",)
    *_, last = ClinicalTrials(replay, {}).fetch(["NCT00716976", "NCT99999999"])
    assert last.missing == ("NCT99999999",)


def test_other_questions_are_refused(replay):
    with pytest.raises(Refused, match="no stored answer"):
        replay.ask("pubmed", Request("GET", "https://eutils.example/einfo.fcgi"), pace=Pace(1))


# -- the demonstration -------------------------------------------------------------------------------


def test_every_source_is_complete(done, heard):
    matched = {search.name: search.matched for search in done.outcome.searches}
    assert matched == {
        "pubmed": 14, "clinicaltrials": 22, "wilson": 2333, "embase": 10, "endnote": 10, "scopus": 10,
        "web-of-science": 10, "ebsco": 9, "pubmed-export": 50, "cochrane": 3,
    }  # fmt: skip
    assert done.outcome.exit_code == 0
    assert all(search.state == "complete" and not search.unreadable for search in done.outcome.searches)
    assert {("pubmed", "fetching"), ("clinicaltrials", "listing")} <= heard.steps


def test_duplicates_between_databases_are_found(done):
    assert done.outcome.records == 2471
    # The ten of Embase that also came through EndNote, and five papers that two databases sent.
    assert done.outcome.duplicates >= 15
    with Store.open(done.folder / "review.db", create=False) as store:
        keys = store.keys("file:embase")
        again = store.keys("file:endnote-library")
        assert {store.report_of(keys[key]) for key in keys} == {store.report_of(again[key]) for key in keys}
        members = {int(name[1:]) for name in done.example}
        assert len(members) > 1
        assert len({store.report_of(member) for member in members}) == 1


def test_every_include_is_in_the_order_and_nothing_is_left_out(done):
    assert (done.before.includes, done.after.includes) == (23, 23)
    assert done.before.reports == done.after.reports == done.outcome.reports
    assert done.before.in_tenth <= done.before.includes
    rows = _table(done.queue)
    assert len(rows) == done.waiting == done.outcome.reports - done.votes
    with Store.open(done.folder / "review.db", create=False) as store:
        known = decided(store, done.folder / "labels.csv")
        read = {decision.record for decision in store.decisions("title and abstract")}
    waiting = {int(row["harvest_id"][1:]) for row in rows}
    assert {report for report, included in known.items() if included} <= read | waiting
    assert not read & waiting


def test_votes_are_the_decisions_of_the_review(done):
    with Store.open(done.folder / "review.db", create=False) as store:
        known = decided(store, done.folder / "labels.csv")
        votes = store.decisions("title and abstract")
    assert {vote.reviewer for vote in votes} == {"ana", "ben"}
    assert len(votes) == 2 * done.votes == 100
    assert all((vote.verdict == "include") == known[vote.record] for vote in votes)
    assert sum(vote.verdict == "include" for vote in votes) == 2 * done.found


def test_the_order_is_worth_reading_and_gets_better_by_votes(done):
    assert done.before.in_tenth >= 12, "by chance there would be two or three"
    assert done.after.in_tenth >= done.before.in_tenth
    assert done.after.last < done.before.last
    assert done.after.stranger > done.before.stranger


def test_a_report_is_included_when_one_of_its_records_was(done, tmp_path):
    with Store.open(done.folder / "review.db", create=False) as store:
        first, second = sorted(store.keys(SOURCE))[:2]
        labels = tmp_path / "labels.csv"
        labels.write_text(f"accession number,included\n{first},1\n{second},0\n{first},0\n")
        known = decided(store, labels)
        order = list(known)
        seen = show(store, order, known)
        nothing = show(store, order, dict.fromkeys(known, False))
    assert list(known.values()) == [True, False]
    assert (seen.includes, seen.tenth, seen.in_tenth, seen.last, seen.stranger) == (1, 1, 1, 1, 0)
    assert seen.first[0].title  # the abstract speaks for a record without a title
    assert (nothing.includes, nothing.last) == (0, 0)


# -- the command -------------------------------------------------------------------------------------


def _figures(told: dict) -> dict:
    """Without what is different on each computer."""
    return {name: value for name, value in told.items() if name not in {"folder", "queue"}}


def test_the_figures_are_the_same_each_time(done, tmp_path):
    answer = CliRunner().invoke(cli, ["demo", str(tmp_path / "again"), "--json"])
    assert answer.exit_code == 0
    assert _figures(json.loads(answer.stdout)) == _figures(
        json.loads(json.dumps(done.to_dict(), default=str))
    )


def test_people_are_told_what_happened_and_what_to_look_at(done, monkeypatch):
    monkeypatch.setattr(
        harvest.demo, "demonstrate", lambda folder, progress: replace(done, folder=Path("my demo"))
    )
    answer = CliRunner().invoke(cli, ["demo"])
    assert answer.exit_code == 0
    assert f"{done.before.in_tenth} are among the 23 that the review included" in answer.stdout
    assert f"{done.after.in_tenth} are among the 23" in answer.stdout
    assert done.before.first[9].id in answer.stdout
    assert "harvest -C 'my demo' same show" in answer.stdout
    assert str(done.queue) in answer.stdout
    assert "No network is used" in answer.stderr


def test_a_rehearsal_names_the_files(tmp_path):
    answer = CliRunner().invoke(cli, ["demo", str(tmp_path / "new"), "--dry-run"])
    assert len(answer.stdout.splitlines()) == len(names())
    assert not (tmp_path / "new").exists()


def test_a_folder_in_use_is_a_wrong_use(tmp_path):
    (tmp_path / "x").write_text("")
    answer = CliRunner().invoke(cli, ["demo", str(tmp_path)])
    assert answer.exit_code == 2
    assert "holds something already" in answer.stderr
