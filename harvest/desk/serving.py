"""From a free port to the last sentence: the desk is up until the reviewer leaves."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from threading import Thread

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from db.errors import WrongUse
from db.opinion import Stage
from db.store import Store
from harvest.desk.app import Desk, make_app
from harvest.desk.guard import HOST, Pass
from harvest.project import Project
from harvest.waiting import known_reviewer

PATIENCE = 10.0
"""Seconds that a page waits for somebody else who is writing; then it says so."""


class _Quiet(WSGIRequestHandler):
    """Says nothing of requests: the first one holds the token."""

    def log_request(self, *_: object) -> None:
        """Nothing."""


class Served:
    """A desk that listens; `address` is to be opened in a browser."""

    def __init__(self, desk: Desk, port: int) -> None:
        self.desk = desk
        line = _listening(port)
        key = Pass(line.getsockname()[1])
        self.address = key.address
        app = make_app(desk, key)
        self._server: BaseWSGIServer = make_server(
            HOST, key.port, app, threaded=True, request_handler=_Quiet, fd=line.detach()
        )

    def run(self) -> None:
        """Answer until somebody interrupts; werkzeug takes Ctrl-C for the end, and closes behind itself."""
        self._server.serve_forever()

    def start(self) -> Thread:
        """Answer in a thread of its own, until `stop`."""
        thread = Thread(target=self.run, name="desk", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()

    def last_word(self) -> str:
        """What was done at this desk, as a sentence."""
        sitting = self.desk.sitting
        if not self.desk.reads:
            return f"{sitting.reviewer} has left the desk; every word is stored."
        with self.desk.opened() as store:
            left = sitting.progress(store).left
        votes = f"{sitting.said} vote{'' if sitting.said == 1 else 's'}"
        return (
            f"{sitting.reviewer} has left the desk: {votes} in this sitting, all stored; {left} left to read."
        )


def served(project: Project, reviewer: str, stage: Stage, port: int = 0) -> Served:
    """A desk for a reviewer or the arbiter, on this port or on a free one.

    Raises `WrongUse` for a stranger and for a port that is taken, `StoreError` when the database cannot be used.
    """
    if reviewer != project.screening.arbiter:
        known_reviewer(project, reviewer)
    opened: Callable[[], Store] = partial(Store.open, project.database, create=False, busy_timeout=PATIENCE)
    return Served(Desk(project, reviewer, stage, opened), port)


def _listening(port: int) -> socket.socket:
    line = socket.socket()
    try:
        line.bind((HOST, port))
        line.listen()
    except OSError as error:
        line.close()
        raise WrongUse(
            f"Port {port} cannot be used ({error.strerror}): name another with --port, or none for a free one."
        ) from error
    return line
