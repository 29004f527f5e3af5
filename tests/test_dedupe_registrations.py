"""One trial is one thing: its registrations become one study in any order, and each register keeps its words."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.facts import Page, Request, Search
from db.record import Identifier, Intervention, Record, Trial
from db.store import Store
from dedupe.merge import fullest_trial, merged
from dedupe.registrations import registered
from dedupe.steps import deduplicate
from harvest.readers import read
from harvest.sources import clinicaltrials_json, ctis_json, isrctn_xml

DATA = Path(__file__).parent / "data"
REAL = {
    record.key: record
    for record in (
        *isrctn_xml.read((DATA / "isrctn" / "two_trials.xml").read_bytes()),
        *ctis_json.read((DATA / "ctis" / "retrieve.json").read_bytes()),
        *clinicaltrials_json.read((DATA / "clinicaltrials" / "get_nct02576665.json").read_bytes()),
        *read((DATA / "euctr" / "full.txt").read_bytes(), "full.txt", "file:euctr").records,
        *read((DATA / "ictrp" / "portal.xml").read_bytes(), "portal.xml", "file:ictrp").records,
    )
    if isinstance(record, Record)
}


def registration(source: str, scheme: str, number: str, *others: tuple[str, str], **said: object) -> Record:
    """What a source says under a register's number, and other registers' numbers that it names."""
    names = (Identifier(scheme, number), *(Identifier(*other, "secondary") for other in others))
    return Record(source, number, kind="registration", identifiers=names, trial=Trial(**said))


def passed_on(record: Record) -> Record:
    """The same registration as the WHO's portal hands it on: under the number, with little else."""
    own = next(i for i in record.identifiers if i.origin == "" and i.scheme not in ("doi", "accession"))
    prefix = "EUCTR" if own.scheme == "eudract" else ""
    return Record(
        "file:ictrp",
        prefix + own.value,
        kind="registration",
        title=record.title,
        identifiers=(own,),
        trial=Trial(status="Recruiting"),
    )


@contextmanager
def opened():
    with TemporaryDirectory() as folder, Store.open(Path(folder) / "review.db") as store:
        store.begin_fetch(store.begin_run("run", "test"), store.search_id(Search("main", "pubmed", "x")))
        yield store


def arrive(*batches: list[Record]):
    """Keep batch after batch, deduplicating after each; groups of (source, key): reports, then studies."""
    with opened() as store:
        names = {}
        for batch in batches:
            page = store.add_page(1, Page("records", b"x", Request("GET", "https://example.org")))
            for record in batch:
                number = store.add_records(page, "test 1", [record]).numbers[record.key]
                names[number] = (record.source, record.key)
            deduplicate(store)
        groups = store.membership()
        return tuple(
            {
                frozenset(names[n] for n in groups if groups[n][level] == lead)
                for lead in {g[level] for g in groups.values()}
            }
            for level in (0, 1)
        )


def named(*records: Record) -> frozenset[tuple[str, str]]:
    return frozenset((record.source, record.key) for record in records)


# -- one study, in any order ---------------------------------------------------------------------------

ISRCTN = REAL["ISRCTN62918594"]
"""It names NCT05057013 and EudraCT 2020-005891-36."""
NCT = registration("clinicaltrials", "nct", "NCT05057013", enrollment=24)
EUDRACT = registration("file:euctr", "eudract", "2020-005891-36", enrollment=25)
CTIS = REAL["2023-505613-24-00"]
"""It names NCT04665037 and EudraCT 2019-003842-34."""
CTIS_NCT = registration("clinicaltrials", "nct", "NCT04665037")
CTIS_EUDRACT = registration("file:euctr", "eudract", "2019-003842-34")
OTHERS = (REAL["ISRCTN54285094"], REAL["NCT02576665"])

trials = [
    *(ISRCTN, passed_on(ISRCTN), NCT, passed_on(NCT), EUDRACT, passed_on(EUDRACT)),
    *(CTIS, passed_on(CTIS), CTIS_NCT, CTIS_EUDRACT, passed_on(CTIS_EUDRACT)),
    *OTHERS,
]


