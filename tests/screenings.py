"""A small review to screen: two reviewers, an arbiter, twelve reports, and everything said through the store."""

from __future__ import annotations

from pathlib import Path

from reviews import write
from stores import article, begun, kept, opened

from db.opinion import Decision
from db.store import Store
from harvest.project import Project, load
from harvest.voting import decide
from screen.plan import FULL_TEXT, TITLE

REPORTS = 12
DESIGN = 'reviewers = ["ana", "ben"]\nper_record = 2\n'


def screening(folder: Path, design: str = f'{DESIGN}arbiter = "cleo"\n') -> Path:
    """A review folder with twelve reports, and `[screening]` as given."""
    write(folder)
    designed(folder, design)
    with opened(folder / "review.db") as store:
        begun(store)
        kept(
            store,
            *(article(str(n), f"A trial of the number {n}", "We tried.") for n in range(1, REPORTS + 1)),
        )
        store.set_membership({number: (number, number) for number in range(1, REPORTS + 1)})
    return folder


def designed(folder: Path, design: str) -> Project:
    """The review with another `[screening]`."""
    toml = folder / "review.toml"
    head, _, rest = toml.read_text().partition("[screening]\n")
    toml.write_text(f"{head}[screening]\n{design}\n[network]{rest.partition('[network]')[2]}")
    return load(folder, environ={})


def both(store: Store, project: Project, number: int, ana: str, ben: str, stage: str = TITLE) -> None:
    """Ana's and Ben's verdicts on a report; an exclusion may carry its reason: `exclude design`."""
    for reviewer, said in (("ana", ana), ("ben", ben)):
        verdict, _, reason = said.partition(" ")
        decide(store, project, f"H{number}", verdict, reviewer, reason, stage=stage)


def vote(store: Store, number: int, verdict: str, reviewer: str, stage: str = TITLE, **more: str) -> None:
    """A vote as it lies in the store, whatever a command would say to it."""
    store.add_decisions([Decision(number, stage, reviewer, verdict, **more)])


__all__ = ["FULL_TEXT", "REPORTS", "TITLE", "both", "designed", "screening", "vote"]
