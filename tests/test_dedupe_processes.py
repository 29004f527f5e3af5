"""Work in several processes gives what work in one gives, and nobody is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from itertools import count

import pytest

from db.errors import HarvestError
from dedupe import processes
from dedupe.processes import Processes, processors


@pytest.mark.parametrize("number", [1, 2])
def test_results_come_in_the_order_of_the_tasks(number):
    with Processes(number) as several:
        assert list(several.map(abs, [-3, 2, -1, *range(20)])) == [3, 2, 1, *range(20)]
        assert list(several.map(abs, [])) == []


def test_tasks_are_asked_for_as_they_are_needed():
    with Processes(2) as several:
        first = [result for result, _ in zip(several.map(abs, count()), range(5), strict=False)]
    assert first == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("number", [1, 2])
def test_what_goes_wrong_in_a_task_is_told(number):
    with Processes(number) as several, pytest.raises(ZeroDivisionError):
        list(several.map((1).__truediv__, [1, 0]))


def test_there_is_at_least_one_processor(monkeypatch):
    assert processors() >= 1
    monkeypatch.delattr(processes.os, "sched_getaffinity", raising=False)
    assert processors() == os.cpu_count()


def test_a_process_that_is_ended_from_outside_is_told_in_one_sentence():
    with (
        Processes(2) as several,
        pytest.raises(HarvestError, match="want of memory; nothing of this step was kept"),
    ):
        list(several.map(os._exit, [9, 9]))


WORK = """
import sys
from itertools import count
from dedupe.processes import Processes
if __name__ == "__main__":
    with Processes(2) as several:
        for _ in several.map(abs, count()):
            print("at work", flush=True)
"""


def test_a_killed_program_leaves_nobody_behind(tmp_path):
    script = tmp_path / "work.py"
    script.write_text(WORK)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, env=environment) as program:
        assert program.stdout.readline() == b"at work\n"
        program.send_signal(signal.SIGKILL)
        program.stdout.read()  # ends when the last process that could write is gone
        assert program.wait() == -signal.SIGKILL
