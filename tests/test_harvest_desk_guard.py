"""The desk's door and its manners: who gets in, what the browser is told, what everybody can read and reach."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from desks import PORT, Reader
from terminal import copied, harvested

import harvest.desk

STATIC = Path(harvest.desk.__file__).parent / "static"
ELSEWHERE = re.compile(r"""(?:src|href|url\()\s*=?\s*["']?(?:https?:)?//""")


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return harvested(tmp_path_factory.mktemp("once") / "review")


@pytest.fixture
def ana(once, tmp_path):
    return Reader(copied(once, tmp_path / "review"), "ana")


# -- the door ----------------------------------------------------------------------------------------


def stranger(ana):
    """A browser without the cookie."""
    return ana.browser.application.test_client()


@pytest.mark.parametrize("page", ["/", "/mine", "/report/H1", "/static/style.css", "/nowhere"])
def test_without_the_pass_nothing_is_told(ana, page):
    answer = stranger(ana).get(page, **ana.here)
    assert answer.status_code == 403
    assert "harvest desk" in answer.text
    assert "Parenting" not in answer.text


def test_the_pass_becomes_a_cookie_that_no_other_page_can_use(ana):
    answer = stranger(ana).get("/mine", query_string={"token": ana.key.token}, **ana.here)
    assert (answer.status_code, answer.location) == (303, "/mine")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"harvest-desk-{PORT}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert stranger(ana).get("/", query_string={"token": "x"}, **ana.here).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1:9", f"[::1]:{PORT}"])
def test_a_name_that_was_made_to_lead_here_is_refused(ana, host):
    answer = ana.browser.get("/", **ana.here, headers={"Host": host})
    assert answer.status_code == 403
    assert "its own address only" in answer.text


@pytest.mark.parametrize(
    ("form", "origin"),
    [("", None), ("wrong", None), (None, "https://evil.example"), (None, "http://127.0.0.1:9")],
)
def test_no_other_page_can_vote(ana, form, origin):
    headers = {"Origin": origin} if origin else {}
    said = {"form": ana.key.form if form is None else form, "report": "H1", "verdict": "include"}
    for path in ("/vote", "/back", "/resolve"):
        assert ana.browser.post(path, data=said, headers=headers, **ana.here).status_code == 403
    assert "0 read" in ana.get()


@pytest.mark.parametrize("origin", ["null", f"http://127.0.0.1:{PORT}"])
def test_our_own_page_can(ana, origin):
    said = {"form": ana.key.form, "report": "H1", "verdict": "include"}
    answer = ana.browser.post("/vote", data=said, headers={"Origin": origin}, **ana.here)
    assert answer.status_code == 303
    assert "1 read" in ana.get()


def test_every_answer_brings_the_rules_for_the_browser(ana):
    for path in ("/", "/nowhere", "/static/desk.js"):
        with ana.browser.get(path, **ana.here) as answer:
            headers = answer.headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in headers


def test_a_form_without_end_is_refused(ana):
    page = ana.post("/vote", 413, report="H1", verdict="include", note="x" * 300_000)
    assert "Parenting" not in page
    assert "0 read" in ana.get()


def test_a_vote_is_never_a_question_of_an_address(ana):
    assert ana.browser.get("/vote?report=H1&verdict=include", **ana.here).status_code == 405


# -- for everybody -----------------------------------------------------------------------------------


class Labels(HTMLParser):
    """Fields that nothing names."""

    def __init__(self):
        super().__init__()
        self.inside = 0
        self.nameless = []
        self.elements = []

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        self.elements.append((tag, said))
        self.inside += tag == "label"
        field = tag in {"textarea", "select"} or (tag == "input" and said.get("type") != "hidden")
        if field and not self.inside and "aria-label" not in said:
            self.nameless.append(said)

    def handle_endtag(self, tag):
        self.inside -= tag == "label"


@pytest.mark.parametrize("path", ["/", "/mine", "/report/H9"])
def test_every_field_is_named_and_the_page_has_its_landmarks(ana, path):
    page = Labels()
    page.feed(ana.get(path))
    assert page.nameless == []
    tags = [tag for tag, _ in page.elements]
    assert [tags.count(tag) for tag in ("html", "header", "main", "nav", "h1")] == [1, 1, 1, 1, 1]
    assert ("html", {"lang": "en"}) in page.elements
    keys = [said["data-key"] for _, said in page.elements if "data-key" in said]
    assert len(keys) == len(set(keys))


def test_it_works_without_scripts_and_loads_nothing_from_elsewhere(ana):
    page = ana.get()
    assert not re.search(r"<(?:script|link|img)[^>]+(?:https?:)?//", page)
    assert "style=" not in page
    assert len(re.findall(r'<button name="verdict"', page)) == 4
    for file in STATIC.iterdir():
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not ELSEWHERE.search(text), file.name
        assert "@import" not in text


def test_colours_can_be_told_apart_in_light_and_dark():
    """Contrast after WCAG 2.2, 1.4.3: 4.5 : 1 for text."""
    style = (STATIC / "style.css").read_text("utf-8")
    for block in re.findall(r":root \{([^}]*--paper[^}]*)\}", style):
        colour = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
        pairs = [(ink, paper) for ink in ("ink", "soft", "accent") for paper in ("paper", "sheet")]
        pairs += [("on", verdict) for verdict in ("include", "exclude", "unsure")]
        pairs += [(verdict, "sheet") for verdict in ("include", "exclude", "unsure")]
        weak = [pair for pair in pairs if contrast(colour[pair[0]], colour[pair[1]]) < 4.5]
        assert weak == []
    assert len(re.findall(r":root \{[^}]*--paper", style)) == 2


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
