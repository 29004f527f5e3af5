"""Papers for the benchmarks of the deduplication, and the benchmarks where tests find them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from random import Random

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@contextmanager
def found() -> Iterator[None]:
    """The parts of the benchmarks find each other, behind the package that bears the name of one of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path, str(BENCHMARKS)])
        yield


def writer(folder: Path) -> Callable[[str, list[dict[str, str]], Iterable[str]], Path]:
    """Writes labelled sets into a folder, which it returns."""

    def write(name: str, rows: list[dict[str, str]], clusters: Iterable[str]) -> Path:
        labelled = import_module("labelled")
        (folder / name).mkdir(parents=True)
        labelled.write(folder / name / "records.csv", rows)
        told = ({"id": row["id"], "cluster": cluster} for row, cluster in zip(rows, clusters, strict=True))
        labelled.write(folder / name / "truth.csv", told, ("id", "cluster"))
        return folder

    return write


def _name(number: int, start: str) -> str:
    return start + "abcdefghij"[number // 10] + "abcdefghij"[number % 10]


def papers(count: int) -> list[dict[str, str]]:
    """Papers that are fit to get a partner: of other people, on other things, at other places."""
    random, words = (
        Random(7),
        [
            "soothing",
            "infants",
            "reading",
            "mothers",
            "fathers",
            "sleep",
            "feeding",
            "crying",
            "clinic",
            "village",
        ],
    )
    return [
        {
            "source": "", "pmid": "", "entrytype": "", "id": f"r{number:03}", "title": f"{' '.join(random.sample(words, 6))} in the cohort {number + 300}",
            "authors": f"{_name(number, 'Quill')}, A.; {_name(number, 'Reed')}, Bertha", "journal": f"Journal of Imagined Care {number}",
            "year": str(1990 + number % 30), "volume": str(number + 3), "issue": "2", "doi": f"10.5555/x.{number}",
            "pages": f"{number * 20 + 1}-{number * 20 + 9}", "abstract": f"We looked at {number} families. " * 5,
        }
        for number in range(count)
    ]  # fmt: skip
