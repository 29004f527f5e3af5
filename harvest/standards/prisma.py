"""PRISMA 2020 as far as it is about searching and selecting, and the sixteen items of PRISMA-S."""

from __future__ import annotations

from collections.abc import Callable

from harvest.reports.prisma_s import CITATION, TITLES
from harvest.standards.facts import Facts, named, stated
from harvest.standards.rule import Judgement, Rule, Standard, met, not_met, unseen
from screen.plan import FULL_TEXT, TITLE

PRISMA = (
    "Page MJ, McKenzie JE, Bossuyt PM, Boutron I, Hoffmann TC, Mulrow CD, et al. The PRISMA 2020 statement: an updated "
    "guideline for reporting systematic reviews. BMJ 2021;372:n71. doi:10.1136/bmj.n71"
)


def _criteria(facts: Facts) -> Judgement:
    criteria = facts.review.criteria
    said = [
        key
        for key in ("population", "intervention", "comparison", "outcomes", "design", "include")
        if any(stated(text) for text in getattr(criteria, key))
    ]
    reasons = [reason.code for reason in criteria.exclude if reason.code and stated(reason.reason)]
    if said and reasons:
        return met(f"{len(said)} criteria and {len(reasons)} coded reasons stand in review.toml.", *reasons)
    return not_met("review.toml states no criteria." if not said else "review.toml lists no coded reason.")


def _known_reasons(facts: Facts) -> Judgement:
    known = {reason.code for reason in facts.review.criteria.exclude}
    selection = facts.selection
    judged = [(report, selection.titles[report].reason) for report in selection.at(TITLE, "exclude")]
    judged += [(report, selection.full_texts[report].reason) for report in selection.at(FULL_TEXT, "exclude")]
    odd = {report: reason for report, reason in judged if reason and reason not in known}
    if odd:
        words = ", ".join(sorted(set(odd.values())))
        told = f"{len(odd)} exclusions give a reason that review.toml does not list: {words}."
        return not_met(told, *named(sorted(odd)))
    return met(f"Every reason given in {len(judged)} exclusions is one of the {len(known)} listed.")


def _dates(facts: Facts) -> Judgement:
    without = [s.name for s in facts.searches if not s.searched]
    if without:
        return not_met("No date of a last search is known for some sources.", *without)
    if not facts.searches:
        return not_met("There is no search.")
    return met(
        "Every source has the date of its last search.", *(f"{s.name} {s.searched}" for s in facts.searches)
    )


def _strategies(facts: Facts) -> Judgement:
    missing = [sentence for number in (8, 9, 10) for sentence in facts.item(number).missing]
    if missing:
        return not_met("Strategies, limits or filters are not all on record.", *missing)
    return met(f"The strategies of {len(facts.searches)} searches are on record with limits and filters.")


def _process(facts: Facts) -> Judgement:
    screening, selection = facts.review.screening, facts.selection
    most = max(selection.title_plan.per_record, selection.full_text_plan.per_record)
    if len(screening.reviewers) < most:
        return not_met(f"{most} are to read each report, and {len(screening.reviewers)} are named.")
    if most > 1 and not screening.arbiter:
        return not_met("Two or more vote on each report, and nobody is named who settles conflicts.")
    return met(
        f"{selection.title_plan.per_record} per report at title and abstract, "
        f"{selection.full_text_plan.per_record} at full text, of {len(screening.reviewers)} reviewers."
    )


def _flow(facts: Facts) -> Judgement:
    """The numbers add up: no report is in two boxes, none is judged without having come through the one before."""
    here, wrong = facts.selection, list(facts.broken)
    early = [report for report in here.at(FULL_TEXT, "include", "exclude") if report not in here.sought]
    if early:
        wrong.append(f"judged at full text without an include before: {', '.join(named(early))}")
    judged = {*here.at(FULL_TEXT, "include", "exclude")}
    out_of_reach = [report for report, state in here.retrieved.items() if state == "not retrieved"]
    if both := sorted(judged.intersection(out_of_reach)):
        wrong.append(f"judged at full text and noted as not retrieved: {', '.join(named(both))}")
    if early_retrieved := sorted(here.retrieved.keys() - set(here.sought) - judged):
        wrong.append(f"a full text was sought without an include before: {', '.join(named(early_retrieved))}")
    return (
        not_met("The numbers of the flow do not add up.", *wrong)
        if wrong
        else met("The numbers add up.", *_sums(facts))
    )


def _sums(facts: Facts) -> tuple[str, ...]:
    here = facts.selection
    reports, excluded, sought = len(here.reports), len(here.at(TITLE, "exclude")), len(here.sought)
    lost = sum(here.retrieved.get(report) == "not retrieved" for report in here.sought)
    out, included = len(here.at(FULL_TEXT, "exclude")), len(here.included)
    open_ones = sought - lost - out - included
    return (
        f"{here.records} records = {here.records - reports} duplicates + {reports} reports",
        f"{reports} reports = {excluded} excluded + {sought} sought + {reports - excluded - sought} not settled",
        f"{sought} sought = {lost} not retrieved + {out} excluded + {included} included + {open_ones} not settled",
    )


