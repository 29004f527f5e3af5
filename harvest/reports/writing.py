"""Which writer for which file, and how a file is put in its place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from db.errors import WrongUse
from harvest.files import legible, put
from harvest.reports import markdown, sheet, word
from harvest.reports.document import Report

FORMATS: Mapping[str, Callable[[Report], bytes]] = {
    "md": markdown.write,
    "docx": word.write,
    "csv": sheet.write_csv,
    "json": sheet.write_json,
}
"""Format, which is also how names of its files end → what writes it."""

ON_PAPER = "docx"
"""The format that a terminal cannot show."""


def target(
    out: Path | None, kind: str | None, name: str, reports: Path, formats: Collection[str] = tuple(FORMATS)
) -> tuple[Path | None, str]:
    """Where a report goes, and in which format: `None` stands for the terminal.

    `kind` is what was asked for, if anything. A file's name decides where nothing was; a folder gets `<name>.<format>`;
    what no terminal can show goes to the folder `reports`. `formats` are those that this report can be written in.

    Raises:
        WrongUse: the name of the file ends in something that is no format, or in another one than was asked for.
    """
    if out is None:
        kind = kind or "md"
        return (reports / f"{name}.{kind}" if kind == ON_PAPER else None), kind
    suffix = out.suffix.lower().removeprefix(".")
    if out.is_dir() or not suffix:
        return out / f"{name}.{kind or 'md'}", kind or "md"
    if suffix not in formats or kind not in (None, suffix):
        wanted = f".{kind}" if kind else " or ".join(f".{each}" for each in formats)
        raise WrongUse(
            f"{legible(out)} is no name for this report: let it end in {wanted}, or name a folder."
        )
    return out, suffix


def save(report: Report, kind: str, path: Path) -> None:
    """Write a file whole or not at all; one that is there is replaced. Raises `StoreError`."""
    put(path, FORMATS[kind](report))
