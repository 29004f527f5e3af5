"""The review in this folder from import to included studies and through an update, without any network.

    python examples/parent_infant_psychotherapy/walk.py FOLDER

Two reviewers and an arbiter, a pilot, conflicts, full texts, a late duplicate, an update; at the end the reports
stand in FOLDER/reports. The votes are made up to show the way: they are not those of the review's authors. The
clock is set, so that the same comes out every time. What is typed and what is answered is printed.
"""

from __future__ import annotations

import csv
import io
import shlex
import shutil
import sys
import textwrap
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from db.store.connection import Connection
from harvest import catalogue
from harvest.cli import cli, output

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from appendix import Answers  # noqa: E402 - stands beside this file

WIDTH = 120
LEFT_OUT = ("warning: ", "pubmed: hits of line")
"""What this copy always draws: strategies that the review does not tell, counts that no stored answer gives."""
SEARCHED, PILOT, READ, RETRIEVED, JUDGED, UPDATED = (
    "2014-01-13", "2014-02-03", "2014-03-10", "2014-04-14", "2014-05-12", "2026-11-22",
)  # fmt: skip

AGAINST: dict[str, dict[str, str]] = {
    "title-abstract": {
        "Six-month follow-up": "ben", "cognitive development": "ana", "Reorganizing": "ben", "Follow-up at": "ana ben",
    },
    "full-text": {"Normalizing": "ben", "Perinatal dyadic": "ben"},
}  # fmt: skip
"""Stage → words of titles → who is against it; everything else is included by both."""


