"""What is printed for schedulers: the right moment, and words that survive each system's quoting."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import WrongUse
from harvest import schedule
from harvest.project import Project
from harvest.project.settings import Network, ReviewFile

COMMAND = ("/home/ana b/bin/harvest", "run")


def project(folder: str = "/home/ana b/my review 100%", title: str = "A title", **when: object) -> Project:
    review = ReviewFile.model_validate({"title": title, "schedule": {"every": "weekly", **when}})
    return Project(Path(folder), review, (), Network())


def cron_line(text: str) -> tuple[str, str]:
    """The five fields of time, and the command as cron hands it to the shell."""
    fields = text.splitlines()[-1].split(" ", 5)
    assert not re.search(r"(?<!\\)%", fields[5]), "cron would cut the command here"
    return " ".join(fields[:5]), fields[5].replace("\\%", "%")


@pytest.mark.parametrize(
    ("when", "cron", "calendar"),
    [
        ({"every": "daily"}, "30 5 * * *", "*-*-* 05:30:00 UTC"),
        ({"every": "weekly"}, "30 5 * * 1", "Mon *-*-* 05:30:00 UTC"),
        ({"every": "weekly", "day": "Sunday", "time": "00:05"}, "5 0 * * 0", "Sun *-*-* 00:05:00 UTC"),
        ({"every": "weekly", "day": "saturday"}, "30 5 * * 6", "Sat *-*-* 05:30:00 UTC"),
        ({"every": "monthly"}, "30 5 1 * *", "*-*-01 05:30:00 UTC"),
        ({"every": "monthly", "day": 28, "time": "23:59"}, "59 23 28 * *", "*-*-28 23:59:00 UTC"),
    ],
)
def test_every_system_means_the_same_moment(when, cron, calendar):
    plan = project(**when)
    assert cron_line(schedule.crontab(plan, COMMAND))[0] == cron
    assert f"OnCalendar={calendar}\n" in schedule.systemd(plan, COMMAND)["harvest-my-review-100.timer"]
    assert f'- cron: "{cron}"' in schedule.github(plan)


def test_crontab_goes_to_the_folder_in_utc_and_keeps_what_is_said():
    text = schedule.crontab(project(), COMMAND)
    assert "CRON_TZ=UTC\n" in text
    assert r"100\%" in text
    words = shlex.split(cron_line(text)[1])
    assert words == [
        "cd",
        "/home/ana b/my review 100%",
        "&&",
        "TZ=UTC",
        *COMMAND,
        ">>",
        "schedule.log",
        "2>&1",
    ]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1))
def test_any_folder_survives_the_crontab(name):
    folder = Path("/reviews", name)
    words = shlex.split(cron_line(schedule.crontab(project(str(folder)), [f"/bin/{name}", "run"]))[1])
    assert words[1] == str(folder)
    assert words[4] == f"/bin/{name}"


def test_systemd_catches_up_and_quotes_specifiers_variables_and_quotes():
    files = schedule.systemd(project(title='100 % "sure" \\'), ['/o pt/50%/"h"$\\', "run", "$HOME"])
    assert list(files) == ["harvest-my-review-100.service", "harvest-my-review-100.timer"]
    service, timer = files.values()
    assert "\nWorkingDirectory=/home/ana b/my review 100%%\n" in service
    assert r'ExecStart="/o pt/50%%/\"h\"$\\" "run" "$$HOME"' in service
    assert 'Description=Harvest: 100 %% "sure" \n' in service
    assert "\nPersistent=true\nRandomizedDelaySec=" in timer


def test_github_warns_of_the_sixty_days_and_takes_secrets_from_the_repository():
    review = {
        "title": "One @CRON\ntwo",
        "schedule": {"every": "weekly"},
        "sources": {"doaj": {"api_key_env": "MY_KEY"}},
    }
    asked = [{"name": name, "source": name} for name in ("pubmed", "openalex", "doaj")]
    plan = ReviewFile.model_validate(review | {"search": asked})
    text = schedule.github(Project(Path("/reviews/mine"), plan, (), Network()))
    for name in ("NCBI_API_KEY", "NCBI_EMAIL", "OPENALEX_API_KEY", "MY_KEY"):
        assert f"\n          {name}: ${{{{ secrets.{name} }}}}\n" in text
    assert "secrets." not in schedule.github(project())
    assert "after 60 days" in text
    assert "  run:  # One @CRON two\n" in text
    assert "harvest-review==" in text
    assert "@VERSION" not in text


def test_windows_is_one_line_of_literal_words():
    text = schedule.windows(project("C:/Users/O'Neil/my review", day="friday"), ["C:/a b/harvest.exe", "run"])
    assert text.count("\nRegister") == 1
    assert text.startswith("# Times are UTC")
    assert (
        "-Execute 'C:/a b/harvest.exe' -WorkingDirectory 'C:/Users/O''Neil/my review' -Argument 'run'" in text
    )
    assert "-Weekly -DaysOfWeek Friday -At ([datetime]'2026-01-05T05:30:00Z')" in text
    assert "-StartWhenAvailable" in text


@pytest.mark.parametrize(
    ("when", "trigger"),
    [
        ({"every": "daily"}, "-Daily -At"),
        ({"every": "monthly", "day": 14}, "-Weekly -WeeksInterval 4 -DaysOfWeek Monday -At"),
    ],
)
def test_windows_triggers(when, trigger):
    text = schedule.windows(project(**when), ["harvest.exe"])
    assert trigger in text
    assert "-Argument" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-C", "my review\\", "run"], '-C "my review\\\\" run'),
        (['a "b" c', ""], '"a \\"b\\" c" ""'),
        (["C:\\plain"], "C:\\plain"),
    ],
)
def test_windows_arguments_are_quoted_as_programs_take_them_apart(arguments, said):
    assert f"-Argument '{said}'" in schedule.windows(project(), ["harvest.exe", *arguments])


@pytest.mark.parametrize("system", schedule.SYSTEMS)
def test_text_prints_for_each_system_with_an_absolute_program(system, monkeypatch):
    monkeypatch.setattr("sys.argv", ["here/harvest"])
    monkeypatch.setattr("shutil.which", lambda name: None)
    text = schedule.text(project(), system)
    assert text.endswith("\n")
    assert (str(Path("here/harvest").absolute()) in text) == (system != "github")


def test_a_system_nobody_knows_is_refused_with_the_known_ones():
    with pytest.raises(WrongUse, match="cron, systemd, github, windows"):
        schedule.text(project(), "launchd", COMMAND)


@pytest.mark.parametrize("system", schedule.SYSTEMS)
def test_without_a_frequency_nothing_is_printed(system):
    plan = replace(project(), review=ReviewFile())
    with pytest.raises(WrongUse, match="every = "):
        schedule.text(plan, system, COMMAND)


@pytest.mark.parametrize("system", schedule.SYSTEMS)
def test_a_line_break_in_a_path_is_refused(system):
    with pytest.raises(WrongUse, match="line break"):
        schedule.text(project("/home/ana/my\nreview"), system, COMMAND)


def test_a_folder_without_latin_letters_still_has_a_unit():
    assert next(iter(schedule.systemd(project("/r/обзор"), COMMAND))) == "harvest-review.service"


# -- the next search ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "today", "next_one"),
    [
        ({"every": "daily"}, "2026-02-28", "2026-03-01"),
        ({"every": "weekly"}, "2026-11-22", "2026-11-23"),  # a Sunday, and the Monday after
        ({"every": "weekly"}, "2026-11-23", "2026-11-30"),
        ({"every": "weekly", "day": "saturday"}, "2026-11-22", "2026-11-28"),
        ({"every": "monthly"}, "2026-12-01", "2027-01-01"),
        ({"every": "monthly", "day": 28}, "2027-01-31", "2027-02-28"),
        ({"every": "monthly", "day": 28}, "2027-01-27", "2027-01-28"),
    ],
)
def test_the_next_search(when, today, next_one):
    assert schedule.following(project(**when), date.fromisoformat(today)) == date.fromisoformat(next_one)


@given(
    st.sampled_from(
        [{"every": "daily"}, {"every": "weekly", "day": "friday"}, {"every": "monthly", "day": 15}]
    ),
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
)
def test_the_next_search_lies_ahead_and_not_further_than_one_turn(when, today):
    turn = {"daily": 1, "weekly": 7, "monthly": 31}[when["every"]]
    assert 1 <= (schedule.following(project(**when), today) - today).days <= turn


def test_without_a_frequency_there_is_no_next_search():
    assert schedule.following(project(every=None), date(2026, 11, 22)) is None


@pytest.mark.parametrize("system", schedule.SYSTEMS)
def test_a_living_review_that_has_ended_is_not_scheduled(system):
    with pytest.raises(WrongUse, match="ended on 2027-01-31: delete `ended`"):
        schedule.text(
            project(ended="2027-01-31", ended_because="no new trials"), system, today=date(2027, 1, 31)
        )


def test_a_living_review_is_scheduled_until_its_end():
    said = project(ended="2027-01", ended_because="no new trials")
    assert schedule.text(said, "cron", today=date(2026, 12, 31)) == schedule.text(project(), "cron")
    with pytest.raises(WrongUse, match="ended on 2027-01"):
        schedule.text(said, "cron", today=date(2027, 1, 1))


@pytest.mark.parametrize("system", schedule.SYSTEMS)
def test_a_command_for_notices_goes_along(system):
    text = schedule.text(project(), system, ["run", "--notify", "mail -s '{new} new' ana@example.org"])
    assert "--notify" in text
    assert "{new} new" in text
