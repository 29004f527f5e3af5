"""Seconds and megabytes of work in a process of its own; a part of `dedupe.py` and of what it starts.

Only the standard library: other tools run under interpreters that have nothing of ours. The worker says when what
is measured is over, by a line on its standard output; until then its memory is watched from outside.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

Found = TypeVar("Found")
_MEGABYTE = 1024**2
_EVERY = 0.1
"""Seconds between two looks at the memory."""


class Failed(RuntimeError):
    """A worker that did not come to an end; the last it said."""


# -- in the worker --------------------------------------------------------------------------------------


def timed(work: Callable[[], Found]) -> tuple[Found, dict[str, float]]:
    """What the work gives, and its seconds: on the clock, and of CPU in this process and those it waited for."""
    clock, cpu = time.perf_counter(), _cpu()
    found = work()
    return found, {"seconds": time.perf_counter() - clock, "cpu": _cpu() - cpu}


def measured() -> None:
    """Say that what is measured is over; with it goes the most that one process has held so far."""
    print(max(_own_peak(), _rusage_peak(resource.RUSAGE_CHILDREN)), file=sys.__stdout__, flush=True)


def _own_peak() -> float:
    """From /proc, since Linux hands the peak in `getrusage` down from whoever started the process."""
    told = re.search(r"VmHWM:\s+(\d+) kB", _read("/proc/self/status"))
    return int(told[1]) / 1024 if told else _rusage_peak(resource.RUSAGE_SELF)


def _rusage_peak(who: int) -> float:
    """Linux counts in kilobytes, macOS in bytes."""
    return resource.getrusage(who).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / _MEGABYTE


def keep(out: str, outcomes: Iterator[dict[str, Any]]) -> None:
    """Write what came out, one line of JSON each."""
    with Path(out).open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(outcome) + "\n" for outcome in outcomes)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


# -- from outside ---------------------------------------------------------------------------------------


def watched(python: str, script: Path, *arguments: str) -> list[dict[str, Any]]:
    """Run a worker; what it wrote, with `peak_mb` of each.

    The peak is the largest sum over the process and its children, in which shared pages count once (PSS, Linux
    only), and never less than the largest single process. Raises `Failed`.
    """
    with tempfile.TemporaryDirectory(prefix="harvest-benchmark-") as folder:
        out, said = Path(folder) / "out.jsonl", Path(folder) / "stderr"
        with said.open("wb") as errors:
            peaks, code = _peaks([python, str(script), str(out), *arguments], errors.fileno())
        if code != 0:
            lines = said.read_text("utf-8", "replace").strip().splitlines()
            raise Failed(f"{script.name} ended with {code}: {lines[-1] if lines else 'no word'}")
        with out.open(encoding="utf-8") as lines_of_json:
            outcomes = [json.loads(line) for line in lines_of_json]
    return [outcome | {"peak_mb": peak} for outcome, peak in zip(outcomes, peaks, strict=True)]


def _peaks(command: Sequence[str], errors: int) -> tuple[list[float], int]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process:
        memory = _Memory(process.pid)
        assert process.stdout is not None
        peaks = [max(float(line), memory.peak()) for line in process.stdout]
        memory.over.set()
    return peaks, process.returncode


class _Memory:
    """The most that a process and its children held together since last asked, in megabytes."""

    def __init__(self, process: int) -> None:
        self.over = threading.Event()
        self._process, self._most = process, 0.0
        threading.Thread(target=self._watch, daemon=True).start()

    def peak(self) -> float:
        most, self._most = self._most, 0.0
        return most

    def _watch(self) -> None:
        while not self.over.wait(_EVERY):
            self._most = max(self._most, sum(map(_proportional, _family(self._process))) / _MEGABYTE)


def _family(process: int) -> Iterator[int]:
    """The process and all below it, as far as the system tells."""
    yield process
    for task in _listing(f"/proc/{process}/task"):
        for child in _read(f"/proc/{process}/task/{task}/children").split():
            yield from _family(int(child))


def _proportional(process: int) -> int:
    """Bytes of one process; a page that n processes share counts one n-th. 0 once it has ended."""
    for line in _read(f"/proc/{process}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _listing(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 -- names are all that is wanted, ten times a second
    except OSError:
        return []


def _read(path: str) -> str:
    """What the system says of a process; nothing of one that has just ended, or where there is no /proc."""
    try:
        return Path(path).read_text(encoding="ascii")
    except OSError:
        return ""
