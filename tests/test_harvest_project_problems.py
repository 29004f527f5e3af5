"""Everything wrong with a review folder is said at once, each with its place and what to do."""

from __future__ import annotations

import shutil
import tomllib
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from review_folders import DATA, SMALL, make, only, said

from db.errors import ProjectError
from harvest.project import Project, known_sources, load, problems
from harvest.project.folder import BUILT_IN

EXAMPLE = (DATA / "parent-infant" / "review.toml").read_bytes()


@pytest.fixture
def write(tmp_path):
    return partial(make, tmp_path)


# -- everything wrong, at once ------------------------------------------------------------------------


def test_everything_wrong_is_said_at_once():
    expected = (DATA / "broken" / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert said(problems(DATA / "broken", {})) == expected


def test_load_raises_all_errors_and_no_warnings():
    with pytest.raises(ProjectError) as caught:
        load(DATA / "broken", {})
    assert caught.value.exit_code == 2
    assert caught.value.problems == tuple(p for p in problems(DATA / "broken", {}) if not p.warning)


def test_a_secret_is_refused_and_never_repeated(write):
    toml = SMALL + '[sources.pubmed]\nAPI-Key = "0123secret"\n[[known.token]]\nsecret = "4567secret"\n'
    found = said(problems(write(toml), {}))
    assert [line.split(":")[2].strip() for line in found] == [
        "sources.pubmed.API-Key (line 13)",
        "known.token (line 14)",
    ]
    assert "NCBI_API_KEY" in found[0]
    assert "secret" not in "".join(found).replace("no secret may", "")


def test_a_key_in_place_of_its_name_is_not_repeated(write):
    line = only(write(SMALL + '[sources.pubmed]\napi_key_env = "0123secret"\n'))
    assert "sources.pubmed.api_key_env (line 13)" in line
    assert "name of an environment variable" in line
    assert "0123secret" not in line


@pytest.mark.parametrize(
    ("toml", "place", "help_"),
    [
        ('title = "a"\ntitle = "b"\n', "line 2, column 12", "keep one of the two"),
        ("[a]\n[a]\n", "line 2, column 3", "put its keys together"),
        ("title = a review\n", "line 1, column 9", "double quotes"),
        ("title\n", "line 1, column 6", "key = value"),
        ("= 3\n", "line 1, column 1", "key = value"),
        ('path = "searches\\pubmed.txt"\n', "line 1, column 19", "paths with /"),
        ('title = "open\n', "line 1, column 14", "close the quotes"),
        ("pmids = [1,\n2", "at its end", "closed with ]"),
        ("title = 'x' y\n", "line 1, column 13", "https://toml.io"),
    ],
)
def test_what_is_no_toml_has_its_place_and_a_hint(write, toml, place, help_):
    line = only(write(toml))
    assert line.startswith(f"error: review.toml: {place}: cannot be read as TOML (")
    assert help_ in line


def test_another_encoding_is_named_with_its_line(write):
    body = SMALL.encode().replace(b"Does it help?", b"Hilft es M\xfcttern?")
    assert only(write(body)) == (
        "error: review.toml: line 2: is not UTF-8 text: save it in your editor with the encoding UTF-8"
    )


def test_no_review_folder_suggests_a_new_one(tmp_path):
    with pytest.raises(ProjectError, match="harvest new NAME"):
        load(tmp_path / "nowhere", {})
    (tmp_path / "review.toml").mkdir()
    assert "cannot be read" in only(tmp_path)


def test_inside_a_review_the_way_up_is_shown(write):
    folder = write()
    assert only(folder / "searches") == (
        f"error: review.toml: is not in {folder / 'searches'}: the review seems to be {folder}, go there first"
    )


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("A review", "<Title>", "warning: review.toml: title (line 1): still says <Title>: replace it"),
        (
            '"pubmed"\nquery',
            '"pubmde"\nquery',
            "search[1].source (line 7): there is no source 'pubmde'; did you mean 'pubmed'?",
        ),
        (
            '"pubmed"\nquery',
            '"zzz"\nquery',
            f"there is no source 'zzz'; known are {', '.join(sorted({*BUILT_IN, 'file'}))}",
        ),
        (
            "query =",
            "database = 'x'\nquery =",
            'search[1].database (line 8): belongs to searches with source = "file"',
        ),
        ('source = "pubmed"', "", "search[1].source (line 5): is missing: say where to ask, one of clin"),
        ("query =", "limit =", "search[1].limit (line 8): there is no such key; did you mean `limits`?"),
        ("query =", "xyz =", "there is no such key here; there are: name, source, query, options"),
        ("[[search]]", "[search]", "search (line 5): there can be several: write [[search]]"),
        (
            "[screening]",
            "[[screening]]",
            "screening (line 10): there is only one: write [screening] in single brackets",
        ),
        (
            '["ana", "ben"]',
            '["ana", "ben", "ANA"]',
            "screening.reviewers[3] (line 11): 'ANA' is there already",
        ),
        (
            '["ana", "ben"]',
            '["ana"]',
            "screening.per_record (line 10): 2 votes a record are asked of 1 reviewers",
        ),
        (
            '["ana", "ben"]',
            '["ana"]\nper_record = 1',
            "warning: review.toml: screening.per_record (line 12): MECIR C39",
        ),
        ('["ana", "ben"]', "[]", "warning: review.toml: screening.reviewers (line 11): nobody screens yet"),
        (
            '["ana", "ben"]',
            '["ana", "ben"]\narbiter = "Ben"',
            "screening.arbiter (line 12): 'Ben' is one of the",
        ),
        ('["ana", "ben"]', '"ana"', "screening.reviewers (line 11): must be a list in square brackets"),
        ("[screening]", '[schedule]\nevery = "weekly"\nday = 5\n[screening]', "'5' is no day of the week"),
        (
            "[screening]",
            '[schedule]\nevery = "monthly"\nday = 31\n[screening]',
            "'31' is no day that every month has",
        ),
        ("[screening]", '[schedule]\nevery = "daily"\nday = 1\n[screening]', "has no meaning when"),
        ("[screening]", "[schedule]\nday = 1\n[screening]", "schedule.every (line 10): is missing"),
        (
            "[screening]",
            '[sources.pubmde]\nurl = ""\n[screening]',
            "sources.pubmde (line 10): there is no source",
        ),
        ("[screening]", '[sources.url]\nnope = ""\n[screening]', "sources.url"),
        ("[screening]", '[sources.pubmed]\nurl = "https://[::1"\n[screening]', "is no web address"),
        (
            "contact.email = ",
            "contact = 3 #",
            "contact (line 3): must be a table: put its keys below [contact]",
        ),
        (
            "[[search]]",
            "search = [1]\n[x]",
            "search[1] (line 5): must be a table: write [[search]] and its keys",
        ),
        ("query =", "options = 1\nquery =", "search[1].options (line 8): must be a table"),
        ("query =", "options.a.b = [1]\nquery =", "search[1].options.a.b (line 8): must be a text in quotes"),
        ("ana@example.org", "", "warning: review.toml: contact.email (line 3): is missing: NCBI asks"),
        (
            "searches/pubmed.txt",
            "searches/pubmet.txt",
            "there is no file searches/pubmet.txt; did you mean searches/pubmed.txt?",
        ),
        ("searches/pubmed.txt", "searches/x", "there is no file searches/x; there are: searches/pubmed.txt"),
        ("searches/pubmed.txt", "searches", "searches cannot be read ("),
        ("searches/pubmed.txt", "/etc/passwd", "/etc/passwd leaves the review folder: copy the file into it"),
        ("searches/pubmed.txt", "searches/../../x", "leaves the review folder"),
        ("searches/pubmed.txt", "C:/x", "leaves the review folder"),
        ("searches/pubmed.txt", ".", "names no file"),
        ("searches/pubmed.txt", "a\\u0000b", "names no file"),
        ("searches/pubmed.txt", "searches\\\\pubmed.txt", "write the path with /"),
    ],
)
def test_one_mistake_one_sentence(write, old, new, line):
    assert old in SMALL
    found = said(problems(write(SMALL.replace(old, new, 1)), {}))
    assert any(line in each for each in found), found


