from dataclasses import fields

import pytest
from pairs import ABSTRACT, PAPER, doi, evidence, paper, pmid, registration, trial

from db.record import Author, Identifier, Record, Section
from dedupe import compare as module
from dedupe.compare import compare
from dedupe.normal import form

SILENT = Record(source="file:x", key="9")


def test_a_silent_record_agrees_with_nothing_and_contradicts_nothing():
    for other in (SILENT, PAPER):
        found = evidence(SILENT, other)
        assert {
            found.title,
            found.title_sorted,
            found.title_exact,
            found.authors,
            found.journal,
            found.abstract,
        } == {None}
        assert {
            found.volume,
            found.issue,
            found.start,
            found.end,
            found.doi,
            found.pmid,
            found.years_apart,
        } == {None}


def test_the_same_said_twice_agrees_in_everything():
    found = evidence(PAPER, paper(abstract=ABSTRACT))
    assert (found.title, found.title_sorted, found.title_part, found.authors) == (1, 1, 1, 1)
    assert all(
        [
            found.title_exact,
            found.first_author,
            found.journal,
            found.volume,
            found.issue,
            found.start,
            found.end,
        ]
    )
    assert (found.years_apart, found.abstract, found.swap) == (0, None, False)


def test_batches_keep_the_order_of_the_pairs(monkeypatch):
    monkeypatch.setattr(module, "BATCH", 2)
    forms = {number: form(number, paper()) for number in range(4)}
    pairs = [(2, 3), (0, 1), (1, 3), (0, 3), (0, 2)]
    assert [(found.a, found.b) for found in compare(forms, iter(pairs))] == pairs
    assert list(compare(forms, [])) == []


def test_features_can_be_kept():
    features = evidence(PAPER, paper(volume="183", issue="")).features()
    assert features["title"] == 1
    assert features["volume"] is False
    assert "issue" not in features
    assert not {"a", "b"} & features.keys()
    assert all(isinstance(value, (str, float, int, bool)) for value in features.values())
    assert {field.name for field in fields(module.Evidence)} > features.keys()


def test_half_a_point_below_a_threshold_stays_below():
    found = evidence(PAPER, paper(title=PAPER.title + " ab"))
    assert found.title == pytest.approx(2 * 77 / (2 * 77 + 2), abs=0.01)
    assert 0 < found.title < 1


@pytest.mark.parametrize(
    ("one", "other", "swap"),
    [
        ("plasma-sensitive syndrome in adults", "plasma-resistant syndrome in adults", True),
        ("behaviour therapy in adults", "behavior therapy in adults", False),
        ("behaviour therapy for the adults", "behaviour therapy in adults", False),
        ("fire management plan: fire topic", "fire management plan: invasives topic", True),
        ("follow-up of infants in Rome", "followup of infants in Rome", False),
        ("hepatitis B in infants", "hepatitis C in infants", True),
    ],
)
def test_words_exchanged_for_other_words(one, other, swap):
    assert evidence(paper(title=one), paper(title=other)).swap is swap


@pytest.mark.parametrize(
    ("one", "other", "numbers"),
    [
        ("Touch in infants: part I", "Touch in infants: part II", False),
        ("Touch in infants", "Touch in infants: part II", False),
        ("Touch in infants", "Touch in infants: a randomised controlled phase 3 trial in Rome", None),
        ("Touch in 3 infants", "Touch in three infants", True),
        ("Touch", "Touch", None),
        ("Touch in 3 infants", "", None),
    ],
)
def test_numbers_of_titles(one, other, numbers):
    assert evidence(paper(title=one), paper(title=other)).numbers is numbers


def test_a_title_that_is_a_part_of_another():
    cut = evidence(PAPER, paper(title=PAPER.title.split(":")[0]))
    assert cut.title_part == 1
    slip = evidence(PAPER, paper(title=PAPER.title.split(":")[0].replace("postnatal", "postnatel")))
    assert 0.9 < slip.title_part < 1
    assert evidence(PAPER, paper(title="Blood pressure in hamsters")).title_part == 0


