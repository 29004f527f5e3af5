"""Where the screening stands, in words: a table, a recommendation, the paragraph for the methods section."""

from __future__ import annotations

from collections.abc import Iterator

from harvest import __version__
from harvest.stopping import Standing

ADVICE = "This recommends and decides nothing: no report is excluded, none is hidden, and the unread ones stay queued."


def rows(standing: Standing) -> list[tuple[str, str]]:
    """The figures for people: name and value."""
    read, known = standing.reading, standing.estimate
    recall = (
        f"{known.recall.estimate:.0%} ({known.recall.low:.0%} to {known.recall.high:.0%})"
        if known
        else "not known"
    )
    left = f"{known.left.estimate:.1f} ({known.left.low} to {known.left.high})" if known else "not known"
    return [
        ("reports", f"{read.total}"),
        ("read", f"{len(read.history)}"),
        ("voted on, not settled", f"{read.unsettled}"),
        ("included so far", f"{read.included}"),
        ("recall so far", recall),
        ("expected includes left", left),
        ("work saved so far", f"{standing.saved:.0%} of the harvest is not read"),
    ]


def sentence(standing: Standing) -> str:
    """The recommendation."""
    read, usual = standing.reading, standing.verdicts[0]
    if not read.total:
        return "There is nothing to read yet: start `harvest run` first."
    if not read.unread:
        return "Every report is read and settled: nothing is left to stop for."
    if not read.history:
        return f"No report is settled yet, {read.unsettled} wait for a vote or for agreement: go on reading."
    if not read.included:
        return "Nothing is included yet, so nothing can be said about recall: go on reading."
    goal = f"{standing.target:.0%} recall with {standing.confidence:.0%} confidence"
    return f"By the recall curve, at {goal}: {usual.told}."


def paragraph(standing: Standing) -> str:
    """What the methods section says, ready to be pasted."""
    return " ".join(_paragraph(standing))


def spoken(standing: Standing) -> dict[str, str]:
    """All of it for `--json`."""
    return {"recommendation": sentence(standing), "paragraph": paragraph(standing), "advice": ADVICE}


def _paragraph(standing: Standing) -> Iterator[str]:
    read, usual, strict = standing.reading, *standing.verdicts[:2]
    share = len(read.history) / read.total if read.total else 0.0
    yield f"Titles and abstracts were put in order of likely relevance with Harvest {__version__}"
    yield (
        f"({standing.ranked_by}), which learns from the reviewers' votes."
        if standing.ranked_by
        else "(unranked)."
    )
    yield (
        f"Of {read.total:,} reports, {len(read.history):,} ({share:.1%}) were read and settled; "
        f"{read.included:,} of them were included."
    )
    yield (
        f"Whether to stop was judged by a target recall of {standing.target:.0%} at {standing.confidence:.0%} "
        f"confidence, with a model of the recall curve (chance that the target is missed: {usual.now}; {usual.told})"
    )
    yield (
        f"and, for comparison, with the hypergeometric test of Callaghan and Müller-Hansen (2020, "
        f"doi 10.1186/s13643-020-01521-4; p = {strict.now}; {strict.told})."
    )
    if standing.estimate:
        recall, left = standing.estimate.recall, standing.estimate.left
        yield (
            f"By the model, recall was {recall.estimate:.1%} ({recall.low:.1%} to {recall.high:.1%}), "
            f"with {left.estimate:.1f} ({left.low} to {left.high}) relevant reports left."
        )
    for verdict in standing.verdicts[3:]:
        yield f"{verdict.rule.capitalize()} (seed {standing.seed}): {verdict.now}."
    yield (
        "The software excluded nothing: every exclusion is a reviewer's vote, and the "
        f"{len(read.unread):,} reports that were not read are kept as not read."
    )
