"""Print the PRISMA-S appendix of the review in this folder, made without any network.

    python examples/parent_infant_psychotherapy/appendix.py [md|csv|json|docx] > appendix.md

The folder is copied first: nothing is written into it.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from db.errors import Refused
from db.store import Store
from harvest import catalogue
from harvest.demo.replay import Replay
from harvest.progress import Quiet
from harvest.project import load
from harvest.reports import builder
from harvest.reports.document import Report
from harvest.reports.writing import FORMATS
from harvest.run import run
from harvest.source import Request, Source

HERE = Path(__file__).parent


class Answers(Replay):
    """PubMed and ClinicalTrials.gov, which here find all that they hold when they are asked a whole strategy.

    How many match a single line nobody knows but they: that question is refused.
    """

    strategies: frozenset[str] = frozenset()

    def _body(self, source: str, request: Request) -> bytes:
        if request.params.get("term") not in (None, *self.strategies):
            raise Refused(source, f"{source}: this example answers whole strategies only.")
        return super()._body(source, request)

    def _pmids(self, asked: Sequence[str]) -> bytes:
        return super()._pmids(asked or [*self._articles])

    def _known(self, words: str) -> list[dict[str, object]]:
        return super()._known(words if re.search(r"NCT\d{8}", words) else " ".join(self._studies))


def report(name: str, folder: Path) -> Report:
    """A report of the review, run in a copy inside `folder`."""
    review = Path(shutil.copytree(HERE, folder / "review"))
    project = load(review, environ={})
    answers = Answers(
        *((HERE / "answers" / name).read_bytes() for name in ("pubmed.xml", "clinicaltrials.json"))
    )
    answers.strategies = frozenset(search.query for search in project.searches)
    run(project, lambda source: cast(Source, catalogue.kind(source)(answers, {})), Quiet())
    with Store.open(project.database, create=False) as store:
        return builder(name)(store, project)


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        made = report("searches", Path(place))
    sys.stdout.buffer.write(FORMATS[(sys.argv[1:] or ["md"])[0]](made))
