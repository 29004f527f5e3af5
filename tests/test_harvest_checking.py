"""`harvest check` as a whole: places, reasons given, what sources say, and what is recorded of filters."""

from __future__ import annotations

import json

import pytest
import server_corpus as corpus
from reviews import harvest, rows, told, write
from server import Server

from db.errors import Unreachable
from db.facts import Page, Request
from harvest.checking import examine
from harvest.press import CHECKS, Severity
from harvest.project import load
from harvest.strategy.filters import filter_named

NAME = "cochrane-rct-pubmed-sensitive"


@pytest.fixture
def review(tmp_path):
    return write(tmp_path / "review")


def say(review, text, file="pubmed.txt", **accepted):
    (review / "searches" / file).write_text(text)
    lines = "".join(f'accept.{code} = "{why}"\n' for code, why in accepted.items())
    toml = (review / "review.toml").read_text()
    (review / "review.toml").write_text(
        toml.replace('query = "searches/pubmed.txt"\n', f'query = "searches/pubmed.txt"\n{lines}', 1)
    )


class Answering:
    """PubMed, as far as it is asked about strings."""

    name, label, register, version, help = "pubmed", "PubMed", False, "1", ("Query: x",)

    def __init__(self, answers=(), error=None):
        self.answers, self.error, self.asked = dict(answers), error, []

    def count(self, search):
        if self.error:
            raise self.error
        self.asked.append(search.query)
        translation, warnings = self.answers.get(search.query, ("", ()))
        return Page(
            "list",
            b"",
            Request("GET", "https://example.org"),
            promised=1,
            translation=translation,
            warnings=warnings,
        )

    def naming(self, identifier):
        return None

    def as_of(self, search, day):
        return None

    def check(self, search):
        return []

    list = fetch = hits = records = None


def asking(source):
    return lambda name: source


# -- what is shown -----------------------------------------------------------------------------------


def test_a_finding_is_shown_with_its_line_and_a_mark_under_the_place(review):
    say(review, "#1 depression[tiab]\n#2 infant[tiab]\n#3 #1 AND #4\n")
    result = harvest(review, "check", code=2)
    assert result.stdout.splitlines()[:4] == [
        "error: searches/pubmed.txt: line 3, column 11: Line 3 refers to line 4, which is not there.",
        "  S301  #3 #1 AND #4",
        "                  ^^",
        "        Name the line that was meant.",
    ]
    assert result.stderr.startswith("1 error, 0 warnings.")


def test_a_long_line_is_cut_around_the_place(review):
    say(
        review,
        " OR ".join(f"word{n}[tiab]" for n in range(200))
        + " OR wom*n[tiab] OR "
        + "end[tiab] OR " * 20
        + "x[tiab]",
    )
    lines = harvest(review, "check", code=2).stdout.splitlines()
    shown, marks = lines[1:3]
    assert len(shown) < 120
    assert shown[8] == shown[-1] == "…"
    assert shown[marks.index("^") : marks.index("^") + marks.count("^")] == "wom*n"


def test_scripts_are_told_the_same(review):
    say(review, "rat*[tiab]")
    (one,) = told(review, "check")
    assert {key: one[key] for key in ("code", "severity", "file", "place", "line", "columns", "search", "warning")} == {
        "code": "S501", "severity": "warning", "file": "searches/pubmed.txt", "place": "line 1, column 1", "line": 1,
        "columns": [1, 5], "search": "pubmed", "warning": True,
    }  # fmt: skip
    assert {"S501", "S802"} == {f["code"] for f in told(review, "check", "--advice")}


def test_advice_is_counted_and_shown_when_asked_for(review):
    say(review, "depression\n")
    result = harvest(review, "check")
    assert (result.stdout, "1 piece of advice: `harvest check --advice`" in result.stderr) == ("", True)
    assert "advice: searches/pubmed.txt: line 1, column 1: " in harvest(review, "check", "--advice").stdout


def test_explanations_are_printed():
    import pathlib

    here = pathlib.Path()
    assert harvest(here, "check", "--explain", "s204").stdout.startswith(
        "S204 NOT animals without NOT humans\n"
    )
    assert told(here, "check", "--explain", "S204")["severity"] == "warning"
    assert "no check 'S2'" in harvest(here, "check", "--explain", "S2", code=2).stderr


