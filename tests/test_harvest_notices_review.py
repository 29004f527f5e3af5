"""What became of the papers of a review: looked up in every run, kept once, told to whoever included them."""

from __future__ import annotations

import csv
import re
from dataclasses import replace

import pytest
import server_corpus as corpus
from reviews import harvest, rows, told, write
from server import Server
from stores import TITLE, answer, article, begun, opened
from test_harvest_notices import ABOUT_ANOTHER, LABELLED
from test_harvest_notices_watch import COLUMNS, ROW, written

from db.errors import Unreachable
from db.notice import Notice
from db.opinion import Decision
from db.record import Identifier, Relation
from harvest.notices_review import alarms, papers, recheck, said
from harvest.project import load, problems

DOI = "10.5555/paper.{}"
RETRACTED = (Relation("RetractionIn", "Lancet. 2010 Feb 6;375(9713):445", (Identifier("pmid", "99"),)),)


class Crossref:
    """Knows by DOI what became of papers; breaks off after so many batches."""

    def __init__(self, *notices, breaks_after=None):
        self.notices, self.breaks_after, self.asked = notices, breaks_after, []

    def ask(self, dois, carriers):
        for place, doi in enumerate(dois):
            if place == self.breaks_after:
                raise Unreachable("Crossref", "Crossref: api.crossref.org gave no answer.")
            self.asked.append(doi)
            yield [doi], [n for n in self.notices if n.record in carriers["doi", doi]]


def paper(number, **fields):
    names = (Identifier("pmid", str(number)), Identifier("doi", DOI.format(number)))
    return replace(article(str(number), f"Paper {number}", **fields), identifiers=names)


@pytest.fixture
def project(tmp_path):
    return load(write(tmp_path / "review"), environ={})


@pytest.fixture
def store(project):
    with opened(project.database) as store:
        begun(store)
        yield store


def keep(store, *records):
    with store.writing():
        kept = store.add_records(store.add_page(1, answer()), "pubmed 1", records)
    store.set_membership({n: (n, n) for n in store.numbers()} | {n: (n, n) for n in kept.all})
    return kept


def vote(store, number, verdict, *who, stage=TITLE):
    store.add_decisions([Decision(number, stage, name, verdict) for name in who])


def comes_to(store, project):
    return {paper.report: paper.kind for paper in papers(store, project)}


# -- kept once, told once ------------------------------------------------------------------------------


def test_what_the_records_say_is_kept_once_and_told_once(store, project):
    keep(
        store,
        paper(1, relations=RETRACTED),
        paper(2, relations=(Relation("ErratumIn", "BMJ. 2015;1:2"),)),
        paper(3),
    )
    first = recheck(store, project, 1)
    assert (first.added, [p.report for p in first.news], first.retracted) == (2, [1, 2], ())
    assert comes_to(store, project) == {1: "retraction", 2: "correction"}
    again = recheck(store, project, 1)
    assert (again.added, again.news) == (0, ())
    assert len(store.notices()) == 2


def test_a_source_that_takes_its_word_back_is_believed_and_what_it_said_stays(store, project):
    keep(store, paper(1, relations=RETRACTED))
    recheck(store, project, 1)
    keep(store, paper(1))
    assert recheck(store, project, 1).added == 1
    assert store.notices() == []
    keep(store, paper(1, relations=RETRACTED))
    assert recheck(store, project, 1).added == 1
    assert comes_to(store, project) == {1: "retraction"}
    assert len(store._rows("SELECT 1 FROM notice")) == 3


def test_a_changed_notice_is_one_more_row(store, project):
    keep(store, paper(1, relations=RETRACTED))
    recheck(store, project, 1)
    keep(store, paper(1, relations=(replace(RETRACTED[0], citation="Lancet. 2010 Feb 7;375(9713):445"),)))
    assert recheck(store, project, 1).added == 1
    assert [notice.date for notice in store.notices()] == ["2010-02-07"]


def test_an_included_study_that_is_retracted_is_an_alarm_whoever_included_which_record(store, project):
    keep(store, paper(1), paper(2, relations=RETRACTED), paper(3, relations=RETRACTED))
    store.set_membership({1: (1, 1), 2: (1, 1), 3: (3, 3)})
    vote(store, 1, "include", "ana", "ben")
    looked = recheck(store, project, 1)
    assert [p.report for p in looked.retracted] == [1]
    assert looked.retracted[0].included_by == ("ana", "ben")
    alarming, waiting = alarms(store, project)
    assert alarming == (
        "H000001 Paper 1: retracted (pubmed: RetractionIn, Lancet. 2010 Feb 6;375(9713):445; PMID 99; 2010-02-06), "
        "and ana, ben included it."
    )
    assert waiting == "1 report to be judged is retracted: `harvest report notices`."
    vote(store, 3, "exclude", "ana", "ben")
    assert list(alarms(store, project)) == [alarming]


