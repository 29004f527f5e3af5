"""A finished review, read again as if nobody knew what it would include.

`replay` lets a ranker read a labelled set: it is asked for an order, the foremost records are "read", their
labels are told, and it is asked again. `screen.figures` says what such a reading is worth. The set is shuffled
before (`shuffled`), so that the place of a record in a file helps nobody, and labels may be given beforehand
(`drawn`): the priors, which are no part of the reading.

Everything here is a pure function of what it is given; the clocks are handed in, too.
"""

from __future__ import annotations

import random
import re
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from db.errors import WrongUse
from screen.document import Document

Labels = Mapping[int, float]
"""Id → 1 included, 0 excluded."""
Order = Callable[[Labels], Sequence[int]]
"""Labels told so far → every id, best first; ids that have a label may be among them and are passed over."""
Clock = Callable[[], float]
"""Seconds since some moment."""

_SCHEDULE = re.compile(r"(\d+)|(\d+(?:\.\d+)?) ?%")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the ranker is asked again."""

    every: int = 1
    """After so many records at least."""
    growth: float = 0.0
    """And when the labels have grown by this share: 0.02 for 2 %."""

    @classmethod
    def of(cls, text: str) -> Schedule:
        """From `1`, `10` or `2%`. Raises `WrongUse` for anything else."""
        match = _SCHEDULE.fullmatch(text.strip())
        if match is None or float(match[1] or match[2]) <= 0:
            raise WrongUse(f"{text!r} does not say how often to rank again: write 1, 10 or 2%.")
        return cls(every=int(match[1])) if match[1] else cls(growth=float(match[2]) / 100)

    def batch(self, labels: int) -> int:
        """How many records are read in one order, when there are so many labels."""
        return max(self.every, int(labels * self.growth))

    def __str__(self) -> str:
        return f"{100 * self.growth:g}%" if self.growth else str(self.every)


@dataclass(frozen=True, slots=True)
class Reading:
    """A set, read to its end; priors are not in it."""

    ids: tuple[int, ...]
    """In the order read. What came after the last include stands in the order in force then."""
    found: tuple[int, ...]
    """1 for an include, 0 for an exclude, in the same order."""
    seconds: tuple[float, ...] = ()
    """What each order took by the clock; none was asked for after the last include."""
    cpu: tuple[float, ...] = ()
    """The same as CPU time of this process, all its threads together."""

    @property
    def milliseconds(self) -> float:
        """The mean of the re-rankings; the first order is not one when there were others."""
        return 1000 * statistics.fmean(self.seconds[1:] or self.seconds or (0.0,))

    @property
    def cpu_milliseconds(self) -> float:
        """As `milliseconds`, of CPU time."""
        return 1000 * statistics.fmean(self.cpu[1:] or self.cpu or (0.0,))


def replay(
    truth: Mapping[int, int],
    order: Order,
    priors: Labels | None = None,
    schedule: Schedule | None = None,
    clock: Clock = time.perf_counter,
    cpu_clock: Clock = time.process_time,
) -> Reading:
    """Read every record that `truth` has a label for, and that is no prior.

    Without priors this is a cold start: the first order is made from no label at all. Ids of an order that
    `truth` does not know (records nobody has labelled) are passed over: nobody can say what they were.

    Raises:
        WrongUse: an order leaves records out.
    """
    labels: dict[int, float] = dict(priors or {})
    schedule = schedule or Schedule()
    waiting = dict.fromkeys(number for number in truth if number not in labels)
    hidden = sum(truth[number] for number in waiting)
    read: list[int] = []
    seconds: list[float] = []
    cpu: list[float] = []
    while hidden:
        started, cpu_started = clock(), cpu_clock()
        ranked = order(labels)
        cpu.append(cpu_clock() - cpu_started)
        seconds.append(clock() - started)
        batch = list(islice((number for number in ranked if number in waiting), schedule.batch(len(labels))))
        if not batch:
            raise WrongUse(
                f"The ranker leaves {len(waiting)} records out of its order; it must name every one."
            )
        for number in batch:
            del waiting[number]
            labels[number] = truth[number]
            hidden -= truth[number]
        read += batch
        if not hidden:
            read += [number for number in ranked if number in waiting]
    return Reading(tuple(read), tuple(truth[number] for number in read), tuple(seconds), tuple(cpu))


def shuffled(
    documents: Sequence[Document], truth: Mapping[int, int], seed: str
) -> tuple[tuple[Document, ...], dict[int, int]]:
    """The same set in random order under new ids 1, 2, …: where a record stood in a file orders nothing."""
    mixed = list(documents)
    random.Random(f"{seed}:order").shuffle(mixed)  # noqa: S311 - chance for an experiment, not for a secret
    named = tuple(replace(item, id=number) for number, item in enumerate(mixed, start=1))
    return named, {new.id: truth[old.id] for new, old in zip(named, mixed, strict=True) if old.id in truth}


def drawn(truth: Mapping[int, int], each: int, seed: str) -> dict[int, float]:
    """Priors: so many random includes, and as many random excludes.

    Raises:
        WrongUse: nothing of one kind would be left to find.
    """
    dice = random.Random(f"{seed}:priors")  # noqa: S311 - as above
    priors: dict[int, float] = {}
    for kind, name in ((1, "included"), (0, "excluded")):
        of_kind = [number for number in sorted(truth) if truth[number] == kind]
        if len(of_kind) <= each:
            raise WrongUse(
                f"{len(of_kind)} of {len(truth)} labelled records are {name}: a replay that is told {each} of them "
                "has none left to find; give more labels or fewer priors."
            )
        priors.update(dict.fromkeys(dice.sample(of_kind, each), float(kind)))
    return priors
