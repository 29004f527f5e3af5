"""harvest desk: from the command to its last sentence."""

from __future__ import annotations

import signal
import socket
import sys
import urllib.request
from http.cookiejar import CookieJar

import pytest
from desks import Reader
from reviews import harvest
from terminal import copied, ended, harvested, started

from harvest.cli import desk as command
from harvest.desk.serving import served
from harvest.project import load
from screen.plan import TITLE


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return harvested(tmp_path_factory.mktemp("once") / "review")


def browser():
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))


def test_a_desk_answers_on_this_computer_and_ctrl_c_ends_it_with_a_sentence(once):
    process = started(once, "desk", "--reviewer", "ana", "--no-browser")
    address = process.stdout.readline().decode().strip()
    assert address.startswith("http://127.0.0.1:")
    with browser().open(address, timeout=30) as page:
        assert "11 left" in page.read().decode()
    process.send_signal(signal.SIGINT)
    code, out, err = ended(process)
    assert (code, out) == (0, "")
    assert (
        err.splitlines()[-1] == "ana has left the desk: 0 votes in this sitting, all stored; 11 left to read."
    )
    assert address.partition("token=")[2] not in err


def test_two_desks_may_be_open_at_once(once, tmp_path):
    project = load(copied(once, tmp_path / "review"))
    desks = [served(project, who, TITLE) for who in ("ana", "ben")]
    threads = [desk.start() for desk in desks]
    person = browser()
    for desk, who in zip(desks, ("ana", "ben"), strict=True):
        with person.open(desk.address, timeout=30) as page:
            assert f"title and abstract · {who}" in page.read().decode()
        with person.open(desk.address, timeout=30) as page:  # the cookie of the other did not displace it
            assert page.status == 200
    for desk, thread in zip(desks, threads, strict=True):
        desk.stop()
        thread.join()
        assert "0 votes in this sitting" in desk.last_word()


def test_who_is_neither_reviewer_nor_arbiter_is_told_who_is(once):
    assert "names ana, ben" in harvest(once, "desk", "--reviewer", "zoe", code=2).stderr


def test_a_port_that_is_taken_is_named(once):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = harvest(once, "desk", "--reviewer", "ana", "--port", port, code=2).stderr
    assert f"Port {port} cannot be used" in said


def test_without_flask_a_sentence_says_what_to_install(once, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("harvest.desk.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "flask", None)
    said = harvest(once, "desk", "--reviewer", "ana", code=2).stderr
    assert "pip install 'harvest-review[desk]'" in said


class Given:
    """A desk that ends as soon as it is open."""

    def __init__(self, desk):
        self.desk, self.address = desk, "http://127.0.0.1:1/?token=x"

    def run(self):
        pass

    def last_word(self):
        return "gone"


@pytest.mark.parametrize(("quiet", "who"), [(True, "ana"), (False, "ana"), (False, "cleo")])
def test_a_browser_is_opened_unless_told_otherwise(once, tmp_path, monkeypatch, quiet, who):
    opened = []
    review = copied(once, tmp_path / "review")
    given = Given(Reader(review, who).desk)
    monkeypatch.setattr(command, "_served", lambda *_: given)
    monkeypatch.setattr("click.launch", opened.append)
    said = harvest(review, "desk", "--reviewer", who, *(["--no-browser"] if quiet else []))
    given.desk.renewal.wait()
    assert said.stdout == f"{given.address}\n"
    assert said.stderr.endswith("gone\n")
    assert opened == ([] if quiet else [given.address])


def test_the_arbiter_has_a_desk_without_a_queue(once, tmp_path):
    review = copied(once, tmp_path / "review")
    toml = (review / "review.toml").read_text()
    (review / "review.toml").write_text(toml.replace("per_record", 'arbiter = "cleo"\nper_record'))
    desk = served(load(review), "cleo", TITLE)
    thread = desk.start()
    with browser().open(desk.address, timeout=30) as page:
        assert "0 reports to resolve" in page.read().decode()
    desk.stop()
    thread.join()
    assert desk.last_word() == "cleo has left the desk; every word is stored."
