"""The run as a whole: which files are read, what stops it before it begins, what its exit code says."""

from __future__ import annotations

from pathlib import Path

import pytest
from reviews import harvest, rows, told, write
from terminal import copied, harvested, sentence, served

from db.errors import Refused, StoreError
from harvest import run as running
from harvest.lock import held
from harvest.outcome import Outcome, SearchOutcome
from harvest.progress import Quiet
from harvest.project import load

DATA = Path(__file__).parent / "data" / "readers"
RIS = "TY  - JOUR\nTI  - {}\nPY  - 2020\nER  - \n"


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return harvested(tmp_path_factory.mktemp("once") / "review")


@pytest.fixture
def review(once, tmp_path):
    return copied(once, tmp_path / "review")


class Silent:
    """A source that knows nothing and is asked nothing."""

    name, label, register, version, help = "pubmed", "Nobody", False, "1", ("Query: none",)

    def list(self, search, cursor="", since=""):
        raise Refused("pubmed", "Nobody answers: ask somebody else.")
        yield

    def hits(self, body):
        return []


# -- files ---------------------------------------------------------------------------------------------


def test_files_are_read_wherever_the_project_says_they_are(review):
    toml = (review / "review.toml").read_text()
    search = '\n[[search]]\nname = "embase"\nsource = "file"\ndatabase = "Embase"\nplatform = "Ovid"\nfiles = "exports/*.ris"\n'
    (review / "review.toml").write_text(toml + search)
    for folder, title in (
        ("exports", "One"),
        ("imports", "Two"),
        ("imports/by hand", "Three"),
        ("imports/.hidden", "Four"),
    ):
        (review / folder).mkdir(exist_ok=True)
        (review / folder / f"{title}.ris").write_text(RIS.format(f"Trial {title}"))
    (review / "imports" / "README.txt").write_text("What lies here")
    (review / "imports" / "~$book.csv").write_text("Excel is at work")
    outcome = told(review, "run", code=3)
    found = {search["query"]: (search["name"], search["source"]) for search in outcome["searches"][2:]}
    assert found == {
        "One.ris": ("embase", "file:embase"),
        "Two.ris": ("unknown", "file:unknown"),
        "Three.ris": ("unknown", "file:unknown"),
    }
    assert rows(review, "SELECT options FROM search WHERE name = 'embase'") == [
        ('{"database": "Embase", "platform": "Ovid"}',)
    ]


def test_a_search_alone_reads_no_files(review):
    (review / "imports" / "one.ris").write_text(RIS.format("One"))
    assert [s["name"] for s in told(review, "run", "--only", "pubmed", code=1)["searches"]] == ["pubmed"]
    assert rows(review, "SELECT command FROM run WHERE id = 2") == [("run --only pubmed",)]


def test_records_of_a_file_stand_in_its_order(review):
    text = RIS.format("One") + "TY  - JOUR\nER  - \n" + RIS.format("Three")
    (review / "imports" / "three.ris").write_text(text)
    harvest(review, "run", code=3)
    place = "SELECT position FROM revision v JOIN record r ON r.id = v.record_id WHERE source = 'file:unknown' ORDER BY 1"
    assert rows(review, place) == [(1,), (3,)]
    assert rows(review, "SELECT position, line FROM unreadable") == [(2, 5)]


def test_a_file_that_lies_among_the_imports_is_not_copied_into_them(review):
    path = review / "imports" / "mine.ris"
    path.write_text(RIS.format("One"))
    harvest(review, "add", path, "--database", "CINAHL")
    assert [p.name for p in (review / "imports").iterdir()] == ["mine.ris"]
    assert rows(review, "SELECT name, source FROM search WHERE source LIKE 'file:%'") == [
        ("cinahl", "file:cinahl")
    ]


def test_a_copy_that_lies_there_already_is_the_copy(review, tmp_path):
    for folder in (tmp_path, review / "imports"):
        (folder / "2026-11-20_embase.ris").write_text(RIS.format("One"))
    harvest(review, "add", tmp_path / "2026-11-20_embase.ris")
    assert [p.name for p in (review / "imports").iterdir()] == ["2026-11-20_embase.ris"]


def test_a_file_that_says_where_it_comes_from_need_not_be_told(review):
    result = harvest(review, "add", DATA / "embase.ris", DATA / "no_er.ris")
    assert "file added" in result.stdout
    assert "ends without ER" in result.stderr
    assert ("file:embase",) in rows(review, "SELECT DISTINCT source FROM record")
    assert any(p.name.endswith("_embase_embase-com.ris") for p in (review / "imports").iterdir())


