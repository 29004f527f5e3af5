"""What every source promises, asked of every source: ours, and one that an outsider ships (`examples/`).

A new source of ours gets one more function below, its other side; nothing else has to be written here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
import server_corpus as corpus
import server_crossref
import server_ctis
import server_doaj
import server_eric
import server_europepmc
import server_faults as faults
import server_isrctn
import server_openalex
import server_pubmed
import server_semanticscholar
from server import Server
from server_wire import Asked, Reply

from db.errors import BadAnswer, SearchError, TokenExpired
from db.record import Identifier, Record
from harvest import catalogue
from harvest.source import LISTED, Counting, Page, Search, Source
from harvest.sources import clinicaltrials, pubmed_answers
from harvest.sources import pubmed as pubmed_source
from harvest.transport import Patience, Transport

NUMBER = 33
"""Records on the other side: several pages of a listing and several of records, for every source."""

TOUCHED = date(2025, 12, 28)
"""When one of them was changed; all others were years before."""

QUICK = {"requests_per_second": "100000", "email": "ana+secret@example.org", "api_key": "s3cret0123456789"}


@dataclass
class World:
    """One source with somebody who answers it."""

    name: str
    kind: Callable[..., Source]
    server: Server
    url: str
    query: str
    keys: list[str]
    lose: Callable[..., None]
    touched: str
    """Key of the record that was changed on that day."""
    stamps: bool
    """Whether its listings say when each record was changed."""
    fetching: Callable[[Asked], bool]
    batch: int = 7
    """Records a fetch."""
    emptied: bytes = b""
    """A page of records without a record."""
    told: str = QUICK["email"]
    """The secret that it sends with every question; empty when it has none."""
    dated: bool = True
    """Whether a date says when each record was changed; without one the digest of its content is the stamp."""

    @property
    def search(self) -> Search:
        return Search("main", self.name, self.query)

    def source(self) -> Source:
        """A new one, as another process would make it."""
        patience = Patience(timeout=5, deadline=5, attempts=2, backoff=0)
        return self.kind(Transport(patience), QUICK | {"url": self.url})


# -- the other sides ---------------------------------------------------------------------------------


def pubmed(patch: pytest.MonkeyPatch, server: Server) -> World:
    """Ten records a listing, so that it is cut into slices; seven a fetch."""
    patch.setattr(server_pubmed, "CEILING", 10)
    patch.setattr(pubmed_answers, "MOST", 10)
    patch.setattr(pubmed_source, "BATCH", 7)
    for position in range(NUMBER):
        server.pubmed.put(corpus.article(position), corpus.day(position), modified=corpus.day(position))
    keys = server.pubmed.pmids
    server.pubmed.put(corpus.article(5), corpus.day(5), modified=TOUCHED)
    server.pubmed.match("a OR b", keys)
    return World(
        "pubmed", catalogue.kind("pubmed"), server, server.pubmed_url, "a OR b", keys, server.pubmed.remove,
        corpus.pmid(5), stamps=False, fetching=faults.efetch,
    )  # fmt: skip


def clinicaltrials_(patch: pytest.MonkeyPatch, server: Server) -> World:
    """Ten studies a page, seven a fetch."""
    patch.setitem(clinicaltrials.LISTING, "pageSize", "10")
    patch.setattr(clinicaltrials, "BATCH", 7)
    for study in corpus.studies(NUMBER).values():
        server.trials.put(study)
    server.trials.put(corpus.study(5, updated=TOUCHED))
    keys = server.trials.keys
    server.trials.match("a OR b", keys)
    return World(
        "clinicaltrials", catalogue.kind("clinicaltrials"), server, server.trials_url, "a OR b", keys,
        server.trials.remove, corpus.nct(5), stamps=True, fetching=faults.fetching,
    )  # fmt: skip


def _of(module: Any) -> Callable[[pytest.MonkeyPatch, Server], World]:
    """A world that is described where its server is."""
    return lambda patch, server: World(server=server, **module.world(patch, server, NUMBER, TOUCHED))


WORLDS = {
    "pubmed": pubmed,
    "clinicaltrials": clinicaltrials_,
    "europepmc": _of(server_europepmc),
    "crossref": _of(server_crossref),
    "eric": _of(server_eric),
    "isrctn": _of(server_isrctn),
    "ctis": _of(server_ctis),
    "openalex": _of(server_openalex),
    "doaj": _of(server_doaj),
    "semanticscholar": _of(server_semanticscholar),
}


@pytest.fixture(params=WORLDS)
def world(request, monkeypatch) -> Iterator[World]:
    with Server() as server:
        yield WORLDS[request.param](monkeypatch, server)


def test_every_source_of_ours_is_asked_here():
    assert set(catalogue.BUILT_IN) < set(WORLDS)


# -- what it is --------------------------------------------------------------------------------------


def test_it_says_who_it_is(world):
    kind = world.kind
    assert kind.name == world.name
    assert kind.label.strip() == kind.label != ""
    assert kind.version.strip() == kind.version != ""
    assert isinstance(kind.help, tuple)
    assert all(line.strip() == line and line and "\n" not in line for line in kind.help)
    assert kind.help[0].startswith("Query: ")


@pytest.mark.parametrize("method", ["list", "hits", "fetch", "records", "check"])
def test_its_methods_are_called_as_the_protocol_says(world, method):
    def shape(owner: Any) -> list[tuple[str, Any]]:
        return [(p.name, p.default) for p in inspect.signature(getattr(owner, method)).parameters.values()]

    assert shape(world.kind) == shape(Source)


def test_a_search_string_is_judged_without_asking(world):
    source = world.source()
    assert source.check(world.search) == source.check(world.search)
    assert not source.check(world.search)
    assert source.check(replace(world.search, query="  "))
    assert world.server.requests == []


# -- identifiers -------------------------------------------------------------------------------------


def listed(source: Source, pages: list[Page], kind: str = "list") -> list[str]:
    return [hit.key for page in pages if page.kind == kind and page.counts for hit in source.hits(page.body)]


def test_a_listing_names_everything_once_and_says_how_many_there_are(world):
    source = world.source()
    pages = list(source.list(world.search))
    assert sorted(listed(source, pages)) == sorted(world.keys)
    assert [page.promised for page in pages if page.promised is not None][-1] == NUMBER
    assert {page.kind for page in pages} == {"list"}
    assert len(pages) > 3
    assert all(page.cursor and not page.asked for page in pages)
    assert [page.cursor for page in pages].index(LISTED) == len(pages) - 1


def test_nothing_found_is_a_page_that_promises_nothing(world):
    world.lose(*world.keys)
    source = world.source()
    pages = list(source.list(world.search))
    assert listed(source, pages) == []
    assert (pages[-1].cursor, pages[-1].promised) == (LISTED, 0)


def test_a_listing_that_is_done_is_not_asked_for_again(world):
    assert list(world.source().list(world.search, LISTED, since="2020-01-01")) == []
    assert world.server.requests == []


@pytest.mark.parametrize("since", ["", TOUCHED.isoformat()])
def test_cut_after_every_page_and_gone_on_with_its_cursor_nothing_is_lost_and_nothing_comes_twice(
    world, since
):
    source = world.source()
    whole = list(source.list(world.search, since=since))
    for cut in range(1, len(whole) + 1):
        kept = whole[:cut]
        again = world.source()
        rest = list(again.list(world.search, kept[-1].cursor, since))
        for kind in ("list", "changed"):
            both = listed(source, kept, kind) + listed(again, rest, kind)
            assert sorted(both) == sorted(listed(source, whole, kind)), f"cut after page {cut}"
        assert (kept + rest)[-1].cursor == LISTED


def test_a_change_is_seen_in_the_stamp_or_among_what_was_touched(world):
    source = world.source()
    pages = list(source.list(world.search, since=TOUCHED.isoformat()))
    if world.stamps:
        stamps = {hit.key: hit.stamp for page in pages for hit in source.hits(page.body)}
        assert all(stamps.values())
        if world.dated:
            assert max(stamps, key=stamps.__getitem__) == world.touched
        else:
            records = [record for page in source.fetch(world.keys) for record in source.records(page.body)]
            assert stamps == {record.key: record.digest for record in records}
    else:
        assert listed(source, pages, "changed") == [world.touched]


def test_a_place_in_another_listing_is_no_place(world):
    other = replace(world.search, query="another query")
    for page in world.source().list(world.search):
        if page.cursor != LISTED:
            with pytest.raises(TokenExpired):
                list(world.source().list(other, page.cursor))
    with pytest.raises(TokenExpired):
        list(world.source().list(world.search, "not a cursor"))


# -- records -----------------------------------------------------------------------------------------


def delivered(source: Source, pages: list[Page]) -> list[str]:
    return [record.key for page in pages for record in source.records(page.body)]


def test_exactly_what_is_asked_for_comes(world):
    source, wanted = world.source(), world.keys[3:21]
    pages = list(source.fetch(wanted))
    assert sorted(delivered(source, pages)) == sorted(wanted)
    assert {key for page in pages for key in page.asked} == set(wanted)
    assert {page.kind for page in pages} == {"records"}
    assert not any(page.missing for page in pages)
    assert len(pages) == -(-18 // world.batch)


def test_nothing_is_asked_when_nothing_is_wanted(world):
    assert list(world.source().fetch([])) == []
    assert world.server.requests == []


def test_what_does_not_come_is_named_and_the_rest_is_there(world):
    source, lost = world.source(), [world.keys[2], world.keys[9], world.keys[10]]
    world.lose(*lost)
    pages = list(source.fetch(world.keys[:12]))
    assert {key for page in pages for key in page.missing} == set(lost)
    assert {key for page in pages for key in page.asked} == set(world.keys[:12])
    assert sorted(delivered(source, pages)) == sorted(set(world.keys[:12]) - set(lost))


def test_what_is_left_out_once_is_asked_for_again(world):
    world.server.inject(_emptied(world), on=world.fetching)
    source = world.source()
    pages = list(source.fetch(world.keys[:5]))
    assert sorted(delivered(source, pages)) == sorted(world.keys[:5])
    assert not any(page.missing for page in pages)


def _emptied(world: World) -> faults.Fault:
    """A page of records without a record."""
    bodies = {
        "pubmed": b"<PubmedArticleSet></PubmedArticleSet>",
        "clinicaltrials": b'{"studies": []}',
    }
    return lambda asked, reply: replace(reply, body=world.emptied or bodies[world.name])


def test_records_that_were_not_asked_for_are_refused(world):
    source = world.source()
    other, *_ = source.fetch(world.keys[20:22])
    world.server.inject(lambda asked, reply: replace(reply, body=other.body), on=world.fetching, times=99)
    with pytest.raises(BadAnswer):
        list(source.fetch(world.keys[:2]))


class Nobody:
    """Instead of a transport, while only reading."""

    def ask(self, *args: Any, **kwargs: Any) -> Any:
        raise AssertionError("reading asks nobody")


def test_reading_is_pure(world):
    source, reader = world.source(), world.kind(Nobody(), {})
    for page in source.fetch(world.keys[:8]):
        first, second = list(reader.records(page.body)), list(world.kind(Nobody(), {}).records(page.body))
        assert first == second
        for record in first:
            assert record.source == world.name
            assert record.title
            assert bool(record.dates.get("revised")) == world.dated
            assert Record.from_json(record.to_json()) == record
    for page in source.list(world.search):
        assert reader.hits(page.body) == reader.hits(page.body)


# -- counting ----------------------------------------------------------------------------------------


def counting(world) -> Counting:
    source = world.source()
    if not isinstance(source, Counting):
        pytest.skip(f"{world.name} counts nothing without listing it")
    return source


def narrowed(search: Search, clause: str) -> Search:
    return replace(search, query=f"({search.query}) AND {clause}")


def named(source: Any, world, key: str) -> tuple[Record, str]:
    """A record, and a clause that names it by the first of its names that will do."""
    (page,) = source.fetch([key])
    (record,) = source.records(page.body)
    clauses = [clause for name in record.identifiers if (clause := source.naming(name))]
    if not clauses:
        pytest.skip(f"{world.name} cannot be asked by names")
    return record, clauses[0]


def test_a_count_is_what_a_listing_promises(world):
    source = counting(world)
    page = source.count(world.search)
    asked = len(world.server.requests)
    assert page.promised == NUMBER
    assert page.kind == "list"
    assert not page.counts
    assert not page.cursor
    assert asked == 1
    promised = [p.promised for p in source.list(world.search) if p.promised is not None]
    assert promised[-1] == page.promised


def test_a_name_matches_its_record_and_no_other(world):
    source = counting(world)
    record, clause = named(source, world, world.keys[3])
    assert source.count(replace(world.search, query=clause)).promised == 1
    both = narrowed(world.search, clause)
    assert source.count(both).promised == 1
    assert listed(source, list(source.list(both))) == [record.key]
    world.lose(record.key)
    assert source.count(both).promised == 0
    assert source.naming(Identifier("nobody's", "1")) is None


def test_what_came_later_was_not_held_before(world):
    source = counting(world)
    days = sorted(corpus.day(position).isoformat() for position in range(NUMBER))
    then = source.as_of(world.search, days[9])
    if then is None:
        pytest.skip(f"{world.name} does not say since when it holds a record")
    assert then.name == world.search.name
    assert source.count(then).promised == sum(day <= days[9] for day in days) < NUMBER
    assert source.count(source.as_of(world.search, days[-1])).promised == NUMBER
    assert source.count(source.as_of(world.search, "1990-01-01")).promised == 0


@pytest.mark.parametrize("fault", [faults.html_page, faults.empty, faults.cut_short])
def test_a_count_that_cannot_be_read_is_an_error_and_never_nothing(world, fault):
    source = counting(world)
    world.server.inject(fault, times=99)
    with pytest.raises(SearchError):
        source.count(world.search)


# -- when it goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", [faults.html_page, faults.empty, faults.cut_short, faults.rate_limit_with_200]
)
@pytest.mark.parametrize("asking", ["identifiers", "records"])
def test_an_answer_that_cannot_be_read_is_an_error_and_never_nothing(world, fault, asking):
    world.server.inject(fault, times=99)
    source = world.source()
    with pytest.raises(SearchError) as caught:
        list(source.list(world.search) if asking == "identifiers" else source.fetch(world.keys[:3]))
    assert caught.value.source == world.name
    assert len(world.server.requests) == 2, "asked again, as often as patience allows"


def test_an_answer_that_is_bad_once_costs_nothing(world):
    world.server.inject(faults.cut_short, nth=2)
    source = world.source()
    assert sorted(listed(source, list(source.list(world.search)))) == sorted(world.keys)


def test_what_is_kept_holds_no_secret(world):
    source = world.source()
    pages = [*source.list(world.search, since=TOUCHED.isoformat()), *source.fetch(world.keys[:9])]
    kept = "".join(page.request.to_json() + page.cursor for page in pages)
    sent = {v for asked in world.server.requests for v in (*asked.params.values(), *asked.headers.values())}
    for secret in (QUICK["email"], QUICK["api_key"]):
        assert secret not in kept
        assert secret.partition("@")[0] not in kept
    assert world.name == "clinicaltrials" or not world.told or world.told in sent


def test_an_error_holds_no_secret(world):
    world.server.inject(_echo, times=99)
    with pytest.raises(SearchError) as caught:
        list(world.source().list(world.search))
    said = str(caught.value) + repr(getattr(caught.value, "body", b""))
    assert QUICK["email"] not in said
    assert QUICK["api_key"] not in said


def _echo(asked: Asked, reply: Reply) -> Reply:
    """A source that repeats everything it was told."""
    said = repr({**asked.params, **asked.headers}).encode()
    return replace(reply, body=said, content_type="text/plain", status=400)
