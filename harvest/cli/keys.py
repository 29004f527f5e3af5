"""Single keys from a terminal, without Enter and without echo, for as long as a sitting lasts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click


class Keys(Protocol):
    """Somebody who types."""

    def read(self) -> str:
        """The next key: one character, or the whole sequence of an arrow; empty when there will be no more."""
        ...

    def forget(self) -> None:
        """Pass over what was typed so far: a key typed before a pair was seen is no answer to it."""
        ...


@contextmanager
def keys() -> Iterator[Keys]:
    """The keys of the terminal on stdin, which is as it was afterwards."""
    if sys.platform == "win32":
        yield _Plain()
        return
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal, termios.TCSADRAIN)
        yield _Terminal(terminal)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


class _Terminal:
    """A terminal that hands every key over at once; Ctrl-C interrupts, as everywhere."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._typed = ""

    def read(self) -> str:
        if not self._typed:
            self._typed = os.read(self._terminal, 64).decode("utf-8", "replace")
        size = len(self._typed) if self._typed.startswith("\x1b") else 1
        key, self._typed = self._typed[:size], self._typed[size:]
        return "" if key == "\x04" else key

    def forget(self) -> None:
        import termios

        self._typed = ""
        termios.tcflush(self._terminal, termios.TCIFLUSH)


class _Plain:
    """Where terminals are not told how to behave: as click reads keys."""

    def read(self) -> str:
        try:
            return click.getchar()
        except EOFError:
            return ""

    def forget(self) -> None:
        """Nothing is known of what was typed."""
