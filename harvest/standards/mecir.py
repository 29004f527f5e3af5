"""Cochrane's MECIR standards on searching and selecting, C24 to C42, and C48 on retractions."""

from __future__ import annotations

import re
from datetime import date

from harvest.reports.facts import Searched
from harvest.standards.facts import Facts, done, is_in, named
from harvest.standards.prisma import RULES as OF_PRISMA
from harvest.standards.rule import Judgement, Rule, Standard, Verdict, met, not_met, unseen
from screen.plan import FULL_TEXT, TITLE

MECIR = (
    "Higgins JPT, Lasserson T, Thomas J, Flemyng E, Churchill R. Methodological Expectations of Cochrane Intervention "
    "Reviews. Cochrane: London, version August 2023. https://community.cochrane.org/mecir-manual"
)
GENERAL = {"CENTRAL": ("central",), "MEDLINE": ("medline", "pubmed"), "Embase": ("embase",)}
REGISTERS = {"ClinicalTrials.gov": ("clinicaltrials", "clinicaltrials.gov"), "WHO ICTRP": ("ictrp",)}
OLD_DAYS, STALE_DAYS = 366, 275
"""Twelve months, and the nine at which it is time to think of the next search."""
_UNUSABLE = re.compile(
    r"\b(?:no|not|without|lack of|un|in(?:sufficient|complete)|missing)\W*(?:\w+\W+){0,2}?"
    r"(?:usable|useable|extractable|(?:outcome )?data\b|outcomes? (?:data|report\w*|results?))",
    re.IGNORECASE,
)


# -- searching: C24 to C38 ---------------------------------------------------------------------------


def _has(facts: Facts, wanted: dict[str, tuple[str, ...]]) -> Judgement:
    """Whether each of these was searched, and when."""
    found = {
        place: [s for s in facts.searches if s.searched and is_in(s, *words)]
        for place, words in wanted.items()
    }
    absent = [place for place, searches in found.items() if not searches]
    told = tuple(f"{place}: {s.name} {s.searched}" for place, searches in found.items() for s in searches)
    if absent:
        return not_met(f"Not searched: {', '.join(absent)}.", *told)
    return met("Each of them was searched.", *told)


def _general(facts: Facts) -> Judgement:
    """Embase is asked for where the authors can get at it: that they cannot, they must say."""
    methods = facts.review.methods
    if "embase" in f"{methods.other} {methods.browsing}".casefold():
        others = {place: words for place, words in GENERAL.items() if place != "Embase"}
        found = _has(facts, others)
        return found._replace(sentence=f"{found.sentence} Embase: see what [methods] says of it.")
    return _has(facts, GENERAL)


def _registers(facts: Facts) -> Judgement:
    return _has(facts, REGISTERS)


def _special(facts: Facts) -> Judgement:
    every = [word for words in GENERAL.values() for word in words]
    others = [s for s in facts.searches if s.searched and not s.register and not is_in(s, *every)]
    if not others:
        return not_met("Only CENTRAL, MEDLINE, Embase or registers were searched.")
    return met("There are others; whether they suit the topic, people must say.", *(s.label for s in others))


def _evidence_types(_: Facts) -> Judgement:
    return unseen("Whether the question needs searches for harms, costs or views, only the protocol tells.")


def _grey(facts: Facts) -> Judgement:
    methods = facts.review.methods
    said = [text for text in (methods.browsing, methods.other) if done(text)]
    return (
        met("It is stated what was searched.", *said)
        if said
        else not_met("No search for grey literature is stated.")
    )


def _other_reviews(facts: Facts) -> Judgement:
    said = [text for text in (facts.review.methods.citations, facts.review.methods.other) if done(text)]
    return unseen("Whether other reviews were searched stands, if anywhere, in these statements.", *said)


def _reference_lists(facts: Facts) -> Judgement:
    said = facts.review.methods.citations
    return met("It is stated.", said) if done(said) else not_met("No search of reference lists is stated.")


def _contacts(facts: Facts) -> Judgement:
    said = facts.review.methods.contacts
    return met("It is stated.", said) if done(said) else not_met("Nobody is said to have been asked.")


def _structure(facts: Facts) -> Judgement:
    wrong = facts.among("S1", "S2", grave=True)
    if wrong:
        return not_met("Lines or operators of a strategy are doubtful.", *wrong)
    return unseen(
        "No line or operator is doubtful; whether the concepts are right, a peer reviewer must say (PRESS)."
    )


def _terms(facts: Facts) -> Judgement:
    wrong = facts.among("S802", "S803", "S601")
    if wrong:
        return not_met("A concept lacks headings or text words, or a heading does not exist.", *wrong)
    if not any(s.wording and s.wording.stored for s in facts.searches):
        return not_met("No strategy is on record.")
    return met("Where it can be seen, each concept has headings and text words.")


