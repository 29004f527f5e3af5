"""One file to deposit: deterministic, without secrets or abstracts, and enough to count the flow anew."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reviews import harvest, rows, told
from stores import article, begun, kept
from terminal import copied, harvested

from db.errors import WrongUse
from db.opinion import Decision, Pilot, Resolution, Retrieval, StudyNote, Unblinding
from db.store import Store
from harvest.bundle import bundle, verify
from harvest.bundle.packing import opened, packed
from harvest.bundle.people import pseudonyms
from harvest.project import load
from harvest.reports.flow.identities import IDENTITIES
from screen.cells import bare
from screen.plan import FULL_TEXT, TITLE

KEY = "0123456789abcdef"


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    folder = harvested(tmp_path_factory.mktemp("bundle") / "review")
    toml = folder / "review.toml"
    toml.write_text(toml.read_text().replace("per_record = 2", 'per_record = 2\narbiter = "cleo"'))
    with Store.open(folder / "review.db") as store:
        store.add_pilot(Pilot(TITLE, 1, (1, 2), "cleo"))
        both(store, TITLE, {1: "include", 2: "include", 3: "exclude", 4: "include"})
        votes = [
            Decision(5, TITLE, "ana", "include", note="=1+1"),
            Decision(5, TITLE, "ben", "exclude", "design"),
        ]
        store.add_decisions(votes)
        ids = tuple(vote.id for vote in store.decisions(TITLE) if vote.record == 5)
        store.add_resolution(Resolution(5, TITLE, "cleo", "include", votes=ids))
        store.add_decisions([Decision(6, TITLE, "ana", "include", note="a secret of ana alone")])
        said = {1: "retrieved", 2: "retrieved", 4: "not retrieved", 5: "retrieved"}
        store.add_retrievals([Retrieval(record, state, "ana") for record, state in said.items()])
        both(store, FULL_TEXT, {1: "include", 2: "exclude"})
        store.add_decisions([Decision(5, FULL_TEXT, "ben", "exclude", "population")])
        store.add_study_notes([StudyNote(1, "label", "Cicchetti 1999a", "ana")])
        store.add_export("queues/ana.csv", "csv", "ana", TITLE, 1, [1, 2], "ab")
    return folder


def both(store, stage, verdicts):
    for who in ("ana", "ben"):
        store.add_decisions(
            [
                Decision(record, stage, who, verdict, "design" if verdict == "exclude" else "")
                for record, verdict in verdicts.items()
            ]
        )


@pytest.fixture
def review(once, tmp_path):
    return copied(once, tmp_path / "review")


def made(folder, **options):
    with opened(folder / "review.db") as store:
        return bundle(store, load(folder), **options)


def inside(body):
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def cells(files, name):
    text = io.StringIO(files[f"data/{name}.csv"].decode(), newline="")
    return [{key: bare(cell) for key, cell in row.items()} for row in csv.DictReader(text)]


def boxes(folder):
    return {row["box"]: row["counted"] for row in told(folder, "bundle", "verify", folder / "b.zip")["boxes"]}


def test_the_numbers_are_counted_anew_from_the_file_alone(once, tmp_path):
    (tmp_path / "b.zip").write_bytes(made(once).body)
    found = verify(tmp_path / "b.zip")
    assert found.good
    counted = {box.box: box.counted for box in found.boxes}
    assert counted["records_screened"] == 5
    assert (counted["records_excluded"], counted["dbr_sought_reports"]) == (1, 4)
    assert (counted["dbr_notretrieved_reports"], counted["dbr_excluded:design"], counted["new_reports"]) == (
        1,
        1,
        1,
    )
    assert counted["dbr_undecided"] == 1
    assert counted["records_pending"] == 6
    assert all(box.same for box in found.boxes)


@settings(max_examples=20)
@given(data=st.data())
def test_any_history_of_votes_can_be_rebuilt(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("history")
    (folder / "searches").mkdir()
    (folder / "searches" / "main.txt").write_text("sepsis\n")
    (folder / "review.toml").write_text(
        'title = "T"\nquestion = "Q?"\ncontact.email = "a@example.org"\n'
        '[[search]]\nname = "main"\nsource = "pubmed"\nquery = "searches/main.txt"\n'
        '[screening]\nreviewers = ["ana", "ben"]\nper_record = 1\ndoubled = 0.3\n'
    )
    with opened(folder / "review.db") if (folder / "review.db").exists() else _new(folder) as store:
        kept(store, *(article(str(n), f"Title {n}") for n in range(1, 7)), fetch=begun(store))
        store.add_sightings(1, 1, "appeared", [(n, "first search") for n in range(1, 7)])
        store.set_membership({1: (1, 1), 2: (1, 1), 3: (3, 1), **{n: (n, n) for n in (4, 5, 6)}})
        number, stage = st.integers(1, 6), st.sampled_from([TITLE, FULL_TEXT])
        who, reason = st.sampled_from(["ana", "ben", "cleo"]), st.sampled_from(["design", "population"])
        verdict = st.sampled_from(["include", "exclude", "unsure", "withdrawn"])
        vote = st.builds(Decision, number, stage, who, verdict, reason)
        retrieval = st.builds(
            Retrieval, number, st.sampled_from(["sought", "retrieved", "not retrieved"]), who
        )
        note = st.builds(StudyNote, number, st.just("state"), st.sampled_from(["ongoing", ""]), who)
        for said in data.draw(st.lists(st.one_of(vote, vote, vote, retrieval, note), max_size=25)):
            _keep(store, said)
        body = bundle(store, load(folder)).body
    (folder / "b.zip").write_bytes(body)
    assert verify(folder / "b.zip").good


def _new(folder):
    Store.open(folder / "review.db").close()
    return opened(folder / "review.db")


def _keep(store, said):
    if isinstance(said, Decision):
        store.add_decisions([said])
    elif isinstance(said, Retrieval):
        store.add_retrievals([said])
    else:
        store.add_study_notes([said])


def test_the_same_review_gives_the_same_file(once, review):
    assert made(once).body == made(once).body
    assert made(review).sha256 == made(once).sha256
    with Store.open(review / "review.db") as store:
        store.add_decisions([Decision(7, TITLE, "ana", "exclude")])
    assert made(review).sha256 != made(once).sha256


def test_no_abstract_is_in_it_unless_asked_for(once):
    with Store.open(once / "review.db") as store:
        abstracts = [s.text for _, record in store.records() for s in record.abstract if len(s.text) > 20]
    assert abstracts
    plain = b"\n".join(inside(made(once).body).values()).decode("utf-8", "replace")
    assert [text for text in abstracts if text in plain] == []
    files = inside(made(once, abstracts=True).body)
    assert cells(files, "abstracts")
    assert b"copyright" in files["LICENSES.md"]
    assert b"Abstracts are left out" not in files["README.md"]


def test_neither_address_nor_key_is_in_it(review):
    files = inside(made(review, environ={"NCBI_API_KEY": KEY}).body)
    every = b"\n".join(files.values())
    assert b"ana@example.org" not in every
    assert KEY.encode() not in every
    assert "sources" not in json.loads(files["review.json"])
    with Store.open(review / "review.db") as store:
        store.add_retrievals([Retrieval(1, "retrieved", "ana", note=f"api_key={KEY}")])
    with pytest.raises(WrongUse, match=r"The key NCBI_API_KEY would stand in data/retrievals\.csv"):
        made(review, environ={"NCBI_API_KEY": KEY})


def test_a_vote_that_others_must_not_see_yet_stands_without_its_verdict(once, review):
    bundled = made(once)
    votes = cells(inside(bundled.body), "votes")
    held = [vote for vote in votes if vote["verdict"] == "held back"]
    assert [(v["record"], v["stage"], v["reviewer"], v["reason"]) for v in held] == [
        ("6", TITLE, "ana", ""), ("5", FULL_TEXT, "ben", ""),
    ]  # fmt: skip
    assert bundled.held_back == 2
    assert b"a secret of ana" not in b"".join(inside(bundled.body).values())
    assert "2 votes stand without their verdict" in harvest(once, "bundle", "--dry-run").stderr
    with Store.open(review / "review.db") as store:
        store.unblind(Unblinding(TITLE, "cleo", "all is read"))
        store.add_decisions([Decision(5, FULL_TEXT, "ana", "exclude", "population")])
    assert made(review).held_back == 0


def test_pseudonyms_are_the_same_everywhere_and_no_name_is_left(once):
    bundled = made(once, by_pseudonym=True)
    files = inside(bundled.body)
    assert {vote["reviewer"] for vote in cells(files, "votes")} == {"Reviewer 1", "Reviewer 2"}
    assert {said["arbiter"] for said in cells(files, "resolutions")} == {"Reviewer 3"}
    assert {said["by"] for said in cells(files, "studies")} == {"Reviewer 1"}
    assert json.loads(files["review.json"])["screening"]["reviewers"] == ["Reviewer 1", "Reviewer 2"]
    assert bundled.doubts == ()
    assert b"pseudonyms" in files["README.md"]
    plain = inside(made(once).body)
    assert [v["verdict"] for v in cells(files, "votes")] == [v["verdict"] for v in cells(plain, "votes")]


def test_a_name_in_a_remark_is_told(review):
    with Store.open(review / "review.db") as store:
        store.add_retrievals([Retrieval(1, "retrieved", "ana", note="asked ben, write to ana@example.org")])
    assert made(review, by_pseudonym=True).doubts == (
        "data/retrievals.csv still says ana, ben, ana@example.org: look whether a person is meant.",
    )
    assert "still says" in harvest(review, "bundle", "--pseudonyms").stderr


def test_cells_that_would_be_computed_are_neutral_and_come_back(once):
    files = inside(made(once).body)
    assert b"'=1+1" in files["data/votes.csv"]
    assert "=1+1" in {vote["note"] for vote in cells(files, "votes")}


def test_what_a_mask_hides_comes_out_by_pseudonym_only(once):
    with opened(once / "review.db") as store:
        store.people = pseudonyms(store, load(once))
        assert {vote.reviewer for vote in store.decisions(TITLE, "Reviewer 1")} == {"Reviewer 1"}
        assert [pilot.by for pilot in store.pilots(TITLE)] == ["Reviewer 3"]
        assert {shown.reviewer for shown in store.shown()} <= {"Reviewer 1"}
        assert store.unblinded(TITLE) is None
        assert store.people.behind(None) is None


def test_strategies_stand_to_the_byte(once):
    files = inside(made(once).body)
    stored = dict(rows(once, "SELECT name, stored FROM search"))
    of_search = {
        path.split("/")[1]: content for path, content in files.items() if path.startswith("strategies/")
    }
    assert of_search.keys() == stored.keys()
    assert files["strategies/pubmed/1-stored-and-sent.txt"] == stored["pubmed"]


def test_every_file_is_described_and_proved(once):
    files = inside(made(once).body)
    crate = json.loads(files["ro-crate-metadata.json"])
    root = next(entity for entity in crate["@graph"] if entity["@id"] == "./")
    assert crate["@graph"][0]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    listed = {part["@id"] for part in root["hasPart"]}
    assert listed == files.keys() - {"ro-crate-metadata.json", "sha256sums.txt"}
    assert listed < {entity["@id"] for entity in crate["@graph"]}
    package = json.loads(files["datapackage.json"])
    for resource in package["resources"]:
        header = files[resource["path"]].decode().splitlines()[0].split(",")
        assert [field["name"] for field in resource["schema"]["fields"]] == header
    assert {r["path"] for r in package["resources"]} == {p for p in files if p.startswith("data/")}
    sums = dict(line.split("  ")[::-1] for line in files["sha256sums.txt"].decode().splitlines())
    assert sums == {path: sha256(files[path]).hexdigest() for path in files if path != "sha256sums.txt"}
    assert {"reports/searches.md", "reports/prisma.svg", "reports/prisma-flow-diagram.csv"} <= files.keys()
    assert b"sepsis" not in files["data/answers.csv"]
    assert len(cells(files, "answers")[0]["sha256"]) == 64


# -- what is not as it was made ----------------------------------------------------------------------


def spoilt(once, tmp_path, change):
    files = inside(made(once).body)
    change(files)
    path = tmp_path / "spoilt.zip"
    path.write_bytes(packed(files))
    return path


def test_a_vote_that_was_changed_is_found(once, tmp_path):
    def change(files):
        files["data/votes.csv"] = files["data/votes.csv"].replace(b"exclude", b"include")

    path = spoilt(once, tmp_path, change)
    found = verify(path)
    assert found.changed == ("data/votes.csv",)
    assert not next(box for box in found.boxes if box.box == "records_excluded").same
    done = harvest(tmp_path, "bundle", "verify", path, code=4)
    assert "data/votes.csv is not what sha256sums.txt says" in done.stderr
    assert "differs" in done.stdout


def test_a_box_that_was_taken_out_or_put_in_is_found(once, tmp_path):
    def change(files):
        files["data/flow.csv"] = files["data/flow.csv"].replace(b"new_reports,", b"old_reports,")

    found = verify(spoilt(once, tmp_path, change))
    assert {box.box for box in found.boxes if not box.same} == {"new_reports", "old_reports"}


@pytest.mark.parametrize(
    "change",
    [
        lambda files: files.pop("data/votes.csv"),
        lambda files: files.pop("review.json"),
        lambda files: files.update({"review.json": b"[1]"}),
        lambda files: files.update({"data/votes.csv": b"\xff"}),
        lambda files: files.update({"data/votes.csv": b"id\n1\n"}),
        lambda files: files.update({"data/records.csv": files["data/records.csv"].replace(b"\n1,", b"\nx,")}),
        lambda files: files.clear(),
    ],
)
def test_what_is_not_whole_is_refused_in_a_sentence(once, tmp_path, change):
    done = harvest(tmp_path, "bundle", "verify", spoilt(once, tmp_path, change), code=2)
    assert "name the zip as it was made" in done.stderr


def test_what_is_no_zip_or_has_no_end_is_refused(tmp_path, monkeypatch):
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 no")
    assert (
        "cannot be read as a bundle"
        in harvest(tmp_path, "bundle", "verify", tmp_path / "x.zip", code=2).stderr
    )
    (tmp_path / "y.zip").write_bytes(packed({"a": b"0" * 100}))
    monkeypatch.setattr("harvest.bundle.verifying.MOST", 10)
    with pytest.raises(WrongUse, match="that is no bundle"):
        verify(tmp_path / "y.zip")


def test_a_cell_may_be_as_long_as_its_file(once, tmp_path):
    def change(files):
        long = b"x" * 200_000
        files["data/votes.csv"] = files["data/votes.csv"].replace(b"=1+1", long)

    assert verify(spoilt(once, tmp_path, change)).changed == ("data/votes.csv",)


def test_a_previous_version_that_was_slipped_in_is_found(once, tmp_path):
    def change(files):
        files["review.json"] = files["review.json"].replace(b'"reports": 0', b'"reports": 1')

    found = verify(spoilt(once, tmp_path, change))
    assert not found.good
    assert {box.box for box in found.boxes if not box.same} == {"previous_reports", "total_reports"}


def test_numbers_that_do_not_add_up_are_told(once, tmp_path, monkeypatch):
    monkeypatch.setattr("harvest.bundle.verifying.broken", lambda flow: IDENTITIES[:1])
    path = spoilt(once, tmp_path, lambda files: None)
    done = harvest(tmp_path, "bundle", "verify", path, code=4)
    assert "This does not add up: databases = the sum over the databases." in done.stderr


# -- the command -------------------------------------------------------------------------------------


def test_the_command_writes_one_file_and_replaces_it(review, tmp_path):
    assert harvest(review, "bundle", "--dry-run").stdout.strip().endswith("bundle.zip")
    assert not (review / "reports" / "bundle.zip").exists()
    path = tmp_path / "mine.zip"
    said = told(review, "bundle", "--out", path)
    assert sha256(path.read_bytes()).hexdigest() == said["sha256"]
    assert said["not_made"] == []
    assert told(review, "bundle", "--dry-run")["sha256"] == said["sha256"]
    harvest(review, "bundle", "--out", path)
    assert "every number can be rebuilt" in harvest(tmp_path, "bundle", "verify", path).stderr
    assert told(tmp_path, "bundle", "verify", path)["good"] is True


def test_a_report_that_cannot_be_made_is_named(review, monkeypatch):
    def no(*_):
        raise WrongUse("It is not the day for it.")

    monkeypatch.setattr("harvest.reports.yields.build", no)
    bundled = made(review)
    assert bundled.not_made == ("yield: It is not the day for it.",)
    assert b"Not made: yield" in inside(bundled.body)["README.md"]
