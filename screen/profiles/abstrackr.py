"""Abstrackr: nothing is written for it; its CSV is read, with the labels of everybody.

Header `(internal) id,(source) id,pubmed id,…,tags,consensus,labeled_at,<person>,labeled_at,general notes (<person>),…`;
1 is relevant, 0 maybe, -1 irrelevant, and `o` or nothing no label. The last line tells of citations not yet labelled.
"""

from __future__ import annotations

from collections.abc import Iterator

from db.opinion import Verdict
from screen.profiles.profile import Profile, by_row
from screen.returned import Entry, Form, Said

_KNOWN = frozenset(
    [
        "internal_id", "source_id", "pubmed_id", "keywords", "abstract", "title", "journal", "authors", "tags",
        "consensus", "labeled_at",
    ]
)  # fmt: skip
_VERDICTS: dict[str, Verdict] = {"1": "include", "0": "unsure", "-1": "exclude"}
_UNLABELLED = ("", "o", "-")


def _recognises(form: Form) -> bool:
    return form.kind == "table" and {"internal_id", "source_id", "consensus"} <= form.columns


def _said(entry: Entry) -> Iterator[Said]:
    for column, word in entry.values.items():
        if column not in _KNOWN and "_notes_" not in column and word not in _UNLABELLED:
            note = entry.first(f"general_notes_{column}")
            yield Said(word, _VERDICTS.get(word), column.replace("_", " "), note=note)


ABSTRACKR = Profile(
    "abstrackr",
    "Abstrackr",
    {},
    _recognises,
    by_row(_said),
    "Everybody's labels and notes; no identifier of ours goes in, so that rows are matched by PMID or title.",
)