def _filters(facts: Facts) -> Judgement:
    if wrong := facts.among("S704", "S701", "S702"):
        return not_met("A filter stands where it can only lose trials, or cannot be applied.", *wrong)
    used = [f"{s.name}: {block.title}" for s in facts.searches for block in s.filters]
    if used:
        return met("Packaged filters are used as published.", *used)
    return unseen(
        "No packaged filter is used; what others are and where they are from, item 10 of PRISMA-S tells."
    )


def _restrictions(facts: Facts) -> Judgement:
    missing = facts.item(9).missing
    if missing:
        return not_met("Limits are not stated for every search.", *missing)
    if found := facts.among("S705", "S706", "S707", "S709"):
        return not_met("A strategy is limited, and no reason is accepted for it.", *found)
    return met("Limits are stated for every search, and none stands in a strategy without a reason.")


def _documented(facts: Facts) -> Judgement:
    missing = [sentence for item in facts.appendix for sentence in item.missing]
    if missing:
        return not_met(f"{len(missing)} statements of the search report are missing.", *missing)
    return met("All sixteen items of PRISMA-S are stated.")


def _recent(facts: Facts) -> Judgement:
    ages = {s.name: _age(s, facts.today) for s in facts.searches}
    never = [name for name, days in ages.items() if days is None]
    old = [f"{name}: {days} days ago" for name, days in ages.items() if days is not None and days > OLD_DAYS]
    if never or old or not ages:
        return not_met("Not every source was searched within the last twelve months.", *never, *old)
    days = max(days for days in ages.values() if days is not None)
    soon = " It is time to plan the next one." if days > STALE_DAYS else ""
    return met(f"The oldest search was made {days} days ago.{soon}")


def _age(search: Searched, today: date) -> int | None:
    try:
        return max(0, (today - date.fromisoformat(search.searched)).days)
    except ValueError:  # no day, or only a year, as people write dates of export files
        return None


def _rerun(facts: Facts) -> Judgement:
    if facts.selection.reread is None:
        return unseen("The searches were not repeated yet.")
    left = {*facts.selection.unread(), *facts.selection.unjudged()} & facts.selection.reread
    if left:
        return not_met(f"{len(left)} reports of the newest run are not settled.", *named(sorted(left)))
    return met(f"All {len(facts.selection.reread)} reports of the newest run are settled or put aside.")


# -- selecting: C39 to C42, C48 ----------------------------------------------------------------------


def _two_people(facts: Facts) -> Judgement:
    plan, judged = facts.selection.full_text_plan, facts.selection.full_texts
    if plan.per_record < 2:
        return not_met(f"{plan.per_record} person decides on a full text.")
    if not facts.review.screening.arbiter:
        return not_met("How conflicts end is not defined: nobody is named as arbiter.")
    final = facts.selection.at(FULL_TEXT, "include", "exclude")
    alone = [report for report in final if len(judged[report].voters) < 2]
    if alone:
        return not_met(f"{len(alone)} full texts were decided by fewer than two people.", *named(alone))
    told = f"{len(final)} full texts were decided by two people or more; at title and abstract"
    return met(f"{told} {facts.selection.title_plan.per_record} read each report.")


def _unusable_data(facts: Facts) -> Judgement:
    reasons = facts.review.criteria.exclude
    odd = [
        f"{r.code}: {r.reason}" for r in reasons if _UNUSABLE.search(f"{r.code.replace('-', ' ')} {r.reason}")
    ]
    if odd:
        return not_met("A reason reads as if studies were excluded for how they report their data.", *odd)
    return met(f"None of {len(reasons)} reasons is about how outcomes are reported.")


def _decisions(facts: Facts) -> Judgement:
    """The flow adds up, and each full-text exclusion is explained: P16a and P16b."""
    parts = [rule.look(facts) for rule in OF_PRISMA if rule.code in ("P16a", "P16b")]
    wrong = [part for part in parts if part.verdict is Verdict.NOT_MET]
    if wrong:
        return not_met(" ".join(p.sentence for p in wrong), *(line for p in wrong for line in p.evidence))
    return met(" ".join(p.sentence for p in parts), *(line for p in parts for line in p.evidence))


def _collated(facts: Facts) -> Judgement:
    here = facts.selection
    in_play = here.included or here.sought or here.at(TITLE, "include")
    doubtful = sorted(here.doubtful & set(in_play))
    studies = len({here.study_of[report] for report in here.included})
    if doubtful:
        return not_met("Whether some reports are the same is not decided.", *named(doubtful))
    return met(f"{len(here.included)} included reports belong to {studies} studies.")


