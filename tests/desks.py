"""A desk for tests: its pages without a server, and forms as a browser fills them."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from db.store import Store
from harvest.desk.app import Desk, make_app
from harvest.desk.guard import Pass
from harvest.project import load
from screen.plan import TITLE

PORT = 8123


class Reader:
    """A person with a browser at a desk."""

    def __init__(self, folder: Path, who: str, stage: str = TITLE, patience: float = 0.05) -> None:
        project = load(folder)
        self.key = Pass(PORT)
        self.desk = Desk(
            project, who, stage, partial(Store.open, project.database, create=False, busy_timeout=patience)
        )
        self.browser = make_app(self.desk, self.key).test_client()
        self.here = {"base_url": f"http://127.0.0.1:{PORT}"}
        self.browser.get("/", query_string={"token": self.key.token}, **self.here)

    def get(self, path: str = "/", code: int = 200) -> str:
        answer = self.browser.get(path, **self.here)
        assert answer.status_code == code, answer.text
        return answer.text

    def post(self, path: str, code: int = 303, **said: str) -> str:
        answer = self.browser.post(path, data={"form": self.key.form, **said}, **self.here)
        assert answer.status_code == code, answer.text
        return answer.text

    def vote(self, name: str, verdict: str, code: int = 303, **more: str) -> str:
        return self.post("/vote", code, report=name, verdict=verdict, **more)

    def lying(self) -> str:
        """The report that lies on the desk."""
        (name,) = re.findall(r'name="report" value="(H\d+)"', self.get())
        return name
