"""Where the screening stands, in words: a table, a recommendation, the paragraph for the methods section."""

from __future__ import annotations

from collections.abc import Iterator

from harvest import __version__
from harvest.stopping import Standing, Verdict
from screen.models import MODELS

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
        waiting = f"{read.unsettled} wait for a vote or for agreement: go on reading."
        return f"No report is settled yet, {waiting if read.unsettled else 'and nobody has voted: start reading.'}"
    if not read.included:
        met = "and a single include would most likely have been met by now"
        return f"Nothing is included yet, {met if usual.stop else 'so nothing can be said about recall'}: {usual.told}."
    goal = f"{standing.target:.0%} recall with {standing.confidence:.0%} confidence"
    return f"By the recall curve, at {goal}: {usual.told}."


def paragraph(standing: Standing) -> str:
    """What the methods section says, ready to be pasted."""
    return " ".join(_paragraph(standing))


def spoken(standing: Standing) -> dict[str, str]:
    """All of it for `--json`."""
    return {"recommendation": sentence(standing), "paragraph": paragraph(standing), "advice": ADVICE}


def _paragraph(standing: Standing) -> Iterator[str]:
    yield from _order(standing)
    yield from _reading(standing)
    if standing.reading.unread:
        yield from _rules(standing)
        yield from _estimate(standing)
    else:
        yield "Every report was read, so that no rule to stop was needed."
    left = len(standing.reading.unread) - standing.reading.unsettled
    kept = f", and the {left:,} reports that were not read are kept as not read" if left else ""
    yield f"The software excluded nothing: every exclusion is a reviewer's vote{kept}."


def _order(standing: Standing) -> Iterator[str]:
    yield f"Titles and abstracts were put in order of likely relevance with Harvest {__version__}"
    if standing.ranked_by:
        ours = standing.ranked_by.startswith(tuple(f"model {name}," for name in MODELS))
        starts = "starts from the question and " if ours else ""  # of another's model we know only the votes
        yield f"({standing.ranked_by}), which {starts}learns from the reviewers' votes."
    else:
        yield "(unranked)."
    if standing.mixed:
        yield f"Of what was handed out, {standing.mixed}."


def _reading(standing: Standing) -> Iterator[str]:
    read, people = standing.reading, standing.per_record
    share = len(read.history) / read.total if read.total else 0.0
    if people == 1:
        yield "Each report was for one reviewer to read."
    else:
        yield f"Each report was for {people} reviewers to read independently; it is settled when they agree."
    yield (
        f"Of {read.total:,} reports, {len(read.history):,} ({share:.1%}) were read and settled; "
        f"{read.included:,} of them were included."
    )
    if read.unsettled:
        yield f"{read.unsettled:,} more had votes and were not settled."


def _rules(standing: Standing) -> Iterator[str]:
    usual, strict, _, *samples = standing.verdicts
    yield (
        f"Whether to stop was judged by a target recall of {standing.target:.0%} at {standing.confidence:.0%} "
        f"confidence, with a model of the recall curve (chance that the target is missed: {usual.now}; {_met(usual)})"
    )
    yield (
        f"and, for comparison, with the hypergeometric test of Callaghan and Müller-Hansen (2020, "
        f"doi 10.1186/s13643-020-01521-4; p = {strict.now}; {_met(strict)})."
    )
    for sample in samples:
        yield f"{sample.rule.capitalize()} (seed {standing.seed}, {standing.confidence:.0%} confidence): {sample.now}."


def _met(verdict: Verdict) -> str:
    return "the rule to stop was met" if verdict.stop else "the rule to stop was not met"


def _estimate(standing: Standing) -> Iterator[str]:
    known = standing.estimate
    if known is None:
        return
    recall, left = known.recall, known.left
    bounds = f"{recall.low:.1%} and {recall.high:.1%}, {left.low} and {left.high}"
    yield (
        f"By the model, recall was {recall.estimate:.1%} and {left.estimate:.1f} relevant reports were left "
        f"(one-sided {standing.confidence:.0%} bounds {bounds})."
    )
