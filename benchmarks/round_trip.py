"""Queues out, decisions in: `python benchmarks/round_trip.py [--asreview PYTHON] [--records N]`.

For every tool: records out, how many of them come back by our identifier, and how many votes come back as they were
given. The records are made up, with what breaks files in them: quotes, commas, formulas, line breaks, other scripts,
authors by the dozen, titles without abstracts, the same title twice. With `--asreview` an interpreter that has
ASReview 3 (`python -m venv peer && peer/bin/pip install asreview`) imports, labels and exports for real; every other
tool is simulated (see `screeners.py`). The table is Markdown, for docs/round-trip.md.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from screeners import SIMULATED, Votes

from db.opinion import Verdict
from screen.decisions import DecisionRow, read_decisions
from screen.export import Cover, QueueRow, harvest_id
from screen.profiles import PROFILES

REASONS = {"design": "Not a controlled trial", "population": "Other participants, older or ill"}
_PIECES = (
    "=SUM(A1)", "mothers & infants", '"quoted"', "a, b; c", "Ünïcode 母子", "<i>in vitro</i>", "+44", "-1", "@x",
    "plain", "100 % of it", "TY  - JOUR", "O'Brien's", "long " * 40,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trip:
    """What became of one queue."""

    tool: str
    how: str
    out: int
    matched: int
    given: int
    votes: int
    remark: str = ""


def made(count: int, seed: int = 1) -> list[QueueRow]:
    """Records with what breaks files in them; every title is another one."""
    lot = random.Random(seed)
    return [
        QueueRow(
            harvest_id(number),
            number,
            " ".join(f"{' '.join(lot.sample(_PIECES, 2))} {number}".split()),
            "" if number % 7 == 0 else f"{lot.choice(_PIECES)} of {number}.\nAnd a second line.",
            tuple(f"Author{n}, Ä." for n in range(lot.choice((0, 1, 3, 40)))),
            lot.choice((None, 1999, 2020)),
            "A Journal, or Two",
            f"10.1000/x{number}" if number % 3 else "",
            str(30_000_000 + number) if number % 4 else "",
            keywords=("infant", "mother-child"),
        )
        for number in range(1, count + 1)
    ]


def decided(rows: Sequence[QueueRow], *, person: str, seed: int, labels: bool = False) -> Votes:
    """Votes of one person on nine in ten; without `unsure` and reasons where a tool has only two labels."""
    lot = random.Random(seed)
    told: dict[str, tuple[str, str]] = {}
    for row in rows:
        verdict = lot.choice(("include", "exclude") if labels else ("include", "exclude", "unsure"))
        reason = lot.choice(list(REASONS.values())) if verdict == "exclude" and not labels else ""
        if lot.random() < 0.9:
            told[row.title] = verdict, reason
    return {person: told}


def simulated(name: str, rows: Sequence[QueueRow]) -> Trip:
    """A queue through what we believe a tool does."""
    votes = decided(rows, person="Ann", seed=2)
    if name == "rayyan":
        votes = {**votes, **decided(rows, person="Bob", seed=3)}
    if name == "eppi":  # its lists carry no reasons
        votes = {who: {t: (v, "") for t, (v, _) in told.items()} for who, told in votes.items()}
    kind = next(iter(PROFILES[name].writers))
    found: list[DecisionRow] = []
    for part in PROFILES[name].parts(kind, rows, Cover(reasons=REASONS)):
        for body, verdict in SIMULATED[name](part.body, votes):
            found += taken(body, cast("Verdict | None", verdict or None))
    return counted(PROFILES[name].label, f"{kind}, simulated", rows, votes, found)


def taken(body: bytes, verdict: Verdict | None = None) -> tuple[DecisionRow, ...]:
    """The decisions in a file; a problem ends the measurement."""
    read = read_decisions(body, "export", REASONS, verdict=verdict)
    assert not read.problems, read.problems[:3]
    return read.rows


def counted(
    tool: str,
    how: str,
    rows: Sequence[QueueRow],
    votes: Votes,
    found: Sequence[DecisionRow],
    remark: str = "",
) -> Trip:
    """Compare what came back with what was given, by our identifier alone."""
    names = {row.title: row.harvest_id for row in rows}
    codes = {meaning: code for code, meaning in REASONS.items()} | {"": ""}
    one = next(iter(votes)) if len(votes) == 1 else ""
    given = {
        (person, names[title], verdict, codes[reason])
        for person, told in votes.items()
        for title, (verdict, reason) in told.items()
    }
    back = {(row.by or one, row.harvest_id, row.verdict, row.reason) for row in found}
    back = {(one or person, *rest) for person, *rest in back}
    matched = {row.harvest_id for row in found} & {name for _, name, _, _ in given}
    asked = {name for _, name, _, _ in given}
    return Trip(tool, how, len(asked), len(matched), len(given), len(given & back), remark)


def really(python: str, rows: Sequence[QueueRow], kind: str, back: str, folder: Path) -> Trip:
    """A queue through ASReview itself: a fifth of the labels goes in with it, the others are given there."""
    votes = decided(rows, person="Ann", seed=4, labels=True)
    prior = {row.title: votes["Ann"][row.title][0] for row in rows[::5] if row.title in votes["Ann"]}
    told = {t: int(verdict == "include") for t, (verdict, _) in votes["Ann"].items() if t not in prior}
    spelled = {spelling: said for title, said in told.items() for spelling in (title, f"'{title}")}
    queue, labels, out = folder / f"queue.{kind}", folder / "votes.json", folder / f"back.{back}"
    labelled = [replace(row, decision=prior.get(row.title, "")) for row in rows]
    queue.write_bytes(PROFILES["asreview"].parts(kind, labelled, Cover())[0].body)
    labels.write_text(json.dumps(spelled), encoding="utf-8")
    script = Path(__file__).with_name("run_asreview_trip.py")
    run = subprocess.run(
        [python, str(script), str(queue), str(labels), back, str(out)],
        check=True,
        capture_output=True,
        text=True,
    )
    read = json.loads(run.stdout.splitlines()[-1])
    abstracts = sum(bool(row.abstract) for row in rows)
    remark = (
        f"read {read['titles']} of {len(rows)} titles, {read['abstracts']} of {abstracts} abstracts, "
        f"{read['labels']} of {len(prior)} labels"
    )
    return counted(
        f"ASReview {read['version']}", f"{kind} → {back}", rows, votes, taken(out.read_bytes()), remark
    )


def table(trips: Sequence[Trip]) -> Iterator[str]:
    """The figures as Markdown."""
    yield "| tool | way | records out | matched back | votes given | votes back | |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | --- |"
    for t in trips:
        yield f"| {t.tool} | {t.how} | {t.out:,} | {t.matched:,} | {t.given:,} | {t.votes:,} | {t.remark} |"


def main() -> None:
    """Measure, print the table; exit 1 when anything was lost."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--asreview", metavar="PYTHON", help="an interpreter that has ASReview 3")
    ask.add_argument("--records", type=int, default=500)
    said = ask.parse_args()
    rows = made(said.records)
    trips = [simulated(name, rows) for name in SIMULATED]
    if said.asreview:
        ways = [("csv", "csv"), ("csv", "xlsx"), ("ris", "ris"), ("ris", "csv"), ("xlsx", "xlsx")]
        with TemporaryDirectory() as folder:
            trips += [really(said.asreview, rows, *way, Path(folder)) for way in ways]
    print("\n".join(table(trips)))
    sys.exit(any(t.matched < t.out or t.votes < t.given for t in trips))


if __name__ == "__main__":
    main()