class Walk:
    """The review, and what is typed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("*.py", "answers", "__pycache__"))
        toml = (folder / "review.toml").read_text("utf-8")
        toml = toml.replace('reviewers = ["ana", "ben"]', 'reviewers = ["ana", "ben"]\narbiter = "cleo"')
        (folder / "review.toml").write_text(toml, "utf-8")

    def at(self, day: str) -> None:
        """Set the clock."""
        defaults: dict[str, Any] = Connection.open.__func__.__kwdefaults__  # type: ignore[attr-defined]  # of a class method
        defaults["now"] = lambda: f"{day}T09:00:00.000Z"

    def say(self, text: str) -> None:
        """A heading between the commands."""
        print(f"\n## {text}\n")

    def type(self, *words: str, quiet: bool = False) -> str:
        """Type a command; its exit code has to be 0, or 4 where a check has something to say."""
        done = CliRunner().invoke(cli, ["-C", str(self.folder), *words], prog_name="harvest")
        if done.exit_code not in {0, 4}:
            raise SystemExit(f"harvest {shlex.join(words)}: exit code {done.exit_code}\n{done.output}")
        if not quiet:
            lines = [part for line in done.output.strip().splitlines() for part in _folded(line.rstrip())]
            told = "\n".join(line for line in lines if not (line.startswith(LEFT_OUT) or "SHA-256" in line))
            print(f"$ harvest {shlex.join(words)}\n{told}\n".replace(str(self.folder), "review"))
        return done.stdout

    def reads(self, reviewer: str, stage: str, limit: int = 0) -> None:
        """A reviewer gets a queue, fills it in, and brings it back."""
        words = ["queue", "export", "--reviewer", reviewer, "--format", "csv", "--stage", stage]
        path = Path(self.type(*words, *(["--limit", str(limit)] if limit else [])).strip().splitlines()[-1])
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
        for row in rows:
            against = next((who for words, who in AGAINST[stage].items() if words in row["title"]), "")
            out = reviewer in against.split()
            row["decision"] = "exclude" if out else "include"
            row["reason"] = "not-psychodynamic" if out and stage == "full-text" else ""
        back = self.folder / "decisions" / path.name
        back.parent.mkdir(exist_ok=True)
        with back.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        self.type("queue", "import", str(back), "--reviewer", reviewer)

    def number(self, words: str) -> str:
        """The H number of the report with these words."""
        return self.type("find", words, quiet=True).splitlines()[1].split()[1]


def _folded(line: str) -> list[str]:
    """A line that a page can show; tables of Markdown are left whole."""
    if line.startswith("|"):
        return [line]
    return textwrap.wrap(line, 150, subsequent_indent="  ", drop_whitespace=False) or [""]


def import_and_pilot(walk: Walk) -> None:
    """What the searches of 2014 found, and whether everybody means the same by the criteria."""
    walk.say("13 January 2014: two export files come in")
    walk.at(SEARCHED)
    for file in sorted((walk.folder / "imports").iterdir()):
        walk.type("add", str(file))
    walk.say("A pilot: four reports that everybody reads first")
    walk.at(PILOT)
    walk.type("pilot", "draw", "4", "--by", "cleo")
    for reviewer in ("ana", "ben"):
        walk.reads(reviewer, "title-abstract", limit=4)
    walk.type("pilot", "status")


def titles(walk: Walk) -> None:
    """Two blind votes on each title and abstract; the arbiter settles what they disagree about."""
    walk.say("Titles and abstracts: two blind votes each, and the arbiter")
    walk.at(READ)
    for reviewer in ("ana", "ben"):
        walk.reads(reviewer, "title-abstract")
    walk.type("resolve")
    for words in ("Six-month follow-up", "cognitive development"):
        walk.type("resolve", walk.number(words), "include", "--by", "cleo", "--note", "to be read in full")


def full_texts(walk: Walk) -> None:
    """Full texts are sought; one cannot be had. Two votes on the others, with a reason for each exclusion."""
    walk.say("Full texts")
    walk.at(RETRIEVED)
    walk.type("fulltext", "list")
    missing = walk.number("Six-month follow-up")
    walk.type("fulltext", "set", missing, "not-retrieved", "--by", "ana", "--note", "the library has no copy")
    walk.at(JUDGED)
    for reviewer in ("ana", "ben"):
        walk.reads(reviewer, "full-text")
    walk.type("resolve")
    walk.type("resolve", walk.number("Normalizing"), "include", "--by", "cleo")
    walk.type("status")


def update(walk: Walk) -> None:
    """Twelve years later: sources that can be asked by now, one more file, and a duplicate that was voted on."""
    walk.say("22 November 2026: an update")
    walk.at(UPDATED)
    shutil.copy(HERE / "answers" / "update.ris", walk.folder)
    walk.type(
        "add",
        str(walk.folder / "update.ris"),
        "--database",
        "PsycINFO",
        "--platform",
        "Ovid",
        "--date",
        UPDATED,
    )
    walk.type("run")
    for reviewer in ("ana", "ben"):
        walk.reads(reviewer, "title-abstract")
    walk.say("A late duplicate, after the votes: nothing is lost, and who said both is asked again")
    known, late = walk.number("reorganize attachment"), walk.number("Reorganizing attachment")
    walk.type("same", "join", known, late, "--by", "ana", "--because", "the same paper, its title reworded")
    walk.type("resolve")
    walk.type("decide", known, "include", "--reviewer", "ben", "--note", "overlooked the dyads")
    for reviewer in ("ana", "ben"):
        walk.reads(reviewer, "full-text")
    dyadic = walk.number("Perinatal dyadic")
    walk.type("resolve", dyadic, "exclude", "--by", "cleo", "--reason", "not-psychodynamic")
    walk.say("Studies: a registration and its report, and three reports of one trial")
    walk.type(
        "same",
        "join",
        walk.number("psychoanalytic treatment"),
        walk.number("NCT00923559"),
        "--study",
        "--by",
        "ana",
    )
    first = walk.number("increase attachment security")
    for words in ("cognitive development", "reorganize attachment"):
        walk.type("same", "join", first, walk.number(words), "--study", "--by", "ana")
    walk.type(
        "study", "label", first, "Cicchetti 1999a", "--by", "ana", "--because", "as the review calls it"
    )
    walk.type("study", "list", "--keep")


def reports(walk: Walk) -> None:
    """What goes into the paper."""
    walk.say("The reports")
    walk.type("report", "prisma")
    walk.type("report", "prisma", "--at", JUDGED)
    for name in ("agreement", "excluded", "methods"):
        walk.type("report", name)
    walk.type("report", "prisma", "--format", "svg", "--out", str(walk.folder / "reports" / "prisma.svg"))
    walk.type("report", "prisma", "--format", "csv", "--out", str(walk.folder / "reports" / "prisma.csv"))
    walk.type("report", "searches", "--out", str(walk.folder / "reports" / "searches.md"))
    walk.type("bundle", "--out", str(walk.folder / "reports" / "bundle.zip"))
    walk.type("check", "mecir")


def main(folder: Path) -> None:
    """All of it."""
    answers = Answers(
        *((HERE / "answers" / name).read_bytes() for name in ("pubmed.xml", "clinicaltrials.json"))
    )
    make, width = catalogue.make, output.LOG_WIDTH
    kept = dict(Connection.open.__func__.__kwdefaults__)  # type: ignore[attr-defined]  # as above
    catalogue.make = lambda name, *_: catalogue.kind(name)(answers, {})  # type: ignore[assignment]  # no network here
    output.LOG_WIDTH = WIDTH
    try:
        walk = Walk(folder)
        from harvest.project import load  # noqa: PLC0415 - the folder is there only now

        answers.strategies = frozenset(search.query for search in load(folder, environ={}).searches)
        for part in (import_and_pilot, titles, full_texts, update, reports):
            part(walk)
    finally:
        catalogue.make, output.LOG_WIDTH = make, width
        Connection.open.__func__.__kwdefaults__.update(kept)  # type: ignore[attr-defined]  # as above


if __name__ == "__main__":
    main(Path(sys.argv[1]))
