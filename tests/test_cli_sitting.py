"""The keyboard queue: what stands on the screen, what each key does, and that no answer is ever lost."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from dataclasses import replace
from pathlib import Path

import pytest
from asked import RECORDS, Keyboard, asked, asks
from reviews import harvest, rows, told
from rich.cells import cell_len
from stores import kept, opened
from terminal import PATIENCE, PROGRAM, sentence

from db.errors import StoreBusy
from harvest.answers import say, take_back, word
from harvest.cli import sitting as sittings
from harvest.cli.pair_screen import KIND_KEYS, differences
from harvest.questions import open_questions


@pytest.fixture
def review(tmp_path):
    return asked(tmp_path / "review")


@pytest.fixture
def store(review):
    with opened(review / "review.db") as store:
        yield store


def typed(store, keys, **options):
    """What a person saw before each key, and what was said at the end."""
    keyboard = Keyboard(keys, **{name: options.pop(name) for name in ("width", "height") if name in options})
    said = keyboard.sit(store, **options)
    return keyboard.seen, said


def words(store):
    return [
        (link.a, link.b, link.relation, link.kind) for link in store.links(current=False) if link.by == "ana"
    ]


# -- the screen ----------------------------------------------------------------------------------------


def test_a_pair_stands_side_by_side_with_what_speaks_for_and_against_it(store):
    (screen, *_), _ = typed(store, "q")
    first, *_, last = screen.rstrip().splitlines()
    assert first.startswith("1 of 4 · alike 0.80")
    assert first.rstrip().endswith("ana")
    assert "Much agrees, not enough." in screen
    assert "H000001 · pubmed 11" in screen
    assert "H000002 · file:embase 12" in screen
    assert re.search(r"^year +2003 += 2003", screen, re.MULTILINE)
    assert re.search(r"^pages +412-419 +≠ 641-5", screen, re.MULTILINE)
    assert "titles 97 % alike; same first author; all 3 authors in common" in screen
    assert "pages differ (412-419 / 641-5)" in screen
    assert "Psychological interventions" in screen
    assert last.startswith("s same  t study")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (60, 16), (200, 50)])
def test_it_fits_the_terminal(store, width, height):
    (screen, *_), _ = typed(store, "q", width=width, height=height)
    lines = screen.splitlines()
    assert len(lines) <= height
    assert max(cell_len(line) for line in lines) <= width
    assert "DOIs differ" in re.sub(r"\s+", " ", screen)
    assert "s same  t study" in screen
    assert lines[-1].rstrip().endswith("? help")


def test_only_the_words_that_differ_are_marked():
    left, right = differences("Part I: mood of mothers", "Part II: Mood of mothers")
    marked = [
        [text.plain[span.start : span.end] for span in text.spans if span.style] for text in (left, right)
    ]
    assert marked == [["I"], ["II"]]


def test_a_difference_at_the_end_of_a_long_title_is_seen(store):
    long = "Parent-infant psychotherapy " * 60
    kept(store, replace(RECORDS[0], title=f"{long}part one"), replace(RECORDS[1], title=f"{long}part two"))
    (screen, *_), _ = typed(store, "q", width=160, height=30)
    assert "part one" in screen
    assert "part two" in screen


def test_a_terminal_that_knows_few_letters_gets_few(store):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    keyboard = Keyboard("q", file=out)
    keyboard.sit(store)
    assert "x 641-5" in keyboard.seen[0]
    assert keyboard.seen[0].isascii()


def test_text_that_steers_a_terminal_is_spelled_out(store):
    kept(store, replace(RECORDS[0], title="A \x1b[2Jtrial\x07"))
    (screen, *_), _ = typed(store, "oq")
    assert "\\x1b[2Jtrial\\x07" in screen
    assert "\x1b" not in screen


# -- keys ----------------------------------------------------------------------------------------------


def test_every_answer_is_stored_before_the_next_pair_is_shown(store):
    stored = []
    keyboard = Keyboard("d")
    read = keyboard.read
    keyboard.read = lambda: (stored.append(len(words(store))), read())[1]
    assert keyboard.sit(store) == "ana: 1 different; 3 pairs wait."
    assert stored == [0, 1]
    assert words(store) == [(1, 2, "different", "")]
    assert "2 of 4 · perhaps registration 0.60" in keyboard.seen[1]
    assert "H000001 and H000002: different." in keyboard.seen[1]


def test_an_answer_settles_every_question_between_the_same_reports(store):
    seen, said = typed(store, "skd")
    assert store.records_of(1) == [1, 2]
    assert [screen.partition(" · ")[0] for screen in seen[:2]] == ["1 of 4", "2 of 3"]
    assert said == "ana: 1 same report, 1 different, 1 skipped; 1 pair waits."
    assert words(store) == [(1, 2, "same report", ""), (1, 4, "different", "")]


@pytest.mark.parametrize(("keys", "kind"), [
    ("t\r", ""), ("t\n", ""), ("tt", "registration"), *((f"t{key}", kind) for key, kind in KIND_KEYS.items()),
])  # fmt: skip
def test_one_study_is_said_with_a_second_key(store, keys, kind):
    seen, said = typed(store, keys, kind="registration")
    assert "t registration, as the rules think" in re.sub(r"\s+", " ", seen[1])
    assert words(store) == [(2, 3, "same study", kind)]
    assert store.membership()[2][1] == store.membership()[3][1]
    assert said.startswith("ana: 1 same study; ")


@pytest.mark.parametrize("keys", ["t\x1b", "tz", "t", "x", "\x1b[A", "?q", "oq"])
def test_a_key_that_means_nothing_records_nothing(store, keys):
    _, said = typed(store, [keys[0], keys[1:]] if keys[0] == "t" else [keys])
    assert words(store) == []
    assert said == "ana: no answer; 4 pairs wait."


def test_skipped_pairs_wait_for_another_sitting(store):
    seen, said = typed(store, "k Kkq")
    assert [screen.split(" ")[0] for screen in seen] == ["1", "2", "3", "4"]
    assert said == "ana: 4 skipped; 4 pairs wait."


def test_an_undone_answer_is_open_again_and_nothing_is_deleted(store):
    before = store.membership()
    seen, said = typed(store, "suq")
    assert store.membership() == before
    assert seen[2].startswith("1 of 4 · alike 0.80")
    assert "Took back what ana said of H000001 and H000002." in seen[2]
    assert words(store) == [(1, 2, "same report", ""), (1, 2, "ask", "")]
    assert said == "ana: no answer; 4 pairs wait."
    assert [link.score for link in open_questions(store)] == [0.8, 0.6, 0.5, 0.4]


def test_several_answers_are_undone_one_by_one_and_no_further(store):
    seen, said = typed(store, "dduuuq")
    assert "1 of 4 · alike 0.80" in seen[4]
    assert "Nothing to undo in this sitting" in seen[5]
    assert said == "ana: no answer; 4 pairs wait."
    assert store.said() == []


def test_an_undone_answer_comes_next_even_if_others_are_likelier(store):
    seen, _ = typed(store, "kduq")
    assert seen[3].startswith("2 of 4 · perhaps registration 0.60")


def test_more_is_page_after_page_and_tells_everything(store):
    say(store, word(store, "H1", "H2", "same report", "ben", "one cohort"))
    take_back(store, 1, 2, "ben")
    seen, _ = typed(store, ["o", *"  q" * 9], height=20)
    pages = "\n".join(seen[1:])
    assert "1 of " in seen[1]
    assert "any key turns, q goes back" in seen[1]
    assert "Psychological interventions" in pages
    assert "ben: same report · one cohort" in pages
    assert "title_length = 70" in pages


def test_help_tells_every_key(store):
    seen, _ = typed(store, "?xq")
    assert all(re.search(rf"^{key} ", seen[1], re.MULTILINE) for key in "stdkuoq")
    assert seen[2] == seen[0]


def test_a_sitting_can_be_cut_short_and_narrowed(store):
    assert typed(store, "dddd", limit=1)[1] == "ana: 1 different; 3 pairs wait."
    seen, said = typed(store, "kkkk", rule="perhaps registration")
    assert len(seen) == 2
    assert said == "ana: 2 skipped; 2 pairs wait."
    assert typed(store, "", rule="no such rule")[1] == "ana: no answer; 0 pairs wait."


def test_another_persons_word_stands_and_is_told(store):
    """Ben answers while the pair is on Ana's screen."""
    keyboard = Keyboard("sq")
    read = keyboard.read

    def meanwhile():
        if not keyboard.seen:
            say(store, word(store, "H1", "H2", "different", "ben"))
        return read()

    keyboard.read = meanwhile
    assert keyboard.sit(store) == "ana: no answer; 3 pairs wait."
    assert "Not recorded: H000001 and H000002 cannot be same report, for ben said" in re.sub(
        r"\s+", " ", keyboard.seen[1]
    )
    assert words(store) == []


