"""The pairs that wait for a person, most likely first."""

from __future__ import annotations

from collections.abc import Mapping

from db.opinion import Link
from db.store import Store
from harvest.answers import STUDY

_Groups = Mapping[int, tuple[int, int]]


def open_questions(store: Store, kind: str = "", rule: str = "") -> list[Link]:
    """What the rules ask and nobody has answered, one question for each two reports; of one kind or rule, if named.

    A question is settled when its records have come into one report, when a person has said of any two records of
    these reports that they are different or of one study, and when all it asks is whether they are of one study,
    and they are.
    """
    asked = [link for link in store.questions() if kind in ("", link.kind) and rule in ("", link.rule)]
    said = store.said()
    groups = store.membership({number for link in (*asked, *said) for number in (link.a, link.b)})
    settled = {_reports(groups, link) for link in said}
    found: dict[tuple[int, int], Link] = {}
    for link in sorted(asked, key=lambda link: (-link.score, link.a, link.b)):
        reports = _reports(groups, link)
        if reports[0] != reports[1] and reports not in settled and not _is_known(groups, link):
            found.setdefault(reports, link)
    return list(found.values())


def _reports(groups: _Groups, link: Link) -> tuple[int, int]:
    one, two = (groups.get(number, (number, number))[0] for number in (link.a, link.b))
    return min(one, two), max(one, two)


def _is_known(groups: _Groups, link: Link) -> bool:
    """Whether they are of one study already, and nothing else is asked."""
    if link.kind not in STUDY or link.a not in groups or link.b not in groups:
        return False
    return groups[link.a][1] == groups[link.b][1]