def test_nothing_to_search_is_a_warning(write):
    line = only(write('title = "A"\nquestion = "B"\nscreening.reviewers = ["a", "b"]'))
    assert line.startswith("warning: review.toml: search: nothing is searched yet")


def test_sources_may_be_handed_in(write):
    toml = SMALL.replace('source = "pubmed"', 'source = "my-register"')
    assert load(write(toml), {}, sources=["my-register"]).searches[0].source == "my-register"


def test_known_sources_are_those_of_the_package(request):
    toml = tomllib.loads((request.config.rootpath / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(BUILT_IN) == set(toml["project"]["entry-points"]["harvest.sources"])
    assert known_sources() >= {"file", *BUILT_IN}


@pytest.mark.parametrize(
    ("code", "reason", "warned"),
    [
        ("data", "No usable outcome data", True),
        ("no-data", "Outcomes", True),
        ("outcome", "Outcome data unusable for meta-analysis", True),
        ("outcome", "Results not extractable", True),
        ("outcome", "Outcomes not reported", True),
        ("outcome", "Data missing", True),
        ("outcome", "Outcomes of the review were not measured", False),
        ("design", "Not a controlled trial", False),
        ("no-results", "No results", True),
        ("report-type", "Comment or editorial, not a report of a study", False),
        ("report-type", "News without data of its own", False),
        ("ongoing", "Ongoing, no results yet", False),
    ],
)
def test_exclusion_for_unusable_data_draws_mecir_c40(write, code, reason, warned):
    toml = f'{SMALL}\n[[criteria.exclude]]\ncode = "{code}"\nreason = "{reason}"\n'
    found = said(problems(write(toml), {}))
    assert len(found) == warned
    if warned:
        assert found[0].startswith(
            "warning: review.toml: criteria.exclude[1].reason (line 15): MECIR C40: “Include"
        )


# -- whatever is written ------------------------------------------------------------------------------


@given(
    start=st.integers(0, len(EXAMPLE)),
    length=st.integers(0, 60),
    instead=st.sampled_from(
        [b"", b"[", b"]]", b'"', b"=", b"\n", b" 1 ", b"true", b"{}", b"[[x]]\n", b"\xff", b"<x>"]
    ),
)
@settings(max_examples=150, deadline=None)
def test_any_damage_is_told_and_never_a_crash(tmp_path_factory, start, length, instead):
    folder = tmp_path_factory.getbasetemp() / "damaged"
    if not folder.exists():
        shutil.copytree(DATA / "parent-infant", folder)
    (folder / "review.toml").write_bytes(EXAMPLE[:start] + instead + EXAMPLE[start + length :])
    found = problems(folder, {})
    errors = [problem for problem in found if not problem.warning]
    if errors:
        with pytest.raises(ProjectError) as caught:
            load(folder, {})
        assert list(caught.value.problems) == errors
        assert all(problem.message for problem in errors)
    else:
        assert isinstance(load(folder, {}), Project)
