"""Long rows of numbers as the bytes in which they are kept, and the digests by which they are known again.

A harvest of a million reports is two million numbers: as JSON inside a row they are slow to write and to read,
as rows of their own ten times slower. Numbers stand in eight bytes each, the smallest first, and are compressed
where they are kept; a digest is taken over the bytes before compression, which no version of zlib changes.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence
from itertools import chain, islice
from typing import Any

from db.errors import CheckFailed

LEVEL = 1
"""Of compression: a quarter of the time of the usual one, a tenth more bytes."""


def digest_of(content: bytes) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def packed(content: bytes) -> bytes:
    """Compressed, as it is kept."""
    return zlib.compress(content, LEVEL)


def unpacked(kept: bytes, digest: str) -> bytes:
    """What `packed` was given. Raises `CheckFailed` when that is not what the digest was taken over."""
    try:
        content = zlib.decompress(kept)
    except zlib.error:
        content = b""
    if digest_of(content) != digest:
        raise CheckFailed(
            f"What was ranked or asked ({digest[:12]}…) is not what was stored: restore a backup of the database."
        )
    return content


# -- which texts were ranked --------------------------------------------------------------------------


def corpus_bytes(corpus: Mapping[int, Sequence[int]]) -> bytes:
    """Reports with the revisions of their records: how many, all reports, how many revisions each, all revisions."""
    reports = sorted(corpus)
    sizes = [len(corpus[report]) for report in reports]
    revisions = chain.from_iterable(corpus[report] for report in reports)
    return _bytes(array("q", chain([len(reports)], reports, sizes, revisions)))


def corpus_of(content: bytes) -> dict[int, tuple[int, ...]]:
    """What `corpus_bytes` was given, in order of the reports."""
    numbers = _array("q", content)
    many = numbers[0]
    revisions = iter(numbers[1 + 2 * many :])
    reports, sizes = numbers[1 : 1 + many], numbers[1 + many : 1 + 2 * many]
    return {report: tuple(islice(revisions, size)) for report, size in zip(reports, sizes, strict=True)}


# -- the order ----------------------------------------------------------------------------------------


def order_bytes(order: Sequence[tuple[int, float]]) -> bytes:
    """(report, score), best first: all reports, then all scores, to the last bit."""
    reports, scores = (report for report, _ in order), (score for _, score in order)
    return _bytes(array("q", reports)) + _bytes(array("d", scores))


def order_of(content: bytes) -> tuple[tuple[int, float], ...]:
    """What `order_bytes` was given."""
    half = len(content) // 2
    return tuple(zip(_array("q", content[:half]), _array("d", content[half:]), strict=True))


def order_digest(order: Sequence[tuple[int, float]]) -> str:
    """By which two orders are compared bit for bit: reports, places and scores."""
    return digest_of(order_bytes(order))


def labels_digest(labels: Mapping[int, float]) -> str:
    """SHA-256 over what a ranking was trained on: JSON of [report, label], by report."""
    said = [[report, float(labels[report])] for report in sorted(labels)]
    return digest_of(json.dumps(said, separators=(",", ":")).encode())


def _bytes(numbers: array[Any]) -> bytes:
    return _little(numbers).tobytes()


def _array(kind: str, content: bytes) -> array[Any]:
    return _little(array(kind, content))


def _little(numbers: array[Any]) -> array[Any]:
    """The same numbers with the smallest byte first: a database is carried from one machine to another."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