def test_a_search_without_a_place_is_named(review):
    (review / "searches" / "register.txt").write_text(
        "term: " + " OR ".join(f"disease{n}" for n in range(600))
    )
    out = harvest(review, "check").stdout
    assert "warning: searches/register.txt: search register: The search is " in out
    assert "S308: Divide it into two searches." in out


def test_a_file_of_another_encoding_and_an_empty_one(review):
    (review / "searches" / "pubmed.txt").write_bytes(b"caf\xe9[tiab]")
    assert [p["code"] for p in told(review, "check")] == ["S002"]
    (review / "searches" / "pubmed.txt").write_bytes(b"// nothing\n")
    assert [p["code"] for p in told(review, "check", code=2)] == ["S001"]


# -- what the reviewers let be -----------------------------------------------------------------------


def test_a_finding_that_is_accepted_is_shown_and_not_counted(review):
    say(review, "rat*[tiab]", S501="short on purpose")
    result = harvest(review, "check")
    assert result.stderr.startswith("Nothing is wrong.")
    assert result.stdout.startswith("accepted: searches/pubmed.txt: line 1, column 1: ")
    assert "let be, because: short on purpose" in result.stdout
    assert told(review, "check")[0]["accepted"] == "short on purpose"


def test_what_cannot_be_accepted(review):
    say(review, "(rat[tiab]", S101="no", S999="no", S501="no")
    said = [
        (p["message"].split(" ")[0], p["warning"]) for p in told(review, "check", code=2) if not p["code"]
    ]
    assert said == [("S101", False), ("there", False), ("S501", True)]
    assert [p["accepted"] for p in told(review, "check", code=2) if p["code"] == "S101"] == [""]


def test_a_reason_must_be_given(review):
    say(review, "rat[tiab]", S501="", X1="no")
    out = harvest(review, "check", code=2).stdout
    assert "says no reason" in out
    assert "is no code of a check: write it as S204" in out


# -- filters -----------------------------------------------------------------------------------------


def test_the_filters_are_listed_and_printed(review):
    assert {line["name"] for line in told(review, "filters")} >= {NAME, "cochrane-rct-ovid-sensitive-2023"}
    assert NAME in harvest(review, "filters").stdout
    result = harvest(review, "filters", NAME)
    assert result.stdout.splitlines()[4] == "5. drug therapy [sh]"
    assert "Box 4.4.a" in result.stderr
    assert "did you mean" in harvest(review, "filters", NAME[:-1], code=2).stderr


def test_a_search_records_which_filter_it_put_in(review):
    say(review, f"x[tiab] AND {{filter: {NAME}}}")
    search = load(review).plans[0].search
    assert search.options == {"filters": f"{NAME} (2008) sha256:{filter_named(NAME).digest}"}
    assert b"{filter: " in search.stored
    assert "randomized controlled trial [pt]" in search.query


def test_a_filter_of_another_platform_stops_the_run(review):
    say(review, "x[tiab] AND {filter: cochrane-rct-ovid-sensitive-2023}")
    assert [p["code"] for p in told(review, "check", code=2) if not p["warning"]] == ["S702"]
    assert "is written for ovid, and this asks pubmed" in harvest(review, "run", code=2).stderr


def test_a_filter_by_name_is_not_what_somebody_ran_by_hand(review):
    toml = (review / "review.toml").read_text()
    search = '\n[[search]]\nname = "medline"\nsource = "file"\ndatabase = "MEDLINE"\nplatform = "Ovid"\nquery = "searches/medline.txt"\nfiles = "imports/*"\n'
    (review / "review.toml").write_text(toml + search)
    (review / "searches" / "medline.txt").write_text(
        "1. x.tw.\n2. {filter: cochrane-rct-ovid-sensitive-2023}\n3. 1 and 2\n"
    )
    assert [p["code"] for p in told(review, "check") if p["code"]] == ["S703"]


def test_a_filter_for_trials_on_central_and_on_a_register(review):
    toml = (review / "review.toml").read_text()
    search = '\n[[search]]\nname = "central"\nsource = "file"\ndatabase = "CENTRAL"\nplatform = "Cochrane Library"\nquery = "searches/central.txt"\nfiles = "imports/*"\n'
    (review / "review.toml").write_text(toml + search)
    (review / "searches" / "central.txt").write_text(
        '#1 depression:ti,ab\n#2 "randomized controlled trial":pt\n#3 #1 AND #2\n'
    )
    (review / "searches" / "register.txt").write_text("term: depression AND randomized")
    assert [(p["code"], p["search"]) for p in told(review, "check") if p["code"]] == [
        ("S704", "register"),
        ("S704", "central"),
    ]


