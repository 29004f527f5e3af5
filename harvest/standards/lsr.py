"""Cochrane's guidance on living systematic reviews, as far as it is about searching and telling."""

from __future__ import annotations

from datetime import timedelta

from harvest.standards.facts import Facts, named, stated
from harvest.standards.rule import Judgement, Rule, Standard, met, not_met, unseen

GUIDANCE = (
    "Cochrane. Guidance for the production and publication of Cochrane living systematic reviews: Cochrane Reviews in "
    "living mode. Version December 2019"
)
GRACE = timedelta(days=7)
"""How late a search may be before it counts as missed: a computer may be off over a weekend."""


def _frequency(facts: Facts) -> Judgement:
    every = facts.review.schedule.every
    return (
        met(f"The searches are repeated {every}.")
        if every
        else not_met("No frequency of searching is stated.")
    )


def _trigger(facts: Facts) -> Judgement:
    trigger = facts.review.schedule.trigger
    return (
        met("It is stated.", trigger) if stated(trigger) else not_met("No trigger for an update is stated.")
    )


def _punctual(facts: Facts) -> Judgement:
    plan = facts.review.schedule
    if plan.ended:
        return met(f"The living mode ended on {plan.ended}.")
    if facts.due is None:
        return not_met(
            "The searches were never run." if not facts.runs else "No frequency of searching is stated."
        )
    if facts.today > facts.due + GRACE:
        return not_met(f"The search of {facts.due} was not made.", f"last run: {max(facts.runs[0].days)}")
    return met(f"The last run was on {max(facts.runs[0].days)}; the next is due on {facts.due}.")


def _by_hand(facts: Facts) -> Judgement:
    old = [s for s in facts.searches if s.by_hand]
    if not old:
        return met("Every source is asked by each run.")
    told = (f"{s.name} {s.searched or 'never'}" for s in old)
    return unseen(
        "How often databases are to be searched by hand, the protocol says; these are the last dates.", *told
    )


def _told(facts: Facts) -> Judgement:
    if not facts.runs:
        return not_met("The searches were never run.")
    lines = [line for line in facts.status_page.splitlines() if line.startswith("| ")]
    told = {line[2:12] for line in lines}
    newest = facts.runs[0]
    if not newest.days & told:
        return not_met(f"reports/STATUS.md has no line for the run of {max(newest.days)}.")
    return met("reports/STATUS.md tells of the newest run.", f"lines: {len(lines[2:])}")


def _screened(facts: Facts) -> Judgement:
    left = [*facts.selection.unread(), *facts.selection.unjudged()]
    if left:
        return not_met(f"{len(left)} reports are not settled.", *named(left))
    return met(f"All {len(facts.selection.reports)} reports are settled or put aside.")


def _ended(facts: Facts) -> Judgement:
    plan = facts.review.schedule
    if not plan.ended:
        return met("The review is still a living one.")
    if not stated(plan.ended_because):
        return not_met(f"The living mode ended on {plan.ended}, and no reason is stated.")
    return met(f"The living mode ended on {plan.ended}.", plan.ended_because)


def _methods(_: Facts) -> Judgement:
    return unseen("How often meta-analyses are repeated, and how that is allowed for, the protocol says.")


RULES = (
    Rule(
        "L-1", "Frequency of searching", True, "Cochrane LSR guidance 2019, searching", "schedule.every in review.toml",
        'Write every = "monthly", or what the protocol says, below [schedule].', _frequency, confirmed=False,
    ),
    Rule(
        "L-2", "Trigger of an update", True, "Cochrane LSR guidance 2019, when to incorporate new evidence",
        "schedule.trigger in review.toml", "Write below [schedule] what makes the team update the review.", _trigger,
        confirmed=False,
    ),
    Rule(
        "L-3", "Searches are made when they are due", True, "Cochrane LSR guidance 2019, searching",
        "the day of the newest run beside the frequency, with a week's grace",
        "Start `harvest run`; `harvest schedule` prints what a computer needs to do so by itself.", _punctual,
        confirmed=False,
    ),
    Rule(
        "L-4", "Databases searched by hand", False, "Cochrane LSR guidance 2019, searching",
        "when their export files were made, as far as somebody says", "Export anew as often as the protocol says.",
        _by_hand, confirmed=False,
    ),
    Rule(
        "L-5", "Status after every search", True, "Cochrane LSR guidance 2019, publishing",
        "a line for the newest run in reports/STATUS.md", "Publish that page; `harvest run` adds the line.", _told,
        confirmed=False,
    ),
    Rule(
        "L-6", "What came is screened", False, "Cochrane LSR guidance 2019, screening",
        "reports that are neither settled nor put aside", "Read them, or say in the status why they wait.", _screened,
        confirmed=False,
    ),
    Rule(
        "L-7", "The end of the living mode has a reason", True, "Cochrane LSR guidance 2019, leaving living mode",
        "schedule.ended and schedule.ended_because", "Write ended_because below [schedule].", _ended, confirmed=False,
    ),
    Rule(
        "L-8", "Repeated analyses", True, "Cochrane LSR guidance 2019, statistical methods", "nothing",
        "Say in the protocol how repeated meta-analyses are allowed for.", _methods, confirmed=False,
    ),
)  # fmt: skip

STANDARD = Standard("lsr", "Cochrane, living systematic reviews", GUIDANCE, RULES)
