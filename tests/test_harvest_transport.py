"""The door to the network: what is sent, how fast, how patiently, and what counts as an answer."""

import gzip
import io
from datetime import UTC
from itertools import pairwise

import pytest
import requests
import responses
import urllib3
from hypothesis import given
from hypothesis import strategies as st
from wire import KEY, URL, Dripping, FakeClock, ask, good, wired

from db.errors import BadAnswer, Refused, TokenExpired, Unreachable
from harvest.source import Request
from harvest.transport import Pace, SystemClock, Transport, first_line

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
    assert all(b - a >= 1 / rate - 1e-9 for a, b in pairwise(starts))


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
    with pytest.raises(Unreachable, match=r"left alone for .* minutes: try again after that"):
        ask(transport)
    assert len(wire.sent) == 1


def test_after_all_attempts_the_sentence_says_who_how_often_why_and_what_to_do():
    transport, _, _ = wired(*[good(status=502)] * 3, attempts=3)
    with pytest.raises(Unreachable) as caught:
        ask(transport)
    assert str(caught.value) == (
        "pubmed: eutils.example.org gave no answer in 3 attempts (it answered 502): "
        "try again later; what is stored stays."
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
        "pubmed: no XML (eutils.example.org, 2 attempts): try again later; what is stored stays."
    )


@pytest.mark.parametrize("error", [TokenExpired("pubmed", "Gone."), Refused("pubmed", "No.")])
def test_what_cannot_heal_is_not_asked_again(error):
    def check(_answer):
        raise error

    transport, wire, _ = wired(good())
    with pytest.raises(type(error), match=str(error)):
        ask(transport, check=check)
    assert len(wire.sent) == 1


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