# -- what the sources say ----------------------------------------------------------------------------


def test_asking_pubmed_about_the_string_and_about_each_heading(review):
    say(review, '"Infant"[mh] OR "Motherhood Bliss"[mh] OR infant[mh]')
    lost = 'PubMed dropped "motherhood bliss"[mh] because it is not in its index: the rest was searched without it.'
    pubmed = Answering({
        '"infant"[mh]': ('"infant"[MeSH Terms]', ()), '"motherhood bliss"[mh]': ("", (lost,)),
    })  # fmt: skip
    done = examine(review, asking(pubmed))
    assert [(f.code, f.column) for f in done.findings if f.severity is Severity.ERROR] == [("S601", 17)]
    assert pubmed.asked[0] == '"Infant"[mh] OR "Motherhood Bliss"[mh] OR infant[mh]'
    assert pubmed.asked[1:] == ['"infant"[mh]', '"motherhood bliss"[mh]']


def test_pubmed_that_cannot_be_asked_is_a_warning(review):
    say(review, '"Infant"[mh] OR infant[tiab]')
    done = examine(review, asking(Answering(error=Unreachable("pubmed", "pubmed: nobody answers."))))
    assert [str(p) for p in done.problems if "could not be asked" in p.message] == [
        "searches/pubmed.txt: search pubmed: pubmed could not be asked about this search: pubmed: nobody answers."
    ]
    assert done.count(Severity.ERROR) == 0


def test_what_was_said_in_the_last_run_of_the_same_string_is_read(tmp_path):
    articles = corpus.articles(3)
    with Server(articles, corpus.created(3), corpus.studies(1)) as server:
        server.pubmed.match("the[tiab]", articles)
        server.trials.match("trial", corpus.studies(1))
        folder = write(tmp_path / "review", server.pubmed_url, server.trials_url)
        (folder / "searches" / "pubmed.txt").write_text("the[tiab]")
        harvest(folder, "run")
        asked = harvest(folder, "check", "--ask")
    assert "could not be asked" not in asked.stdout
    (fetch,) = rows(
        folder, "SELECT f.id FROM fetch f JOIN search s ON s.id = f.search_id WHERE s.name = 'pubmed'"
    )
    warning = (
        'PubMed found no phrase "the" and searched its words without the quotes: the search became broader.'
    )
    from db.store import Store

    with Store.open(folder / "review.db", create=False) as store, store.writing():
        store._write("UPDATE fetch SET warnings = ? WHERE id = ?", json.dumps([warning]), fetch[0])
    (one,) = [p for p in told(folder, "check") if p["code"] == "S901"]
    assert "(in the run of " in one["message"]
    (folder / "searches" / "pubmed.txt").write_text("the[tiab] OR a[tiab]")
    assert "S901" not in {p["code"] for p in told(folder, "check")}


def test_a_database_that_cannot_be_read_is_a_warning(review):
    (review / "review.db").write_bytes(b"no database at all, but something else entirely" * 100)
    (one,) = [p for p in told(review, "check") if "last run cannot be read" in p["message"]]
    assert one["warning"]


def test_a_source_of_others_speaks_for_itself(review, monkeypatch):
    class Doubting(Answering):
        name = label = "other"

        def check(self, search):
            return ["The string is odd."] if "odd" in search.query else []

    (review / "searches" / "register.txt").write_text("odd")
    toml = (review / "review.toml").read_text().replace('source = "clinicaltrials"', 'source = "europepmc"')
    (review / "review.toml").write_text(toml)
    done = examine(review, asking(Doubting()))
    assert [(f.code, f.sentence) for f in done.findings if f.code == "S903"] == [
        ("S903", "The string is odd.")
    ]


def test_a_source_that_fails_while_it_looks_says_so(review):
    class Failing(Answering):
        def check(self, search):
            raise RuntimeError("boom")

    done = examine(review, asking(Failing()))
    assert any("checking the search string" in f.sentence or "boom" in f.sentence for f in done.findings)


def test_a_source_that_cannot_be_made_is_a_warning(review):
    def nobody(name):
        raise Unreachable(name, f"{name} cannot be had.")

    done = examine(review, nobody)
    assert "pubmed cannot be had." in {p.message for p in done.problems}


