"""What a reading of a labelled set is worth: how early the includes came, and what stopping would have cost.

A reading is 1 or 0 for every record, in the order read; the priors, labels that were given beforehand, are no
part of it. With N records to read, R of them included, and t_i the place at which the i-th include is read:

recall@p   share of the includes among the first p % of the N records
WSS@95     0.95 − t_(95 % of R) / N: the share of the reading saved at 95 % recall (Cohen 2006,
           doi 10.1197/jamia.M1929)
ATD        average time to discovery: the mean of t_i, in records (Ferdinands 2023,
           doi 10.1186/s13643-023-02257-7)
first      t_1 / N
last       t_R / N
loss       area between the recall curve and the perfect one, over that between the perfect and the worst;
           0 is perfect, 1/2 is what chance gives (as in ASReview)
NDCG       sum of 1 / log2(t_i + 1), over that of the perfect reading (Järvelin & Kekäläinen 2002,
           doi 10.1145/582415.582418)
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from math import log2, sqrt

from db.errors import WrongUse

NAMES: Mapping[str, str] = {
    "recall10": "recall@10", "recall20": "recall@20", "recall50": "recall@50", "wss95": "WSS@95", "atd": "ATD",
    "first": "first", "last": "last", "loss": "loss", "ndcg": "NDCG",
}  # fmt: skip
"""Field of `Figures` → what the literature calls it, in the order of the fields."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a reading is worth; the definitions stand above. Shares are between 0 and 1."""

    recall10: float
    recall20: float
    recall50: float
    wss95: float
    atd: float
    """In records."""
    first: float
    last: float
    loss: float
    ndcg: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean of paired differences with its 95 % confidence interval, mean ± half."""

    mean: float
    half: float | None
    """By Student's t; None for a single pair."""
    pairs: int
    above: int
    """Pairs in which the difference is above 0."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """What would have come of stopping a reading early."""

    read: int
    """Records."""
    recall: float
    saved: float
    """Share of the records left unread."""


def measure(found: Sequence[int]) -> Figures:
    """Figures of one reading: 1 or 0 for every record, in the order read.

    Raises:
        WrongUse: there are no includes, or nothing else.
    """
    places = [place for place, label in enumerate(found, start=1) if label]
    total, includes = len(found), len(places)
    _both_kinds(total, includes)
    return Figures(
        recall10=_within(places, 10, total),
        recall20=_within(places, 20, total),
        recall50=_within(places, 50, total),
        wss95=0.95 - places[_most(includes) - 1] / total,
        atd=statistics.fmean(places),
        first=places[0] / total,
        last=places[-1] / total,
        loss=(statistics.fmean(places) - (includes + 1) / 2) / (total - includes),
        ndcg=sum(map(_gain, places)) / sum(map(_gain, range(1, includes + 1))),
    )


def by_chance(total: int, includes: int) -> Figures:
    """What random order comes to, exactly: the expectation of each figure over all orders.

    The k-th of R includes among N is expected at k (N + 1) / (R + 1).

    Raises:
        WrongUse: there are no includes, or nothing else.
    """
    _both_kinds(total, includes)
    apart = (total + 1) / (includes + 1)
    ideal = sum(map(_gain, range(1, includes + 1)))
    return Figures(
        recall10=10 * total // 100 / total,
        recall20=20 * total // 100 / total,
        recall50=50 * total // 100 / total,
        wss95=0.95 - _most(includes) * apart / total,
        atd=(total + 1) / 2,
        first=apart / total,
        last=includes * apart / total,
        loss=0.5,
        ndcg=includes / total * sum(map(_gain, range(1, total + 1))) / ideal,
    )


def stopped(found: Sequence[int], at: int) -> Stopped:
    """What stopping after `at` records comes to. Raises `WrongUse` when nothing was to be found."""
    _both_kinds(len(found), sum(found))
    at = min(at, len(found))
    return Stopped(at, sum(found[:at]) / sum(found), 1 - at / len(found))


def oracle(found: Sequence[int], percent: int = 95) -> Stopped:
    """Stopping at the very record that reaches the target: what somebody saves who knows the labels."""
    _both_kinds(len(found), sum(found))
    places = [place for place, label in enumerate(found, start=1) if label]
    return stopped(found, places[_most(len(places), percent) - 1])


def _both_kinds(total: int, includes: int) -> None:
    if not 0 < includes < total:
        raise WrongUse(f"{includes} of {total} records are included: there is nothing to tell apart.")


def _within(places: Sequence[int], percent: int, total: int) -> float:
    """Share of the places that lie in the first part."""
    return sum(100 * place <= percent * total for place in places) / len(places)


def _most(includes: int, percent: int = 95) -> int:
    """How many includes are that share of them, rounded up."""
    return -(-percent * includes // 100)


def _gain(place: int) -> float:
    return 1 / log2(place + 1)


# -- several readings -----------------------------------------------------------------------------------


def mean(figures: Sequence[Figures]) -> Figures:
    """Figure by figure."""
    return Figures(*(statistics.fmean(values) for values in _columns(figures)))


def spread(figures: Sequence[Figures]) -> Figures:
    """Sample standard deviation, figure by figure; 0 for a single reading."""
    return Figures(*(statistics.stdev(values) if len(values) > 1 else 0.0 for values in _columns(figures)))


def paired(ours: Sequence[float], theirs: Sequence[float]) -> Difference:
    """Ours less theirs, pair by pair.

    Raises:
        WrongUse: no pairs, or not as many of one as of the other.
    """
    if not ours or len(ours) != len(theirs):
        raise WrongUse(f"{len(ours)} figures cannot be compared with {len(theirs)}, one with one.")
    gaps = [a - b for a, b in zip(ours, theirs, strict=True)]
    half = None
    if len(gaps) > 1:
        from scipy.special import stdtrit  # noqa: PLC0415 - only where an interval is wanted

        half = float(stdtrit(len(gaps) - 1, 0.975)) * statistics.stdev(gaps) / sqrt(len(gaps))
    return Difference(statistics.fmean(gaps), half, len(gaps), sum(gap > 0 for gap in gaps))


def _columns(figures: Sequence[Figures]) -> Iterator[tuple[float, ...]]:
    return zip(*map(astuple, figures), strict=True)
