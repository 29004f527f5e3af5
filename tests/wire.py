"""A network that is not there: answers are handed out, and time passes only by sleeping."""

import io
from datetime import UTC, datetime, timedelta

import requests
import urllib3
from requests.adapters import BaseAdapter

from harvest.source import Request
from harvest.transport import Pace, Patience, Transport

URL = "https://eutils.example.org/esearch.fcgi"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = "s3cret/key+1"


class FakeClock:
    """A clock that stands still until somebody sleeps."""

    def __init__(self):
        self.seconds = 0.0
        self.slept = []

    def now(self):
        return NOON + timedelta(seconds=self.seconds)

    def monotonic(self):
        return self.seconds

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.seconds += seconds


class Wire(BaseAdapter):
    """Instead of a network: gives what `answers` holds, or raises it."""

    def __init__(self, *answers):
        super().__init__()
        self.answers = list(answers)
        self.sent = []

    def send(self, request, **kwargs):
        self.sent.append((request, kwargs))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, headers, stream = answer
        raw = urllib3.HTTPResponse(
            stream, headers=headers, status=status, preload_content=False, decode_content=False
        )
        response = requests.Response()
        response.status_code, response.raw, response.url = status, raw, request.url
        response.headers, response.request = requests.structures.CaseInsensitiveDict(headers), request
        return response

    def close(self):
        pass


class Dripping(io.RawIOBase):
    """A body that sends a byte every ten seconds, without end."""

    def __init__(self, clock):
        self.clock = clock

    def read1(self, _most=-1):
        self.clock.seconds += 10
        return b"x"


def wired(*answers, clock=None, **patience):
    """A transport over a wire, and the wire."""
    wire, session = Wire(*answers), requests.Session()
    session.mount("https://", wire)
    clock = clock or FakeClock()
    return Transport(Patience(**patience), clock, session, rand=lambda: 1.0), wire, clock


def good(body=b"<ok/>", status=200, **headers):
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, io.BytesIO(body)


def ask(transport, method="GET", secrets=None, **kwargs):
    request = Request(method, URL, {"term": "a b"})
    return transport.ask("pubmed", request, pace=Pace(1000), secrets=secrets or {"api_key": KEY}, **kwargs)