def test_two_files_of_one_day_and_database_do_not_take_each_others_name(review, tmp_path):
    for number in (1, 2):
        (tmp_path / f"{number}.ris").write_text(RIS.format(f"Trial {number}"))
    harvest(
        review, "add", tmp_path / "1.ris", tmp_path / "2.ris", "--database", "Embase", "--date", "20261120"
    )
    assert sorted(p.name for p in (review / "imports").iterdir()) == [
        "2026-11-20_embase.ris",
        "2026-11-20_embase_2.ris",
    ]


def test_a_file_that_is_too_large_is_refused_before_it_is_read(review, monkeypatch):
    monkeypatch.setattr("harvest.imports.MAX_BYTES", 1_000_000)
    (review / "imports" / "large.ris").write_bytes(b"x" * 1_000_001)
    assert "is larger than 1 MB: export it in several parts" in harvest(review, "run", code=1).stderr


# -- before it begins ----------------------------------------------------------------------------------


def test_a_source_that_cannot_be_made_stops_the_run_before_anything_is_stored(tmp_path):
    review = write(tmp_path / "review")

    def broken(name):
        raise Refused(name, "There is no such thing.")

    with pytest.raises(Refused):
        running.run(load(review), broken, Quiet())
    assert not (review / "review.db").exists()


def test_a_folder_whose_disk_cannot_lock_says_so(tmp_path, monkeypatch):
    def nowhere(_handle):
        raise OSError(37, "No locks available")

    monkeypatch.setattr("harvest.lock._take", nowhere)
    with (
        pytest.raises(
            StoreError, match=r"cannot be locked \(No locks available\): move the review to a local disk"
        ),
        held(tmp_path, "now"),
    ):
        pass


def test_a_lock_is_let_go_of_whatever_happens(tmp_path):
    with pytest.raises(KeyError), held(tmp_path, "now"):
        raise KeyError
    assert (tmp_path / ".harvest.lock").read_text() == ""
    (tmp_path / ".harvest.lock").write_bytes(b"\xff\xfe nobody")
    with held(tmp_path, "2026"):
        assert "since 2026" in (tmp_path / ".harvest.lock").read_text()


# -- what it comes to ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("searches", "lost", "code"), [
    ([], (), 0), ([("complete", 0, 0)], (), 0), ([("complete", 0, 0)], ("H000001",), 4), ([("failed", 3, 0)], (), 1), ([("failed", 3, 5)], (), 3),
    ([("failed", 3, 0), ("complete", 0, 0)], (), 3), ([("failed", 4, 0), ("failed", 3, 0)], (), 4), ([("complete", 3, 1)], (), 3),
    ([("failed", 3, 0), ("already read", 0, 0)], (), 3),
])  # fmt: skip
def test_the_exit_code_is_the_gravest_thing_that_happened(searches, lost, code):
    told_of = [
        SearchOutcome("s", "pubmed", state=state, exit_code=each, fetched=fetched)
        for state, each, fetched in searches
    ]
    outcome = Outcome(searches=told_of, lost_includes=lost)
    assert outcome.exit_code == outcome.to_dict()["exit_code"] == code


def test_a_rehearsal_says_which_sources_do_not_answer(review):
    outcome = running.rehearse(load(review), lambda _name: Silent(), Quiet(), ["pubmed"])
    assert [(s.state, s.failure, s.exit_code) for s in outcome.searches] == [
        ("failed", "Nobody answers: ask somebody else.", 3)
    ]


def test_a_rehearsal_counts_what_is_found_no_more(review):
    with served() as server:
        server.pubmed.match("the", [])
        toml = (review / "review.toml").read_text().splitlines()
        address = {"eutils": server.pubmed_url, "/api/v2": server.trials_url}
        fresh = [
            next((f'url = "{new}"' for sign, new in address.items() if sign in line), line) for line in toml
        ]
        (review / "review.toml").write_text("\n".join(fresh))
        outcome = told(review, "run", "--dry-run", "--only", "pubmed")
    assert outcome["searches"][0]["disappeared"] == {"no longer matching": 8}
    assert rows(review, "SELECT count(*) FROM run") == [(1,)]


def test_an_unknown_model_is_told_before_anybody_is_asked(review):
    with (review / "review.toml").open("a") as toml:
        toml.write('\n[ranking]\nmodel = "magic"\n')
    for words in (["run"], ["add", review / "review.toml"]):
        assert "There is no ranking model 'magic'" in sentence(harvest(review, *words, code=2).stderr)
    assert rows(review, "SELECT count(*) FROM run") == [(1,)]
