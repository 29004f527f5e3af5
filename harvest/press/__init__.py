"""Peer review of search strings, as far as a program can do it: a catalogue of checks, after PRESS 2015.

Every check has a code that never changes its meaning, a place in the strategy, and an explanation with its source.
Nothing is rewritten: what the reviewers registered is theirs. All of it is pure; whoever has the answers of a source
hands them over (`Told`).
"""

from harvest.press.catalogue import CHECKS, check_named, explanation, look, page
from harvest.press.finding import Check, Finding, Severity, Subject, Told

__all__ = [
    "CHECKS",
    "Check",
    "Finding",
    "Severity",
    "Subject",
    "Told",
    "check_named",
    "explanation",
    "look",
    "page",
]
