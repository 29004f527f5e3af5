"""Make the transcripts of docs/searches.md: whole reviews, typed at the command line against local sources.

    python benchmarks/run_transcripts.py                 all of them, into docs/transcripts/
    python benchmarks/run_transcripts.py update lost     some of them

The sources are the servers of the tests, over a real socket; their records are made from a few real ones. The clock
is set, so that years pass between two runs, and the same transcripts come out every time. A further scene is a
function of a `Scene`, listed in `SCENES`.
"""

from __future__ import annotations

import shlex
import sqlite3
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable
from contextlib import closing
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import server_corpus as corpus  # noqa: E402 - of the tests, which are found only now
from click.testing import CliRunner  # noqa: E402
from server import Server  # noqa: E402

from db.store.connection import Connection  # noqa: E402
from harvest.cli import cli, output  # noqa: E402

TARGET = ROOT / "docs" / "transcripts"

WIDTH = 140
"""Of the tables, so that a page can show them."""

REVIEW = """\
title = "Parenting support after birth"
question = "Does support for parents improve the mental health of parents and infants?"
contact.email = "ana@example.org"

[[search]]
name = "pubmed"
source = "pubmed"
query = "searches/pubmed.txt"

[[search]]
name = "register"
source = "clinicaltrials"
query = "searches/register.txt"

[known]
pmids = [{known}]

[screening]
reviewers = ["ana", "ben"]

[sources.pubmed]
url = "{pubmed}"
requests_per_second = 1000
[sources.clinicaltrials]
url = "{trials}"
requests_per_second = 1000
"""

STRATEGY = """\
1. parent training[tiab]
2. home visiting[tiab]
3. #1 OR #2
4. postnatal depression[tiab]
5. trial[tiab]
6. #3 AND #4 AND #5
"""

EDITED = """\
1. parent training[tiab]
2. home visiting[tiab]
3. video feedback[tiab]
4. #1 OR #2 OR #3
5. postnatal depression[tiab]
6. trial[tiab]
7. #4 AND #5 AND #6
"""

FIRST, UPDATE = "2016-01-13", "2026-01-13"


