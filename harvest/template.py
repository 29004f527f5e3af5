"""A new review folder: what `harvest new` writes. The texts themselves lie in `harvest/templates/`."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path

from db.errors import WrongUse

FOLDERS = ("searches", "imports", "queues", "decisions", "reports")

_TITLE = '"<Title of the review>"'
_FILES = {
    ".gitignore": "gitignore",
    "searches/pubmed.txt": "searches/pubmed.txt",
    "searches/clinicaltrials.txt": "searches/clinicaltrials.txt",
    "review.toml": "review.toml",
}
"""Path in the new folder → path of the packaged text. `review.toml` comes last: with it, it is a review."""


def files() -> list[str]:
    """Paths of what `create` writes, relative to the new folder, in the order of writing."""
    return list(_FILES)


def create(folder: Path, title: str | None = None) -> list[Path]:
    """Make a review folder and return the files written, in the order of their writing.

    The folder may exist when it is empty. If anything fails, all that was made is taken away again.
    Raises `WrongUse`.
    """
    texts = {path: _packaged(source) for path, source in _FILES.items()}
    if title and title.strip():
        texts["review.toml"] = texts["review.toml"].replace(_TITLE.encode(), _toml(title), 1)
    _refuse_if_used(folder)
    made: list[Path] = []
    try:
        _make_folders(folder, made)
        return [_write(folder / path, body, made) for path, body in texts.items()]
    except BaseException as error:
        _take_away(made)
        if isinstance(error, OSError):
            raise WrongUse(
                f"A review cannot be made in {folder} ({error.strerror}); choose another place."
            ) from error
        raise


@cache
def strategies() -> frozenset[bytes]:
    """The example strategies, byte for byte: nobody's review should run them unread."""
    return frozenset(_packaged(source) for source in _FILES.values() if source.startswith("searches/"))


def _packaged(source: str) -> bytes:
    return resources.files("harvest").joinpath("templates", *source.split("/")).read_bytes()


def _toml(title: str) -> bytes:
    """A title as a TOML text; JSON quotes the same way, but for DEL."""
    line = " ".join(title.split())
    try:
        return json.dumps(line, ensure_ascii=False).replace("\x7f", "\\u007f").encode()
    except UnicodeEncodeError as error:
        raise WrongUse("The title holds bytes that are no text; write it into review.toml later.") from error


def _refuse_if_used(folder: Path) -> None:
    if (folder / "review.toml").exists():
        raise WrongUse(f"{folder} is a review already; nothing was changed.")
    if folder.is_dir():
        if any(folder.iterdir()):
            raise WrongUse(f"{folder} is not empty; choose a new name or an empty folder.")
    elif folder.exists() or folder.is_symlink():
        raise WrongUse(f"{folder} is a file; choose another name.")


def _make_folders(folder: Path, made: list[Path]) -> None:
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in (*reversed(missing), *(folder / name for name in FOLDERS)):
        path.mkdir()
        made.append(path)


def _write(path: Path, body: bytes, made: list[Path]) -> Path:
    with path.open("xb") as stream:  # x: never over a file that somebody else has just put there
        made.append(path)
        stream.write(body)
    return path


def _take_away(made: list[Path]) -> None:
    for path in reversed(made):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()
