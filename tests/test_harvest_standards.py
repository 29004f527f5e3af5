"""Every rule of every standard: met by one clean review, not met by the same review with one thing spoilt."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from reviews import harvest, told, write
from terminal import copied, harvested, served

from db.errors import WrongUse
from db.facts import Search
from db.notice import Notice
from harvest.notices_review import Paper
from harvest.press import CHECKS, Finding, Severity
from harvest.project.settings import ReviewFile
from harvest.reports.facts import Searched, Visit
from harvest.reports.prisma_s import TITLES, Item, Said
from harvest.standards import STANDARDS, Verdict, explanation, page, rule_named, standard_named
from harvest.standards import told as in_words
from harvest.standards.catalogue import of_facts
from harvest.standards.facts import Cited, Facts, Run, Selection, done, named, stated
from harvest.strategy.filters import known_filters
from screen.agree import ReportState
from screen.plan import FULL_TEXT, TITLE, Plan

TODAY = date(2026, 11, 22)
SAID = {
    "title": "A review",
    "question": "Does it help?",
    "protocol": {"registration": "CRD42026000001"},
    "criteria": {
        "population": "infants",
        "exclude": [
            {"code": "design", "reason": "Not a controlled trial"},
            {"code": "no-outcome", "reason": "The outcome was not measured"},
        ],
    },
    "methods": {
        "browsing": "Websites of two charities",
        "citations": "Reference lists of included studies and of three reviews",
        "contacts": "Authors of included studies were asked",
        "other": "Theses: ProQuest",
    },
    "screening": {"reviewers": ["ana", "ben"], "arbiter": "cleo"},
    "schedule": {"every": "monthly", "day": 1, "trigger": "A new included study"},
    "notices": {"crossref": True},
}
FILTER = known_filters()["cochrane-rct-pubmed-sensitive"]


def searched(name, label, *, register=False, source="file", on="2026-11-01", **more):
    """A search that was made."""
    kept = Search(name, source, "infant", b"infant[tiab]\n")
    return Searched(
        name=name, source=source, plan=None, label=label, register=register, platform="Ovid", endpoint="",
        wording=kept, edited=False, searched=on, translation="", warnings=(), lines=(), records=2, reports=2,
        filters=more.get("filters", ()), visits=(Visit(1, on, 2, 2, 2),),
    )  # fmt: skip


def state(outcome, reason="", voters=("ana", "ben")):
    """A report on which these people agree."""
    if outcome in ("include", "exclude", "unsure"):
        reasons = dict.fromkeys(voters, reason) if outcome == "exclude" else {}
        return ReportState(outcome, dict.fromkeys(voters, outcome), reasons=reasons)
    return ReportState(outcome, {"ana": "include", "ben": "exclude"})


def item(number, *missing):
    """One of the sixteen, with or without something missing."""
    says = [Said("", "x", "it is said"), *(Said("", "x", text, missing=True) for text in missing)]
    return Item(number, TITLES[number - 1], tuple(says))


SELECTION = Selection(
    records=7,
    study_of={1: 1, 2: 2, 3: 3, 4: 3, 5: 5, 6: 6},
    titles={
        **{report: state("include") for report in (1, 2, 3, 4)},
        5: state("exclude", "design"),
    },
    full_texts={1: state("include"), 2: state("exclude", "design"), 3: state("include")},
    title_plan=Plan(2, ("ana", "ben"), TITLE),
    full_text_plan=Plan(2, ("ana", "ben"), FULL_TEXT),
    retrieved={1: "retrieved", 2: "retrieved", 3: "retrieved", 4: "not retrieved"},
    waiting={6},
    doubtful={5},
    reread={6},
)
CLEAN = Facts(
    review=ReviewFile(**SAID),
    searches=(
        searched("pubmed", "PubMed", source="pubmed", filters=(FILTER,)),
        searched("central", "CENTRAL"),
        searched("embase", "Embase"),
        searched("psycinfo", "APA PsycInfo"),
        searched("register", "ClinicalTrials.gov", source="clinicaltrials", register=True),
        searched("who", "ICTRP", register=True),
    ),
    appendix=tuple(item(number) for number in range(1, 17)),
    selection=SELECTION,
    cited={1: Cited("A trial", 2001), 3: Cited("Another", 2003)},
    doubts={},
    papers=(),
    status_page="| searched (UTC) |\n| --- |\n| 2026-11-01 | all |\n",
    runs=(Run(2, frozenset({"2026-11-01"})), Run(1, frozenset({"2026-10-01"}))),
    today=TODAY,
    broken=(),
    due=date(2026, 12, 1),
)


def selection(**changes):
    return replace(CLEAN, selection=replace(SELECTION, **changes))


def review(table, **changes):
    return replace(CLEAN, review=ReviewFile(**{**SAID, table: {**SAID[table], **changes}}))


def lacking(number):
    made = [*CLEAN.appendix]
    made[number - 1] = item(number, "not stated")
    return replace(CLEAN, appendix=tuple(made))


def without(*names):
    return replace(CLEAN, searches=tuple(s for s in CLEAN.searches if s.name not in names))


def undated(name, on=""):
    searches = tuple(replace(s, searched=on) if s.name == name else s for s in CLEAN.searches)
    return replace(CLEAN, searches=searches)


def doubted(code, severity=None):
    check = CHECKS[code]
    doubt = Finding(check, severity or check.severity, "odd", "", "pubmed.txt", 1, 1, 1, 2)
    return replace(CLEAN, doubts={"pubmed": [doubt]})


def retracted(report):
    said = (Notice(report, "retraction", "pubmed", "RetractionIn", "Lancet 2020"),)
    return replace(CLEAN, papers=(Paper(report, "A trial", "retraction", said, ("ana",), excluded=False),))


FULL = SELECTION.full_texts
FAILING = {
    "P5": [review("criteria", population="<who>"), review("criteria", exclude=[])],
    "P5a": [selection(full_texts=FULL | {2: state("exclude", "whim")})],
    "P6": [undated("embase"), replace(CLEAN, searches=())],
    "P7": [lacking(8), lacking(9), lacking(10)],
    "P8": [review("screening", reviewers=["ana"]), review("screening", arbiter="")],
    "P16a": [
        replace(CLEAN, broken=("screened = excluded + sought",)),
        selection(titles={**SELECTION.titles, 2: state("exclude", "design")}),
        selection(retrieved={**SELECTION.retrieved, 1: "not retrieved"}),
        selection(retrieved={**SELECTION.retrieved, 5: "sought"}),
    ],
    "P16a2": [
        selection(waiting=set()),
        selection(full_texts={1: FULL[1]}),
        selection(study_of={}, titles={}, full_texts={}),
    ],
    "P16b": [selection(full_texts=FULL | {2: state("exclude")})],
    "P17": [replace(CLEAN, cited={1: Cited("A trial", None)})],
    "P24a": [review("protocol", registration=" ")],
    **{f"PS{number}": [lacking(number)] for number in range(1, 17)},
    "M-C24": [without("central"), without("pubmed"), without("embase"), undated("central")],
    "M-C25": [without("psycinfo")],
    "M-C27": [without("register"), without("who")],
    "M-C28": [review("methods", browsing="Not done.", other="none")],
    "M-C30": [review("methods", citations="not done"), review("methods", citations="")],
    "M-C31": [review("methods", contacts="")],
    "M-C32": [doubted("S101", Severity.ERROR)],
    "M-C33": [doubted("S802"), doubted("S601"), replace(CLEAN, searches=())],
    "M-C34": [doubted("S704")],
    "M-C35": [lacking(9), doubted("S706")],
    "M-C36": [lacking(13)],
    "M-C37": [undated("who", "2025-11-20"), undated("who"), undated("who", "2025")],
    "M-C38": [selection(waiting=set())],
    "M-C39": [
        selection(full_text_plan=Plan(1)),
        review("screening", arbiter=""),
        selection(full_texts=FULL | {1: state("include", voters=("ana",))}),
    ],
    "M-C40": [
        review("criteria", exclude=[{"code": "data", "reason": reason}])
        for reason in (
            "No usable data",
            "Outcome data not reported: insufficient data",
            "No outcomes reported",
        )
    ],
    "M-C41": [
        selection(full_texts=FULL | {2: state("exclude")}),
        selection(retrieved={**SELECTION.retrieved, 5: "sought"}),
    ],
    "M-C42": [selection(doubtful={3})],
    "M-C48": [retracted(1)],
    "L-1": [review("schedule", every=None)],
    "L-2": [review("schedule", trigger="")],
    "L-3": [
        replace(CLEAN, due=date(2026, 11, 1)),
        replace(CLEAN, due=None, runs=()),
        replace(CLEAN, due=None),
    ],
    "L-5": [replace(CLEAN, status_page=""), replace(CLEAN, runs=())],
    "L-6": [selection(waiting=set())],
    "L-7": [review("schedule", ended="2026-11-01")],
}
UNSEEN = {"P24c", "P27", "M-C26", "M-C29", "M-C32", "L-4", "L-8"}
RULES = {rule.code: rule for standard in STANDARDS.values() for rule in standard.rules}


@pytest.mark.parametrize("name", STANDARDS)
def test_a_clean_review_meets_every_rule_that_can_be_seen(name):
    findings = of_facts(STANDARDS[name], CLEAN)
    said = {f.rule.code: f.judgement.verdict for f in findings}
    assert {code for code, verdict in said.items() if verdict is Verdict.UNSEEN} == UNSEEN & said.keys()
    assert [in_words(f) for f in findings if f.judgement.verdict is Verdict.NOT_MET] == []
    assert not any(f.fails for f in findings)


def test_every_rule_has_a_review_that_does_not_meet_it_or_cannot_be_seen():
    assert FAILING.keys() | UNSEEN == RULES.keys()


@pytest.mark.parametrize(
    ("code", "spoilt"), [(code, facts) for code, reviews in FAILING.items() for facts in reviews]
)
def test_one_thing_spoilt_is_seen_with_what_to_do(code, spoilt):
    rule = RULES[code]
    said = rule.look(spoilt)
    assert said.verdict is Verdict.NOT_MET, said
    assert said.sentence.endswith(".")
    assert rule.todo


def test_codes_are_unique_and_every_rule_names_its_source():
    every = [rule for standard in STANDARDS.values() for rule in standard.rules]
    assert len({rule.code for rule in every}) == len(every)
    assert all(rule.title and rule.source and rule.sees and rule.todo.endswith(".") for rule in every)
    assert rule_named("m-c39") is RULES["M-C39"]
    assert rule_named("S204") is None
    with pytest.raises(WrongUse, match="there are prisma, mecir, lsr"):
        standard_named("prima")


# -- what lies between -------------------------------------------------------------------------------


def test_what_is_only_half_known_is_said_so():
    one_run = replace(CLEAN, selection=replace(SELECTION, reread=None))
    assert RULES["M-C38"].look(one_run).verdict is Verdict.UNSEEN
    nothing = selection(full_texts={})
    assert RULES["M-C48"].look(nothing).verdict is Verdict.UNSEEN
    plain = replace(CLEAN, searches=tuple(replace(s, filters=()) for s in CLEAN.searches))
    assert RULES["M-C34"].look(plain).verdict is Verdict.UNSEEN
    live = without("central", "embase", "psycinfo", "who", "register")
    asked = replace(live, searches=tuple(replace(s, source="pubmed") for s in live.searches))
    assert RULES["L-4"].look(asked).verdict is Verdict.MET
    assert "1 November" not in RULES["L-4"].look(CLEAN).sentence


def test_without_access_to_embase_a_statement_is_enough():
    absent = without("embase")
    said = {**SAID, "methods": {**SAID["methods"], "other": "Nobody of us has access to Embase"}}
    judged = RULES["M-C24"].look(replace(absent, review=ReviewFile(**said)))
    assert (judged.verdict, judged.sentence) == (
        Verdict.MET,
        "Each of them was searched. Embase: see what [methods] says of it.",
    )


def test_advice_alone_does_not_say_that_a_search_is_wrongly_built():
    assert RULES["M-C32"].look(doubted("S101", Severity.ADVICE)).verdict is Verdict.UNSEEN


def test_a_search_of_ten_months_ago_is_met_and_warned_about():
    said = RULES["M-C37"].look(undated("who", "2026-01-10"))
    assert said.verdict is Verdict.MET
    assert "time to plan the next one" in said.sentence


def test_a_living_review_that_ended_needs_a_reason_and_no_further_search():
    over = review("schedule", ended="2026-11-01", ended_because="The question is answered")
    assert RULES["L-7"].look(over).verdict is Verdict.MET
    assert RULES["L-3"].look(replace(over, due=date(2026, 1, 1))).verdict is Verdict.MET


def test_an_outcome_that_was_not_measured_is_a_reason_like_any_other():
    for reason in ("The outcome was not measured", "No relevant outcomes", "Not a controlled trial"):
        facts = review("criteria", exclude=[{"code": "x", "reason": reason}])
        assert RULES["M-C40"].look(facts).verdict is Verdict.MET, reason


def test_the_flow_says_its_sums():
    assert RULES["P16a"].look(CLEAN).evidence == (
        "7 records = 1 duplicates + 6 reports",
        "6 reports = 1 excluded + 4 sought + 1 not settled",
        "4 sought = 1 not retrieved + 1 excluded + 2 included + 0 not settled",
    )


def test_words_of_a_finding():
    (finding,) = [f for f in of_facts(STANDARDS["mecir"], without("psycinfo")) if f.rule.code == "M-C25"]
    assert next(in_words(finding)).startswith("not met: M-C25 Specialist databases (desirable): Only CENTRAL")
    assert not finding.fails
    assert finding.to_dict()["verdict"] == "not met"
    (short,) = [f for f in of_facts(STANDARDS["prisma"], undated("who")) if f.rule.code == "P6"]
    assert list(in_words(short))[1].strip() == "who"
    assert "was not read" in explanation(RULES["L-1"])
    assert "Desirable" in explanation(RULES["M-C25"])
    assert named(list(range(1, 31)))[-2:] == ("H000020", "and 10 more")


def test_silence_is_no_statement_and_not_done_is_no_search():
    assert [stated(text) for text in ("", " ", "<who>", "not done")] == [False, False, False, True]
    assert [done(text) for text in ("", "Not done.", "None", "No", "none of the authors answered")] == [
        False, False, False, False, True,
    ]  # fmt: skip


def test_the_page_lists_every_rule():
    text = page()
    assert all(f"| {code} |" in text for code in RULES)
    assert "(not read)" in text


# -- the command -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return harvested(tmp_path_factory.mktemp("standards") / "review")


@pytest.fixture
def folder(once, tmp_path):
    return copied(once, tmp_path / "review")


def test_the_command_ends_with_4_and_says_what_to_do(once):
    done_ = harvest(once, "check", "prisma", code=4)
    assert (
        "not met: P8 Selection process: Two or more vote on each report, and nobody is named" in done_.stdout
    )
    assert (
        done_.stdout.index("not met") < done_.stdout.index("cannot be seen") < done_.stdout.index("\nmet: ")
    )
    assert "only people can judge" in done_.stderr
    rows = told(once, "check", "mecir", code=4)
    assert [row["code"] for row in rows][:2] == ["M-C24", "M-C25"]
    assert {row["verdict"] for row in rows} == {verdict.value for verdict in Verdict}
    harvest(once, "check", "rob2", code=2)


def test_a_living_review_passes_and_a_second_run_is_seen(folder):
    toml = folder / "review.toml"
    toml.write_text(toml.read_text() + '\n[schedule]\nevery = "daily"\ntrigger = "Any included study"\n')
    with_page = folder / "reports"
    with_page.mkdir(exist_ok=True)
    day = told(folder, "db", "sql", "SELECT substr(started_at, 1, 10) AS day FROM run")[0]["day"]
    (with_page / "STATUS.md").write_text(f"| {day} | all |\n")
    harvest(folder, "check", "lsr")
    assert "L-5" in harvest(folder, "check", "lsr").stdout
    assert "M-C38" in harvest(folder, "check", "mecir", code=4).stdout


def test_what_a_second_run_brought_has_to_be_settled(tmp_path):
    folder = tmp_path / "review"
    with served() as server:
        write(folder, server.pubmed_url, server.trials_url)
        harvest(folder, "run")
        assert rerun(folder)["verdict"] == "cannot be seen by software"
        harvest(folder, "run")
    assert rerun(folder)["sentence"] == "All 0 reports of the newest run are settled or put aside."


def rerun(folder):
    (row,) = [row for row in told(folder, "check", "mecir", code=4) if row["code"] == "M-C38"]
    return row


def test_a_rule_is_explained_by_its_code(tmp_path):
    assert "who decided on each full text" in harvest(tmp_path, "check", "--explain", "m-c39").stdout
    assert told(tmp_path, "check", "--explain", "P16a")["mandatory"] is True
    assert "S204" in harvest(tmp_path, "check", "--explain", "S204").stdout
