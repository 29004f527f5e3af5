"""Telling somebody: a command of the user's own, started when a run brought something.

The command comes from the command line alone. A review folder is passed from hand to hand, and a program that
starts what a folder tells it to would be a gift to strangers.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess

from db.errors import WrongUse
from harvest.outcome import Outcome

FIELDS = ("title", "run", "new", "to_screen", "records", "exit_code")
"""What may stand in braces in the command."""

PATIENCE = 60
"""Seconds for the command to come to its end."""

_FIELD = re.compile(r"\{(\w+)\}")


def check(template: str) -> list[str]:
    """The words of a command template. Raises `WrongUse` when they cannot be told or ask for an unknown field."""
    try:
        words = shlex.split(template, posix=os.name != "nt")
    except ValueError as error:
        raise WrongUse(f"--notify {template!r} cannot be read as a command: {error}.") from error
    unknown = {field for word in words for field in _FIELD.findall(word)} - set(FIELDS)
    if not words or unknown:
        said = f"knows no {{{'}, {'.join(sorted(unknown))}}}" if unknown else "names no command"
        known = ", ".join(f"{{{field}}}" for field in FIELDS)
        raise WrongUse(f"--notify {said}; what may stand in braces: {known}.")
    return words


def worth_telling(outcome: Outcome) -> bool:
    """New records, or anything that a person should look at."""
    return bool(outcome.new or outcome.exit_code)


def notify(template: str, title: str, outcome: Outcome) -> str:
    """Start the command, with a summary on its standard input; what went wrong with it, empty when nothing did.

    No shell is involved: what a title holds stays one word.
    """
    values = {
        "title": title, "run": outcome.run, "new": outcome.new, "to_screen": outcome.to_screen,
        "records": outcome.records, "exit_code": outcome.exit_code,
    }  # fmt: skip
    words = [_FIELD.sub(lambda match: str(values[match[1]]), word) for word in check(template)]
    try:
        done = subprocess.run(  # noqa: S603 - the user's own command, and no shell
            words, input=summary(title, outcome), text=True, encoding="utf-8",
            timeout=PATIENCE, check=False, capture_output=True,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        why = (
            f"took longer than {PATIENCE} seconds"
            if isinstance(error, subprocess.TimeoutExpired)
            else str(error)
        )
        return f"The command of --notify could not tell anybody ({why}). The run itself is kept."
    if done.returncode:
        said = " ".join(done.stderr.split())[-200:]
        return f"The command of --notify ended with {done.returncode} ({said}). The run itself is kept."
    return ""


def summary(title: str, outcome: Outcome) -> str:
    """What happened, for a mail: plain lines."""
    lines = [
        title, "",
        f"Run {outcome.run}: {outcome.new} new records; {outcome.to_screen} reports to screen.", "",
    ]  # fmt: skip
    for search in outcome.searches:
        lines.append(f"{search.name}: {search.state}, {search.matched} found, {search.new} new")
        lines += [f"  {search.failure}"] if search.failure else []
    lines += [f"ALARM: an included record is no longer found: {name}" for name in outcome.lost_includes]
    lines += [f"ALARM: a record being judged is no longer found: {name}" for name in outcome.lost_judged]
    return "\n".join(lines) + "\n"