def _retractions(facts: Facts) -> Judgement:
    if not facts.selection.included:
        return unseen("No study is included yet.")
    included = set(facts.selection.included)
    said = [paper for paper in facts.papers if paper.report in included]
    if grave := [paper for paper in said if paper.kind in ("retraction", "replacement", "concern")]:
        return not_met(
            f"{len(grave)} included reports are retracted or doubted.", *(p.sentence for p in grave)
        )
    asked = (
        "Crossref and the sources themselves" if facts.review.notices.crossref else "the sources themselves"
    )
    return met(
        f"No included report is retracted or doubted, as far as {asked} say.", *(p.sentence for p in said)
    )


def _rule(
    number: int, title: str, sees: str, todo: str, look: object, *, desirable: bool = False, read: bool = True
) -> Rule:
    assert callable(look)
    grade = "highly desirable" if desirable else "mandatory"
    return Rule(f"M-C{number}", title, not desirable, f"MECIR C{number}, {grade}", sees, todo, look, read)


RULES = (
    _rule(24, "General databases and CENTRAL", "whether CENTRAL, MEDLINE and Embase have a search with a date",
          "Add it: `harvest sources central`, `… embase`. Without access to Embase, say so in methods.other.",
          _general),
    _rule(25, "Specialist databases", "whether another database than these was searched",
          "Add databases of the topic or region, such as CINAHL, APA PsycInfo, LILACS.", _special, desirable=True),
    _rule(26, "Different types of evidence", "nothing", "Search for them apart if the protocol asks such questions.",
          _evidence_types),
    _rule(27, "Trials registers", "whether ClinicalTrials.gov and the WHO ICTRP have a search with a date",
          "Add them: `harvest sources clinicaltrials`, `harvest sources ictrp`.", _registers, read=False),
    _rule(28, "Grey literature", "methods.browsing and methods.other in review.toml",
          "Search it, and write there what was searched.", _grey, desirable=True, read=False),
    _rule(29, "Other reviews", "nothing certain; it repeats methods.citations and methods.other",
          "Search within earlier reviews on the topic, and say so in methods.citations.", _other_reviews,
          desirable=True, read=False),
    _rule(30, "Reference lists", "methods.citations in review.toml",
          "Check the lists of included studies and of relevant reviews, and write it there.", _reference_lists,
          read=False),
    _rule(31, "Contacting people", "methods.contacts in review.toml", "Ask authors and experts, and write it there.",
          _contacts, desirable=True, read=False),
    _rule(32, "Structure of the searches", "what `harvest check` finds in lines and operators",
          "`harvest check` shows the places; have the strategy reviewed.", _structure, read=False),
    _rule(33, "Headings and text words", "what `harvest check --advice` finds: S601, S802, S803",
          "Add what is missing, or accept the finding with a reason below the [[search]].", _terms, read=False),
    _rule(34, "Search filters", "packaged filters, and filters for trials in databases of trials alone (S704)",
          "Leave the filter out of CENTRAL and of registers; take it up as published elsewhere.", _filters,
          desirable=True, read=False),
    _rule(35, "Restrictions are justified", "limits of each [[search]], and what limits its strategy",
          'Write limits with the reason, and accept the finding with it: accept.S706 = "…".', _restrictions),
    _rule(36, "The search is documented", "the sixteen items of PRISMA-S",
          "`harvest report searches --check` names each missing statement.", _documented),
    _rule(37, "Searches not older than twelve months", "how long ago each source was last searched",
          "Start `harvest run`, and export anew from databases that are searched by hand.", _recent),
    _rule(38, "Results of the last searches are in", "reports that the newest run brought and nobody has settled",
          "Read them, or put their studies aside as awaiting classification.", _rerun, desirable=True, read=False),
    _rule(39, "Two people, and a way to settle conflicts", "who decided on each full text, and the arbiter",
          "Set per_record_full_text = 2 and an arbiter before the first vote; have a second person vote.",
          _two_people),
    _rule(40, "No exclusion for unusable data", "the words of the reasons in review.toml",
          "Take the reason out: a study counts whether or not its data can be used.", _unusable_data),
    _rule(41, "Decisions are documented", "the flow of selection, and a reason for each full-text exclusion",
          "See P16a and P16b of `harvest check prisma`.", _decisions),
    _rule(42, "Reports are collated to studies", "pairs of which nobody has said whether they are the same",
          "`harvest same review` asks about one after the other.", _collated, read=False),
    _rule(48, "Retractions and errata", "notices on included reports",
          "`harvest report notices` cites each; list a retracted study among the excluded ones.", _retractions),
)  # fmt: skip

STANDARD = Standard("mecir", "Cochrane MECIR, C24 to C42 and C48", MECIR, RULES)
