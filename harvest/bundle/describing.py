"""What tells of the files of a bundle: for people, for data tools, and as RO-Crate 1.1.

RO-Crate 1.1: https://www.researchobject.org/ro-crate/specification/1.1/. The datapackage follows the Data Package
specification (https://specs.frictionlessdata.io/data-package/) as far as names, paths and fields of tables go.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from harvest import __version__
from harvest.bundle.contents import Contents
from harvest.bundle.sheets import ABSTRACTS, Sheet
from harvest.project import Project
from harvest.reports.facts import Searched

CRATE = "ro-crate-metadata.json"
_MEDIA = {
    "csv": "text/csv", "md": "text/markdown", "json": "application/json", "txt": "text/plain", "svg": "image/svg+xml",
}  # fmt: skip
_TYPES = {"person": "string"}


def described(
    made: Contents, project: Project, searches: list[Searched], *, pseudonyms: bool
) -> dict[str, bytes]:
    """The describing files; the crate lists them, too."""
    files = {
        "README.md": _readme(made, project, pseudonyms=pseudonyms).encode(),
        "LICENSES.md": "\n".join(_licences(made, searches)).encode(),
        "datapackage.json": _json(_package(made, project)),
    }
    return files | {CRATE: _json(_crate(made.files | files, made, project))}


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


# -- for people --------------------------------------------------------------------------------------


def _readme(made: Contents, project: Project, *, pseudonyms: bool) -> str:
    return "\n".join(_told(made, project, pseudonyms=pseudonyms)) + "\n"


def _told(made: Contents, project: Project, *, pseudonyms: bool) -> Iterator[str]:
    yield f"# {project.title}: data of the review\n"
    yield f"{project.question}\n"
    yield (
        f"Made by Harvest {__version__}; the newest thing said in it is of {made.day}. The PRISMA numbers in "
        "data/flow.csv can be counted anew from these files alone: `harvest bundle verify FILE.zip`. sha256sums.txt "
        "holds the digest of every other file.\n"
    )
    yield (
        "Reviewers go by pseudonyms, the same in every file.\n"
        if pseudonyms
        else "Reviewers go by their names.\n"
    )
    if made.held_back:
        yield (
            f"{made.held_back} votes stand without their verdict: others have still to vote on the same reports "
            "without knowing it.\n"
        )
    yield (
        "Answers of the sources are not in here, only their digests (data/answers.csv). "
        + ("" if ABSTRACTS in made.tables else "Abstracts are left out. ")
        + "A cell that a spreadsheet would compute has an apostrophe in front.\n"
    )
    yield from (f"Not made: {sentence}\n" for sentence in made.not_made)
    for path in sorted(made.files):
        yield f"- `{path}`"
    for sheet in sorted(made.tables, key=lambda sheet: sheet.path):
        yield f"\n## {sheet.path}\n\n{sheet.about}\n\n| column | kind | meaning |\n| --- | --- | --- |"
        yield from (f"| {name} | {kind} | {about} |" for name, kind, about in sheet.columns)


def _licences(made: Contents, searches: list[Searched]) -> Iterator[str]:
    yield "# Licences\n"
    yield (
        "What the authors of the review made (strategies, votes, reasons, notes, reports) is theirs: they say here "
        "under which licence they share it.\n"
    )
    yield "What describes the records comes from these sources, each with terms of its own:\n"
    yield from (f"- {s.name}: {s.label}{f', {s.platform}' if s.platform else ''}" for s in searches)
    if ABSTRACTS in made.tables:
        yield "\nThis bundle holds abstracts, mostly under the copyright of publishers: ask before you share them."
    yield "\nHarvest, which made this file, is under the Apache licence 2.0.\n"


# -- for programs ------------------------------------------------------------------------------------


def _package(made: Contents, project: Project) -> Mapping[str, object]:
    return {
        "name": "review",
        "title": project.title,
        "description": project.question,
        "profile": "tabular-data-package",
        "created": f"{made.day}T00:00:00Z",
        "resources": [_resource(sheet) for sheet in sorted(made.tables, key=lambda sheet: sheet.path)],
    }


def _resource(sheet: Sheet) -> Mapping[str, object]:
    fields = [
        {"name": name, "type": _TYPES.get(kind, kind)} | ({"description": about} if about else {})
        for name, kind, about in sheet.columns
    ]
    return {
        "name": sheet.name, "path": sheet.path, "description": sheet.about, "profile": "tabular-data-resource",
        "format": "csv", "mediatype": "text/csv", "encoding": "utf-8", "schema": {"fields": fields},
    }  # fmt: skip


def _crate(files: Mapping[str, bytes], made: Contents, project: Project) -> Mapping[str, object]:
    about = {sheet.path: sheet.about for sheet in made.tables}
    parts = [{"@id": path} for path in sorted(files)]
    root = {
        "@id": "./", "@type": "Dataset", "name": f"{project.title}: data of the review",
        "description": project.question or project.title, "datePublished": made.day, "hasPart": parts,
        "license": {"@id": "LICENSES.md"}, "creator": {"@id": "#harvest"},
    }  # fmt: skip
    listed = [
        {
            "@id": path, "@type": "File", "name": path, "contentSize": str(len(content)),
            "encodingFormat": _MEDIA[path.rpartition(".")[2]],
        } | ({"description": about[path]} if path in about else {})
        for path, content in sorted(files.items())
    ]  # fmt: skip
    return {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {
                "@id": CRATE, "@type": "CreativeWork", "about": {"@id": "./"},
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            },
            root,
            {"@id": "#harvest", "@type": "SoftwareApplication", "name": "Harvest", "version": __version__},
            *listed,
        ],
    }  # fmt: skip
