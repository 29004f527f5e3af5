"""Is it about another paper? Errata, retractions, expressions of concern and comments bear its title."""

from __future__ import annotations

import re

from dedupe.text import fold

SHORTEST = 15
"""Signs a title must have left for it to be named by a notice."""

TAIL = 80
"""Signs at the end of a title where a notice may be named."""
_BEHIND = ("erratum", "corrigendum", "correction", "addendum", "reply")

_FLAGS = re.IGNORECASE | re.VERBOSE | re.DOTALL
_BEFORE = re.compile(
    r"""\W*(?:
    (?P<correction>
        (?:(?:publisher|author)s?(?:['’]s?)?\s+)?
        (?:(?:erratum|errata|corrigend(?:um|a)|addendum)(?:\s+(?:to|for|of|in)\b)?
         | (?:corrections?|amendment)(?=\s*[:.–—\]]|\s+-|\s+to\b|\s*$|\s*\()(?:\s+to\b)?))
    | (?P<retraction>
        (?: (?:retraction|withdrawal)\s+(?:note|notice)\b | notice\ of\ retraction\b
          | (?:retraction|withdrawal)(?=\s*[:.–—-]|\s*$|\s+(?:of|to)\s*[:"“‘'])
        )(?:\s+(?:of|to|for)\b)?)
    | (?P<concern> (?:editorial\ )?expression\ of\ concern\b (?:\s+(?:on|about|for)\b)?)
    | (?P<comment>
        re\s*: | comment(?:s|ary)?\s*(?:on\b|to\b|:) | invited\ comment(?:ary)?\b | editorial\ comment(?:ary)?\b
        | in\ (?:reply|response)\b(?:\s+to\b)?
        | (?:authors?['’]?s?['’]?\s+)?(?:reply|replies|response)
          (?:\s*[:.]|\s*$|\s*(?:to|from)\s+(?:the\s+)?(?:letter|comment|editor|author|dr|re\b))
        | (?:letter|correspondence)\s*(?:to\ the\ editor\s*)?(?:on|regarding|about|concerning)\b)
    )[\s:.–—\]"“-]*""",
    _FLAGS,
)
_AFTER = re.compile(
    r"""(?:
    (?P<correction> (?:\s*[:;–—-]+\s*|\.\s+|\s*[\[(]) (?:erratum|corrigendum|correction|addendum)[\s\])]*)
    | (?P<comment> (?:\s*:\s+|\s+[–—-]+\s+|\.\s+) (?:the\ )?(?:authors?['’]?s?\ )?reply(?:\s+to\s[^:]{1,40})?)
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

    Kinds: correction, retraction, concern, comment; empty for a paper of its own.
    """
    before = _BEFORE.match(title)
    if before:
        rest = _without_citation(title[before.end() :])
        return str(before.lastgroup), rest if len(fold(rest)) > SHORTEST else title
    tail = title[-TAIL:].lower()
    after = (
        _AFTER.search(title, max(SHORTEST, len(title) - TAIL))
        if any(word in tail for word in _BEHIND)
        else None
    )
    if after:
        return str(after.lastgroup), title[: after.start()]
    rest = _without_citation(title)
    return ("correction" if rest != title else "", rest)


def _without_citation(title: str) -> str:
    if not title.rstrip(" .").endswith((")", "]")):
        return title
    cited = _CITED.search(title)
    return title[: cited.start()] if cited and cited.start() > SHORTEST else title
