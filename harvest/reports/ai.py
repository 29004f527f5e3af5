"""`harvest report ai`: what automation did in this review, as RAISE and the journals ask it to be told.

RAISE (Responsible AI in Evidence Synthesis, 2025) and the position statement of Cochrane, Campbell, JBI and CEE ask
that any automation which makes or suggests judgements is reported: tool, version, date, purpose, stage, data,
evaluation, limits. Everything here is read from the log; how well the ranking does in general stands in
`docs/model-card.md`, and is cited, not repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from db.opinion import Stage
from db.store import Store
from dedupe.rules import VERSION
from harvest import __version__
from harvest.project import Project
from harvest.rankings import Line, log
from harvest.reports.document import Block, Cell, Items, Paragraph, Report, Section, Table
from harvest.stopping import standing
from harvest.stopping_words import paragraph
from screen.models import MODELS
from screen.plan import FULL_TEXT, TITLE

NAME = "ai"
MODEL_CARD = "docs/model-card.md"
_RAISE = (
    "Thomas J, Flemyng E, Noel-Storr A, et al. Responsible AI in Evidence Synthesis (RAISE): guidance and "
    "recommendations. 2025. https://osf.io/fwaud/"
)
_RANKINGS = (
    "ranking", "made on (UTC)", "because", "Harvest", "model", "seed", "labels: included", "excluded", "between",
    "reports ordered", "SHA-256 of labels", "SHA-256 of the order",
)  # fmt: skip
_SHOWN = ("ranking", "reviewer", "stage", "reports shown", "last on (UTC)")
_LIMITS = (
    "With fewer than ten includes the order jumps with every vote.",
    "Reports with a short abstract or none, or in a language that is rare here, give it little to go by.",
    "It learns from the votes, from mistaken ones too, and from votes given under older criteria.",
    "Studies that are worded unlike most are found later.",
    "A score has no meaning but to order: it is no probability.",
)
"""As the model card says them at more length."""


def build(store: Store, project: Project) -> Report:
    """What automation did in a review."""
    lines = log(store)[::-1]
    words = paragraph(standing(store, project))
    said = [*_tool(lines), *_data(lines), *_excluded(store), *_sameness(store)]
    missing = tuple(_missing(lines))
    rows = [("ai", what, value) for what, value in said]
    return Report(
        NAME,
        f"Automation in this review (RAISE): {project.title}",
        (
            Paragraph("What RAISE asks to be reported[^1], from the log of the review."),
            *(Paragraph(sentence, warns=True) for sentence in missing),
            *_blocks(store, lines, words),
        ),
        Table(("report", "what", "value"), (*rows, ("ai", "paragraph", words))),
        (_RAISE,),
        missing,
    )  # fmt: skip


def _blocks(store: Store, lines: Sequence[Line], words: str) -> Iterator[Block]:
    yield Section("Tool and purpose", (_two_columns(_tool(lines)),))
    if lines:
        yield Section("What it learnt from", (_two_columns(_data(lines)), _rankings(lines)))
        yield Section("What was shown to whom", tuple(_shown(lines)))
        yield Section("Evaluation", (Paragraph(_evaluation(lines[-1])),))
        yield Section("Limits", (Items(_LIMITS),))
    yield Section("What it decided", (_two_columns(_excluded(store)),))
    yield Section("Duplicates", (_two_columns(_sameness(store)),))
    yield Section("For the methods section", (Paragraph(words),))


def _two_columns(said: Sequence[tuple[str, Cell]]) -> Table:
    return Table(("what", "value"), tuple(said))


# -- what is said ------------------------------------------------------------------------------------


def _tool(lines: Sequence[Line]) -> list[tuple[str, Cell]]:
    if not lines:
        return [("tool", f"Harvest {__version__}"), ("ranking", "none was made: reports were read unranked")]
    newest = lines[-1].logged
    made = newest.ranking
    return [
        ("tool", "Harvest, free software under the Apache licence 2.0"),
        ("version", made.versions.get("harvest", __version__)),
        ("used from", lines[0].logged.at[:10]),
        ("used until", newest.at[:10]),
        ("purpose", "to put what is likely to be included first; it suggests an order and gives no verdict"),
        ("stage", TITLE),
        ("model", made.model),
        ("parameters", ", ".join(f"{name} = {value:g}" for name, value in sorted(made.parameters.items())) or "none"),
        ("seed", made.seed),
        ("libraries", ", ".join(f"{n} {v}" for n, v in sorted(made.versions.items()) if n != "harvest")),
        ("where it ran", "on the computer of the review: no text and no vote left it"),
    ]  # fmt: skip


def _data(lines: Sequence[Line]) -> list[tuple[str, Cell]]:
    """What the newest ranking learnt from."""
    if not lines:
        return []
    made, counts = lines[-1].logged.ranking, lines[-1].counts()
    return [
        ("training data", "question and criteria, texts known to be relevant, and the votes of this review"),
        ("labels", len(made.labels)),
        ("labels: included", counts["included"]),
        ("labels: excluded", counts["excluded"]),
        ("labels: between", counts["between"]),
        ("SHA-256 of the labels", lines[-1].logged.labels_digest or None),
        ("SHA-256 of all input", made.input_digest),
        ("SHA-256 of the texts", made.corpus or None),
        ("SHA-256 of question and criteria", made.topic or None),
        ("features", made.features),
        ("rankings made", len(lines)),
    ]


def _excluded(store: Store) -> list[tuple[str, Cell]]:
    """That nothing was decided by a program: every verdict has a person's name."""
    stages: tuple[Stage, ...] = (TITLE, FULL_TEXT)
    votes = [vote for stage in stages for vote in store.decisions(stage) if vote.verdict != "withdrawn"]
    people = Counter(vote.reviewer for vote in votes)
    return [
        ("reports excluded by automation", 0),
        ("votes given by people", len(votes)),
        ("people who voted", len(people)),
        ("rule", "No part of Harvest excludes a report, and none is hidden for its place in the order."),
    ]