@pytest.mark.parametrize(
    ("one", "other", "start", "end"),
    [
        ("637-41", "637-641", True, True),
        ("637-41", "637", True, None),
        ("637-41", "737-41", False, False),
        ("637-41", "641", None, None),
        ("637-41", "638-41", None, True),
        ("1-17", "566-582", None, None),
        ("1-17", "1-17", True, True),
        ("1-17", "1-18", None, None),
        ("S12", "12", None, None),
        ("S12", "85", False, None),
        ("c1804", "1014", None, None),
        ("e637", "637-641", None, None),
        ("", "637-641", None, None),
    ],
)
def test_pages(one, other, start, end):
    found = evidence(paper(pages=one), paper(pages=other))
    assert (found.start, found.end) == (start, end)


@pytest.mark.parametrize(
    ("one", "other", "volume", "issue"),
    [
        (("59", "1"), ("59", "1-2"), True, True),
        (("59", "1"), ("59", "2"), True, False),
        (("59", "8 Suppl 1"), ("59", "Supplement 1"), True, True),
        (("59", "Suppl"), ("59", "Suppl 1"), True, None),
        (("59", "Suppl 1"), ("1", ""), None, None),
        (("59", "3"), ("60", "3"), False, True),
        (("59", ""), ("", "3"), None, None),
    ],
)
def test_volume_and_issue(one, other, volume, issue):
    found = evidence(paper(volume=one[0], issue=one[1]), paper(volume=other[0], issue=other[1]))
    assert (found.volume, found.issue) == (volume, issue)


def test_authors_in_other_orders_and_with_slips():
    found = evidence(PAPER, paper(authors=(Author("Murray, L"), Author("P. Cooper"))))
    assert (found.first_author, found.authors, found.authors_few) == (False, 1, 2)
    assert evidence(PAPER, paper(authors=(Author("Coopers, P"), Author("Who, D")))).authors == 0.5


def test_a_shared_issn_is_a_shared_journal():
    found = evidence(paper(journal="Psychiatrie", issns=("0007-1250",)), paper(issns=("0007-1250",)))
    assert found.journal is True
    assert evidence(paper(journal="Diabetes"), paper(journal="Diabetes Care")).journal is None
    assert evidence(paper(journal="Diabetes"), paper(journal="Stroke")).journal is False


def test_abstracts_are_compared_as_far_as_the_shorter_goes():
    cut = (Section(ABSTRACT[0].text[:200]),)
    assert evidence(paper(abstract=ABSTRACT), paper(abstract=cut)).abstract == 1
    assert evidence(paper(abstract=ABSTRACT), paper(abstract=(Section("Too short."),))).abstract is None


def test_identifiers():
    found = evidence(
        paper(identifiers=doi("10.1000/a", "10.1000/b") + pmid("1")),
        paper(identifiers=doi("10.1000/B") + pmid("2")),
    )
    assert (found.doi, found.pmid) == (True, False)


def test_a_title_agrees_with_the_original_of_its_translation():
    found = evidence(
        paper(vernacular_title="Psychothérapie mère-enfant"), paper(title="Psychotherapie mere-enfant")
    )
    assert found.title_exact
    assert found.title == 1


@pytest.mark.parametrize(
    ("one", "other", "tie"),
    [
        (registration("NCT00000001"), registration("NCT00000001", source="file:ictrp"), "own"),
        (
            registration("NCT00000001"),
            registration("X", identifiers=trial("NCT00000001", "secondary")),
            "secondary",
        ),
        (registration("NCT00000001"), paper(identifiers=trial("NCT00000001")), "databank"),
        (
            registration("NCT00000001"),
            paper(identifiers=trial("NCT00000001") + trial("NCT00000002")),
            "several",
        ),
        (registration("NCT00000001"), paper(title="Touch (NCT00000001)"), "statement"),
        (registration("NCT00000001"), paper(identifiers=trial("NCT00000002")), ""),
        (paper(identifiers=trial("NCT00000001")), paper(identifiers=trial("NCT00000001")), "own"),
        (
            registration("NCT00000001"),
            paper(identifiers=(Identifier("nct", "NCT00000001", "reference"),)),
            "",
        ),
    ],
)
def test_registration_numbers(one, other, tie):
    assert evidence(one, other).trial == evidence(other, one).trial == tie
