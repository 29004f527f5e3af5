"""The door to the network: what is asked again, what is refused, and what is never said."""

import gzip
import io
import logging
import traceback
from datetime import UTC, datetime, timedelta

import pytest
import requests
import responses
import urllib3
from hypothesis import given
from hypothesis import strategies as st
from requests.adapters import BaseAdapter

from db.errors import BadAnswer, Refused, TokenExpired, Unreachable
from harvest.source import Request
from harvest.transport import Pace, Patience, SystemClock, Transport, first_line

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


# -- asking ------------------------------------------------------------------------------------------


def test_get_sends_parameters_in_the_address_and_the_answer_does_not_repeat_them():
    transport, wire, _ = wired(good(b"<ok/>", Content_Length="5"))
    answer = ask(transport)
    assert (answer.status, answer.body, answer.url) == (200, b"<ok/>", URL)
    assert answer.headers["content-length"] == "5"
    sent, how = wire.sent[0]
    assert sent.url == URL + "?term=a+b&api_key=s3cret%2Fkey%2B1"
    assert sent.headers["User-Agent"].startswith("harvest/")
    assert how["timeout"] == (30, 30)


def test_post_sends_a_form():
    transport, wire, _ = wired(good())
    ask(transport, "POST")
    sent, _ = wire.sent[0]
    assert (sent.url, sent.body) == (URL, "term=a+b&api_key=s3cret%2Fkey%2B1")


def test_a_packed_answer_is_unpacked():
    packed = gzip.compress(b"<ok/>" * 1000)
    transport, _, _ = wired(good(packed, Content_Encoding="gzip", Content_Length=str(len(packed))))
    assert ask(transport).body == b"<ok/>" * 1000


@responses.activate
def test_it_works_with_the_library_that_fakes_answers():
    responses.get(URL, body=b"<ok/>")
    assert ask(Transport(clock=FakeClock())).body == b"<ok/>"


def test_two_requests_keep_their_interval():
    transport, _, clock = wired(good(), good(), good())
    pace = Pace(4)
    for _ in range(2):
        transport.ask("pubmed", Request("GET", URL), pace=pace)
    assert clock.slept == [0.25]
    clock.seconds += 9
    transport.ask("pubmed", Request("GET", URL), pace=pace)
    assert clock.slept == [0.25]


@given(st.lists(st.floats(0, 3), max_size=30), st.floats(0.1, 50))
def test_no_two_requests_start_closer_than_the_interval(pauses, rate):
    clock, pace, starts = FakeClock(), Pace(rate), []
    for pause in pauses:
        clock.seconds += pause
        pace.wait(clock)
        starts.append(clock.seconds)
    assert all(b - a >= 1 / rate - 1e-9 for a, b in zip(starts, starts[1:], strict=False))


# -- asking again ------------------------------------------------------------------------------------

LOST = [
    requests.exceptions.ConnectTimeout(),
    requests.exceptions.ReadTimeout(),
    requests.exceptions.ConnectionError("reset"),
    requests.exceptions.ChunkedEncodingError(),
    requests.exceptions.SSLError(),
    requests.exceptions.ProxyError(),
    ConnectionResetError(),
]


@pytest.mark.parametrize("failure", LOST, ids=lambda e: type(e).__name__)
def test_a_lost_connection_is_tried_again(failure):
    transport, wire, clock = wired(failure, good())
    assert ask(transport).body == b"<ok/>"
    assert (len(wire.sent), clock.slept) == (2, [1.0])


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_busy_source_is_asked_again(status):
    transport, wire, _ = wired(good(status=status), good())
    assert ask(transport).body == b"<ok/>"
    assert len(wire.sent) == 2


@pytest.mark.parametrize(
    "broken",
    [
        good(b"<ok", Content_Length="5"),
        good(b"<ok/> and more", Content_Length="5"),
        good(gzip.compress(b"<ok/>" * 99)[:-9], Content_Encoding="gzip"),
        good(b"no gzip at all", Content_Encoding="gzip"),
        good(b"?", Content_Encoding="br"),
    ],
)
def test_an_answer_that_is_not_whole_is_asked_for_again(broken):
    transport, wire, _ = wired(broken, good())
    assert ask(transport).body == b"<ok/>"
    assert len(wire.sent) == 2


def test_a_declared_length_means_nothing_when_the_answer_comes_in_chunks():
    transport, _, _ = wired(good(b"<ok/>", Content_Length="99", Transfer_Encoding="chunked"))
    assert ask(transport).body == b"<ok/>"


def test_pauses_double_up_to_the_longest():
    transport, _, clock = wired(*[good(status=500)] * 5, attempts=5, backoff=2, longest_pause=10)
    with pytest.raises(Unreachable):
        ask(transport)
    assert clock.slept == [2, 4, 8, 10]


def test_pauses_are_jittered_by_half():
    transport, _, clock = wired(good(status=500), good())
    transport._rand = lambda: 0.0
    ask(transport)
    assert clock.slept == [0.5]


