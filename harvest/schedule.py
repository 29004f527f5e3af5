"""Prints what the operating system needs to run the searches by itself; never runs anything.

Every function is pure: a project and the command that starts Harvest (a program with its arguments, say
`["/home/ana/.local/bin/harvest", "run"]`) give the text to be put where the system looks for it. No lock
is needed around the command, since a run holds one itself; a run that was missed is harmless, since each
run asks for everything.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from db.errors import WrongUse
from harvest import __version__
from harvest.project import WEEKDAYS, Project
from harvest.project.environment import secrets

LOG = "schedule.log"
"""In the review folder: what runs that nobody watches have said."""


SYSTEMS = ("cron", "systemd", "github", "windows")


def text(project: Project, system: str, words: Sequence[str] = ("run",), today: date = date.min) -> str:
    """What to print for one of `SYSTEMS`; `words` are what follows the name of this program.

    Raises `WrongUse` when the project does not say how often, has ended by `today`, or nothing can be printed for
    its folder.
    """
    if project.schedule.over(today):
        raise WrongUse(
            f"The living mode of this review ended on {project.schedule.ended}: delete `ended` below [schedule] "
            "in review.toml to take it up again."
        )
    command = (_this_program(), *words)
    if system == "cron":
        return crontab(project, command)
    if system == "systemd":
        return "\n".join(systemd(project, command).values())
    if system == "github":
        return github(project, words)
    if system == "windows":
        return windows(project, command)
    raise WrongUse(f"Nothing is known of {system!r}; choose one of {', '.join(SYSTEMS)}.")


def crontab(project: Project, command: Sequence[str]) -> str:
    """Lines for `crontab -e`. A `%` ends the command for cron, unless a backslash stands before it.

    Source: crontab(5).
    """
    _check(project, command)
    line = f"cd {shlex.quote(str(project.folder))} && TZ=UTC {shlex.join(command)} >> {LOG} 2>&1"
    return (
        f"# Harvest: {_line(project.title)}. Put these lines at the end of what `crontab -e` shows.\n"
        "# Where cron does not know CRON_TZ (Debian, macOS), the time is that of this computer: no harm done.\n"
        "CRON_TZ=UTC\n"
        f"{_cron_time(project)} {line.replace('%', chr(92) + '%')}\n"
    )


def systemd(project: Project, command: Sequence[str]) -> dict[str, str]:
    """A service and its timer for one user: file name → text, to be put into `~/.config/systemd/user/`.

    Source: systemd.exec(5), systemd.service(5) on quoting, systemd.time(7), systemd.timer(5).
    """
    _check(project, command)
    name, title = _unit(project), _line(project.title).replace("%", "%%").rstrip("\\")
    minutes, hours, day = _moment(project)
    date = {"daily": "*-*-*", "weekly": f"{day[:3].title()} *-*-*", "monthly": f"*-*-{day:0>2}"}[
        _every(project)
    ]
    service = (
        f"# ~/.config/systemd/user/{name}.service\n"
        "[Unit]\n"
        f"Description=Harvest: {title}\n\n"
        "[Service]\n"
        "Type=oneshot\n"
        f"WorkingDirectory={str(project.folder).replace('%', '%%')}\n"
        "Environment=TZ=UTC\n"
        f"ExecStart={' '.join(_systemd_words(command))}\n"
        "# 5: another run is at work, which is no failure\n"
        "SuccessExitStatus=5\n"
    )
    timer = (
        f"# ~/.config/systemd/user/{name}.timer\n"
        f"# Then: systemctl --user daemon-reload && systemctl --user enable --now {name}.timer\n"
        "# To run also while you are logged out: loginctl enable-linger\n"
        "[Unit]\n"
        f"Description=When to run Harvest: {title}\n\n"
        "[Timer]\n"
        f"OnCalendar={date} {hours}:{minutes}:00 UTC\n"
        "Persistent=true\n"
        "RandomizedDelaySec=15min\n\n"
        "[Install]\n"
        "WantedBy=timers.target\n"
    )
    return {f"{name}.service": service, f"{name}.timer": timer}


def github(project: Project, words: Sequence[str] = ("run",)) -> str:
    """A workflow for a repository that holds the review folder, `.github/workflows/harvest.yml`.

    Source: https://docs.github.com/actions/reference/events-that-trigger-workflows#schedule
    """
    _check(project, words)
    needed = "".join(f"          {name}: ${{{{ secrets.{name} }}}}\n" for name in secrets(project.review))
    said = {
        "@CRON": _cron_time(project), "@TITLE": _line(project.title), "@WORDS": shlex.join(words),
        "@SECRETS": f"        env:\n{needed}" if needed else "",
    }  # fmt: skip
    return re.sub("@(?:CRON|TITLE|WORDS|SECRETS)", lambda match: said[match[0]], _WORKFLOW)


def windows(project: Project, command: Sequence[str]) -> str:
    """A command for PowerShell, with what it cannot say. Its triggers know no months: monthly becomes every four weeks.

    Source: Register-ScheduledTask in the ScheduledTasks module; a [datetime] made of a time in UTC is that moment here.
    """
    _check(project, command)
    program, *arguments = command
    minutes, hours, day = _moment(project)
    weekday = day if _every(project) == "weekly" else "monday"
    often = {
        "daily": "-Daily",
        "weekly": f"-Weekly -DaysOfWeek {weekday.title()}",
        "monthly": f"-Weekly -WeeksInterval 4 -DaysOfWeek {weekday.title()}",
    }[_every(project)]
    action = f"-Execute {_powershell(program)} -WorkingDirectory {_powershell(str(project.folder))}"
    if arguments:
        action += f" -Argument {_powershell(_windows_words(arguments))}"
    months = f"# Windows knows no months: every four weeks on {weekday.title()} instead.\n"
    return (
        "# Times are UTC, as in review.toml; where clocks change, Windows keeps to the hour that it is now.\n"
        f"{months if _every(project) == 'monthly' else ''}"
        f"Register-ScheduledTask -TaskName {_powershell(_unit(project))}"
        f" -Action (New-ScheduledTaskAction {action})"
        f" -Trigger (New-ScheduledTaskTrigger {often} -At ([datetime]'2026-01-05T{hours}:{minutes}:00Z'))"
        " -Settings (New-ScheduledTaskSettingsSet -StartWhenAvailable)\n"
    )


def following(project: Project, day: date) -> date | None:
    """The day of the next search after this one; None when the project does not say how often."""
    every, (_, _, on) = _every(project), _moment(project)
    if not every:
        return None
    if every == "daily":
        return day + timedelta(days=1)
    if every == "weekly":
        return day + timedelta(days=(WEEKDAYS.index(on) - day.weekday() - 1) % 7 + 1)
    month = day.replace(day=int(on))
    return month if month > day else (day.replace(day=1) + timedelta(days=31)).replace(day=int(on))


def _this_program() -> str:
    """Absolute, since a scheduler searches other folders than a person's shell."""
    return str(Path(shutil.which("harvest") or sys.argv[0]).absolute())


