"""Review folders for tests, and the command line as a user types it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from harvest.cli import cli

REVIEW = """
title = "Parenting support after birth"
question = "Does support for parents improve the mental health of parents and infants?"

[contact]
email = "ana@example.org"

[criteria]
population = "parents and infants"
intervention = "parent training, home visiting, video feedback"
design = "randomised trials"
[[criteria.exclude]]
code = "design"
reason = "Not a controlled trial"
[[criteria.exclude]]
code = "population"
reason = "Other participants"

[[search]]
name = "pubmed"
source = "pubmed"
query = "searches/pubmed.txt"

[[search]]
name = "register"
source = "clinicaltrials"
query = "searches/register.txt"

[screening]
reviewers = ["ana", "ben"]
per_record = 2

[network]
backoff = 0
attempts = 3

[sources.pubmed]
url = "{pubmed}"
requests_per_second = 10000

[sources.clinicaltrials]
url = "{trials}"
requests_per_second = 10000
"""

NOWHERE = "http://127.0.0.1:9/nobody"
"""Port 9 (discard): nobody listens."""


def write(folder: Path, pubmed: str = NOWHERE, trials: str = NOWHERE, **strings: str) -> Path:
    """A review folder that asks these addresses; `strings` are strategies by search name."""
    (folder / "searches").mkdir(parents=True)
    (folder / "imports").mkdir()
    said = {"pubmed": "the", "register": "term: trial", **strings}
    for name, text in said.items():
        (folder / "searches" / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / "review.toml").write_text(REVIEW.format(pubmed=pubmed, trials=trials), encoding="utf-8")
    return folder


def harvest(folder: Path, *words: object, code: int = 0) -> Result:
    """Type a command in a review folder; the exit code is part of what is expected."""
    result = CliRunner().invoke(cli, ["-C", str(folder), *map(str, words)], prog_name="harvest")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, f"exit {result.exit_code}\n{result.stdout}\n{result.stderr}"
    assert "Traceback" not in result.stderr
    return result


def told(folder: Path, *words: object, code: int = 0) -> Any:
    """The JSON that a command prints."""
    return json.loads(harvest(folder, *words, "--json", code=code).stdout)


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """What the database holds."""
    with closing(sqlite3.connect(folder / "review.db")) as db:
        return db.execute(sql).fetchall()


def contents(folder: Path) -> set[tuple[str, str, str]]:
    """Every record with the digest of its newest content: what two runs are compared by."""
    return set(rows(folder, "SELECT source, key, digest FROM latest"))
