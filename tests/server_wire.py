"""What passes between the local test server and whoever asks it: one question, one reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

XML = "text/xml; charset=UTF-8"
JSON = "application/json"
TEXT = "text/plain; charset=UTF-8"
HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in."""

    number: int
    """Counted from 1 over the life of the server."""
    method: str
    path: str
    params: Mapping[str, str]
    """Of the address and of a form body together."""
    at: float
    """`time.monotonic()` on arrival: tests of pace look at differences."""
    headers: Mapping[str, str] = field(default_factory=dict)
    document: str = ""
    """A body of JSON, as it came."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer and how it is sent. Without the last five fields it is an honest one."""

    body: bytes = b""
    content_type: str = XML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int | None = None
    """`Content-Length` to announce, when that is not the length of `body`."""
    reset: bool = False
    """Break the connection instead of answering."""
    drip: float | None = None
    """Seconds between single bytes; goes on until the server is closed or the other side gives up."""
    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None
    """Called right before the first and right after the last byte."""
