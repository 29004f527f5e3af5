"""Who voted, by name or by pseudonym: the same person has the same pseudonym in every file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from db.opinion import (
    RULES,
    Decision,
    Link,
    Pilot,
    Resolution,
    Retrieval,
    Shown,
    Stage,
    StudyNote,
    Unblinding,
)
from db.store import Store
from harvest.project import Project
from screen.plan import FULL_TEXT, TITLE


@dataclass(frozen=True, slots=True)
class People:
    """Name → what stands for it; empty where everybody goes by their name."""

    names: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, name: str) -> str:
        """What stands for a name; the rules, and nobody, stay what they are."""
        return self.names.get(name, name)

    def behind(self, name: str | None) -> str | None:
        """The name behind a pseudonym."""
        return next((real for real, shown in self.names.items() if shown == name), name)

    def still_in(self, text: str) -> list[str]:
        """Names that stand in a text all the same, as whole words."""
        return [name for name in self.names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)]


def pseudonyms(store: Store, project: Project) -> People:
    """Reviewer 1, Reviewer 2 …: reviewers and arbiter as the project lists them, then whoever else said anything."""
    listed = [*project.reviewers, project.screening.arbiter]
    every = dict.fromkeys(name for name in (*listed, *_speakers(store)) if name and name != RULES)
    return People({name: f"Reviewer {number}" for number, name in enumerate(every, 1)})


def _speakers(store: Store) -> Iterable[str]:
    stages: tuple[Stage, ...] = (TITLE, FULL_TEXT)
    for stage in stages:
        yield from (vote.reviewer for vote in store.decisions(stage))
        yield from (said.arbiter for said in store.resolutions(stage))
        yield from (pilot.by for pilot in store.pilots(stage))
        unblinding = store.unblinded(stage)
        yield unblinding.by if unblinding else ""
    yield from (said.by for said in store.retrievals())
    yield from (note.by for note in store.study_notes())
    yield from (shown.reviewer for shown in store.shown())
    yield from (link.by for link in store.said())


def masked(project: Project, people: People) -> Project:
    """The project as it reads with pseudonyms."""
    said = project.screening
    changed = {"reviewers": tuple(map(people, said.reviewers)), "arbiter": people(said.arbiter)}
    screening = said.model_copy(update=changed)
    return replace(project, review=project.review.model_copy(update={"screening": screening}))


class Masked(Store):
    """A store whose readers meet pseudonyms, so that reports made from it hold no name."""

    people = People()

    def stand_at(self, moment: str) -> None:
        """From here on it is this moment: reports say as of when they are, and the same review gives the same ones."""
        self.now = lambda: moment

    def decisions(self, stage: Stage, reviewer: str | None = None) -> list[Decision]:
        """As in `Votes`."""
        cast = super().decisions(stage, self.people.behind(reviewer))
        return [replace(vote, reviewer=self.people(vote.reviewer)) for vote in cast]

    def resolutions(self, stage: Stage) -> list[Resolution]:
        """As in `Screening`."""
        return [replace(said, arbiter=self.people(said.arbiter)) for said in super().resolutions(stage)]

    def pilots(self, stage: Stage) -> list[Pilot]:
        """As in `Screening`."""
        return [replace(pilot, by=self.people(pilot.by)) for pilot in super().pilots(stage)]

    def unblinded(self, stage: Stage) -> Unblinding | None:
        """As in `Screening`."""
        said = super().unblinded(stage)
        return said and replace(said, by=self.people(said.by))

    def retrievals(self) -> list[Retrieval]:
        """As in `Screening`."""
        return [replace(said, by=self.people(said.by)) for said in super().retrievals()]

    def study_notes(self) -> list[StudyNote]:
        """As in `Screening`."""
        return [replace(note, by=self.people(note.by)) for note in super().study_notes()]

    def shown(self) -> list[Shown]:
        """As in `Votes`; the path of a queue file holds a name, and is left out where there are pseudonyms."""
        kept = super().shown()
        if not self.people.names:
            return kept
        return [replace(shown, reviewer=self.people(shown.reviewer), by="") for shown in kept]

    def said(self) -> list[Link]:
        """As in `Opinions`."""
        return [replace(link, by=self.people(link.by)) for link in super().said()]