def test_no_alarm_says_what_one_reviewer_said_while_another_has_yet_to_judge_alone(store, project):
    keep(store, paper(1, relations=RETRACTED))
    vote(store, 1, "include", "ana")
    looked = recheck(store, project, 1)
    assert looked.retracted == ()
    assert [p.included_by for p in looked.news] == [()]
    assert list(alarms(store, project)) == ["1 report to be judged is retracted: `harvest report notices`."]
    vote(store, 1, "include", "ben")
    (alarm,) = alarms(store, project)
    assert alarm.endswith("and ana, ben included it.")


@pytest.mark.parametrize(
    "word", ["ErratumIn", "ExpressionOfConcernIn", "RetractedandRepublishedIn", "CorrectedandRepublishedIn"]
)
def test_the_milder_three_are_never_told_as_a_retraction(store, project, word):
    keep(
        store, paper(1, relations=(Relation(word, "BMJ. 2015;1:2"),), publication_types=("Journal Article",))
    )
    vote(store, 1, "include", "ana", "ben")
    looked = recheck(store, project, 1)
    assert looked.retracted == ()
    (only,) = looked.news
    assert only.worth_telling
    assert not re.search(r": retracted \(", only.sentence)
    assert all(": retracted (" not in sentence for sentence in alarms(store, project))


def test_the_full_text_outranks_the_abstract(store, project):
    keep(store, paper(1, relations=RETRACTED))
    vote(store, 1, "include", "ana", "ben")
    vote(store, 1, "exclude", "ana", "ben", stage="full text")
    assert recheck(store, project, 1).retracted == ()
    (only,) = papers(store, project)
    assert (only.included_by, only.excluded, only.worth_telling) == ((), True, False)
    assert list(alarms(store, project)) == []


@pytest.mark.parametrize("word", [*LABELLED, *ABOUT_ANOTHER])
def test_every_word_of_the_sources_passes_the_sieve_and_a_plain_record_does_not(store, word):
    keep(
        store,
        paper(1),
        paper(2, relations=(Relation(word, "BMJ. 2015;1:2"),)),
        paper(3, relations=(Relation("CommentIn"),)),
    )
    assert [number for number, _ in store.speaking_of_notices()] == [2]


def test_types_titles_and_registrations_pass_the_sieve(store):
    link = Relation(
        "result", "Smith J 2015", (Identifier("pmid", "77"),), "retracted: PMID 88 (Lancet. 2016)"
    )
    keep(store, paper(1, publication_types=("Retracted Publication",)), replace(paper(2), title="RETRACTED: x"),
         paper(3, relations=(link,)))  # fmt: skip
    assert [number for number, _ in store.speaking_of_notices()] == [1, 2, 3]


# -- others who know -----------------------------------------------------------------------------------


def test_crossref_is_asked_about_included_studies_first_and_excluded_ones_last(store, project):
    keep(
        store,
        *(paper(n) for n in range(1, 5)),
        replace(paper(5), identifiers=(Identifier("doi", "10.5555/a,b"),)),
    )
    vote(store, 1, "exclude", "ana", "ben")
    vote(store, 3, "include", "ana", "ben")
    crossref = Crossref(Notice(3, "retraction", "Crossref (publisher)", "retraction"))
    looked = recheck(store, project, 1, crossref)
    assert crossref.asked == [DOI.format(n) for n in (3, 2, 4, 1)]
    assert [p.report for p in looked.retracted] == [3]
    assert looked.trouble == ("Crossref cannot be asked about 1 DOI, for a comma or a blank in them.",)


def test_crossref_that_breaks_off_fails_no_run_and_takes_nothing_back(store, project):
    keep(store, paper(1), paper(2))
    known = [Notice(n, "concern", "Crossref (publisher)", "expression_of_concern") for n in (1, 2)]
    recheck(store, project, 1, Crossref(*known))
    looked = recheck(store, project, 1, Crossref(breaks_after=1))
    assert "not all looked up (1 records were)" in looked.trouble[0]
    assert comes_to(store, project) == {2: "concern"}  # of 1 it was asked, and said nothing any more
    recheck(store, project, 1)
    assert comes_to(store, project) == {2: "concern"}


def test_the_retraction_watch_file_is_looked_at_when_it_is_there(store, project, tmp_path):
    keep(store, paper(1), paper(2))
    folder = project.folder
    toml = folder / "review.toml"
    toml.write_text(toml.read_text() + '\n[notices]\nretraction_watch = "retraction_watch.csv"\n')
    watching = load(folder, environ={})
    assert "was not looked at" in recheck(store, watching, 1).trouble[0]
    row = {"OriginalPaperDOI": DOI.format(2).upper(), "OriginalPaperPubMedID": "0"}
    path = written(folder / "retraction_watch.csv", row)
    assert [p.report for p in recheck(store, watching, 1).news] == [2]
    written(path, row, row | {"RetractionNature": "Reinstatement", "RetractionDate": "1/1/2012 0:00"})
    assert [p.kind for p in recheck(store, watching, 1).news] == ["reinstatement"]
    path.unlink()
    recheck(store, watching, 1)
    assert comes_to(store, project) == {2: "reinstatement"}  # nobody said otherwise
    assert ROW["Title"] in said(store.notices()[0])
    assert "Reason" in COLUMNS