def _finished(facts: Facts) -> Judgement:
    unread, unjudged = facts.selection.unread(), facts.selection.unjudged()
    if unread or unjudged:
        told = (
            f"{len(unread)} reports are not settled at title and abstract, {len(unjudged)} not at full text."
        )
        return not_met(told, *named([*unread, *unjudged]))
    if not facts.selection.reports:
        return not_met("No record has come in.")
    return met(f"All {len(facts.selection.reports)} reports are settled or put aside.")


def _reasons(facts: Facts) -> Judgement:
    excluded = facts.selection.at(FULL_TEXT, "exclude")
    without = [report for report in excluded if not facts.selection.full_texts[report].reason]
    if without:
        return not_met(
            f"{len(without)} of {len(excluded)} full-text exclusions have no reason.", *named(without)
        )
    return met(f"Each of {len(excluded)} full-text exclusions has its reason.")


def _citable(facts: Facts) -> Judgement:
    without = [report for report, cited in facts.cited.items() if not cited.title or not cited.year]
    if without:
        return not_met(
            f"{len(without)} included reports lack a title or a year to cite them by.", *named(without)
        )
    studies = len({facts.selection.study_of[report] for report in facts.selection.included})
    return met(
        f"{len(facts.cited)} included reports of {studies} studies can be cited; `harvest report included`."
    )


def _registration(facts: Facts) -> Judgement:
    said = [text for text in (facts.review.protocol.registration, facts.review.protocol.url) if stated(text)]
    return met("The registration is stated.", *said) if said else not_met("No registration is stated.")


def _amendments(_: Facts) -> Judgement:
    return unseen("Which amendments the protocol had, only the authors know.")


def _available(facts: Facts) -> Judgement:
    return unseen(
        f"Whether the data of {len(facts.selection.reports)} reports are deposited is not on record."
    )


def _of_searches(number: int) -> Callable[[Facts], Judgement]:
    def look(facts: Facts) -> Judgement:
        item = facts.item(number)
        if item.missing:
            many = "statements are" if len(item.missing) > 1 else "statement is"
            return not_met(f"{len(item.missing)} {many} missing.", *item.missing)
        return met("It is stated.")

    return look


RULES = (
    Rule(
        "P5", "Eligibility criteria", True, "PRISMA 2020 item 5",
        "criteria and coded reasons for exclusion in review.toml", "Write them below [criteria].", _criteria,
    ),
    Rule(
        "P5a", "Reasons are those of the protocol", True, "PRISMA 2020 items 5 and 16b",
        "reasons of agreed and resolved exclusions beside those in review.toml",
        "Add the reason below [[criteria.exclude]], or vote again with a listed one.", _known_reasons,
    ),
    Rule(
        "P6", "Information sources", True, "PRISMA 2020 item 6", "the day on which each source was last searched",
        "Start `harvest run`; for export files write date below the [[search]].", _dates,
    ),
    Rule(
        "P7", "Search strategy", True, "PRISMA 2020 item 7", "strategy, limits and filters of every search",
        "`harvest report searches --check` names each statement with its key in review.toml.", _strategies,
    ),
    Rule(
        "P8", "Selection process", True, "PRISMA 2020 item 8",
        "how many vote on a report, who they are, who settles conflicts",
        "Complete [screening] in review.toml; `harvest report methods` writes the paragraph.", _process,
    ),
    Rule(
        "P16a", "Flow of selection adds up", True, "PRISMA 2020 item 16a",
        "that no report stands in two boxes or was judged before its turn",
        "Correct the vote or the note on the full text of the reports named.", _flow,
    ),
    Rule(
        "P16a2", "Selection is finished", True, "PRISMA 2020 item 16a",
        "reports that are neither settled nor put aside as ongoing or awaiting classification",
        "Read them, settle their conflicts, or put the study aside with a reason.", _finished,
    ),
    Rule(
        "P16b", "Full-text exclusions are explained", True, "PRISMA 2020 item 16b",
        "the reason on which the reviewers agree, or which the arbiter gave",
        "Vote again with a reason; `harvest report excluded` lists them.", _reasons,
    ),
    Rule(
        "P17", "Included studies can be cited", True, "PRISMA 2020 item 17", "title and year of included reports",
        "Correct the record at its source, or add the record by a file that says them.", _citable,
    ),
    Rule(
        "P24a", "Registration", True, "PRISMA 2020 item 24a", "protocol.registration and protocol.url",
        "Write it below [protocol]; “not registered” is an answer, too.", _registration,
    ),
    Rule(
        "P24c", "Amendments", True, "PRISMA 2020 item 24c", "nothing",
        "Describe what changed since the protocol, and why.", _amendments,
    ),
    Rule(
        "P27", "Availability of data", True, "PRISMA 2020 item 27", "nothing outside of the folder",
        "`harvest bundle` makes one file to deposit; cite where it lies.", _available,
    ),
    *(
        Rule(
            f"PS{number}", title, True, f"PRISMA-S item {number}", "the item as `harvest report searches` writes it",
            "`harvest report searches --check` names each statement with its key in review.toml.",
            _of_searches(number),
        )
        for number, title in enumerate(TITLES, 1)
    ),
)  # fmt: skip

STANDARD = Standard("prisma", "PRISMA 2020 and PRISMA-S", f"{PRISMA}; {CITATION}", RULES)
