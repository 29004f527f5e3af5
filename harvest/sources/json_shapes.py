"""Reading JSON of a known shape: what is missing is empty, what has another shape is a `RecordError`.

Sources leave out what they have nothing to say about, so an absent name (or `null`) is no mistake. A name
that holds something else than it should is one: the record is then reported instead of half read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from db.errors import RecordError


def part(parent: Any, name: str) -> Mapping[str, Any]:
    """The object of this name; an empty one when the study does not have it."""
    if not isinstance(parent, Mapping):
        raise RecordError(f"`{name}` was looked for in something that is not a JSON object.")
    found = parent.get(name)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise RecordError(f"`{name}` should be a JSON object and is {_short(found)}.")
    return found


def parts(parent: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects listed under this name."""
    found = parent.get(name) or []
    if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
        raise RecordError(f"`{name}` should list JSON objects and is {_short(found)}.")
    return found


def text(parent: Mapping[str, Any], name: str) -> str:
    """The text of this name without blanks around it; empty when there is none."""
    found = parent.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise RecordError(f"`{name}` should be a text and is {_short(found)}.")
    return found.strip()


def texts(parent: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The texts listed under this name, empty ones left out."""
    found = parent.get(name) or []
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise RecordError(f"`{name}` should list texts and is {_short(found)}.")
    return tuple(stripped for item in found if (stripped := item.strip()))


def number(parent: Mapping[str, Any], name: str) -> int | None:
    """The whole number of this name."""
    found = parent.get(name)
    if found is None or (isinstance(found, int) and not isinstance(found, bool)):
        return found
    raise RecordError(f"`{name}` should be a whole number and is {_short(found)}.")


def flag(parent: Mapping[str, Any], name: str) -> bool:
    """True or false; false when nothing is said."""
    found = parent.get(name, False)
    if not isinstance(found, bool):
        raise RecordError(f"`{name}` should be true or false and is {_short(found)}.")
    return found


def column(rows: Sequence[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    """The values of one name, in order, without repeats."""
    return tuple(dict.fromkeys(said for row in rows if (said := text(row, name))))


def _short(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=False)
    return said if len(said) <= 60 else said[:60] + "…"
