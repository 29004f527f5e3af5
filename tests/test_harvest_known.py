"""Records known to be relevant: read from the project, looked for by name, through duplicates, and in the source."""

from __future__ import annotations

import pytest
from review_folders import SMALL, make, only
from shelf import Clock, Ledger, sweep
from stores import answer

from db.errors import Unreachable, WrongUse
from db.facts import Search
from db.record import Identifier, Record
from db.store import Store
from dedupe.steps import deduplicate
from harvest.guarded import Guarded
from harvest.known import Item, KnownItems, items, told
from harvest.project import load
from harvest.refresh import question

KNOWN = """
[known]
pmids = [2022136, 2022136]
dois = ["https://doi.org/10.1002/IMHJ.20291"]
nct = ["nct00923559"]
trials = ["ISRCTN 12345678", "EudraCT 2004-000446-20"]
titles = ["A trial of something"]
"""
RIS = "TY  - JOUR\nTI  - One that is known\nDO  - 10.5555/known.1\nAN  - 77\nER  - \nTY  - JOUR\nTI  - Another\nER  - \n"


def project(folder, text=KNOWN, **files):
    return load(make(folder, SMALL + text, **files))


def names(found):
    return [item.name for item in found]


def test_everything_in_review_toml_is_an_item_once(tmp_path):
    assert names(items(project(tmp_path))) == [
        "pmid:2022136", "doi:10.1002/imhj.20291", "nct:NCT00923559", "isrctn:ISRCTN12345678",
        "eudract:2004-000446-20", "title:A trial of something",
    ]  # fmt: skip


def test_a_file_of_records_gives_their_names_and_titles(tmp_path):
    found = items(project(tmp_path, '[known]\nfile = "known.ris"\n', **{"known.ris": RIS}))
    assert names(found)[0] == "doi:10.5555/known.1"
    assert found[0].label == "doi:10.5555/known.1 One that is known"
    assert found[1].title == "Another"
    labelled = "title,doi,included\nIn,10.5555/in,1\nOut,10.5555/out,0\n"
    make(tmp_path, SMALL + '[known]\nfile = "known.csv"\n', **{"known.csv": labelled})
    assert names(items(load(tmp_path))) == ["doi:10.5555/in"]


def test_the_ranking_starts_from_all_of_them(tmp_path):
    known = question(project(tmp_path)).known
    assert known[0] == ("pmid", "2022136")
    assert known[-1] == ("title", "A trial of something")
    assert ("isrctn", "ISRCTN12345678") in known


@pytest.mark.parametrize(("said", "complaint"), [
    ('file = "known.ris"', "there is no file known.ris"),
    ('file = "../known.ris"', "leaves the review folder"),
    ('trials = ["12345"]', "is no number of a trial register"),
    ('trials = ["NCT00923559 or ISRCTN12345678"]', "is no number of a trial register"),
])  # fmt: skip
def test_what_cannot_be_known_is_told_with_its_place(tmp_path, said, complaint):
    assert complaint in only(make(tmp_path, f"{SMALL}\n[known]\n{said}\n"), {})


def test_a_file_that_holds_no_records_is_told(tmp_path):
    with pytest.raises(WrongUse):
        items(project(tmp_path, '[known]\nfile = "known.ris"\n', **{"known.ris": "nothing\n"}))


# -- the test ------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "review.db", now=Clock()) as opened:
        yield opened


@pytest.fixture
def ledger():
    ledger = Ledger()
    ledger.put("1", title="Massage of infants in Oslo")
    ledger.put("2", title="Video feedback in Lima")
    ledger.put("3", title="Home visiting in Leeds")
    ledger.queries["some"] = ["1", "2"]
    return ledger


def item(key="1", scheme="pmid", title=""):
    return Item((Identifier(scheme, key),), title)


def looked_for(store, ledger, *wanted, silent=()):
    deduplicate(store)
    counting = {"shelf": ledger and Guarded(ledger).counting}
    run = store.runs(1)[0][0]
    return KnownItems(store, counting, run, silent).test(wanted)


def outcomes(found):
    return [(each.search, each.item, each.outcome, each.record) for each in found]


