"""What must add up, as data; and the check that it does, before any number is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from db.errors import CheckFailed
from harvest.reports.flow.boxes import Box, Flow


@dataclass(frozen=True, slots=True)
class Identity:
    """The boxes on the left hold together as many as those on the right; `name:*` stands for all parts of a box."""

    says: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    at_most: bool = False
    """The left may hold fewer."""

    def left_of(self, flow: Flow) -> int:
        """The sum on the left."""
        return _sum(_named(flow, self.left))

    def right_of(self, flow: Flow) -> int:
        """The sum on the right."""
        return _sum(_named(flow, self.right))

    def holds(self, flow: Flow) -> bool:
        """Whether the sums agree, and nothing stands in two boxes on one side."""
        left, right = self.left_of(flow), self.right_of(flow)
        apart = not any(_shared(_named(flow, side)) for side in (self.left, self.right))
        return apart and (left <= right if self.at_most else left == right)


def _column(
    words: str, identified: tuple[str, ...], duplicates: str, records: str, reports: str
) -> tuple[Identity, ...]:
    """What holds in one column; `records` and `reports` are how names of its boxes begin."""
    removed = (duplicates, f"{records}excluded_automatic", f"{records}excluded_other")
    screened, excluded = f"{records}records_screened", f"{records}records_excluded"
    sought, assessed = f"{reports}sought_reports", f"{reports}assessed"
    return (
        Identity(f"identified = removed + screened + to be screened ({words})", identified,
                 (*removed, screened, f"{records}records_pending")),
        Identity(f"screened = excluded + sought ({words})", (screened,), (excluded, sought)),
        Identity(f"sought = not retrieved + awaiting retrieval + assessed ({words})", (sought,),
                 (f"{reports}notretrieved_reports", f"{reports}awaiting_retrieval", assessed)),
        Identity(f"assessed = not settled + excluded + eligible ({words})", (assessed,),
                 tuple(f"{reports}{end}" for end in (
                     "undecided", "excluded", "ongoing", "unclassified", "again", "further", "included"))),
        Identity(f"excluded = the sum over the reasons ({words})", (f"{reports}excluded",), (f"{reports}excluded:*",)),
    )  # fmt: skip


IDENTITIES: tuple[Identity, ...] = (
    Identity("databases = the sum over the databases", ("database_results",), ("database_results:*",)),
    Identity("registers = the sum over the registers", ("register_results",), ("register_results:*",)),
    Identity("other methods = the sum over the methods", ("other_results",),
             ("website_results", "organisation_results", "citations_results", "contacts_results")),
    *_column("databases and registers", ("database_results", "register_results"), "duplicates", "", "dbr_"),
    *_column("other methods", ("other_results",), "other_duplicates", "other_", "other_"),
    Identity("reports of new studies = included in both columns", ("new_reports",),
             ("dbr_included", "other_included")),
    Identity("further reports = further ones in both columns", ("further_reports",),
             ("dbr_further", "other_further")),
    Identity("a study has a report at least", ("new_studies",), ("new_reports",), at_most=True),
    Identity("total studies = previous + new", ("total_studies",), ("previous_studies", "new_studies")),
    Identity("total reports = previous + new + further", ("total_reports",),
             ("previous_reports", "new_reports", "further_reports")),
)  # fmt: skip
"""All that must hold at every moment of every review."""


def broken(flow: Flow, identities: Iterable[Identity] = IDENTITIES) -> tuple[Identity, ...]:
    """The identities that do not hold."""
    return tuple(identity for identity in identities if not identity.holds(flow))


def proved(flow: Flow) -> Flow:
    """The same flow, when everything adds up.

    Raises:
        CheckFailed: it does not; the sentence names the first identity, with both sums.
    """
    for wrong in broken(flow):
        raise CheckFailed(
            f"The PRISMA flow does not add up: {wrong.says}, but {wrong.left_of(flow)} is not "
            f"{wrong.right_of(flow)} or something is counted twice. Run `harvest db verify`, and report this fault."
        )
    return flow


def _named(flow: Flow, names: Iterable[str]) -> list[Box]:
    return [box for name in names for box in _boxes(flow, name)]


def _boxes(flow: Flow, name: str) -> Iterator[Box]:
    if name.endswith(":*"):
        yield from flow.parts(name.removesuffix(":*"))
    else:
        yield flow[name]


def _sum(boxes: Iterable[Box]) -> int:
    return sum(box.n for box in boxes)


def _shared(boxes: list[Box]) -> bool:
    """Whether something stands in two of these boxes; a report goes by the number of a record, a study has its own."""
    return any(
        len(frozenset().union(*alike)) != sum(map(len, alike))
        for alike in (
            [box.ids for box in boxes if (box.unit == "studies") == of_studies]
            for of_studies in (True, False)
        )
    )
