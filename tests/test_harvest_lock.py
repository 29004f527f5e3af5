"""One run at a time, and a lock that dies with its process."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys

import pytest

from db.errors import Locked, StoreError
from harvest import lock
from harvest.lock import held

SINCE = "2026-11-22T08:00:00.000Z"

HOLDER = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from harvest.lock import held
with held(Path(sys.argv[1]), "2026-11-22T07:00:00.000Z"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), *sys.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline().strip() == b"held"
        yield process


def test_the_second_run_is_told_who_holds_the_review_since_when(tmp_path, holder):
    with pytest.raises(Locked) as told, held(tmp_path, SINCE):
        pass
    assert f"process {holder.pid} on " in str(told.value)
    assert "since 2026-11-22T07:00:00.000Z" in str(told.value)
    assert told.value.exit_code == 5


def test_being_refused_takes_nothing_from_the_holder(tmp_path, holder):
    for _ in range(2):
        with pytest.raises(Locked, match=f"process {holder.pid} "), held(tmp_path, SINCE):
            pass
    assert holder.poll() is None


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_run_lets_go(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    mine = pytest.raises(Locked, match=f"process {os.getpid()} on .*since {SINCE}")
    with held(tmp_path, SINCE), mine, held(tmp_path, SINCE):
        pass


def test_a_run_that_ended_lets_go(tmp_path, holder):
    holder.communicate()
    with held(tmp_path, SINCE):
        assert str(os.getpid()) in (tmp_path / ".harvest.lock").read_text()
    assert (tmp_path / ".harvest.lock").read_text() == ""


def test_a_run_that_fails_lets_go_too(tmp_path):
    with pytest.raises(KeyError), held(tmp_path, SINCE):
        raise KeyError
    with held(tmp_path, SINCE):
        pass


def test_other_reviews_are_not_locked(tmp_path, holder):
    (tmp_path / "other").mkdir()
    with held(tmp_path / "other", SINCE):
        assert holder.poll() is None


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    with (
        pytest.raises(StoreError, match=r"\.harvest\.lock cannot be written"),
        held(tmp_path / "nowhere", SINCE),
    ):
        pass


def test_a_disk_that_knows_no_locks_is_told_from_another_run(tmp_path, monkeypatch):
    def fail(handle):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_take", fail)
    with pytest.raises(StoreError, match="No locks available"), held(tmp_path, SINCE):
        pass