def test_an_option_the_register_does_not_know(review):
    toml = (review / "review.toml").read_text()
    toml = toml.replace(
        'query = "searches/register.txt"',
        'query = "searches/register.txt"\noptions = {"filter.phase" = "2"}',
        1,
    )
    (review / "review.toml").write_text(toml)
    assert [p["message"] for p in told(review, "check") if p["code"] == "S903"] == [
        "filter.phase is not part of the API: use filter.advanced with AREA[Phase]PHASE2, for example."
    ]


def test_no_folder_no_searches(tmp_path):
    done = examine(tmp_path)
    assert (len(done.problems), done.findings) == (1, ())
    assert set(CHECKS) > {"S101"}


# -- strategies that are hardly there ----------------------------------------------------------------


def test_a_strategy_of_no_bytes_is_an_error(review):
    say(review, "")
    result = harvest(review, "check", code=2)
    assert "error: searches/pubmed.txt: search pubmed: The strategy says nothing" in result.stdout
    (review / "searches" / "pubmed.txt").unlink()
    assert [p["code"] for p in told(review, "check", code=2) if "pubmed.txt" in p["message"]] == [""]


def test_a_filter_is_no_option_of_a_register(review):
    (review / "searches" / "register.txt").write_text(
        "depression AND {filter: cochrane-rct-pubmed-sensitive}"
    )
    said = told(review, "check", code=2)
    assert not [p for p in said if "no 'filters'" in p["message"]]
    assert "written for PubMed" in " ".join(p["message"] for p in said)


# -- signs and fields --------------------------------------------------------------------------------


def test_every_sign_is_told_and_what_to_do_about_it(review):
    say(review, "“low mood”[tiab] OR low\u00a0mood[tiab] OR de\u200bpression[tiab]")
    said = {
        (p["code"], p["place"]): p["suggestion"]
        for p in told(review, "check")
        if p["code"] in ("S103", "S105")
    }
    assert said == {
        ("S103", "line 1, column 1"): 'Type " in a plain text editor.',
        ("S103", "line 1, column 10"): 'Type " in a plain text editor.',
        ("S105", "line 1, column 24"): "Delete it and type a blank.",
        ("S105", "line 1, column 41"): "Delete it.",
    }


def test_a_mistyped_field_of_a_register_is_doubted(review):
    (review / "searches" / "register.txt").write_text("cond: depression\nquery.itr: sertraline\nNote: x\n")
    assert [(p["place"], p["suggestion"]) for p in told(review, "check") if p["code"] == "S309"] == [
        ("line 2, column 1", "Did you mean query.intr: …?")
    ]


def test_a_limit_to_people_is_no_concept_that_wants_words(review):
    say(review, "(infant[tiab] OR infant[mh])\nAND humans[mh]")
    assert not {"S203", "S803"} & {p["code"] for p in told(review, "check", "--advice")}


def test_a_history_of_ebscohost_is_understood(review):
    toml = (review / "review.toml").read_text()
    (review / "review.toml").write_text(
        toml
        + '\n[[search]]\nname = "cinahl"\nsource = "file"\ndatabase = "CINAHL"\nplatform = "EBSCOhost"\n'
        + 'files = "imports/*cinahl*"\nquery = "searches/cinahl.txt"\n'
    )
    (review / "searches" / "cinahl.txt").write_text(
        'S1 (MH "Infant+")\nS2 TI ( infant* OR baby ) OR AB ( infant* OR baby )\nS3 S1 OR S2\n'
    )
    assert not [p for p in told(review, "check") if p["code"] and p["file"] == "searches/cinahl.txt"]


def test_an_unknown_source_is_told_once_and_exports_are_known(review):
    toml = (review / "review.toml").read_text()
    (review / "review.toml").write_text(toml.replace('source = "clinicaltrials"', 'source = "scopis"'))
    (one,) = [p for p in told(review, "check", code=2) if "no source" in p["message"]]
    assert "did you mean 'scopus'?" in one["message"]


def test_a_missing_file_of_known_records_stops_runs_and_not_readers(review):
    with (review / "review.toml").open("a") as toml:
        toml.write('\n[known]\nfile = "known.ris"\n')
    (one,) = [p for p in told(review, "check", code=2) if "known.ris" in p["message"]]
    assert (one["place"].split()[0], one["warning"]) == ("known.file", False)
    harvest(review, "run", code=2)
    assert [p.warning for p in load(review).warnings if "known.ris" in p.message] == [True]