class Scene:
    """One review, its sources, and what is typed in it."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.server = folder, server
        self.said: list[str] = []
        (folder / "searches").mkdir(parents=True)
        (folder / "imports").mkdir()
        self.strategy(STRATEGY)
        (folder / "searches" / "register.txt").write_text("term: postnatal depression\n", "utf-8")
        self.project()

    def project(self, *known: str) -> None:
        """Write `review.toml`; `known` are PMIDs."""
        text = REVIEW.format(
            pubmed=self.server.pubmed_url, trials=self.server.trials_url, known=", ".join(known)
        )
        (self.folder / "review.toml").write_text(text, "utf-8")

    def strategy(self, text: str) -> None:
        """Store the search string for PubMed."""
        (self.folder / "searches" / "pubmed.txt").write_text(text, "utf-8")

    def at(self, day: str) -> None:
        """Set the clock."""
        defaults: dict[str, Any] = Connection.open.__func__.__kwdefaults__  # type: ignore[attr-defined]  # of a class method
        defaults["now"] = lambda: f"{day}T09:00:00.000Z"

    def note(self, text: str) -> None:
        """Say what happens between two commands."""
        self.said += [f"# {line}" for line in text.splitlines()]

    def type(self, *words: str) -> str:
        """Type a command; what it prints becomes part of the transcript, with its exit code."""
        result = CliRunner().invoke(cli, ["-C", str(self.folder), *words], prog_name="harvest")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        said = "\n".join(line.rstrip() for line in result.output.strip().splitlines())
        self.said += [f"$ harvest {shlex.join(words)}", said, f"[exit code {result.exit_code}]", ""]
        return result.stdout

    def silently(self, *words: str) -> str:
        """Type a command that does not belong into the transcript."""
        result = CliRunner().invoke(cli, ["-C", str(self.folder), *words], prog_name="harvest")
        return result.stdout


# -- what the sources hold -----------------------------------------------------------------------------

OTHER = "Exercise for chronic pain in nurses"


TITLES = [
    f"{treatment} for postnatal depression in {people}: {design} in {place}"
    for (treatment, people, design), place in zip(
        product(
            ("Parent training", "Home visiting"),
            ("young mothers", "refugees", "nurses"),
            ("a randomised trial", "a cluster trial"),
        ),
        (
            "Oslo",
            "Nairobi",
            "Lima",
            "Leeds",
            "Hanoi",
            "Perth",
            "Quebec",
            "Porto",
            "Gdansk",
            "Turin",
            "Bergen",
            "Cork",
        ),
        strict=True,
    )
]
"""Of what the strategy finds at first."""


def held(title: str, position: int, created: str, modified: str = "") -> tuple[bytes, date, date]:
    """An article with this title: its XML, the day it came into PubMed, and the day it was last changed."""
    day, changed = date.fromisoformat(created), date.fromisoformat(modified or created)
    article = ET.fromstring(corpus.article(position, titled=title))
    for path, said in ((".//PubMedPubDate", day), (".//DateRevised", changed)):
        for node in article.iterfind(path):
            for part, value in (("Year", said.year), ("Month", said.month), ("Day", said.day)):
                node.find(part).text = str(value)  # type: ignore[union-attr]  # every date of these has all three
    return ET.tostring(article), day, changed


def put(scene: Scene, title: str, position: int, created: str, modified: str = "") -> str:
    """Put an article into PubMed, or change it; its PMID."""
    xml, day, changed = held(title, position, created, modified)
    scene.server.pubmed.put(xml, day, modified=changed)
    return corpus.pmid(position)


def before(scene: Scene) -> list[str]:
    """What PubMed holds when the review begins; PMIDs of what the strategy matches."""
    matching = [
        put(scene, title, position, f"2015-{position % 12 + 1:02}-10")
        for position, title in enumerate(TITLES)
    ]
    put(scene, "Video feedback for postnatal depression: a randomised trial in Porto", 30, "2015-06-01")
    put(scene, "Home visiting for depressed mothers: a trial in Perth", 31, "2015-07-01")
    put(scene, OTHER, 32, "2015-08-01")
    for position in range(2):
        scene.server.trials.put(
            corpus.study(position, titled=f"Postnatal depression support, study {position}")
        )
    return matching


def years_later(scene: Scene) -> None:
    """What has happened in PubMed ten years later."""
    put(
        scene,
        "Parent training for postnatal depression after preterm birth: a trial in Ottawa",
        40,
        "2024-03-02",
    )
    put(
        scene, "Home visiting for postnatal depression and low mood in mothers: a trial in Perth", 31,
        "2015-07-01", "2017-02-20",
    )  # fmt: skip


# -- scenes --------------------------------------------------------------------------------------------


def update(scene: Scene) -> None:
    """An update after ten years, with an edited strategy: each record says why it is new."""
    matching = before(scene)
    scene.at(FIRST)
    scene.type("run")
    scene.note(
        "Ten years later. PubMed holds a new trial, has reworded an old record that matches only now, has withdrawn\n"
        "one and changed another; and the reviewers have added a line to the strategy."
    )
    years_later(scene)
    scene.server.pubmed.remove(matching[3])
    put(
        scene,
        "Parent training for low mood in young mothers: a cluster trial in Nairobi",
        1,
        "2015-02-10",
        "2018-05-05",
    )
    scene.strategy(EDITED)
    scene.at(UPDATE)
    scene.type("run")
    scene.type("status", "--run", "2")


def lost(scene: Scene) -> None:
    """A record that a reviewer included is withdrawn by the source: exit code 4, until it is found again."""
    matching = before(scene)
    scene.at(FIRST)
    scene.silently("run")
    scene.note("One run has been made before.")
    told = scene.type("find", matching[0]).splitlines()[1].split()[0]
    for reviewer in ("ana", "ben"):
        scene.type("decide", told, "include", "--reviewer", reviewer)
    scene.note("PubMed deletes the record.")
    scene.server.pubmed.remove(matching[0])
    scene.at(UPDATE)
    scene.type("run")
    scene.note("The alarm stays in `harvest status` until the record is found again, or no longer included.")
    scene.type("status")


def known(scene: Scene) -> None:
    """Records known to be relevant: found, lost by a line, not in the source."""
    matching = before(scene)
    scene.project(matching[0], corpus.pmid(31), corpus.pmid(30), "99999999")
    scene.at(FIRST)
    scene.type("run", "--only", "pubmed")
    scene.type("check", "--known")


def lines(scene: Scene) -> None:
    """Hits per line, counted once a wording."""
    before(scene)
    scene.at(FIRST)
    scene.silently("run")
    scene.note("A run has counted the lines, because their wording was new.")
    scene.type("status", "--lines", "pubmed")


def reproduced(scene: Scene) -> None:
    """A run asked again after ten years, restricted to what the sources held then."""
    matching = before(scene)
    scene.at(FIRST)
    scene.silently("run")
    scene.note("Run 1 was made on 2016-01-13. Ten years later it is asked again.")
    years_later(scene)
    scene.at(UPDATE)
    scene.type("reproduce", "1")
    scene.note("And after PubMed has deleted three of the records.")
    scene.server.pubmed.remove(*matching[3:6])
    scene.type("reproduce", "1", "--only", "pubmed")


def archive(scene: Scene) -> None:
    """Everything read again from the stored answers, a second database made of them, and a change found."""
    before(scene)
    scene.at(FIRST)
    scene.silently("run")
    years_later(scene)
    scene.at(UPDATE)
    scene.silently("run")
    scene.note("Two runs have been made, ten years apart. From here on nobody is asked anything.")
    scene.type("db", "reread")
    scene.type("db", "rebuild", str(scene.folder / "proof.db"))
    scene.note("Somebody goes around the guards of the database and changes a title.")
    with closing(sqlite3.connect(scene.folder / "review.db")) as db:
        db.execute("DROP TRIGGER revision_refuses_update")
        db.execute("UPDATE revision SET content = replace(content, 'Oslo', 'Rome')")
        db.commit()
    scene.type("db", "verify")


SCENES: dict[str, Callable[[Scene], None]] = {
    "update": update,
    "lost": lost,
    "known": known,
    "lines": lines,
    "reproduced": reproduced,
    "archive": archive,
}


def transcript(name: str) -> str:
    """Play one scene; what was typed and what came."""
    width, output.LOG_WIDTH = output.LOG_WIDTH, WIDTH
    kept = dict(Connection.open.__func__.__kwdefaults__)  # type: ignore[attr-defined]  # as above
    try:
        with tempfile.TemporaryDirectory() as folder, Server({}, {}, {}) as server:
            scene = Scene(Path(folder) / "review", server)
            SCENES[name](scene)
            return "\n".join(scene.said).replace(str(scene.folder), "my-review").rstrip() + "\n"
    finally:
        output.LOG_WIDTH = width
        Connection.open.__func__.__kwdefaults__.update(kept)  # type: ignore[attr-defined]  # as above


def main() -> None:
    """Write the transcripts."""
    TARGET.mkdir(exist_ok=True)
    for name in sys.argv[1:] or SCENES:
        (TARGET / f"{name}.txt").write_text(transcript(name), "utf-8")
        print(TARGET / f"{name}.txt")


if __name__ == "__main__":
    main()
