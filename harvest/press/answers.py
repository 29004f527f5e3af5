"""S9: what the source itself says about a search: what it dropped, ignored or changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harvest.press.dialect import PUBMED
from harvest.press.finding import Check, Severity, Spot, Subject, Told
from harvest.press.headings import heading_of, heading_terms

_PHRASE = re.compile(r'(?:dropped|found no phrase) "*(.+?)"*(?:\[[^\]]*\])?"* (?:because|and searched)')
_BROADER = (
    'PubMed found no phrase "maternal infant fondness"[tiab] and searched its words without the quotes: the search '
    "became broader."
)
_OTHER = re.compile(r'(?:ignored|does not know the field) "*(.+?)"*(?:[.:]|$)')


def _phrases(subject: Subject) -> Iterator[Spot]:
    """Terms PubMed did not find; headings among them are another check."""
    headings = {heading_of(term) for _, term in heading_terms(subject)}
    for sentence in subject.told.warnings:
        match = _PHRASE.search(sentence)
        if match and match[1].strip('" ').lower() not in headings:
            hint = 'Look at its spelling; for a phrase that stands in records, write "…"[tiab:~0].'
            yield _place(subject, match[1].strip('" '), sentence, hint)


def _ignored(subject: Subject) -> Iterator[Spot]:
    for sentence in subject.told.warnings:
        if _PHRASE.search(sentence):
            continue
        match = _OTHER.search(sentence)
        yield _place(subject, match[1].strip('" ') if match else "", sentence, "")


def _place(subject: Subject, words: str, sentence: str, hint: str) -> Spot:
    """Where the words stand in the strategy; the whole of it when they cannot be found."""
    when = f" ({subject.told.when})" if subject.told.when else ""
    for line in subject.strategy.passages:
        match = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", line.text, re.IGNORECASE) if words else None
        if match:
            return Spot(line, *match.span(), sentence.rstrip(".") + when + ".", hint)
    return Spot(None, 0, 0, sentence.rstrip(".") + when + ".", hint)


def said_by_source(sentence: str) -> Spot:
    """A doubt that the source has without being asked."""
    return Spot(None, 0, 0, sentence)


def _nothing(_subject: Subject) -> Iterator[Spot]:
    """Doubts of a source are handed over by whoever has the source: see `harvest.checking`."""
    return iter(())


SAID = Check(
    "S903",
    "What the source finds doubtful",
    Severity.WARNING,
    "The source looked at the search string without sending it, and doubts something.",
    "Each source knows its own syntax best.",
    wrong="",
    right="",
    source="`check` of the source: docs/new-source.md",
    look=_nothing,
)

CHECKS = (
    Check(
        "S901",
        "A term PubMed did not find",
        Severity.WARNING,
        "PubMed has dropped the term, or broken the phrase up into its words: in the last run, or when it was asked "
        "for this check.",
        "A dropped term is not searched; a phrase without its quotation marks finds much more than was meant.",
        wrong='"maternal infant fondness"[tiab] OR infant[tiab]\n',
        right='"maternal infant bonding"[tiab] OR infant[tiab]\n',
        source="PhraseNotFound and QuotedPhraseNotFound of ESearch (NBK25499)",
        look=_phrases,
        dialects=(PUBMED,),
        told=Told('"infant"[Title/Abstract]', (_BROADER,), when="in an example"),
    ),
    Check(
        "S902",
        "Something else PubMed ignored",
        Severity.WARNING,
        "PubMed says that it ignored a word or did not know a field.",
        "What was searched is not what was written.",
        wrong="about[tiab] OR infant[tiab]\n",
        right="infant[tiab]\n",
        source="PhraseIgnored, FieldNotFound and OutputMessage of ESearch (NBK25499)",
        look=_ignored,
        told=Told("", ('PubMed ignored "about".',), when="in an example"),
    ),
    SAID,
)
