"""A review with pairs that wait for a person, and somebody at the keyboard."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pairs import PAPER, paper, registration
from reviews import write
from rich.console import Console
from stores import begun, kept, opened

from db.opinion import Link
from db.record import Identifier, Section
from db.store import Store
from dedupe.steps import regroup
from harvest.cli.pair_screen import Screen
from harvest.cli.sitting import Sitting

ABSTRACT = (
    Section("Psychological interventions for postnatal depression can be beneficial in the short term."),
)
EVIDENCE = {
    "title": 0.974, "title_sorted": 0.9, "title_length": 70, "swap": False, "generic": False, "first_author": True,
    "authors": 1.0, "authors_few": 3, "journal": True, "years_apart": 0, "volume": True, "start": False, "doi": False,
    "registrations": 0, "conferences": 0,
}  # fmt: skip
RECORDS = (
    paper(source="pubmed", key="11", abstract=ABSTRACT, identifiers=(Identifier("doi", "10.1192/bjp.182.5.412"),)),
    paper(source="file:embase", key="12", title=PAPER.title.replace("controlled", "control"), pages="641-5",
          identifiers=(Identifier("doi", "10.1192/bjp.182.5.420"),)),
    registration("NCT00000013"),
    paper(source="file:wos", key="14", title="A protocol", pages=""),
    paper(source="file:wos", key="15", title="Erratum: Mother-infant psychotherapy", pages="5"),
)  # fmt: skip
"""Records 1 to 5."""


def asks(a: int, b: int, score: float, rule: str = "alike", **more: object) -> Link:
    return Link(a, b, "ask", rule=rule, version="1", score=score, **{"evidence": EVIDENCE} | more)


LINKS = (
    asks(1, 2, 0.8),
    asks(
        1, 3, 0.5, "perhaps registration", kind="registration", evidence={"title": 0.61, "registrations": 1}
    ),
    asks(
        2,
        3,
        0.6,
        "perhaps registration",
        kind="registration",
        evidence={"registrations": 1, "trial": "mentioned"},
    ),
    asks(1, 4, 0.4, evidence={}),
)


def asked(folder: Path, links: Iterable[Link] = LINKS) -> Path:
    """A review folder with five records and these opinions of the rules."""
    write(folder)
    with opened(folder / "review.db") as store:
        begun(store)
        kept(store, *RECORDS)
        store.add_links(links)
        regroup(store)
    return folder


class Keyboard:
    """Somebody who types these keys; what they saw each time is kept."""

    def __init__(self, keys: Iterable[str], width: int = 100, height: int = 40, **options: object) -> None:
        self._keys = iter(keys)
        options = {"no_color": True, "force_terminal": False} | options
        self.console = Console(width=width, height=height, record=True, quiet=False, **options)
        self.seen: list[str] = []

    def forget(self) -> None:
        """All of these keys are typed in time."""

    def read(self) -> str:
        self.seen.append(self.console.export_text())
        return next(self._keys, "")

    def sit(self, store: Store, by: str = "ana", **options: object) -> str:
        """Type all keys in a sitting; what it says at its end."""
        return Sitting(store, by, Screen(self.console), self, **options).run()
