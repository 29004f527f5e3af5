"""SIGKILL after every page, and in the middle of writing it; go on; nothing lost, nothing twice.

The test server strikes: before its answer is out, right after, or some milliseconds later, when the page is
being read, written or committed, or duplicates are being looked for. How many kills it took stands in the
properties of `pytest tests/test_kills.py --junitxml=kills.xml`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import server_corpus as corpus
import server_faults as faults
from reviews import contents, harvest, rows, write
from server import Server

ARTICLES, STUDIES = 450, 130
PROGRAM = (sys.executable, "-c", "from harvest.cli import main; main()")

# How long after the answer the process is killed, in milliseconds; None: before the answer is out.
DELAYS = (None, 0, 5, 12, 16, 20, 25, 30, 40, 50, 65, 80, 120, 200)


@pytest.fixture(scope="module")
def server():
    with Server(corpus.articles(ARTICLES), corpus.created(ARTICLES), corpus.studies(STUDIES)) as running:
        running.pubmed.match("the", corpus.articles(ARTICLES))
        running.trials.match("trial", corpus.studies(STUDIES))
        yield running


@pytest.fixture(scope="module")
def whole(server, tmp_path_factory):
    """What a run that nobody disturbs stores."""
    review = write(tmp_path_factory.mktemp("whole") / "review", server.pubmed_url, server.trials_url)
    harvest(review, "run")
    return contents(review)


def run_until_it_comes_through(server: Server, review: Path, delay: int | None) -> int:
    """Start the run again and again, killed at its second answer, its third …; how many kills it took.

    The first answer of a start is often the one that the start before died of, and what is complete is listed
    again: the place wanders from the second answer to the ninth and back, so that every page has its turn.
    """
    kills = 0
    while True:
        victim: list[int] = []
        server.heal()
        server.inject(_strike(victim, delay), nth=2 + kills // 4 % 8)
        process = subprocess.Popen(
            [*PROGRAM, "-C", str(review), "run"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        )  # fmt: skip
        victim.append(process.pid)
        _, said = process.communicate(timeout=120)
        if process.returncode == 0:
            return kills
        assert process.returncode == -9, said.decode()
        kills += 1


def _strike(victim: list[int], delay: int | None) -> faults.Fault:
    def kill() -> None:
        if delay:
            threading.Event().wait(delay / 1000)
        os.kill(victim[0], 9)

    return faults.call(kill, after=delay is not None)


@pytest.mark.slow
@pytest.mark.parametrize("delay", DELAYS)
def test_killed_again_and_again_loses_nothing_and_doubles_nothing(
    server, whole, tmp_path, delay, record_property
):
    review = write(tmp_path / "review", server.pubmed_url, server.trials_url)
    kills = run_until_it_comes_through(server, review, delay)
    server.heal()
    harvest(review, "run")
    record_property("kills", kills)
    assert kills >= 3
    assert contents(review) == whole
    assert rows(review, "SELECT count(*) FROM revision") == [(len(whole),)]
    assert rows(review, "SELECT count(*) FROM sighting WHERE event = 'appeared'") == [(len(whole),)]
    assert harvest(review, "db", "verify").stdout == ""