def test_a_backoff_of_zero_waits_for_nothing():
    transport, _, clock = wired(*[good(status=500)] * 3, attempts=3, backoff=0)
    with pytest.raises(Unreachable):
        ask(transport)
    assert max(clock.slept) < 0.01  # the pace remains


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ("7", 7),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30),
        ("Sun, 22 Nov 2026 12:00:30 -0000", 30),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 1),
        ("0", 1),
        ("soon", 1),
        ("²", 1),
    ],
)
def test_the_source_says_how_long_to_wait(header, pause):
    transport, _, clock = wired(good(status=429, Retry_After=header), good())
    ask(transport)
    assert clock.slept == [pause]


@pytest.mark.parametrize("header", ["3600", "Sun, 22 Nov 2026 13:00:00 GMT", "9" * 400])
def test_a_source_that_wants_to_be_left_alone_is_left_alone(header):
    transport, wire, _ = wired(good(status=503, Retry_After=header))
    with pytest.raises(Unreachable, match=r"left alone for .* minutes: start the run again after that"):
        ask(transport)
    assert len(wire.sent) == 1


def test_after_all_attempts_the_sentence_says_who_how_often_why_and_what_to_do():
    transport, _, _ = wired(*[good(status=502)] * 3, attempts=3)
    with pytest.raises(Unreachable) as caught:
        ask(transport)
    assert str(caught.value) == (
        "pubmed: eutils.example.org gave no answer in 3 attempts (it answered 502): "
        "start the run again later; what is stored stays."
    )
    assert caught.value.source == "pubmed"


def test_no_network_at_all_is_one_sentence():
    unknown = urllib3.exceptions.NameResolutionError("eutils.example.org", None, OSError("gaierror"))
    whole = urllib3.exceptions.MaxRetryError(None, f"/x?api_key={KEY}", unknown)
    transport, _, _ = wired(requests.exceptions.ConnectionError(whole), attempts=1)
    with pytest.raises(
        Unreachable, match=r"in 1 attempt \(its name cannot be looked up; is this computer online\?\)"
    ):
        ask(transport)


def test_a_dripping_answer_is_given_up_at_the_deadline():
    clock = FakeClock()
    transport, _, _ = wired((200, {}, Dripping(clock)), clock=clock, attempts=1, deadline=60)
    with pytest.raises(Unreachable, match="not complete after 60 s"):
        ask(transport)
    assert clock.seconds == 70


def test_a_line_that_breaks_while_reading_is_tried_again():
    class Breaking(io.RawIOBase):
        def read1(self, _most=-1):
            raise ConnectionResetError

    transport, wire, _ = wired((200, {}, Breaking()), good())
    assert ask(transport).body == b"<ok/>"
    assert len(wire.sent) == 2


# -- checking ----------------------------------------------------------------------------------------


def test_a_bad_answer_is_asked_for_again_and_kept_at_the_end():
    def check(answer):
        if answer.body != b"<ok/>":
            raise BadAnswer("pubmed", "pubmed: no XML.", answer.body)

    transport, _, _ = wired(good(b"{"), good())
    assert ask(transport, check=check).body == b"<ok/>"
    transport, _, _ = wired(good(b"{1"), good(b"{2"), attempts=2)
    with pytest.raises(BadAnswer) as caught:
        ask(transport, check=check)
    assert caught.value.body == b"{2"
    assert str(caught.value) == (
        "pubmed: no XML (eutils.example.org, 2 attempts): start the run again later; what is stored stays."
    )


@pytest.mark.parametrize("error", [TokenExpired("pubmed", "Gone."), Refused("pubmed", "No.")])
def test_what_cannot_heal_is_not_asked_again(error):
    def check(_answer):
        raise error

    transport, wire, _ = wired(good())
    with pytest.raises(type(error), match=str(error)):
        ask(transport, check=check)
    assert len(wire.sent) == 1


# -- refusing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            b"<html><style>x{}</style><h1>Not   here &amp; now</h1>\n</html>",
            "refused the request with 404: Not here & now",
        ),
        (b"Unknown field `foo`\nmore", "refused the request with 404: Unknown field `foo`"),
        (b"", "refused the request with 404."),
    ],
)
def test_a_refusal_tells_status_and_first_line(body, said):
    transport, wire, _ = wired(good(body, status=404))
    with pytest.raises(Refused) as caught:
        ask(transport)
    assert str(caught.value) == f"pubmed: eutils.example.org {said}"
    assert len(wire.sent) == 1


def test_a_source_may_explain_its_refusal():
    def explain(answer):
        raise TokenExpired("trials", f"Again from the start ({answer.status}).", answer.body)

    transport, _, _ = wired(good(b"bad token", status=400))
    with pytest.raises(TokenExpired, match="Again from the start") as caught:
        ask(transport, explain=explain)
    assert caught.value.body == b"bad token"


@pytest.mark.parametrize("status", [300, 304])
def test_a_status_that_is_no_answer_is_refused(status):
    transport, _, _ = wired(good(b"", status=status))
    with pytest.raises(Refused, match=str(status)):
        ask(transport, explain=lambda _answer: None)


