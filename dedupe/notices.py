"""Is it about another paper? Errata, retractions, expressions of concern and comments bear its title."""

from __future__ import annotations

import re

from dedupe.text import fold, words

SHORTEST = 15
"""Signs a title must have left for it to be named by a notice."""

TAIL = 80
"""Signs at the end of a title where a notice may be named."""
_BEHIND = frozenset(
    words(
        "erratum corrigendum correction addendum retraction concern reply response rejoinder"
        " comment commentary letter"
    )
)
"""One of these is in every title that `_AFTER` finds; looking for them first is a tenth of the work."""

_FLAGS = re.IGNORECASE | re.VERBOSE | re.DOTALL
_BEFORE = re.compile(
    r"""\W*(?:
    (?P<erratum>
        (?:(?:publisher|author)s?(?:['’]s?)?\s+)?
        (?:(?:erratum|errata|corrigend(?:um|a)|addendum)(?:\s+(?:to|for|of|in)\b)?
         | (?:corrections?|amendment)(?=\s*[:.–—\]]|\s+-|\s+to\b|\s*$|\s*\()(?:\s+to\b)?))
    | (?P<retraction>
        (?: (?:retraction|withdrawal)\s+(?:note|notice)\b | notice\ of\ retraction\b
          | (?:retraction|withdrawal)(?=\s*[:.–—-]|\s*$|\s+(?:of|to)\s*[:"“‘'])
        )(?:\s+(?:of|to|for)\b)?)
    | (?P<concern> (?:editorial\ )?expression\ of\ concern\b (?:\s+(?:on|about|for)\b)?)
    | (?P<comment>
        re\s*: | regarding(?=\s*[:"“‘']) | comment(?:s|ary)?\s*(?:on\b|to\b|:)
        | (?:invited|editorial)\ comment(?:ary)?\b(?:\s+(?:on|to)\b)?
        | (?:letter|correspondence)\s*(?:to\ the\ editor\s*)?(?:on\b|regarding\b|about\b|concerning\b|[:.–—-])
        | editorial\s*[:–—-])
    | (?P<reply>
        in\ (?:reply|response)\b(?:\s+to\b)?
        | (?:the\ )?(?:authors?['’]?s?['’]?\s+)?(?:reply|replies|response|rejoinder)
          (?:\s*[:.]|\s*$|\s*(?:to|from)\s+(?:the\s+)?(?:letter|comment|editor|author|dr|re\b|["“‘])
             |\s*(?:to|on)\s*(?::|[rc]c\d\b))
        | authors?['’]?s?['’]?\s+(?:reply|replies|response)\s+to\b)
    )[\s:.–—\]"“-]*""",
    _FLAGS,
)
_AFTER = re.compile(
    r"""(?:
    (?P<erratum> (?:\s*[:;–—-]+\s*|\.\s+|\s*[\[(]) (?:erratum|corrigendum|correction|addendum)[\s\])]*)
    | (?P<retraction> (?:\s*[:;–—-]+\s*|\.\s+|\s*[\[(]) retraction(?:\s+(?:note|notice))?[\s\])]*)
    | (?P<concern> (?:\s*[:;–—-]+\s*|\.\s+|\s*[\[(]) expression\s+of\s+concern[\s\])]*)
    | (?P<reply> (?:\s*:\s+|\s+[–—-]+\s+|\.\s+|\s*[\[(])
        (?:(?:the\ )?(?:authors?['’]?s?['’]?\ )?(?:reply|rejoinder)|(?:the\ )?authors?['’]?s?['’]?\ response|in\ reply)
        (?:\s+to\s[^:\])]{1,40})?[\s\])]*)
    | (?P<comment> (?:\s*:\s+|\s+[–—-]+\s+|\s*\()
        (?:(?:invited|editorial|an?)\s+comment(?:ary)?|comment|letter\s+to\s+the\s+editor)[\s\])]*)
    )\.?\s*$""",
    _FLAGS,
)
"""`… : erratum`, `… [Corrigendum]`, `… - Reply to Smith et al`."""
_CITED = re.compile(
    r"""\s*[\[(] (?:
        [^()\[\]]*? \b(?:vol\.?\s*\w+[^()\[\]]*)? \bp(?:g|ages?)\.?\s        # (vol 360, pg 542, 2009)
        | (?-i:[A-Z])[^\[\]]*? \(?(?:19|20)\d\d\)?[\s;:,]*\d+ [^\[\]]*? [(:]\s*[a-z]?\d+  # (Blood (2009) 113 (10))
    ) .*$""",
    _FLAGS,
)
"""The citation of the paper it is about, as Web of Science and Embase put it behind the title."""
_UNCLOSED = re.compile(r"(?<=\w{3})\s*\([^()]*(?:\([^()]*)?$")
"""Such a citation when it is cut short."""
_FATE = re.compile(
    r"""\.?\s*\[\s*(?:published\ )?
    (?:erratum|correction|corrigendum|retraction|update|comment|republished|corrected)\b\s*
    (?:(?:appears?|published|and|in|of|from|has)\b.*|$)""",
    _FLAGS,
)
"""`[Erratum appears in …]`: a note on the article's own fate, however it was cut short."""
_MARKED = re.compile(
    r"\W*(?:retracted|withdrawn|removed|temporary removal)\b\W*(?:article\b)?\s*[:\]]\W*", re.IGNORECASE
)
"""`RETRACTED: …`: the article itself, not a notice about it."""


def unmarked(title: str) -> str:
    """An article's title without what databases add when the article is corrected or retracted."""
    if "[" in title[SHORTEST:]:
        title = _FATE.sub("", title)
    marked = _MARKED.match(title)
    return title[marked.end() :] if marked and fold(title[marked.end() :]) else title


def read_notice(title: str) -> tuple[str, str]:
    """What kind of notice a title announces, if any, and the title of the paper it is about.

    Kinds: erratum, retraction, concern, comment, reply; empty for a paper of its own.
    """
    before = _BEFORE.match(title)
    if before:
        rest = _UNCLOSED.sub("", _without_citation(title[before.end() :]))
        return str(before.lastgroup), rest if len(fold(rest)) > SHORTEST else title
    start = max(SHORTEST, len(title) - TAIL)
    after = None if _BEHIND.isdisjoint(words(title[start:])) else _AFTER.search(title, start)
    if after:
        return str(after.lastgroup), title[: after.start()]
    rest = _without_citation(title)
    return ("erratum" if rest != title else "", rest)


def _without_citation(title: str) -> str:
    if not title.rstrip(" .").endswith((")", "]")):
        return title
    cited = _CITED.search(title)
    return title[: cited.start()] if cited and cited.start() > SHORTEST else title
