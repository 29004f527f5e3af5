"""What the version before this one included, found again by the searches of today."""

from __future__ import annotations

from collections.abc import Iterator

from db.store import Store
from db.trial_numbers import SCHEMES
from harvest.project import Project

_NAMES = frozenset({"pmid", "doi", "pmcid", *SCHEMES} - {"utn"})
"""Identifiers by which a report is the same report."""


def found_again(store: Store, project: Project) -> Iterator[int]:
    """Records that go by an identifier of a report in `previous.file`; nothing is matched by a title.

    Raises:
        WrongUse: the file cannot be read.
    """
    if not project.previous.file:
        return
    from harvest.labelled import read_labelled  # noqa: PLC0415 - openpyxl is not needed without such a file

    for record in read_labelled(project.folder / project.previous.file, all_included=True).records:
        for name in record.identifiers:
            if name.scheme in _NAMES and name.origin not in ("reference", "abstract"):
                yield from store.with_identifier(name.scheme, name.value)
