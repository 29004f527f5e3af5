"""A small local server that answers as E-utilities and ClinicalTrials.gov do, and fails when told to.

    with Server(articles, created, studies) as server:
        server.inject(too_many_requests("0"), on=esearch)
        run("--url", server.pubmed_url)
        assert server.requests[0].params["retmax"] == "9999"

It speaks over a real socket, so that a whole program in its own process can be tried against it. What
it holds can be changed between requests: `server.pubmed.put`, `server.trials.remove` and so on.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from server_faults import Fault, When, every
from server_pubmed import PubMed
from server_trials import Trials
from server_wire import HTML, Asked, Reply

PUBMED_PATH = "/entrez/eutils"
TRIALS_PATH = "/api/v2"


@dataclass(slots=True)
class _Injected:
    """A fault that waits for its requests."""

    fault: Fault
    on: When
    first: int
    last: float
    seen: int = field(default=0)

    def strikes(self, asked: Asked) -> bool:
        if not self.on(asked):
            return False
        self.seen += 1
        return self.first <= self.seen <= self.last


class Server:
    """PubMed and ClinicalTrials.gov on 127.0.0.1, for the length of a `with` block."""

    def __init__(
        self,
        articles: Mapping[str, bytes] | None = None,
        created: Mapping[str, date] | None = None,
        studies: Mapping[str, dict[str, Any]] | None = None,
    ) -> None:
        self.pubmed = PubMed(articles or {}, created or {})
        self.trials = Trials(studies or {})
        self.requests: list[Asked] = []
        self.errors: list[str] = []
        """Tracebacks of the server's own mistakes; leaving the block raises them."""
        self.closing = threading.Event()
        self._mounted: dict[str, Callable[[Asked], Reply]] = {}
        self._injected: list[_Injected] = []
        self._lock = threading.RLock()
        self._http = _Http(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def pubmed_url(self) -> str:
        return self.url + PUBMED_PATH

    @property
    def trials_url(self) -> str:
        return self.url + TRIALS_PATH

    def inject(self, fault: Fault, *, on: When = every, nth: int = 1, times: float = 1) -> None:
        """From now on, spoil the `nth` to `nth + times - 1`-th request that `on` accepts."""
        with self._lock:
            self._injected.append(_Injected(fault, on, nth, nth + times - 1))

    def heal(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._injected.clear()

    def mount(self, path: str, answer: Callable[[Asked], Reply]) -> str:
        """From now on, somebody else answers what is asked below this path; returns the address."""
        self._mounted[path] = answer
        return self.url + path

    def answer(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        document: str = "",
    ) -> Reply:
        """Log the request and make the reply; one at a time, so that contents may change meanwhile."""
        with self._lock:
            number = len(self.requests) + 1
            asked = Asked(number, method, path, params, time.monotonic(), headers, document)
            self.requests.append(asked)
            reply = self._honest(asked)
            for injected in self._injected:
                if injected.strikes(asked):
                    reply = injected.fault(asked, reply)
            return reply

    def _honest(self, asked: Asked) -> Reply:
        if asked.path.startswith(PUBMED_PATH):
            return self.pubmed.answer(asked)
        if asked.path.startswith(TRIALS_PATH):
            return self.trials.answer(asked, TRIALS_PATH)
        for path, answer in self._mounted.items():
            if asked.path.startswith(path):
                return answer(asked)
        return Reply(b"<html><body>Not Found</body></html>", HTML, 404)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        if self.errors and error is None:
            raise AssertionError("the test server failed:\n" + "\n".join(self.errors))


class _Http(ThreadingHTTPServer):
    """The standard server; mistakes in answering are kept instead of printed."""

    daemon_threads = True

    def __init__(self, owner: Server) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):  # the other side went away: its business
            self.owner.errors.append(traceback.format_exc())


class _Handler(BaseHTTPRequestHandler):
    """One connection, one request: no idle connection outlives a test."""

    protocol_version = "HTTP/1.1"
    server: _Http

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.headers.get("Content-Type", "").startswith("application/json"):
            self._serve({}, body)
        else:
            self._serve(dict(parse_qsl(body, keep_blank_values=True)))

    def log_message(self, *args: Any) -> None:
        """Say nothing: the log is `Server.requests`."""

    def _serve(self, form: dict[str, str], document: str = "") -> None:
        self.close_connection = True
        parts = urlsplit(self.path)
        params = dict(parse_qsl(parts.query, keep_blank_values=True)) | form
        headers = dict(self.headers.items())
        reply = self.server.owner.answer(self.command, parts.path, params, headers, document)
        if reply.before:
            reply.before()
        if reply.reset:
            self._break()
            return
        self._send(reply)
        if reply.after:
            reply.after()

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        length = len(reply.body) if reply.promised is None else reply.promised
        for name, value in {
            "Content-Type": reply.content_type,
            "Content-Length": str(length),
            "Connection": "close",
            **reply.headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.drip is None:
            self.wfile.write(reply.body)
            return
        for byte in reply.body:
            if self.server.owner.closing.wait(reply.drip):
                return
            self.wfile.write(bytes((byte,)))

    def _break(self) -> None:
        """End the connection with RST, as a dying router does, not with a polite FIN."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        os.close(self.connection.detach())
