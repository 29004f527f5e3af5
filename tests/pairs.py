"""Records and pairs of records for the tests of deduplication."""

from __future__ import annotations

from dataclasses import replace

from db.record import Author, Identifier, Record, Section
from dedupe.compare import compare
from dedupe.normal import form
from dedupe.rules import judge

PAPER = Record(
    source="pubmed",
    key="1",
    title="Mother-infant psychotherapy after postnatal depression: a randomised controlled trial",
    authors=(Author("Cooper", "Peter J"), Author("Murray", "Lynne"), Author("Wilson", "Anji")),
    journal="British Journal of Psychiatry",
    year=2003,
    volume="182",
    issue="5",
    pages="412-419",
)
ABSTRACT = (
    Section(
        "Psychological interventions for postnatal depression can be beneficial in the short term but their longer-term"
        " impact is unknown. Women with depression were assigned to non-directive counselling, cognitive therapy,"
        " psychodynamic therapy or routine primary care, and assessed at four time points."
    ),
)


def paper(**changes):
    """The paper, said a little differently by another source."""
    return replace(PAPER, **({"source": "file:wos", "key": "2"} | changes))


def evidence(a, b):
    return next(compare({1: form(1, a), 2: form(2, b)}, [(1, 2)]))


def opinion(a, b):
    """`relation: rule` of the rules on two records; empty when they keep nothing."""
    link = judge(evidence(a, b))
    return f"{link.relation}: {link.rule}" if link else ""


def doi(*values):
    return tuple(Identifier("doi", value) for value in values)


def pmid(value):
    return (Identifier("pmid", value),)


def trial(number, origin="databank"):
    return (Identifier("nct", number, origin),)


def registration(number, **changes):
    plain = Record(
        source="clinicaltrials",
        key=number,
        kind="registration",
        title="Psychotherapy for Mothers With Depression",
        identifiers=(Identifier("nct", number),),
    )
    return replace(plain, **changes)
