"""`review.toml` as bytes → its models and everything wrong with its form, in plain words.

What cannot be used is taken out and the rest is read again, so that one mistake hides no other.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from db.errors import Problem
from harvest.project.places import Path, line_of, lines_of, spelled
from harvest.project.settings import ReviewFile

FILE = "review.toml"

_SECRETS = frozenset({"apikey", "token", "accesstoken", "password", "passwd", "secret"})
_POSITION = re.compile(r"\s*\((?:at (line \d+), (column \d+)|at end of document)\)$")

_Model = TypeVar("_Model", bound=BaseModel)


class Finding(NamedTuple):
    """Something wrong at one place of the file."""

    path: Path
    message: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read of one `review.toml`."""

    review: ReviewFile = field(default_factory=ReviewFile)
    findings: tuple[Finding, ...] = ()
    lines: Mapping[Path, int] = field(default_factory=dict)
    broken: tuple[Problem, ...] = ()
    """Set when the file is no TOML at all, and nothing else can be said about it."""

    def place(self, path: Path) -> str:
        """`search[2].query (line 41)`; without the line when the file says nothing there."""
        line = line_of(self.lines, path)
        return f"{spelled(path)} (line {line})" if line else spelled(path)

    def problems(self, findings: Sequence[Finding]) -> list[Problem]:
        """Findings as problems, in the order of the file; what is missing from it comes first."""
        ordered = sorted(findings, key=lambda finding: line_of(self.lines, finding.path) or 0)
        return [Problem(FILE, self.place(f.path), f.message, f.warning) for f in ordered]

    def spoilt(self, path: Path) -> bool:
        """True when something here, or around it, was said wrongly and left out: it is not missing."""
        pairs = ((finding.path, path) for finding in self.findings)
        return any(all(a == b for a, b in zip(*pair, strict=False)) for pair in pairs)