def _sameness(store: Store) -> list[tuple[str, Cell]]:
    groups = store.membership().values()
    reports = {report for report, _ in groups}
    return [
        ("method", f"stated rules, version {VERSION}; nothing is learnt, no record is deleted"),
        ("records taken together", f"{len(groups)} records to {len(reports)} reports"),
        ("pairs on which people decided", len(store.said())),
    ]


def _rankings(lines: Sequence[Line]) -> Table:
    return Table(_RANKINGS, tuple(_ranking(line) for line in lines), "Every order that was made")


def _ranking(line: Line) -> tuple[Cell, ...]:
    kept, counts = line.logged, line.counts()
    made = kept.ranking
    return (
        kept.number, kept.at[:10], made.because or None, made.versions.get("harvest"), made.model, made.seed,
        counts["included"], counts["excluded"], counts["between"], kept.reports, kept.labels_digest[:12] or None,
        kept.order_digest[:12],
    )  # fmt: skip


def _shown(lines: Sequence[Line]) -> Iterator[Block]:
    """Per ranking, person and stage, how many different reports."""
    rows: list[tuple[Cell, ...]] = []
    for line in lines:
        for reviewer, stage in sorted({(shown.reviewer, shown.stage) for shown in line.shown}):
            of_them = [s for s in line.shown if (s.reviewer, s.stage) == (reviewer, stage)]
            reports = {report for shown in of_them for report in shown.reports}
            last = max(shown.at for shown in of_them)[:10]
            rows.append((line.logged.number, reviewer, stage, len(reports), last))
    if rows:
        yield Table(_SHOWN, tuple(rows))
    else:
        yield Paragraph("No queue went out and no report was shown in one of these orders yet.")


def _evaluation(line: Line) -> str:
    if line.logged.ranking.model not in MODELS:
        return "The model is not one of Harvest's: its own documentation has to be cited."
    return (
        "Performance on sixteen published reviews, and what is known to weaken it, stand in the model card "
        f"({MODEL_CARD}), with the commands that measure it. On this review it can be measured once screening is "
        "complete: `harvest simulate`. `harvest rank check --all` makes each order again from the log, bit for bit."
    )


def _missing(lines: Sequence[Line]) -> Iterator[str]:
    for model in dict.fromkeys(line.logged.ranking.model for line in lines):
        if model not in MODELS:
            yield f"The model {model} comes from elsewhere: add who made it, its version and its evaluation."