def test_found_lost_and_not_there(store, ledger):
    sweep(store, ledger, query="some")
    found = looked_for(store, ledger, item("1"), item("3"), item("99"))
    assert outcomes(found) == [
        ("main", "pmid:1", "found", 1), ("main", "pmid:3", "not matched", None),
        ("main", "pmid:99", "not in this source", None),
    ]  # fmt: skip
    assert store.known_items() == store.known_items(1) == list(found)
    assert [(t.text, t.query, t.hits) for t in store.tallies("main", "known")] == [
        ("pmid:3", "key=3", 1), ("pmid:99", "key=99", 0),
    ]  # fmt: skip
    assert [each.id for each in told(found)] == ["H000001", "", ""]


def test_nothing_known_asks_nobody(store, ledger):
    sweep(store, ledger, query="some")
    assert looked_for(store, ledger) == ()
    assert (ledger.counted, store.known_items()) == ([], [])


def test_found_through_a_duplicate(store, ledger):
    """The known DOI stands on a record of a file; the search found the same paper under its own number."""
    sweep(store, ledger, query="some")
    of_file(
        store,
        Record(
            "file:embase", "9", title="Video feedback in Lima", identifiers=(Identifier("doi", "10.1/v"),)
        ),
    )
    deduplicate(store)
    store.set_membership({1: (1, 1), 2: (2, 2), 3: (2, 2)})
    found = KnownItems(store, {"shelf": Guarded(ledger).counting}, 1).test([item("10.1/v", "doi")])
    assert outcomes(found) == [("main", "doi:10.1/v", "found", 2), ("embase", "doi:10.1/v", "found", 3)]
    assert [each.because for each in found] == ["through a duplicate", ""]


def of_file(store, record):
    """A record that came in an export file."""
    search = Search("embase", "file:embase", "embase.ris")
    fetch = store.begin_fetch(store.begin_run("add", "test"), store.search_id(search))
    with store.writing():
        kept = store.add_records(store.add_page(fetch.id, answer("file")), "ris 1", [record])
        store.add_sightings(fetch.id, fetch.search_id, "appeared", [(n, "file added") for n in kept.all])
    store.move_fetch(fetch.id, "complete", promised=1, listed=1, stored=1)


def test_a_file_holds_it_or_does_not(store, ledger):
    of_file(store, Record("file:embase", "9", title="Known by its title: a trial", identifiers=()))
    found = looked_for(store, None, Item(title="Known by its title: a trial."), item("5"))
    assert outcomes(found) == [
        ("embase", "title:Known by its title: a trial.", "found", 1), ("embase", "pmid:5", "not in the files", None),
    ]  # fmt: skip


def test_an_item_is_asked_for_by_the_names_it_has_elsewhere_in_the_review(store, ledger):
    """Its accession number says nothing to this source, but the record in the file has its PMID as well."""
    sweep(store, ledger, query="some")
    names = (Identifier("accession", "L9"), Identifier("pmid", "3"))
    of_file(store, Record("file:embase", "9", title="Home visiting in Leeds", identifiers=names))
    found = looked_for(store, ledger, item("L9", "accession"))
    assert [each.outcome for each in found] == ["not matched", "found"]
    assert ledger.counted == ["key=3"]


def test_a_number_in_an_abstract_or_a_reference_is_not_the_record_itself(store, ledger):
    names = (Identifier("pmid", "3", "reference"), Identifier("nct", "NCT00000123", "abstract"))
    of_file(store, Record("file:embase", "9", title="It cites others", identifiers=names))
    found = looked_for(store, None, item("3"), item("NCT00000123", "nct"))
    assert {each.outcome for each in found} == {"not in the files"}


def test_one_that_cannot_be_asked_for_is_not_called_absent(store, ledger):
    sweep(store, ledger, query="some")
    (found,) = looked_for(store, ledger, Item(title="Nobody's title"))
    assert (found.outcome, found.because) == ("not found", "shelf cannot be asked for title")
    (found,) = looked_for(store, None, item("3"))
    assert found.outcome == "not found"


def test_a_source_that_does_not_answer_fails_nothing(store, ledger):
    sweep(store, ledger, query="some")

    def silent(_search):
        raise Unreachable("shelf", "shelf: no answer")

    ledger.count = silent
    (found,) = looked_for(store, ledger, item("3"))
    assert (found.outcome, found.because) == ("not found", "shelf: no answer")
    (found,) = looked_for(store, ledger, item("3"), silent={"main"})
    assert found.because == "the source did not answer in this run"


def test_one_record_is_asked_for_once_however_many_searches_look_for_it(store, ledger):
    for name in ("main", "second"):
        sweep(store, ledger, name, "some")
    assert [each.outcome for each in looked_for(store, ledger, item("3"))] == ["not matched"] * 2
    assert ledger.counted == ["key=3"]
