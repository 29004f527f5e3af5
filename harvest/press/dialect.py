"""Whose syntax a strategy should be written in, and how the syntax of each platform gives itself away."""

from __future__ import annotations

import re

from harvest.strategy import Strategy

PUBMED = "pubmed"
TRIALS = "clinicaltrials"
OVID = "ovid"
EMBASE = "embase"
COCHRANE = "cochrane"
EBSCO = "ebsco"
PROQUEST = "proquest"
OTHER = "other"
"""A source with a syntax of its own, or a platform that nobody named."""

_PLATFORMS = (
    (r"\bovid", OVID),
    (r"\bebsco", EBSCO),
    (r"\bproquest|\bdialog\b", PROQUEST),
    (r"\bcochrane|\bwiley|\bcentral\b", COCHRANE),
    (r"\bembase\.com|\belsevier|\bembase\b", EMBASE),
    (r"\bpubmed", PUBMED),
    (r"\bclinicaltrials\.gov", TRIALS),
)

_OVID_FIELDS = "tw|ti|ab|mp|sh|hw|kf|kw|pt|fs|nm|rn|af|au|jn|ed|so|ot|px|de|id|in|ui"
OVID_FIELD = re.compile(rf"\.(?:{_OVID_FIELDS})(?:,(?:{_OVID_FIELDS}))*(?:\.|(?=\s*(?:$|\))))", re.IGNORECASE)
OVID_HEADING = re.compile(r"\bexp\s+\*?[\w][\w ,'-]*/", re.IGNORECASE)
EMBASE_FIELD = re.compile(
    r":(?:ti|ab|kw|de|tt|it|au|jt|py)(?:,(?:ti|ab|kw|de|tt|it|au))*(?!\w)|(?<=')/(?:exp|de|mj)\b",
    re.IGNORECASE,
)
COCHRANE_HEADING = re.compile(r"\[mh\s+[\^\"\w][^\]]*\]", re.IGNORECASE)
EBSCO_FIELD = re.compile(r"(?<![\w\[])(?:TI|AB|TX|SU|MH|MM|MJ|PT|DE|KW)\s+(?:\(|\")")
PROQUEST_FIELD = re.compile(
    r"(?<![\w\[])(?:TI|AB|SU|NOFT|MESH|MAINSUBJECT|TIAB)(?:\.EXACT|,[A-Z]+)*(?:\.EXPLODE)?\("
)
PUBMED_TAG = re.compile(
    r"\[\s*(?:tiab|ti|ab|tw|mh|mesh|majr|pt|sh|nm|ot|all|title/abstract|mesh terms?|text word|title"
    r"|publication type|all fields)(?:\s*:\s*(?:noexp|~\d+))?\s*\]",
    re.IGNORECASE,
)

SIGNS = {
    OVID: (OVID_FIELD, OVID_HEADING),
    EMBASE: (EMBASE_FIELD,),
    COCHRANE: (EMBASE_FIELD, COCHRANE_HEADING),
    EBSCO: (EBSCO_FIELD,),
    PROQUEST: (PROQUEST_FIELD,),
    PUBMED: (PUBMED_TAG,),
}
"""Patterns that occur in the syntax of a platform."""

NAMES = {
    OVID: "Ovid",
    EMBASE: "Embase.com",
    COCHRANE: "the Cochrane Library",
    EBSCO: "EBSCOhost",
    PROQUEST: "ProQuest",
    PUBMED: "PubMed",
    TRIALS: "ClinicalTrials.gov",
}


def of_source(source: str) -> str:
    """The dialect of a source that is asked."""
    return source if source in (PUBMED, TRIALS) else OTHER


def of_platform(platform: str, database: str, strategy: Strategy) -> str:
    """The dialect of a strategy run by hand: what the review file says, else what it looks like."""
    for words in (platform, database):
        for pattern, dialect in _PLATFORMS:
            if re.search(pattern, words, re.IGNORECASE):
                return dialect
    return looks_like(" \n".join(line.text for line in strategy.passages))


def looks_like(text: str) -> str:
    """The platform whose signs occur most often; OTHER when there are none."""
    counts = {name: sum(len(sign.findall(text)) for sign in signs) for name, signs in SIGNS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else OTHER
