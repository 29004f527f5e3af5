"""Where a source answers and how often it may be asked, as `[sources.…]` in `review.toml` says or as is usual."""

from __future__ import annotations

import math
from collections.abc import Mapping
from urllib.parse import urlsplit

from db.errors import WrongUse
from harvest.transport import Pace


def address(settings: Mapping[str, str], usual: str) -> str:
    """Where the API lies, without `/` at the end; an address that names only a host keeps the API's path."""
    parts = urlsplit(settings.get("url") or usual)
    path = parts.path.rstrip("/") or urlsplit(usual).path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def pace(settings: Mapping[str, str], source: str, usual: float) -> Pace:
    """One pace for all questions to a source. Raises `WrongUse` when `requests_per_second` is no number above 0."""
    said = settings.get("requests_per_second") or str(usual)
    try:
        rate = float(said)
    except ValueError:
        rate = 0.0
    if not 0 < rate < math.inf:
        raise WrongUse(f"sources.{source}.requests_per_second is {said!r}: write a number above 0.")
    return Pace(rate)