@pytest.mark.parametrize(
    ("path", "warns"), [("retraction_watch.csv", True), ("../retraction_watch.csv", False)]
)
def test_a_retraction_watch_file_that_cannot_be_had_is_told_before_a_run(project, path, warns):
    toml = project.folder / "review.toml"
    toml.write_text(toml.read_text() + f'\n[notices]\nretraction_watch = "{path}"\n')
    (found,) = [p for p in problems(project.folder, {}) if p.place.startswith("notices")]
    assert found.warning is warns


# -- in a run ------------------------------------------------------------------------------------------


def with_link(pmid, position, kind, citation):
    link = f'<CommentsCorrections RefType="{kind}"><RefSource>{citation}</RefSource><PMID Version="1">{pmid}</PMID></CommentsCorrections>'
    body = re.sub(
        rb"<CommentsCorrectionsList.*?</CommentsCorrectionsList>",
        b"",
        corpus.article(position),
        flags=re.DOTALL,
    )
    return body.replace(
        b"</MedlineCitation>",
        f"<CommentsCorrectionsList>{link}</CommentsCorrectionsList></MedlineCitation>".encode(),
    )


@pytest.fixture
def server():
    with Server(corpus.articles(6), corpus.created(6), corpus.studies(1)) as running:
        running.pubmed.match("the", corpus.articles(6))
        running.trials.match("trial", corpus.studies(1))
        yield running


def test_a_run_ends_with_4_when_an_included_study_is_newly_retracted(tmp_path, server):
    review = write(tmp_path / "review", server.pubmed_url, server.trials_url)
    harvest(review, "run")
    name = told(review, "find", corpus.pmid(2))[0]["id"]
    other = told(review, "find", corpus.pmid(3))[0]["id"]
    for each in (name, other):
        for reviewer in ("ana", "ben"):
            harvest(review, "decide", each, "include", "--reviewer", reviewer)
    server.pubmed.put(
        with_link("12", 2, "RetractionIn", "J Test. 2026 May 1;1(1):3."), modified=corpus.day(400)
    )
    server.pubmed.put(with_link("13", 3, "ErratumIn", "J Test. 2026 May 1;1(1):4."), modified=corpus.day(400))
    server.pubmed.match("the", corpus.articles(6))
    ended = harvest(review, "run", code=4)
    assert f"ALARM: an included study: {name}" in ended.stderr
    assert "J Test. 2026 May 1;1(1):3.; PMID 12" in ended.stderr
    assert f"ALARM: an included study: {other}" not in ended.stderr
    assert f"{other} " in ended.stderr
    assert rows(review, "SELECT exit_code FROM run ORDER BY id DESC LIMIT 1") == [(4,)]
    again = told(review, "run")
    assert (again["exit_code"], again["notices"], again["retracted_includes"]) == (0, [], [])
    (alarm,) = [a for a in told(review, "status")["alarms"] if "retracted" in a]
    assert alarm.startswith(name)
    listed = told(review, "report", "notices")["rows"]
    assert [(row["report"], row["what it comes to"], row["included by"]) for row in listed] == [
        (name, "retracted", "ana, ben"), (other, "corrected", "ana, ben"),
    ]  # fmt: skip
    shown = harvest(review, "report", "notices").stdout
    assert shown.index("## Retracted") < shown.index(name) < shown.index("## Corrected") < shown.index(other)


def test_a_run_whose_crossref_does_not_answer_says_so_and_is_no_failure(tmp_path, server, monkeypatch):
    review = write(tmp_path / "review", server.pubmed_url, server.trials_url)
    toml = review / "review.toml"
    toml.write_text(
        toml.read_text().replace("attempts = 3", "attempts = 1") + "\n[notices]\ncrossref = true\n"
    )
    monkeypatch.setenv("HARVEST_CROSSREF_URL", "http://127.0.0.1:9/nobody")
    outcome = told(review, "run")
    assert outcome["exit_code"] == 0
    assert "Crossref" in outcome["not_looked_up"][0]
    assert "Crossref" in harvest(review, "run").stderr


def test_a_review_of_which_nothing_is_said_says_so(tmp_path, server):
    review = write(tmp_path / "review", server.pubmed_url, server.trials_url)
    harvest(review, "run", "--only", "register")
    assert "Nothing is said of any paper." in harvest(review, "report", "notices").stdout


def test_many_news_are_counted_and_only_the_first_are_named(tmp_path, server):
    review = write(tmp_path / "review", server.pubmed_url, server.trials_url)
    for position in range(12):
        server.pubmed.put(
            with_link(str(position + 1), position, "RetractionIn", f"J Test. 2026;1:{position}.")
        )
    server.pubmed.match("the", corpus.articles(12))
    ended = harvest(review, "run")
    assert ended.stderr.count(": retracted (") == 10
    assert "2 more: `harvest report notices`." in ended.stderr
    body = harvest(review, "report", "notices", "--format", "csv").stdout
    assert len(list(csv.reader(body.splitlines()))) == 13