def read(body: bytes) -> Reading:
    """Read a `review.toml` as far as it can be read; what is wrong with it is told, not raised."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        message = "is not UTF-8 text: save it in your editor with the encoding UTF-8"
        return Reading(broken=(Problem(FILE, f"line {line}", message),))
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Reading(broken=(_syntax(str(error)),))
    secrets = tuple(_secrets(said))
    rest = deepcopy(said)
    _take_out(rest, (finding.path for finding in secrets))
    review, findings = validated(ReviewFile, rest)
    return Reading(review, secrets + findings, lines_of(text))


def validated(model: type[_Model], said: dict[str, Any]) -> tuple[_Model, tuple[Finding, ...]]:
    """The model made of everything that is right in `said`, and what is wrong with the rest.

    Every field of the model must have a default.
    """
    try:
        return model.model_validate(said), ()
    except ValidationError as error:
        details = error.errors(include_url=False)
    rest = deepcopy(said)
    _take_out(rest, (detail["loc"] for detail in details))
    return model.model_validate(rest), tuple(_finding(model, detail) for detail in details)


# -- syntax and secrets -------------------------------------------------------------------------------

_SYNTAX_HELP = {
    "Cannot overwrite a value": "the same key stands above: keep one of the two",
    "Cannot declare": "the same [table] stands above: put its keys together, or write [[…]] for a list",
    "Invalid value": "put texts in double quotes",
    "Expected '=' after a key": "write key = value; a comment begins with #",
    "Unescaped '\\' in a string": "write paths with /, or put the text in single quotes",
    "Illegal character '\\n'": "close the quotes on the same line, or use three of them for several lines",
    "Unclosed array": "a list is closed with ]",
    "Invalid statement": "write key = value; a comment begins with #",
}


def _syntax(said: str) -> Problem:
    """What `tomllib` says, with its place and what to do. It quotes no values, so neither does this."""
    position = _POSITION.search(said)
    place = ", ".join(filter(None, position.groups())) if position else ""
    what = _POSITION.sub("", said)
    hint = next((hint for start, hint in _SYNTAX_HELP.items() if start in what), "see https://toml.io")
    return Problem(FILE, place or "at its end", f"cannot be read as TOML ({what}): {hint}")


def _secrets(said: Any, here: Path = ()) -> Iterator[Finding]:
    """Keys that look like secrets. Their values are not repeated anywhere."""
    items = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for key, value in items:
        path = (*here, key)
        if isinstance(key, str) and re.sub(r"[-_ ]", "", key.lower()) in _SECRETS:
            yield Finding(
                path,
                "no secret may stand in this file, which others read: delete the line and put the key into the "
                "environment variable NCBI_API_KEY, or name another one with api_key_env",
            )
        else:
            yield from _secrets(value, path)


def _take_out(said: dict[str, Any], paths: Iterable[Path]) -> None:
    """Delete the innermost key of each path; an item of a list takes the whole list with it."""
    for holder, key in [_innermost(said, path) for path in paths]:
        holder.pop(key, None)


def _innermost(said: dict[str, Any], path: Path) -> tuple[dict[str, Any], str]:
    holder, key = said, str(path[0])
    inside: Any = said
    for step in path:
        if isinstance(inside, dict) and step in inside:
            holder, key = inside, str(step)
        elif not isinstance(inside, list):  # the model has put names together that the file nests
            break
        inside = inside[step]
    return holder, key


# -- pydantic's findings in plain words ---------------------------------------------------------------

_WORDS: dict[str, Callable[[ErrorDetails], str]] = {
    "string_type": lambda _: 'must be a text in quotes: "…"',
    "int_type": lambda _: "must be a whole number, without quotes",
    "float_type": lambda _: "must be a number, without quotes",
    "finite_number": lambda _: "must be a finite number",
    "bool_type": lambda _: "must be true or false, without quotes",
    "dict_type": lambda d: f"must be a table: put its keys below [{spelled(d['loc'])}]",
    "greater_than": lambda d: f"must be more than {d['ctx']['gt']:g}",
    "less_than": lambda d: f"must be less than {d['ctx']['lt']:g}",
    "greater_than_equal": lambda d: f"must be {d['ctx']['ge']:g} or more",
    "less_than_equal": lambda d: f"must be {d['ctx']['le']:g} or less",
}


_MOVED: dict[Path, str] = {("screening", "model"): "ranking", ("screening", "seed"): "ranking"}
"""Keys that stand in another table than they did."""


def _finding(model: type[BaseModel], detail: ErrorDetails) -> Finding:
    path, kind = detail["loc"], detail["type"]
    if kind == "extra_forbidden":
        return Finding(path, _unknown(model, path))
    if kind == "literal_error":
        return Finding(path, f"must be one of {detail['ctx']['expected']}{_meant(detail)}")
    if kind == "tuple_type":
        return Finding(path, _no_list(path, detail["input"]))
    if kind == "model_type":
        return Finding(path, _no_table(path, detail["input"]))
    return Finding(path, _WORDS.get(kind, _as_said)(detail))


def _as_said(detail: ErrorDetails) -> str:
    return detail["msg"]


def _no_list(path: Path, said: object) -> str:
    if isinstance(said, dict):
        return f"there can be several: write [[{spelled(path)}]] in double brackets above each"
    return 'must be a list in square brackets: ["…", "…"]'


def _no_table(path: Path, said: object) -> str:
    if isinstance(said, list):
        return f"there is only one: write [{spelled(path)}] in single brackets, once"
    if isinstance(path[-1], int):
        return f"must be a table: write [[{spelled(path[:-1])}]] and its keys below"
    return f"must be a table: put its keys below [{spelled(path)}]"


def _meant(detail: ErrorDetails) -> str:
    choices = re.findall(r"'([^']+)'", detail["ctx"]["expected"])
    close = difflib.get_close_matches(str(detail["input"]).lower(), choices, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _unknown(model: type[BaseModel], path: Path) -> str:
    """An unknown key: spelled nearly right, put into the wrong table, or neither."""
    key = str(path[-1])
    if path in _MOVED:
        return f"stands below [{_MOVED[path]}] now: move the line `{key} = …` there"
    known = list(_model_at(model, path[:-1]).model_fields)
    close = difflib.get_close_matches(key.lower(), known, n=1)
    if close:
        return f"there is no such key; did you mean `{close[0]}`?"
    if len(path) > 1 and key in model.model_fields:
        return f"belongs to the top of the file: move `{key}` above the first [table]"
    return f"there is no such key here; there are: {', '.join(known)}"


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel]:
    """The model of the table at a path, which goes through fields, lists of tables and named tables."""
    for step in path:
        known = model.model_fields.get(str(step))
        model = (_inner(known.annotation) or model) if known else model
    return model


def _inner(annotation: Any) -> type[BaseModel] | None:
    """The model in `Model`, `tuple[Model, ...]` or `dict[str, Model]`."""
    candidates = (annotation, *get_args(annotation))
    return next((one for one in candidates if isinstance(one, type) and issubclass(one, BaseModel)), None)