@given(st.permutations(trials), st.integers(1, len(trials)))
@settings(max_examples=25, deadline=None)
def test_real_registrations_are_one_study_whatever_order_they_arrive_in(order, size):
    batches = [order[at : at + size] for at in range(0, len(order), size)]
    reports, studies = arrive(*batches)
    assert named(ISRCTN, passed_on(ISRCTN)) in reports, "the portal's copy is the same report"
    assert named(NCT, passed_on(NCT)) in reports
    assert named(CTIS, passed_on(CTIS)) in reports
    assert studies == {
        named(ISRCTN, passed_on(ISRCTN), NCT, passed_on(NCT), EUDRACT, passed_on(EUDRACT)),
        named(CTIS, passed_on(CTIS), CTIS_NCT, CTIS_EUDRACT, passed_on(CTIS_EUDRACT)),
        *(named(other) for other in OTHERS),
    }


NUMBERS = (
    ("nct", "NCT05057013"),
    ("isrctn", "ISRCTN62918594"),
    ("eudract", "2020-005891-36"),
    ("drks", "DRKS00021186"),
)
SOURCES = {"nct": "clinicaltrials", "isrctn": "isrctn", "eudract": "file:euctr", "drks": "file:ictrp"}


@given(
    st.lists(st.sampled_from(["first names second", "second names first", "both"]), min_size=3, max_size=3),
    st.permutations(range(4)),
    st.integers(1, 4),
)
@settings(max_examples=25, deadline=None)
def test_it_does_not_matter_which_register_names_the_other(who, order, size):
    named_by = {number: [] for number in NUMBERS}
    for (one, other), direction in zip(pairwise(NUMBERS), who, strict=True):
        if direction != "second names first":
            named_by[one].append(other)
        if direction != "first names second":
            named_by[other].append(one)
    records = [registration(SOURCES[own[0]], *own, *others) for own, others in named_by.items()]
    shuffled = [records[place] for place in order]
    reports, studies = arrive(*(shuffled[at : at + size] for at in range(0, 4, size)))
    assert len(reports) == 4, "registrations in four registers are four reports"
    assert studies == {named(*records)}


def test_two_registrations_meet_in_a_number_that_both_name():
    universal = ("utn", "U1111-1272-2514")
    one = registration("clinicaltrials", "nct", "NCT05057013", universal)
    other = registration("isrctn", "isrctn", "ISRCTN62918594", universal)
    assert arrive([one], [other])[1] == {named(one, other)}


def test_a_number_that_is_added_later_joins_what_was_apart():
    silent = registration("isrctn", "isrctn", "ISRCTN62918594")
    told = registration("isrctn", "isrctn", "ISRCTN62918594", ("nct", "NCT05057013"))
    assert arrive([silent, NCT])[1] == {named(silent), named(NCT)}
    assert arrive([silent, NCT], [told])[1] == {named(told, NCT)}
    assert arrive([told, NCT], [silent])[1] == {named(silent), named(NCT)}, (
        "and one that is taken back parts it"
    )


def test_two_registrations_in_one_register_are_asked_about_though_they_name_each_other():
    main = registration("clinicaltrials", "nct", "NCT05057013")
    extension = registration("clinicaltrials", "nct", "NCT04665037", ("nct", "NCT05057013"))
    assert arrive([main, extension])[1] == {named(main), named(extension)}


def test_the_countries_of_one_eu_trial_are_one_report():
    spain, sweden = REAL["2022-002568-62-ES"], REAL["2022-002568-62-SE"]
    assert arrive([spain], [sweden])[0] == {named(spain, sweden)}
    trial = merged([sweden, spain]).trial
    assert trial is not None
    assert set(trial.countries) == {"Spain", "Sweden"}


def test_one_registration_from_two_portals_is_one_report():
    first = REAL["NCT04246242"]
    assert arrive([first], [replace(first, source="file:who")])[0] == {
        named(first, replace(first, source="file:who"))
    }


# -- the merged view -----------------------------------------------------------------------------------

AGGREGATED = Trial(
    status="Not recruiting",
    sponsor="Xiangya Hospital",
    minimum_age="18 Years",
    enrollment=500,
    enrollment_kind="TARGET",
)
AT_HOME = Trial(
    status="RECRUITING", enrollment=480, enrollment_kind="ACTUAL", design={"allocation": "RANDOMIZED"}
)


