"""Where a file lies: on this computer, or on a drive that other computers share.

SQLite's write-ahead log needs memory that all who write share, and two computers share none: on a network drive a
database is opened with a rollback journal instead, which rests on the drive's file locks alone
(https://www.sqlite.org/wal.html, https://www.sqlite.org/useovernet.html).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

REMOTE = frozenset({
    "nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "afs", "ceph", "glusterfs", "lustre",
    "ncpfs", "9p", "davfs", "webdav", "fuse.davfs2", "fuse.sshfs", "sshfs", "fuse.rclone", "fuse.glusterfs",
    "fuse.s3fs", "fuse.gvfsd-fuse", "fuse.google-drive-ocamlfuse", "fuse.onedriver",
})  # fmt: skip
"""File systems that are reached over a network, as Linux and macOS call them."""

VARIABLE = "HARVEST_NETWORK_DRIVE"
"""`1` or `0` in the environment, where the drive is not recognised for what it is."""

_DRIVE_REMOTE = 4
"""What Windows answers for a network drive (GetDriveTypeW, fileapi.h)."""


def network_drive(path: Path) -> str:
    """What kind of network drive a file lies on; empty for a drive of this computer, or when nobody can tell."""
    said = os.environ.get(VARIABLE, "")
    if said:
        return "network" if said != "0" else ""
    folder = path.absolute().parent
    if sys.platform == "win32":
        return _of_windows(folder)
    return mounted(_mounts(), folder.resolve())


def mounted(mounts: str, folder: Path) -> str:
    """The network file system that holds a folder, by a table of mounts as Linux or `mount` on macOS prints it."""
    best, kind = "", ""
    for point, of in map(_mount, mounts.splitlines()):
        if point and PurePosixPath(folder).is_relative_to(point) and len(point) >= len(best):
            best, kind = point, of
    return kind if kind in REMOTE else ""


def _mount(line: str) -> tuple[str, str]:
    r"""Mount point and file system: `host:/x /mnt/team nfs4 rw 0 0`, or `//host/x on /Volumes/team (smbfs, nodev)`."""
    if " on /" in line and "(" in line:
        point, _, rest = line.partition(" on ")[2].rpartition(" (")
        return point, rest.partition(",")[0].strip(" )")
    words = line.split()
    point, kind = (words[1], words[2]) if len(words) > 2 else ("", "")
    return point.replace("\\040", " "), kind


def _mounts() -> str:
    table = Path("/proc/self/mounts")
    if table.exists():
        return table.read_text("utf-8", "replace")
    try:
        done = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):  # neither: nobody can tell
        return ""
    return done.stdout


def _of_windows(folder: Path) -> str:
    import ctypes  # noqa: PLC0415 - only Windows has this door

    kind = ctypes.windll.kernel32.GetDriveTypeW(f"{folder.anchor}")  # type: ignore[attr-defined]
    return "network" if kind == _DRIVE_REMOTE else ""
