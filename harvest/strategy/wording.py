"""Two wordings of one search: whether they send the same, and where they differ; pure."""

from __future__ import annotations

import difflib

from harvest.strategy.reading import Strategy


def same_but_for_layout(a: Strategy, b: Strategy) -> bool:
    """True when both send the same: they differ at most in blanks, comments, numbers and line breaks."""
    return _squeezed(a.query) == _squeezed(b.query) and a.options == b.options and _texts(a) == _texts(b)


def difference(a: Strategy, b: Strategy, name_a: str = "before", name_b: str = "now") -> str:
    """The two wordings line by line as a unified diff, for a person; empty when the lines are the same."""
    return "\n".join(difflib.unified_diff(_shown(a), _shown(b), name_a, name_b, lineterm="", n=1))


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _texts(strategy: Strategy) -> str:
    """All that is said, without line breaks and numbers: decides when nothing can be sent."""
    return _squeezed(" ".join(line.text for line in strategy.lines)) if not strategy.query else ""


def _shown(strategy: Strategy) -> list[str]:
    return [f"{line.number}. {_squeezed(line.text)}" for line in strategy.lines]
