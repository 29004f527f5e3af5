"""What the door to the network refuses, whom it does not follow, and what it never says."""

import gzip
import logging
import traceback

import pytest
import requests
import urllib3
from wire import KEY, URL, ask, good, wired

from db.errors import BadAnswer, Refused, TokenExpired, Unreachable
from harvest.source import Request
from harvest.transport import Pace, Transport

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
