"""What a rule of a standard is, and what software can say about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from harvest.standards.facts import Facts


class Verdict(StrEnum):
    """What software can say about a rule."""

    NOT_MET = "not met"
    UNSEEN = "cannot be seen by software"
    """A person must look; the rule may well be met."""
    MET = "met"
    """As far as the review folder tells."""


class Judgement(NamedTuple):
    """A verdict, why, and by which numbers or reports."""

    verdict: Verdict
    sentence: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of a catalogue."""

    code: str
    """P16a, M-C39, L-3; a code never changes its meaning."""
    title: str
    mandatory: bool
    """Whether the standard demands it; what is only highly desirable does not fail a check."""
    source: str
    """Which item of which standard."""
    sees: str
    """What the software looks at."""
    todo: str
    """What to do when it is not met."""
    look: Callable[[Facts], Judgement]
    confirmed: bool = True
    """False where the wording or the grade of the standard was not read at its source, but is known from elsewhere."""


@dataclass(frozen=True, slots=True)
class Standard:
    """A catalogue of rules."""

    name: str
    title: str
    citation: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule, judged for one review."""

    rule: Rule
    judgement: Judgement

    @property
    def fails(self) -> bool:
        """Whether the check fails for it."""
        return self.rule.mandatory and self.judgement.verdict is Verdict.NOT_MET

    def to_dict(self) -> dict[str, object]:
        """For `--json`."""
        rule, said = self.rule, self.judgement
        return {
            "code": rule.code, "title": rule.title, "mandatory": rule.mandatory, "source": rule.source,
            "verdict": said.verdict.value, "sentence": said.sentence, "evidence": list(said.evidence),
            "sees": rule.sees, "todo": rule.todo,
        }  # fmt: skip


def met(sentence: str, *evidence: str) -> Judgement:
    """It is met, as far as can be seen."""
    return Judgement(Verdict.MET, sentence, evidence)


def not_met(sentence: str, *evidence: str) -> Judgement:
    """It is not met."""
    return Judgement(Verdict.NOT_MET, sentence, evidence)


def unseen(sentence: str, *evidence: str) -> Judgement:
    """Only a person can say."""
    return Judgement(Verdict.UNSEEN, sentence, evidence)
