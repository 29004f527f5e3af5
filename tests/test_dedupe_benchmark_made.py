"""What the deduplication is measured with besides real sets: `related.py`, `lookalikes.py`; and its curve."""

import csv
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from importlib import import_module
from random import Random

import labelled_papers
import pytest
from labelled_papers import papers


@pytest.fixture(scope="module", autouse=True)
def _beside_each_other():
    with labelled_papers.found():
        yield


@pytest.fixture
def part(_beside_each_other):
    return import_module


@pytest.fixture
def written(part, tmp_path):
    """Writes a labelled set."""
    return labelled_papers.writer(tmp_path / "sets")


# -- related papers -------------------------------------------------------------------------------------


def test_partners_are_related_and_not_the_same(part):
    related = part("related")
    made = list(related.made(papers(40), 3))
    assert Counter(pair.kind for pair in made) == dict.fromkeys(related.KINDS, 3)
    ids = [row["id"] for pair in made for row in (pair.original, pair.partner)]
    assert len(set(ids)) == len(ids)
    for pair in made:
        a, b = pair.original, pair.partner
        place = ("year", "volume", "journal", "pages", "entrytype")
        assert any(a.get(field) != b.get(field) for field in place), pair.kind
        assert not (a["doi"] and a["doi"] == b["doi"])
    assert [pair.partner for pair in made] == [pair.partner for pair in related.made(papers(40), 3)]
    assert [pair.partner for pair in made] != [pair.partner for pair in related.made(papers(40), 3, seed=1)]


def test_only_papers_of_different_clusters_get_partners(part, written):
    related = part("related")
    some = papers(6)
    some[5]["title"] = "Erratum: " + some[5]["title"]
    folder = written("one", some, "aabcde")
    assert {row["id"] for row in related.originals(folder)} == {"r000", "r002", "r003", "r004"}
    with pytest.raises(SystemExit, match="ask for fewer"):
        list(related.made(related.originals(folder), 1))


def test_a_set_of_related_papers_says_that_all_are_different(part, written, tmp_path, capsys):
    folder = written("one", papers(30), map(str, range(30)))
    assert part("related").main([str(folder), str(tmp_path / "made"), "--per-kind", "2"]) == 0
    assert "22 pairs of 11 kinds" in capsys.readouterr().out
    one = part("labelled").labelled(tmp_path / "made" / "records.csv", tmp_path / "made" / "truth.csv")
    assert len(set(one.truth.values())) == len(one.truth) == 44
    with (tmp_path / "made" / "pairs.csv").open(encoding="utf-8") as pairs:
        assert {pair["a"] for pair in csv.DictReader(pairs)} < one.truth.keys()


# -- synthetic sets -------------------------------------------------------------------------------------


@pytest.fixture
def corpus(part, written, tmp_path):
    folder = written("one", papers(40), map(str, range(40)))
    (tmp_path / "more").mkdir()
    told = "record_id,title\n1,Sleep of infants in the clinic and the village\n"
    (tmp_path / "more" / "titles.csv").write_text(told, encoding="utf-8")
    return part("corpus").learned(folder, [tmp_path / "more"])


def test_synthetic_records_are_the_same_every_time(part, corpus):
    lookalikes = part("lookalikes")
    assert corpus.titles == 41
    first = list(lookalikes.records(corpus, 300))
    assert first == list(lookalikes.records(corpus, 300))
    assert first != list(lookalikes.records(corpus, 300, seed=1))


def test_duplicates_of_a_paper_stand_in_different_databases(part, corpus):
    lookalikes = part("lookalikes")
    made = list(lookalikes.records(corpus, 1500))
    found = defaultdict(list)
    for row, paper in made:
        found[paper].append(row)
    assert len(made) == len({row["id"] for row, _ in made}) == 1500
    assert 0.35 < 1 - len(found) / len(made) < 0.5
    for copies in found.values():
        assert len({row["source"] for row in copies}) == len(copies) <= 5
        assert len({row["authors"].count(";") for row in copies}) == 1
        assert len({row["doi"] for row in copies if row["doi"]}) <= 1
        assert len({row["volume"] for row in copies if row["volume"]}) <= 1
    clean = {copies[0]["title"].rstrip(".").casefold() for copies in found.values()}
    assert len(clean) == len(found)


def test_databases_write_in_their_ways(part):
    lookalikes = part("lookalikes")
    paper = lookalikes.Paper(
        7, "Müde Kinder: a cohort study of sleep", (("Götz", "Änne"),), "Journal of Clinical Oncology", 2001, 5, 2, 637, 641,
        "10.5555/x", "We asked. " * 200,
    )  # fmt: skip
    pubmed, embase, _, wos, psycinfo = (
        lookalikes.told(paper, one, Random(3)) for one in lookalikes.DATABASES
    )
    assert (pubmed["pages"], embase["pages"], psycinfo["pages"]) == ("637-41", "637-641", "637")
    assert (pubmed["authors"], embase["authors"], psycinfo["authors"]) == (
        "Götz, Ä.",
        "Gotz, A.",
        "Götz, Änne",
    )
    assert (pubmed["journal"], wos["journal"]) == ("J Clin Oncol", "JOURNAL OF CLINICAL ONCOLOGY")
    assert (pubmed["pmid"], embase["pmid"]) == ("10000007", "")
    assert len(wos["abstract"]) in {0, 1200}


def test_a_synthetic_set_has_its_truth_beside_it(part, written, tmp_path, capsys):
    labelled, lookalikes = part("labelled"), part("lookalikes")
    folder = written("one", papers(40), map(str, range(40)))
    assert lookalikes.main([str(folder), str(tmp_path / "made"), "--records", "200"]) == 0
    assert "200 records learned from 40 titles" in capsys.readouterr().out
    one = labelled.labelled(tmp_path / "made" / "records.csv", tmp_path / "made" / "truth.csv")
    truth = {
        row["id"]: f"p{paper:08}" for row, paper in lookalikes.records(part("corpus").learned(folder), 200)
    }
    assert one.truth == truth
    stored, arriving = lookalikes.parted(one.records, 30)
    there, new = ([row["id"] for row in labelled.rows(path)] for path in (stored, arriving))
    assert (len(there), len(new), set(there) | set(new)) == (170, 30, set(truth))


# -- the curve ------------------------------------------------------------------------------------------


def test_the_exponent_of_a_power_law(part):
    exponent = part("curve").exponent
    assert exponent([(n, 0.001 * n**1.5) for n in (1000, 5000, 90_000)]) == pytest.approx(1.5)
    assert exponent([(1000, 2.0)]) is None


def test_the_picture_is_xml(part):
    svg = part("curve").svg
    drawn = ET.fromstring(
        svg({"ours & co": [(2000, 0.5), (20_000, 6.0)], "<peer>": [(2000, 14.0)]}, "Cost < time")
    )
    names = [element.tag.rpartition("}")[2] for element in drawn.iter()]
    assert (names.count("circle"), drawn[0].text) == (3, "Cost < time")
    words = [element.text for element in drawn.iter() if element.tag.endswith("text")]
    assert "ours & co: records to the power of 1.08" in words
    assert "<peer>" in words
    with pytest.raises(ValueError, match="nothing to plot"):
        svg({}, "")
