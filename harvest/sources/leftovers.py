"""What a reader of JSON has no field for, as texts under the path where they stood: nothing is thrown away."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any


def leftovers(value: Any, read: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Everything below `value` but the paths that were read (`a.b.c`; lists count as one place), with their texts."""
    return {path: said for path, said in _flat(value, read, "") if said}


def _flat(value: Any, read: Collection[str], path: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    if path in read or value is None:
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, read, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        yield path, tuple(filter(None, map(_line, value)))
    else:
        yield path, (_line(value),) if value != "" else ()


def _line(value: Any) -> str:
    """A value as one line; the parts of an object keep their names: `id: U10; type: NIH`."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "; ".join(
            f"{name}: {_line(inner)}" for name, inner in value.items() if inner not in (None, "", [])
        )
    if isinstance(value, list):
        return ", ".join(map(_line, value))
    return "" if value is None else json.dumps(value)
