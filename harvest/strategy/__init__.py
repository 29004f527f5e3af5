"""Stored search strings: what the reviewer keeps in a file, and what is sent of it.

Three layouts are read:

==================  ===========================================  ==================================
one expression      over as many lines as it likes               sent as it is, line breaks as blanks
line by line        numbered (`1.`, `1`, `#1`, `1)`, `S1`) or    the last line is sent, its references
                    not, combined by reference: `#1 OR #2`,      replaced by what they refer to, in
                    `1 and 2`, `or/1-4`, `{OR #1-#4}`            brackets
fields              `cond: …`, `intr: …`, `term: …` of a         `term` is the query, the others are
                    register's form                              options under the register's names
==================  ===========================================  ==================================

In all of them `{filter: NAME}` stands for a packaged search filter (`harvest.strategy.filters`).

Blank lines and lines that begin with `//`, `;` or a `#` without a number are comments. The file itself is
kept byte for byte and never rewritten; everything here is derived from it and pure.
"""

from harvest.strategy.filters import Filter, filters_of
from harvest.strategy.lines import LIMIT, Line
from harvest.strategy.reading import FIELDS, Strategy, line_queries, load, read_strategy
from harvest.strategy.slips import Slip
from harvest.strategy.wording import difference, same_but_for_layout

__all__ = [
    "FIELDS",
    "LIMIT",
    "Filter",
    "Line",
    "Slip",
    "Strategy",
    "difference",
    "filters_of",
    "line_queries",
    "load",
    "read_strategy",
    "same_but_for_layout",
]