def test_a_fault_of_the_database_ends_the_sitting(store, monkeypatch):
    def busy(*_):
        raise StoreBusy("review.db is busy.")

    monkeypatch.setattr(sittings, "answer", busy)
    with pytest.raises(StoreBusy):
        typed(store, "s")


# -- as a process --------------------------------------------------------------------------------------


def test_without_a_terminal_it_says_what_to_use(review):
    said = sentence(harvest(review, "same", "review", "--by", "ana", code=2).stderr)
    assert "`harvest same review --json`" in said
    assert "`harvest same answer FILE`" in said


OWNING = (PROGRAM[0], "-c", f"import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); {PROGRAM[2]}")
"""The program as the one that Ctrl-C in its terminal is meant for."""


class Terminal:
    """The program in a pseudo-terminal."""

    def __init__(self, folder, *words, height=30, width=100):
        self._mine, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        path = os.pathsep.join(part for part in (str(Path(__file__).parents[1]), *sys.path) if part)
        environment = {**os.environ, "PYTHONPATH": path, "TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
        self.process = subprocess.Popen(
            [*OWNING, "-C", str(folder), *words], stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
            start_new_session=True, close_fds=True,
        )  # fmt: skip
        os.close(theirs)
        self.seen = ""
        self._read = 0

    def until(self, text):
        """Read on until this is seen."""
        while text not in self.seen[self._read :]:
            assert select.select([self._mine], [], [], PATIENCE)[0], self.seen
            self.seen += os.read(self._mine, 65536).decode("utf-8", "replace")
        self._read = self.seen.index(text, self._read) + len(text)

    def type(self, keys):
        os.write(self._mine, keys.encode())

    def close(self):
        self.process.wait(timeout=PATIENCE)
        os.close(self._mine)


@pytest.fixture
def terminal(review):
    begun = []

    def start(*words, **options):
        begun.append(Terminal(review, *words, **options))
        return begun[-1]

    yield start
    for each in begun:
        if each.process.poll() is None:
            each.process.kill()
        each.close()


def test_keys_are_taken_without_enter_in_a_real_terminal(review, terminal):
    screen = terminal("same", "review", "--by", "ana")
    screen.until("? help")
    assert "1 of 4" in screen.seen
    assert not re.search(r"\x1b\[[\d;]*3\dm", screen.seen)  # NO_COLOR
    screen.type("d")
    screen.until("2 of 4")
    screen.until("? help")
    screen.type("t")
    screen.until("Which?")
    screen.type("r")
    screen.until("3 of 4")
    screen.until("? help")
    screen.type("q")
    screen.until("ana: 1 same study, 1 different; 2 pairs wait.")
    assert screen.process.wait(timeout=PATIENCE) == 0
    assert rows(review, "SELECT a, b, relation, kind FROM link WHERE by = 'ana'") == [
        (1, 2, "different", ""),
        (2, 3, "same study", "registration"),
    ]


def test_a_kill_loses_no_answer(review, terminal):
    screen = terminal("same", "review", "--by", "ana")
    screen.until("? help")
    screen.type("s")
    screen.until("2 of 3")
    screen.process.send_signal(signal.SIGKILL)
    screen.process.wait(timeout=PATIENCE)
    assert rows(review, "SELECT a, b, relation FROM link WHERE by = 'ana'") == [(1, 2, "same report")]
    assert told(review, "same", "list")[0]["members"] == ["H000001", "H000002"]


def test_control_c_leaves_with_what_was_answered(review, terminal):
    screen = terminal("same", "review", "--by", "ana")
    screen.until("? help")
    screen.type("d")
    screen.until("2 of 4")
    screen.until("? help")
    screen.type("\x03")
    screen.until("Interrupted.")
    assert screen.process.wait(timeout=PATIENCE) == 130
    assert rows(review, "SELECT relation FROM link WHERE by = 'ana'") == [("different",)]


def test_who_answers_must_be_known_and_the_only_reviewer_is(review, terminal):
    screen = terminal("same", "review")
    screen.until("Whose answers are these? Say --by ana or --by ben.")
    assert screen.process.wait(timeout=PATIENCE) == 2
    toml = (review / "review.toml").read_text()
    (review / "review.toml").write_text(
        toml.replace('["ana", "ben"]', '["ana"]').replace("per_record = 2", "per_record = 1")
    )
    screen = terminal("same", "review", "--limit", "1")
    screen.until("? help")
    screen.type("\x04")
    screen.until("ana: no answer; 4 pairs wait.")


def test_what_the_rules_take_for_an_erratum_is_kept_apart_under_its_name(store):
    store.add_links([asks(4, 5, 0.95, "perhaps notice", kind="erratum")])
    seen, said = typed(store, "tt", limit=1)
    assert "t erratum, as the rules think" in re.sub(r"\s+", " ", seen[1])
    assert words(store) == [(4, 5, "different", "erratum")]
    assert said.startswith("ana: 1 different; ")


@pytest.mark.parametrize("given", [b"", b'[{"a": "H000001", "b":', b"\xff\xfe\x00", b"[" * 100_000, b"\x00"])
def test_a_file_that_is_no_list_of_answers_is_told_and_nothing_recorded(review, given):
    (review / "answers.json").write_bytes(given)
    err = harvest(review, "same", "answer", str(review / "answers.json"), "--by", "ana", code=2).stderr
    assert "The answers are no JSON" in err
    assert rows(review, "SELECT count(*) FROM link WHERE by <> 'rules'") == [(0,)]
