"""The zip of a bundle: sorted, without the time of day, so that the same review gives the same bytes."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from db.errors import WrongUse
from harvest.bundle.contents import contents
from harvest.bundle.describing import described
from harvest.bundle.people import Masked, People, masked, pseudonyms
from harvest.project import Project
from harvest.project.environment import secrets
from harvest.reports.facts import searched

SUMS = "sha256sums.txt"
_BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can name."""
_READABLE = 0o644 << 16
SHORTEST_KEY = 6
"""Signs; anything shorter is no key, and stands in every text."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle, ready to be written."""

    body: bytes
    files: Mapping[str, int]
    """Path → bytes."""
    held_back: int
    not_made: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    """What somebody should look at before it is shared: names and addresses that still stand in a text."""

    @property
    def sha256(self) -> str:
        """Of the zip."""
        return sha256(self.body).hexdigest()

    def to_dict(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "sha256": self.sha256, "bytes": len(self.body), "files": dict(self.files),
            "votes_held_back": self.held_back, "not_made": list(self.not_made), "doubts": list(self.doubts),
        }  # fmt: skip


def bundle(
    store: Masked, project: Project, *, abstracts: bool = False, by_pseudonym: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> Bundle:  # fmt: skip
    """All of a review that may be shared.

    Nobody can write while it is read, so that no vote stands in one table and not in the other.

    Raises:
        WrongUse: a key of the environment stands in one of the files.
    """
    store.people = pseudonyms(store, project) if by_pseudonym else People()
    shown = masked(project, store.people)
    with store.writing():
        made = contents(store, shown, abstracts=abstracts)
        about = described(made, shown, searched(store, shown), pseudonyms=by_pseudonym)
    files = made.files | about
    told = {name: environ.get(name, "") for name in secrets(project.review)}
    addresses = {project.contact.email, *(value for value in told.values() if "@" in value)}
    _no_keys(files, {name: value for name, value in told.items() if value not in addresses})
    doubts = tuple(_doubts(files, store.people, sorted(addresses - {""})))
    files[SUMS] = "".join(f"{sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files)).encode()
    sizes = {path: len(files[path]) for path in sorted(files)}
    return Bundle(packed(files), sizes, made.held_back, made.not_made, doubts)


def packed(files: Mapping[str, bytes]) -> bytes:
    """Files as a zip."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _BEGINNING)
            entry.create_system, entry.external_attr = 3, _READABLE
            archive.writestr(entry, files[path], zipfile.ZIP_DEFLATED, 9)
    return body.getvalue()


def _no_keys(files: Mapping[str, bytes], keys: Mapping[str, str]) -> None:
    """A key in a shared file is a key that is lost: then there is no bundle."""
    for name, key in keys.items():
        for path, content in files.items():
            if len(key) >= SHORTEST_KEY and key.encode() in content:
                raise WrongUse(f"The key {name} would stand in {path}: take it out of the review first.")


def _doubts(files: Mapping[str, bytes], people: People, addresses: Sequence[str]) -> Iterator[str]:
    for path in sorted(files):
        text = files[path].decode("utf-8", "replace")
        names = [*people.still_in(text), *(address for address in addresses if address in text)]
        if names:
            yield f"{path} still says {', '.join(names)}: look whether a person is meant."


def opened(path: Path) -> Masked:
    """The database of a review, to make a bundle of."""
    return Masked.open(path, create=False)
