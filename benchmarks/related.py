"""Papers that are related and not the same, made from real ones: `python benchmarks/related.py FOLDER OUT`.

Of real records (one per true cluster, at random, from each set of FOLDER in turn) each gets one partner: its erratum,
the registration of its trial, a comment, the reply, its second part, the abstract at a meeting, the protocol, the
preprint, the retraction notice, a translation, another edition. Wordings and places are those that databases and
publishers use (MEDLINE, Embase, Web of Science, CENTRAL, Elsevier, Springer), written down from their records and not
from our rules. OUT gets a set in which every record is a paper of its own (`records.csv`, `truth.csv`), and
`pairs.csv` (a, b, kind). The same seed makes the same files.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(
    0, str(Path(__file__).resolve().parent.parent)
)  # in front: there is a dedupe.py beside this file

from labelled import Labelled, Row, rows, sets, write

SEED = 20_261_122
PER_KIND = 60
PAIRS = ("a", "b", "kind")

KINDS: Mapping[str, str] = {
    "erratum": "erratum", "retraction notice": "retraction", "comment": "comment", "reply": "reply",
    "part II": "part", "edition": "edition", "registration": "registration", "protocol": "protocol",
    "conference abstract": "conference abstract", "preprint": "preprint", "translation": "translation",
}  # fmt: skip
"""Kind of partner → the `Kind` of link by which it should be shown."""

_TELLING = 35
"""Letters a title must have, so that its partner could be taken for it."""
_NOT_A_PAPER = re.compile(
    r"erratum|corrigend|correction|retract|comment|reply|letter|\bpart\b|editor|\(vol", re.IGNORECASE
)
_EXTENT = re.compile(r"\d+\s?[-–]+\s?\d+")
"""Pages of a paper; those of an abstract at a meeting are S12 or 345A."""


@dataclass(frozen=True, slots=True)
class Partners:
    """A real record, perhaps reworded, and what is related to it."""

    original: Row
    partner: Row
    kind: str


def made(originals: Sequence[Row], per_kind: int, seed: int = SEED) -> Iterator[Partners]:
    """As many partners of each kind, each of another record. Raises `SystemExit` when there are too few records."""
    if len(originals) < per_kind * len(KINDS):
        raise SystemExit(
            f"{len(KINDS)} x {per_kind} records are needed and {len(originals)} are fit: ask for fewer."
        )
    random = Random(seed)
    chosen = iter(originals)
    for kind, make in _MAKERS.items():
        for number in range(per_kind):
            original, partner = make(next(chosen), random)
            name = f"{kind.replace(' ', '-')}-{number:03}"
            id_ = partner["id"] if partner["entrytype"] == "registration" else f"{name}-b"
            yield Partners(original | {"id": f"{name}-a"}, partner | {"id": id_, "pmid": ""}, kind)


def originals(folder: Path, seed: int = SEED) -> list[Row]:
    """Fit records, one per true cluster, shuffled, and one set after the other in turn as long as they last."""
    random, stacks = Random(seed), [_fit_of(one) for one in sets(folder)]
    for stack in stacks:
        random.shuffle(stack)
    return [row for layer in zip_longest(*stacks) for row in layer if row is not None]


def _fit_of(one: Labelled) -> list[Row]:
    first: dict[str, Row] = {}
    for row in rows(one.records):
        if _fit(row):
            first.setdefault(one.truth[row["id"]], row | {"title": row["title"].strip().rstrip(".")})
    return list(first.values())


def _fit(row: Row) -> bool:
    known = all(row[field] for field in ("authors", "journal", "year", "volume", "pages"))
    paper = row["entrytype"] in {"", "article", "JOUR"} and not _NOT_A_PAPER.search(row["title"])
    printed = _EXTENT.fullmatch(row["pages"]) is not None
    return known and paper and printed and len(row["title"]) >= _TELLING and row["title"].isascii()


# -- the kinds ------------------------------------------------------------------------------------------

Made = tuple[Row, Row]


def erratum(row: Row, random: Random) -> Made:
    """By the same people or nobody, in the same journal, later and on one page."""
    title, place = row["title"], _cited(row)
    words = random.choice([
        f"Erratum: {title} ({place})", f"Erratum to: {title}", f"Correction to: {title}",
        f'Corrigendum to "{title}" [{place}]', f"Author Correction: {title}", f"Correction: {title}",
        f"{title} (vol {row['volume']}, pg {_first(row)}, {row['year']})", f"Erratum. {title}",
    ])  # fmt: skip
    return row, _later(row, random, words, pages=1, people=random.random() < 0.7)


def retraction(row: Row, random: Random) -> Made:
    """The notice; what is retracted keeps its own record."""
    title = row["title"]
    words = random.choice([
        f"Retraction: {title}", f'Retraction notice to "{title}" [{_cited(row)}]', f"Retraction Note: {title}",
        f"Retraction of: {title}", f"Notice of retraction: {title}", f"Retraction. {title}",
    ])  # fmt: skip
    return row, _later(row, random, words, years=random.randint(1, 4), pages=1, people=random.random() < 0.6)


def comment(row: Row, random: Random) -> Made:
    """By others, in the same journal."""
    title = row["title"]
    words = random.choice([
        f"Comment on: {title}", f'Comment on "{title}"', f"Re: {title}", f"Commentary on '{title}'",
        f"{title}: a comment", f'Regarding "{title}"', f"Letter to the editor: {title}", f"Comments on {title}",
    ])  # fmt: skip
    return row, _later(row, random, words, pages=2) | {"authors": _strangers(random)}


def reply(row: Row, random: Random) -> Made:
    """By the same people, to those who commented."""
    title = row["title"]
    words = random.choice([
        f"Reply to: {title}", f"Authors' reply: {title}", f"{title} - Reply", f'Reply to comment on "{title}"',
        f"Response to comments on '{title}'", f"{title}: authors' response", f"Author reply. {title}",
    ])  # fmt: skip
    return row, _later(row, random, words, pages=2)


def part_two(row: Row, random: Random) -> Made:
    """Two parts in one issue, one after the other, or in two volumes."""
    first, second = random.choice([
        ("{}: Part I", "{}: Part II"), ("{}. Part 1", "{}. Part 2"), ("{} - I", "{} - II"), ("{} (I)", "{} (II)"),
        ("Part I: {}", "Part II: {}"), ("{}, part one", "{}, part two"), ("{}. 1. Methods", "{}. 2. Results"),
    ])  # fmt: skip
    start = _first(row) + 12
    place = random.choice([
        {"pages": f"{start}-{start + 9}"},
        {"pages": _extent(random, 10), "volume": _plus(row["volume"], 1), "issue": "1"},
    ])  # fmt: skip
    partner = (
        row | place | {"title": second.format(row["title"]), "doi": _other_doi(row, random), "abstract": ""}
    )
    return row | {"title": first.format(row["title"])}, partner


def edition(row: Row, random: Random) -> Made:
    """A book, and the same book years later."""
    book = row | {
        "entrytype": "book",
        "journal": "",
        "volume": "",
        "issue": "",
        "pages": "",
        "doi": "",
        "abstract": "",
    }
    first, second = random.choice([
        ("{}", "{}. 2nd ed"), ("{}. 2nd edition", "{}. 3rd edition"), ("{}, Third Edition", "{}, Fourth Edition"),
        ("{} (1st ed.)", "{} (2nd ed.)"),
    ])  # fmt: skip
    later = {"title": second.format(row["title"]), "year": _plus(row["year"], random.randint(3, 8))}
    return book | {"title": first.format(row["title"])}, book | later


def registration(row: Row, random: Random) -> Made:
    """As ClinicalTrials.gov and as CENTRAL give it; half of the papers name its number in their abstract."""
    number = f"NCT{random.randint(1_000_000, 5_999_999):08}"
    year = _plus(row["year"], -random.randint(1, 4))
    bare = {"volume": "", "issue": "", "pages": "", "doi": "", "year": year, "abstract": "", "authors": ""}
    register = bare | {"id": number, "source": "clinicaltrials", "entrytype": "registration", "journal": ""}
    central = bare | {
        "journal": f"https://clinicaltrials.gov/show/{number}", "authors": number, "entrytype": "article",
    }  # fmt: skip
    paper = row
    if random.random() < 0.5:
        told = random.choice([f"ClinicalTrials.gov number, {number}.", f"Trial registration: {number}."])
        paper = row | {"abstract": f"{row['abstract']} {told}".strip()}
    return paper, row | random.choice([register, central])


def protocol(row: Row, random: Random) -> Made:
    """By most of the same people, years before, in a journal of protocols."""
    title = row["title"]
    words = random.choice([
        f"{title}: study protocol for a randomized controlled trial", f"{title}: a study protocol",
        f"Protocol for {title[0].lower()}{title[1:]}", f"{title}: rationale and design", f"Study protocol: {title}",
        f"{title}: protocol for a systematic review",
    ])  # fmt: skip
    year = _plus(row["year"], -random.randint(1, 4))
    journal = random.choice(["Trials", "BMJ Open", "Contemporary Clinical Trials", "Systematic Reviews"])
    place = {"journal": journal, "volume": str(random.randint(2, 20)), "issue": "", "pages": _article(random)}
    return row, row | place | {"title": words, "year": year, "doi": _other_doi(row, random), "abstract": ""}


def meeting(row: Row, random: Random) -> Made:
    """Under the same title, a year or two before: in a supplement, as Embase and Web of Science give it."""
    page = random.randint(10, 900)
    supplement = {
        "journal": random.choice([row["journal"], *_SOCIETIES]), "volume": str(random.randint(10, 90)),
        "issue": random.choice(["Suppl 1", "Supplement 2", "4 SUPPL. 1", "S1"]),
        "pages": random.choice([f"S{page}", f"A{page}", f"{page}A", f"S{page}-S{page + 1}"]),
    }  # fmt: skip
    conference = {
        "journal": f"{random.choice(_SOCIETIES)}. Conference: {random.choice(_MEETINGS)} Annual Meeting",
        "volume": str(random.randint(10, 90)), "issue": "", "pages": str(page), "entrytype": "CONF",
    }  # fmt: skip
    year = _plus(row["year"], -random.randint(0, 2))
    place = random.choice([supplement, conference])
    return row, row | place | {"year": year, "doi": "", "abstract": row["abstract"][:300]}


def preprint(row: Row, random: Random) -> Made:
    """The same text, some months before it was printed."""
    number, year = random.randint(100_000, 999_999), _plus(row["year"], -random.randint(0, 1))
    server, doi = random.choice([
        ("medRxiv", f"10.1101/{year}.05.14.20{number}"), ("bioRxiv", f"10.1101/{number}"), ("SSRN", ""),
        ("Research Square", f"10.21203/rs.3.rs-{number}/v1"), ("arXiv", f"10.48550/arXiv.2104.{number % 100_000:05}"),
    ])  # fmt: skip
    return row, row | {
        "journal": server, "volume": "", "issue": "", "pages": "", "doi": doi, "year": year,
        "title": row["title"].replace("randomised", "randomized").capitalize(),
    }  # fmt: skip


def translation(row: Row, random: Random) -> Made:
    """Printed again in another language; databases give the English title in brackets."""
    title = random.choice(["[{}]", "[{}]. [Spanish]", "{} [German]", "[{}.]"]).format(row["title"])
    journal = random.choice([
        "Revista Medica de Chile", "Der Internist", "La Revue du praticien", "Zhonghua Yi Xue Za Zhi", "Orvosi Hetilap",
    ])  # fmt: skip
    place = {
        "journal": journal,
        "volume": str(random.randint(20, 140)),
        "issue": "",
        "pages": _extent(random, 8),
    }
    return row, row | place | {
        "title": title, "year": _plus(row["year"], random.randint(0, 1)), "doi": "", "abstract": "",
    }  # fmt: skip


_MAKERS: Mapping[str, Callable[[Row, Random], Made]] = {
    "erratum": erratum, "retraction notice": retraction, "comment": comment, "reply": reply, "part II": part_two,
    "edition": edition, "registration": registration, "protocol": protocol, "conference abstract": meeting,
    "preprint": preprint, "translation": translation,
}  # fmt: skip


# -- places and people ----------------------------------------------------------------------------------

_SOCIETIES = (
    "Journal of the American Society of Nephrology", "Diabetologia", "European Heart Journal", "Blood",
    "Value in Health", "Annals of Neurology", "Gastroenterology", "Pediatric Research",
)  # fmt: skip
_MEETINGS = ("12th", "24th", "31st", "47th")
_FAMILIES = (
    "Okafor",
    "Lindqvist",
    "Haddad",
    "Moreau",
    "Castellani",
    "Petrov",
    "Yilmaz",
    "Brandt",
    "Sato",
    "Nowak",
)


def _later(
    row: Row, random: Random, title: str, *, years: int = 0, pages: int = 1, people: bool = True
) -> Row:
    """What the same journal printed afterwards."""
    start = _first(row) + random.randint(300, 900)
    years = years or random.randint(0, 1)
    return row | {
        "title": title, "abstract": "", "doi": _other_doi(row, random), "authors": row["authors"] if people else "",
        "year": _plus(row["year"], years), "volume": _plus(row["volume"], years),
        "issue": str(random.randint(1, 12)), "pages": str(start) if pages == 1 else f"{start}-{start + pages - 1}",
    }  # fmt: skip


def _cited(row: Row) -> str:
    return f"{row['journal']} ({row['year']}) {row['volume']} ({row['pages']})"


def _first(row: Row) -> int:
    number = re.search(r"\d+", row["pages"])
    return int(number[0][:6]) if number else 1


def _plus(number: str, more: int) -> str:
    return str(int(number) + more) if number.isdecimal() else number


def _extent(random: Random, length: int) -> str:
    start = random.randint(20, 1800)
    return f"{start}-{start + length}"


def _article(random: Random) -> str:
    return f"e{random.randint(100_000, 999_999):06}"


def _other_doi(row: Row, random: Random) -> str:
    """Under the same prefix, when the paper has one."""
    prefix = re.search(r"10\.\d+", row["doi"])
    return f"{prefix[0]}/{random.choice('abcjs')}.{random.randint(10**6, 10**7)}" if prefix else ""


def _strangers(random: Random) -> str:
    return "; ".join(f"{name}, {random.choice('ABCJKMR')}." for name in random.sample(_FAMILIES, 2))


def write_set(folder: Path, partners: Sequence[Partners]) -> None:
    """The set, with the pairs beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    table = [row for pair in partners for row in (pair.original, pair.partner)]
    write(folder / "records.csv", table)
    write(folder / "truth.csv", ({"id": row["id"], "cluster": row["id"]} for row in table), ("id", "cluster"))
    told = ({"a": pair.original["id"], "b": pair.partner["id"], "kind": pair.kind} for pair in partners)
    write(folder / "pairs.csv", told, PAIRS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the set."""
    parser = argparse.ArgumentParser(description="Make related but distinct papers from labelled sets.")
    parser.add_argument("folder", type=Path, help="holds one folder per set")
    parser.add_argument("out", type=Path)
    parser.add_argument("--per-kind", type=int, default=PER_KIND)
    parser.add_argument("--seed", type=int, default=SEED)
    said = parser.parse_args(arguments)
    partners = list(made(originals(said.folder, said.seed), said.per_kind, said.seed))
    write_set(said.out, partners)
    print(f"{len(partners)} pairs of {len(KINDS)} kinds, seed {said.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
