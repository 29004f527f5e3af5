"""Standards of systematic reviews as rules that software can check: `harvest check prisma|mecir|lsr`.

rule.py      what a rule is, and what can be said about it
facts.py     what the rules are judged by, gathered once
prisma.py    PRISMA 2020 and PRISMA-S · mecir.py  Cochrane MECIR, C24 to C42 and C48 · lsr.py  Cochrane, living reviews
catalogue.py all of them by name, and the page that lists them

To add one: a module with its rules, and its line in `catalogue.STANDARDS`.
"""

from harvest.standards.catalogue import STANDARDS, explanation, judge, page, rule_named, standard_named, told
from harvest.standards.rule import Finding, Rule, Standard, Verdict

__all__ = [
    "STANDARDS", "Finding", "Rule", "Standard", "Verdict", "explanation", "judge", "page",
    "rule_named", "standard_named", "told",
]  # fmt: skip