@pytest.mark.parametrize(
    "home", ["clinicaltrials", "isrctn", "file:euctr", "file:anzctr", "file:some-register"]
)
def test_the_home_register_beats_the_portal_and_never_blanks_what_the_portal_says(home):
    theirs = Record(
        "file:ictrp",
        "NCT1",
        kind="registration",
        title="From the portal",
        date="2020-01-27",
        trial=AGGREGATED,
    )
    ours = Record(home, "NCT1", kind="registration", title="At home", trial=AT_HOME)
    for order in ([theirs, ours], [ours, theirs]):
        view = merged(order)
        assert (view.source, view.title, view.date) == (home, "At home", "2020-01-27")
        assert view.trial is not None
        assert (view.trial.status, view.trial.sponsor, view.trial.minimum_age) == (
            "RECRUITING",
            "Xiangya Hospital",
            "18 Years",
        )
        assert (view.trial.enrollment, view.trial.enrollment_kind) == (480, "ACTUAL")


def test_a_size_keeps_the_word_for_what_it_is():
    silent = Trial(enrollment_kind="ACTUAL")
    view = fullest_trial([silent, None, AGGREGATED])
    assert view is not None
    assert (view.enrollment, view.enrollment_kind) == (500, "TARGET")
    assert fullest_trial([None]) is None
    assert fullest_trial([None, AT_HOME]) is AT_HOME
    both = fullest_trial([silent, Trial(results_posted=True)])
    assert both is not None
    assert both.results_posted


said = st.builds(
    Trial, status=st.sampled_from(["", "A", "B"]), sponsor=st.sampled_from(["", "S"]), sex=st.sampled_from(["", "All"]),
    phases=st.sampled_from([(), ("2",)]), conditions=st.sampled_from([(), ("x",)]), eligibility=st.sampled_from(["", "adults"]),
    interventions=st.sampled_from([(), (Intervention("drug"),)]), enrollment=st.sampled_from([None, 3]),
    countries=st.sampled_from([(), ("Peru",), ("Spain",)]), design=st.sampled_from([{}, {"masking": "none"}]), results_posted=st.booleans(),
)  # fmt: skip


@given(st.lists(said, min_size=1, max_size=4))
def test_nothing_that_anybody_says_is_blank_in_the_view(trials):
    view = fullest_trial(trials)
    empty = Trial()
    for field in fields(Trial):
        values = [getattr(trial, field.name) for trial in trials]
        nothing = getattr(empty, field.name)
        assert (getattr(view, field.name) == nothing) == all(value == nothing for value in values)


# -- which register said what --------------------------------------------------------------------------


def test_a_study_shows_its_trial_and_every_registers_own_words():
    paper = Record("pubmed", "1", title="Results of a trial", identifiers=(Identifier("pmid", "1"),))
    portal = passed_on(ISRCTN)
    study = registered([portal, paper, EUDRACT, NCT, ISRCTN])
    assert study is not None
    assert study.numbers == ("NCT05057013", "ISRCTN62918594", "2020-005891-36")
    assert study.elsewhere == ()
    assert study.title == ISRCTN.title
    assert (study.trial.enrollment, study.trial.sponsor) == (24, ISRCTN.trial.sponsor)
    sizes = {(each.source, each.value) for each in study.said["enrollment"]}
    assert sizes == {("clinicaltrials", 24), ("isrctn", ISRCTN.trial.enrollment), ("file:euctr", 25)}
    assert [each.source for each in study.said["status"]] == ["isrctn", "file:ictrp"]
    assert "enrollment" in study.disputed
    assert "title" not in study.disputed
    assert "minimum_age" not in study.disputed


def test_numbers_of_registers_from_which_nothing_came_are_told():
    study = registered([CTIS])
    assert study is not None
    assert study.elsewhere == ("2019-003842-34", "NCT04665037")


def test_a_study_without_a_registration_has_no_trial():
    assert registered([Record("pubmed", "1", title="Results")]) is None


@given(st.permutations([ISRCTN, passed_on(ISRCTN), NCT, EUDRACT]))
def test_the_view_of_a_study_does_not_depend_on_the_order(order):
    assert registered(order) == registered([ISRCTN, passed_on(ISRCTN), NCT, EUDRACT])
