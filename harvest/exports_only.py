"""Databases and registers that only speak through export files: why, how to export, what to write in `review.toml`.

Some have no programming interface, some give no abstracts through it, and the terms of others forbid to keep what
it answers. A person searches them, and the file they hand out is read as any other. The entries stand in
`exports_only.toml`. What they say of menus and limits is of the year 2026 and changes; `sure` tells how far a
reader has met real files, and a limit names its source or says that it is not confirmed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class ExportOnly:
    """One database or register that is searched by hand."""

    name: str
    """As in `harvest sources NAME`."""
    label: str
    why: str
    """Why Harvest does not ask it itself."""
    database: str
    """What to write as `database`: PRISMA-S wants to be told. Of a register that is reached through ICTRP, ICTRP."""
    platform: str
    sure: str
    """`read: …` where real files lie among the tests, `described: …` where only the programs of others tell."""
    steps: tuple[str, ...] = ()
    """How to export, one sentence each."""
    format: str = ""
    """What to choose; its first word is the kind of file."""
    limit: str = "not confirmed"
    """Records per file."""
    also: tuple[str, ...] = ()
    """Other names of the database, in any spelling."""
    through: tuple[str, ...] = ()
    """The platforms that deliver it so; a database on another one is not this entry. Empty: any."""
    register: bool = False
    """A register of trials: PRISMA counts databases and registers apart."""
    trials_only: bool = False
    """Everything in it is a trial: a filter for trials can only lose some."""
    retired: str = ""
    """That it has ended, and what to write about that in the update of a review."""
    instead: tuple[str, ...] = ()
    """Sources and entries that hold the same records, or what it held."""

    @property
    def slug(self) -> str:
        """The database as part of a file's name: `web-of-science`."""
        return "-".join(_words(self.database))

    @property
    def add(self) -> str:
        """The command that takes an export in; empty for one that has ended."""
        ending = _ENDINGS.get(self.format.partition(",")[0], "ris")
        said = f'--database "{self.database}" --platform "{self.platform}" --date 2026-11-22'
        return "" if self.retired else f"harvest add {self.slug}.{ending} {said}"

    @property
    def toml(self) -> str:
        """The search in `review.toml` that names the files, where they come from and the strategy that was run."""
        said = {
            "name": self.slug,
            "source": "file",
            "database": self.database,
            "platform": self.platform,
            "query": f"searches/{self.slug}.txt",
            "files": f"imports/*_{self.slug}_*",
        }
        lines = ("[[search]]", *(f'{key} = "{value}"' for key, value in said.items()))
        return "" if self.retired else "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**said, "kind": "export", "add": self.add, "toml": self.toml}

    def text(self) -> str:
        """Everything about it, for a person."""
        parts = [
            self.label,
            f"Not asked by Harvest: {self.why}",
            self.retired,
            "\n".join(f"{number}. {step}" for number, step in enumerate(self.steps, 1)),
            f"Format: {self.format}. Records per file: {self.limit}." if self.steps else "",
            f"How sure: {self.sure}.",
            "Everything in it is a trial: search it without a filter for trials." if self.trials_only else "",
            f"The same records: {' · '.join(f'`harvest sources {n}`' for n in self.instead)}"
            if self.instead
            else "",
            f"{self.add}\n\nor, in review.toml:\n\n{self.toml}" if self.add else "",
        ]
        return "\n\n".join(filter(None, parts))


_ENDINGS = {"CSV": "csv", "XML": "xml", "Text": "txt"}

REGISTERS = (
    *(
        "ClinicalTrials.gov",
        "ISRCTN",
        "CTIS",
        "EU CTIS",
        "Clinical Trials Information System",
        "CTRI",
        "jRCT",
    ),
    *(
        "UMIN",
        "UMIN-CTR",
        "JapicCTI",
        "CRIS",
        "IRCT",
        "PACTR",
        "TCTR",
        "ReBec",
        "RPCEC",
        "SLCTR",
        "LBCTR",
        "NTR",
    ),
    *(
        "Netherlands Trial Register",
        "Iranian Registry of Clinical Trials",
        "Pan African Clinical Trials Registry",
    ),
)
"""Registers besides those of the entries, whose exports may be put in."""
_OF_REVIEWS = ("PROSPERO",)
"""Registers, too, but not of trials."""


@cache
def entries() -> tuple[ExportOnly, ...]:
    """Every entry, in order of names."""
    told = tomllib.loads(resources.files("harvest").joinpath("exports_only.toml").read_text("utf-8"))
    return tuple(
        ExportOnly(**{key: _frozen(value) for key, value in entry.items()}) for entry in told["entry"]
    )


def by_name(name: str) -> ExportOnly | None:
    """The entry of a name, in any spelling: `web-of-science`, `WHO ICTRP`, `SSCI`."""
    return next((entry for entry in entries() if entry.name == name), None) or of_database(name)


def of_database(database: str, platform: str = "") -> ExportOnly | None:
    """The entry of a database as a reviewer calls it, and of the platform when that is known.

    None when it is none of these, or when that platform delivers it in another way: MEDLINE through PubMed.
    """
    for entry in entries():
        known = _among(database, (entry.name, entry.label, *entry.also))
        if known and (not platform or not entry.through or _among(platform, entry.through)):
            return entry
    return None


def is_register(database: str, platform: str = "") -> bool:
    """True for a register: PRISMA 2020 counts records from databases and from registers apart."""
    entry = of_database(database, platform)
    return entry.register if entry else _among(database, (*REGISTERS, *_OF_REVIEWS))


def holds_only_trials(database: str, platform: str = "") -> bool:
    """True when everything in the database is a trial."""
    entry = of_database(database, platform)
    return entry.trials_only if entry else _among(database, REGISTERS)


def close_to(name: str, others: Iterable[str] = ()) -> str:
    """What was probably meant, of the names of entries and of `others`; empty when none is close."""
    known = [*(entry.name for entry in entries()), *others]
    return next(iter(get_close_matches("-".join(_words(name)), known, n=1)), "")


def _among(name: str, names: Iterable[str]) -> bool:
    return any(_words(each) == _words(name) for each in names)


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", name.casefold())


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
