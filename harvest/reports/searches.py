"""`harvest report searches`: the appendix on the searches, item by item after PRISMA-S."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from db.store import Store
from dedupe.rules import VERSION
from harvest import __version__
from harvest.project import Project
from harvest.reports.document import Block, Cell, Items, Paragraph, Report, Section, Table, Verbatim
from harvest.reports.facts import Searched, searched
from harvest.reports.prisma_s import CITATION, Facts, Item, items

NAME = "searches"
STRATEGIES = 8
"""The item that holds the full strategies."""
COLUMNS = ("item", "topic", "search", "what", "text", "state")
_ABOUT = frozenset({"database", "platform", "searched", "filters"})
"""Options that say something about a search and are not sent with it."""
_BELOW = (
    "Above each strategy stands what its bytes are. Stored: the file as the reviewer keeps it. Sent: what was "
    "made of it and given to the source, where that is not the same. The source's own reading is what it says it made "
    "of that."
)


def build(store: Store, project: Project) -> Report:
    """The appendix of a review."""
    facts = _facts(store, project)
    made = items(facts)
    missing = tuple(sentence for item in made for sentence in item.missing)
    rows = [row for item in made for row in _rows(item, facts.searches)]
    return Report(
        NAME,
        f"Search report (PRISMA-S): {project.title}",
        (
            Paragraph("All sixteen items of PRISMA-S[^1], in their order."),
            *([_summary(missing)] if missing else []),
            *(Section(f"{item.number}. {item.title}", tuple(_blocks(item, facts.searches))) for item in made),
        ),
        Table(COLUMNS, tuple(rows)),
        (CITATION, _BELOW),
        missing,
    )


def sixteen(store: Store, project: Project) -> tuple[Item, ...]:
    """The items alone, each with what it says and what is missing."""
    return items(_facts(store, project))


def _facts(store: Store, project: Project) -> Facts:
    groups = store.membership().values()
    return Facts(
        searches=searched(store, project),
        methods=project.methods,
        schedule=project.schedule,
        records=len(groups),
        reports=len({report for report, _ in groups}),
        studies=len({study for _, study in groups}),
        rules=VERSION,
        joined_by_people=len(store.said()),
        waiting=len(store.questions()) if project.duplicates.ask else 0,
        version=__version__,
    )


def _summary(missing: Sequence[str]) -> Paragraph:
    number = f"{len(missing)} statement{'s are' if len(missing) > 1 else ' is'}"
    return Paragraph(f"{number} still missing; each is named where it belongs.", warns=True)


def _blocks(item: Item, searches: Sequence[Searched]) -> Iterator[Block]:
    if item.number != STRATEGIES:
        yield from item.blocks
        return
    yield Paragraph("Each strategy letter by letter[^2].")
    yield from item.blocks
    for s in searches:
        if blocks := tuple(strategy(s)):
            yield Section(f"{s.name} ({s.label})", blocks)


def strategy(s: Searched) -> Iterator[Block]:
    """The texts of one search: as stored, as sent where that differs, as the source read it, and its lines."""
    for what, content in texts(s):
        yield Verbatim(content, what)
    if s.warnings:
        yield Paragraph(f"{s.label} said of it:")
        yield Items(s.warnings)
    if s.lines:
        yield Table(
            ("line", "text", "hits"),
            tuple((line.number, line.text, line.hits) for line in s.lines),
            "Hits per line",
        )


def texts(s: Searched) -> Iterator[tuple[str, bytes]]:
    """What was stored, what was sent, and how the source read it, each to the byte; what is the same stands once."""
    if s.wording is None:
        return
    stored, sent = s.wording.stored, s.wording.query.encode()
    if s.by_hand:
        if stored or sent:
            yield f"As it was run on {s.platform or 'its platform'}", stored or sent
        return
    if stored:
        yield "Stored and sent" if stored == sent else "Stored", stored
    if sent and sent != stored:
        yield "Sent", sent
    for field, value in sorted(s.wording.options.items()):
        if field not in _ABOUT:
            yield f"Sent as {field}", value.encode()
    if s.translation:
        yield f"As {s.label} read it", s.translation.encode()


def _rows(item: Item, searches: Sequence[Searched]) -> Iterator[tuple[Cell, ...]]:
    """One row a statement; of the strategies one a text and one a line that was counted."""
    for said in item.says:
        state = "missing" if said.missing else "stated"
        yield item.number, item.title, said.search, said.what, said.text, state
    for s in searches if item.number == STRATEGIES else ():
        for what, content in texts(s):
            yield item.number, item.title, s.name, what.lower(), Verbatim(content).text, "stated"
        for line in s.lines:
            yield item.number, item.title, s.name, f"hits of line {line.number}", str(line.hits), "stated"