# -- the moment ---------------------------------------------------------------------------------------


def _every(project: Project) -> str:
    return project.schedule.every or ""


def _moment(project: Project) -> tuple[str, str, str]:
    """Minute and hour in two digits, and the day: of the week or of the month, Monday or the first."""
    hours, minutes = project.schedule.time.split(":")
    day = project.schedule.day.lower() or {"weekly": "monday", "monthly": "1"}.get(_every(project), "")
    return minutes, hours, day


def _cron_time(project: Project) -> str:
    minutes, hours, day = _moment(project)
    month, week = "*", "*"
    if _every(project) == "monthly":
        month = str(int(day))
    if _every(project) == "weekly":
        week = str((WEEKDAYS.index(day) + 1) % 7)
    return f"{int(minutes)} {int(hours)} {month} * {week}"


def _check(project: Project, command: Sequence[str]) -> None:
    if not project.schedule.every:
        raise WrongUse(
            'review.toml does not say how often: write every = "weekly" (or monthly, daily) below [schedule]'
        )
    if any(not word.isprintable() for word in (str(project.folder), *command)):
        raise WrongUse(
            f"No scheduler can take a line break or the like in a path; rename {str(project.folder)!r}."
        )


# -- words, quoted for each system --------------------------------------------------------------------


def _line(title: str) -> str:
    """A title on one line."""
    return " ".join(title.split())


def _unit(project: Project) -> str:
    """A name for unit files and tasks: `harvest-my-review`."""
    slug = re.sub(r"[^a-z0-9]+", "-", project.folder.name.lower()).strip("-")
    return f"harvest-{slug or 'review'}"


def _systemd_words(command: Sequence[str]) -> list[str]:
    """Always quoted. `%` begins a specifier, and `$` a variable in arguments, but not in the program's path."""
    words = [word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") for word in command]
    return [f'"{word if place == 0 else word.replace("$", "$$")}"' for place, word in enumerate(words)]


def _powershell(word: str) -> str:
    """A literal text: nothing is special between single quotes but the quote itself, in five shapes."""
    return "'" + re.sub("(['‘’‚‛])", r"\1\1", word) + "'"


def _windows_words(arguments: Sequence[str]) -> str:
    """One command line as Windows programs take it apart: backslashes count only before a quote."""
    return " ".join(_windows_word(word) if re.search(r'[\s"]|^$', word) else word for word in arguments)


def _windows_word(word: str) -> str:
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', word)
    return '"' + re.sub(r"(\\+)$", r"\1\1", escaped) + '"'


_WORKFLOW = """\
# .github/workflows/harvest.yml
# GitHub switches schedules off after 60 days without a commit in the repository. Every run commits
# review.db, which is enough; if runs fail for two months, enable the workflow again by hand.
# Abstracts may be under copyright: keep the repository private.
name: "Harvest"
on:
  schedule:
    - cron: "@CRON"   # UTC; may start some minutes late
  workflow_dispatch:
permissions:
  contents: write
concurrency:
  group: harvest
  cancel-in-progress: false
jobs:
  run:  # @TITLE
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - run: pipx install harvest-review==@VERSION
      - run: |
          harvest @WORDS
@SECRETS      - name: Keep what was found, also when a source failed
        if: ${{ !cancelled() }}
        run: |
          git config user.name "Harvest"
          git config user.email "harvest@users.noreply.github.com"
          git add --all
          git commit --allow-empty -m "Harvest run of $(date -u +%Y-%m-%dT%H:%MZ)"
          git push
""".replace("@VERSION", __version__)
