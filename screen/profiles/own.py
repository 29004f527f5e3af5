"""What our own files say, wherever they have been: the columns or notes `decision`, `reason`, `note`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from db.opinion import Verdict
from screen.returned import Entry, Said

_WORDS: dict[Verdict, str] = {
    "include": "include included in yes y true 1 relevant accept accepted asreview_relevant",
    "exclude": "exclude excluded out no n false 0 irrelevant reject rejected asreview_irrelevant",
    "unsure": "unsure maybe ? unclear uncertain undecided",
}
VERDICT_OF: dict[str, Verdict] = {
    word: verdict for verdict, words in _WORDS.items() for word in words.split()
}
"""What people and programs write for a verdict. A tool that means something else by 0 and 1 has words of its own."""

DECISIONS = ("decision", "verdict")
NOTES = ("note", "comment")
_REASONS = ("reason", "exclusion_reason")
_TAG = re.compile(
    r"(?:^|[\n;,])[^\S\n]*(harvest: ?(include|exclude|unsure)\b(?:: ?([^\n;]*))?)", re.IGNORECASE
)
"""A tag ends with its line or at a semicolon: reasons may hold commas."""


def said(entry: Entry) -> Iterator[Said]:
    """Our columns or notes, and keywords like `harvest:include` and `harvest:exclude:design`."""
    reason, note, by = entry.first(*_REASONS), entry.first(*NOTES), entry.first("reviewer")
    words = [entry.values[column] for column in DECISIONS if entry.values.get(column)]
    for word in words:
        yield Said(word, VERDICT_OF.get(word.lower()), by, reason, note)
    if reason and not words:
        yield Said("", None, by, reason, note)
    yield from tagged(entry)


def tagged(entry: Entry) -> Iterator[Said]:
    """What keywords say: for tools that keep tags and know no decisions of their own."""
    for word, verdict, reason in _TAG.findall(entry.first("keywords", "tags")):
        yield Said(word.strip(), VERDICT_OF[verdict.lower()], "", reason.strip())