def test_an_address_that_is_none_is_refused_at_once():
    transport, _, _ = wired()
    with pytest.raises(Refused, match="no address that can be asked"):
        transport.ask("pubmed", Request("GET", "eutils/esearch"), pace=Pace(1))


@pytest.mark.parametrize(
    "answer",
    [
        good(b"x" * 101),
        good(b"x", Content_Length="101"),
        good(gzip.compress(b"x" * 10_000_000), Content_Encoding="gzip"),
    ],
)
def test_an_answer_too_large_is_not_read_further(answer):
    transport, wire, _ = wired(answer, max_bytes=100 if len(answer[2].getvalue()) < 200 else 1_000_000)
    with pytest.raises(Refused, match="in one answer"):
        ask(transport)
    assert len(wire.sent) == 1


def test_an_answer_exactly_as_large_as_allowed_is_read():
    packed = gzip.compress(b"x" * 1000)
    transport, _, _ = wired(good(packed, Content_Encoding="gzip"), max_bytes=1000)
    assert len(ask(transport).body) == 1000


# -- redirects ---------------------------------------------------------------------------------------


def moved(location, status=302):
    return good(b"", status=status, Location=location)


def test_a_redirect_within_the_host_is_followed():
    transport, wire, _ = wired(moved("/new?x=1"), good())
    assert ask(transport).url == "https://eutils.example.org/new"
    assert wire.sent[1][0].url == "https://eutils.example.org/new?x=1"


def test_a_post_stays_one_unless_the_answer_is_elsewhere():
    transport, wire, _ = wired(moved("/new", 307), moved("/seen", 303), good())
    ask(transport, "POST")
    assert [(r.method, r.body) for r, _ in wire.sent[1:]] == [("POST", wire.sent[0][0].body), ("GET", None)]


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example.com/",
        "http://eutils.example.org/x",
        "https://eutils.example.org:444/x",
        "//a.b/",
    ],
)
def test_nobody_is_followed_to_another_host(location):
    transport, wire, _ = wired(moved(location))
    with pytest.raises(Refused, match="which is not followed"):
        ask(transport)
    assert len(wire.sent) == 1


def test_an_upgrade_to_https_is_followed():
    transport, wire, _ = wired(moved(URL), good())
    session_wire = wire
    transport._session.mount("http://", session_wire)
    transport.ask("pubmed", Request("GET", URL.replace("https", "http")), pace=Pace(9))
    assert [r.url[:5] for r, _ in wire.sent] == ["http:", "https"]


def test_redirects_end():
    transport, wire, _ = wired(*[moved("/again")] * 9)
    with pytest.raises(Refused, match="more than 3 times"):
        ask(transport)
    assert len(wire.sent) == 4


# -- secrets -----------------------------------------------------------------------------------------


def failures():
    address = f"/esearch.fcgi?api_key={KEY}"
    echo = f'{{"error":"bad key","api-key":"{KEY}","encoded":"s3cret%2Fkey%2B1"}}'.encode()

    def complain(answer):
        raise BadAnswer("pubmed", f"pubmed: it said {KEY}.", answer.body)

    return [
        ((requests.exceptions.ConnectionError(urllib3.exceptions.MaxRetryError(None, address)),), {}),
        ((requests.exceptions.InvalidURL(address),), {}),
        ((good(echo, status=400),), {}),
        ((good(echo),), {"check": complain}),
        ((good(echo, status=400),), {"explain": complain}),
        ((moved(f"https://evil.example.com{address}"),), {}),
    ]


@pytest.mark.parametrize(("answers", "looks"), failures())
def test_a_secret_is_never_told(answers, looks, caplog):
    caplog.set_level(logging.DEBUG)
    transport, _, _ = wired(*answers, attempts=1)
    with pytest.raises((Unreachable, Refused, BadAnswer)) as caught:
        ask(transport, **looks)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(caught.value.args)
    context = caught.value.__context__
    while context is not None:
        told += repr(context) + str(context.args)
        context = context.__context__
    told += getattr(caught.value, "body", b"").decode() + caplog.text
    assert "s3cret" not in told


def test_an_empty_secret_hides_nothing():
    transport, _, _ = wired(good(b"Not here", status=404))
    with pytest.raises(Refused, match="Not here"):
        ask(transport, secrets={"api_key": ""})


def test_the_library_s_log_of_addresses_is_silent(caplog):
    caplog.set_level(logging.DEBUG)
    Transport()
    logging.getLogger("urllib3.connectionpool").debug("GET /x?api_key=%s", KEY)
    assert caplog.text == ""


# -- small things ------------------------------------------------------------------------------------


def test_the_clock_of_this_computer_is_utc_and_goes_on():
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    before = clock.monotonic()
    clock.sleep(0)
    assert clock.monotonic() >= before


@given(st.binary(max_size=300))
def test_a_first_line_is_short_and_printable(data):
    line = first_line(data)
    assert len(line) <= 200
    assert not line or line.isprintable()


def test_a_long_first_line_is_cut():
    assert first_line(b"a" * 300) == "a" * 199 + "…"
