"""Records known to be relevant, and the test that the searches find them.

Every run asks of each search and each known record: is it among what the search finds, by an identifier of its
own or through a duplicate? If it is not, the source is asked whether it holds the record at all, because only
a record that is there can be lost by the search string. `harvest check --known` says by which line it was lost:
see `harvest.tracing`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from db.errors import SearchError
from db.record import Identifier, Record
from db.store import Store
from db.store.tallies import KnownItem
from db.trial_numbers import SCHEMES
from db.trial_numbers import find as trial_numbers
from dedupe.titles import title as comparing
from harvest.outcome import Known
from harvest.project import Project
from harvest.source import Counting, Search
from screen.export import harvest_id

MOST = 4
"""Names by which a source is asked for one record."""

_SCHEMES = ("pmid", "doi", "nct", *sorted(SCHEMES - {"nct", "utn"}), "pmcid", "accession")
"""Of names that a known record goes by, the most trustworthy first."""


@dataclass(frozen=True, slots=True)
class Item:
    """One record known to be relevant."""

    names: tuple[Identifier, ...] = ()
    title: str = ""

    @property
    def name(self) -> str:
        """`pmid:2022136`; `title:…` for one without an identifier."""
        return f"{self.names[0].scheme}:{self.names[0].value}" if self.names else f"title:{self.title}"

    @property
    def label(self) -> str:
        """For people: the name, and the title where that is known."""
        return f"{self.name} {self.title}" if self.names and self.title else self.name


def items(project: Project) -> tuple[Item, ...]:
    """What `[known]` of `review.toml` says, in its order, each once.

    Raises `WrongUse` when the file of known records cannot be read.
    """
    said = project.known
    listed = [
        *(Item((Identifier("pmid", pmid),)) for pmid in said.pmids),
        *(Item((Identifier("doi", doi.lower()),)) for doi in said.dois),
        *(Item((Identifier("nct", nct),)) for nct in said.nct),
        *(Item((Identifier(i.scheme, i.value),)) for text in said.trials for i in trial_numbers(text)[:1]),
        *(Item(title=title) for title in said.titles),
        *_of_file(project),
    ]
    return tuple({item.name: item for item in listed}.values())


def _of_file(project: Project) -> Iterator[Item]:
    """Every record of the file, or those labelled as included where it has labels."""
    if not project.known.file:
        return
    from harvest.labelled import read_labelled  # noqa: PLC0415 - openpyxl is not needed without such a file

    labelled = read_labelled(project.folder / project.known.file, all_included=True)
    for number, record in enumerate(labelled.records, start=1):
        if labelled.labels.get(number):
            yield _item(record)


def _item(record: Record) -> Item:
    own = {(i.scheme, i.value) for i in record.identifiers if i.origin not in ("reference", "abstract")}
    names = sorted((n for n in own if n[0] in _SCHEMES), key=lambda name: (_SCHEMES.index(name[0]), name[1]))
    return Item(tuple(Identifier(*name) for name in names), record.title)


# -- the test ------------------------------------------------------------------------------------------


def told(found: Iterable[KnownItem]) -> tuple[Known, ...]:
    """What a test found, as it is told to people."""
    return tuple(
        Known(k.search, k.item, k.outcome, harvest_id(k.record) if k.record else "", k.because) for k in found
    )


class KnownItems:
    """The test of one run.

    Args:
        store: after duplicates were found, because a record may be found as its duplicate.
        counting: by name of a source, what it can be asked besides; None: it offers nothing.
        run: number of the run.
        silent: searches whose source did not answer in this run, and is not asked again now.
    """

    def __init__(
        self,
        store: Store,
        counting: Mapping[str, Counting | None],
        run: int,
        silent: Collection[str] = (),
    ) -> None:
        self._store, self._counting, self._run, self._silent = store, counting, run, silent
        self._held: dict[tuple[str, str], int] = {}

    def test(self, wanted: Collection[Item]) -> tuple[KnownItem, ...]:
        """Look for these records in every search that there is, and keep what comes out."""
        if not wanted:
            return ()
        carried = {item: self._records(item) for item in wanted}
        outcomes = [
            (search_id, self._look(self._store.wording(search_id), search_id, item, records))
            for search_id in self._searches()
            for item, records in carried.items()
        ]
        self._store.add_known(self._run, outcomes)
        return tuple(found for _, found in outcomes)

    def _searches(self) -> Iterator[int]:
        """Newest wordings of the searches of this run, and of everything that came in a file."""
        for name, source, _, _, _ in self._store.searches():
            number = self._store.newest_wording(name, source)
            if number is not None and (source in self._counting or source.startswith("file:")):
                yield number

    def _records(self, item: Item) -> set[int]:
        """Records of the review that are this one, whoever found them."""
        named = {r for name in item.names for r in self._store.carrying(name.scheme, name.value)}
        if named or not item.title:
            return named
        words = comparing(item.title).words
        near = self._store.with_words(f'"{item.title}"'.replace('""', '"'), limit=20)
        return {
            number
            for number, record in self._store.records(near)
            if words and comparing(record.title).words == words
        }

    def _look(self, search: Search, search_id: int, item: Item, records: set[int]) -> KnownItem:
        reports = {self._store.report_of(record) for record in records}
        same = {record for report in reports for record in self._store.records_of(report)}
        found = same & set(self._store.found_by(search.name, search.source).values())
        if found:
            record = min(found & records or found)
            because = "" if found & records else "through a duplicate"
            return KnownItem(search.name, item.name, "found", record, because)
        if search.source.startswith("file:"):
            return KnownItem(search.name, item.name, "not in the files")
        if search.name in self._silent:
            return KnownItem(
                search.name, item.name, "not found", because="the source did not answer in this run"
            )
        return self._ask(search, search_id, item, same)

    def _ask(self, search: Search, search_id: int, item: Item, records: set[int]) -> KnownItem:
        """Whether the source holds a record that the search does not find."""
        counting = self._counting[search.source]
        clauses = clauses_for(counting, item, (r for _, r in self._store.records(records)))
        if counting is None or not clauses:
            because = f"{search.source} cannot be asked for {item.name.partition(':')[0]}"
            return KnownItem(search.name, item.name, "not found", because=because)
        try:
            held = any(
                self._count(counting, search, search_id, item, clause)  # the first that is known will do
                for clause in clauses
            )
        except SearchError as error:
            return KnownItem(search.name, item.name, "not found", because=str(error))
        return KnownItem(search.name, item.name, "not matched" if held else "not in this source")

    def _count(self, counting: Counting, search: Search, search_id: int, item: Item, clause: str) -> int:
        key = (search.source, clause)
        if key not in self._held:
            page = counting.count(Search(search.name, search.source, clause))
            self._store.add_tally(self._run, search_id, "known", None, item.name, clause, page)
            self._held[key] = page.promised or 0
        return self._held[key]


def clauses_for(counting: Counting | None, item: Item, records: Iterable[Record] = ()) -> tuple[str, ...]:
    """How a source is asked for a record: by its own names, then by those it has elsewhere in the review."""
    if counting is None:
        return ()
    names = [*item.names, *(name for record in records for name in _item(record).names)]
    clauses = (counting.naming(name) for name in names)
    return tuple(dict.fromkeys(clause for clause in clauses if clause))[:MOST]
