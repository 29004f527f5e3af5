"""A database that several computers share: recognised, opened with a rollback journal, and no vote lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from stores import TITLE, article, begun, kept, opened

from db.drive import VARIABLE, mounted, network_drive
from db.store import Store

ROOT = Path(__file__).parent.parent

LINUX = """\
/dev/sda1 / ext4 rw,relatime 0 0
server:/export/reviews /mnt/team nfs4 rw,relatime 0 0
//server/share /mnt/team\\040share cifs rw 0 0
/dev/sdb1 /mnt/team/local ext4 rw 0 0
ana@server:/x /home/ana/far fuse.sshfs rw 0 0
"""
MACOS = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//ana@server/share on /Volumes/Team (1) (smbfs, nodev, nosuid, mounted by ana)
"""


@pytest.mark.parametrize(
    ("mounts", "folder", "kind"),
    [
        (LINUX, "/home/ana/review", ""),
        (LINUX, "/mnt/team/review", "nfs4"),
        (LINUX, "/mnt/team share/review", "cifs"),
        (LINUX, "/mnt/team/local/review", ""),
        (LINUX, "/home/ana/far", "fuse.sshfs"),
        (LINUX, "/mnt/teamwork", ""),
        (MACOS, "/Users/ana/review", ""),
        (MACOS, "/Volumes/Team (1)/review", "smbfs"),
        ("", "/anywhere", ""),
        ("nonsense\n\n", "/anywhere", ""),
    ],
)
def test_the_drive_is_recognised_by_the_table_of_mounts(mounts, folder, kind):
    assert mounted(mounts, Path(folder)) == kind


def test_the_environment_knows_better(tmp_path, monkeypatch):
    assert network_drive(tmp_path / "review.db") == ""
    monkeypatch.setenv(VARIABLE, "1")
    assert network_drive(tmp_path / "review.db") == "network"
    monkeypatch.setenv(VARIABLE, "0")
    assert network_drive(tmp_path / "review.db") == ""


def journal(store: Store) -> str:
    return store._value("PRAGMA journal_mode")


def test_a_database_changes_its_journal_with_the_drive_it_lies_on(tmp_path, monkeypatch):
    path = tmp_path / "review.db"
    with opened(path) as store:
        assert journal(store) == "wal"
    monkeypatch.setenv(VARIABLE, "1")
    with opened(path) as store:
        assert journal(store) == "delete"
        assert not path.with_name("review.db-wal").exists()
    monkeypatch.delenv(VARIABLE)
    with opened(path) as store:
        assert journal(store) == "wal"


REVIEWER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[3])
    from db.opinion import Decision
    from db.store import Store

    for number in range(1, 41):
        with Store.open(Path(sys.argv[1])) as store:
            store.add_decisions([Decision(number, "title and abstract", sys.argv[2], "include")])
        print(number, flush=True)
    """
)


def reviewer(path: Path, name: str) -> subprocess.Popen[str]:
    """Somebody who votes on one report after the other, each time opening the shared database anew."""
    return subprocess.Popen(
        [sys.executable, "-c", REVIEWER, str(path), name, str(ROOT)],
        env={**os.environ, VARIABLE: "1"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def voted(path: Path, name: str) -> list[int]:
    with opened(path) as store:
        return [vote.record for vote in store.decisions(TITLE, name)]


@pytest.fixture
def shared(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "1")
    path = tmp_path / "review.db"
    with opened(path) as store:
        kept(store, *(article(str(number)) for number in range(1, 41)), fetch=begun(store))
    return path


def test_two_who_vote_at_once_lose_nothing(shared):
    both = [reviewer(shared, name) for name in ("ana", "ben")]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert voted(shared, "ana") == voted(shared, "ben") == list(range(1, 41))


def test_every_vote_that_was_acknowledged_before_a_kill_is_there(shared):
    ana, ben = reviewer(shared, "ana"), reviewer(shared, "ben")
    assert ana.stdout
    acknowledged = 0
    for line in ana.stdout:
        acknowledged = int(line)
        if acknowledged == 12:
            ana.send_signal(signal.SIGKILL)
            break
    ana.communicate(timeout=60)
    assert ben.communicate(timeout=120)[1] == ""
    assert voted(shared, "ana")[:acknowledged] == list(range(1, acknowledged + 1))
    assert voted(shared, "ben") == list(range(1, 41))
