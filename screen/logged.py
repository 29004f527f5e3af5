"""What a ranking was asked, as the log keeps it: a `Topic` as JSON and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

from db.errors import CheckFailed
from screen.document import Document
from screen.rank import Topic

T = TypeVar("T", Topic, Document)


def topic_text(topic: Topic) -> str:
    """A topic with all its texts; the same topic gives the same text."""
    return json.dumps(asdict(topic), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def topic_of(text: str) -> Topic:
    """What `topic_text` was given. What an older version did not keep has its usual value.

    Raises:
        CheckFailed: it holds what this version knows nothing of.
    """
    said = json.loads(text)
    documents = {
        name: tuple(_made(Document, one) for one in said[name])
        for name in ("known", "rejected")
        if name in said
    }
    return _made(Topic, {**said, **documents})


def _made(kind: type[T], said: Mapping[str, Any]) -> T:
    known = {field.name for field in fields(kind)}
    if strange := sorted(said.keys() - known):
        raise CheckFailed(
            f"The log knows {', '.join(strange)} of what was asked, and this Harvest does not: "
            "use the version that stands with the ranking."
        )
    whole: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in said.items()}
    return kind(**whole)
