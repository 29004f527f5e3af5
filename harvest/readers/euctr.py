"""Text downloads of the EU Clinical Trials Register (clinicaltrialsregister.eu): summaries and full protocols.

- **Summary**: one block a trial, `Full Title:              …`; its countries stand in `Trial protocol`.
- **Full**: one block a trial *and country*, each the protocol as that member state has it, in numbered
  questions: `A.3 Full title of the trial: …`, then the same in the state's language, `A.3 … (es): …`.

Several blocks of one EudraCT number are several records; deduplication makes one report of them, for they are one
registration. A line that is no question goes on with the answer above it. The questions are those of the EudraCT
form, read in a download of 2023 with ten protocols; summaries as the programs and tests of others show them. How
a summary marks results (`Trial results: View results`) is unconfirmed.

Answers that have no field are kept in `extra` under their question. **Left in the file, on purpose:** the address,
telephone and e-mail of the contact point (B.5.3 to B.5.6). "Information not present in EudraCT" is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from db.errors import WrongUse
from db.record import Grant, Identifier, Intervention, Outcome, Record, Section, Trial
from db.trial_numbers import find
from harvest.readers import fields
from harvest.readers.dates import when
from harvest.readers.reading import Entry, Gathering, Reading
from harvest.readers.text import Text, paragraphs

_PLAIN = (
    *("EudraCT Number", "Sponsor Protocol Number", "Sponsor Name", "Full Title", "Start Date"),
    *("Medical condition", "Disease", "Population Age", "Gender", "Trial protocol", "Trial results", "Link"),
    *(
        "Sponsor's Protocol Code Number",
        "National Competent Authority",
        "Clinical Trial Type",
        "Trial Status",
    ),
    "Date on which this record was first entered in the EudraCT database",
)
"""Questions without a number: those of a summary, and those above a full protocol."""
_ENTERED = _PLAIN[-1]
_BEGIN = re.compile(r"EudraCT Number:\s*\d{4}-\d{6}-\d\d")
_PLAIN_QUESTION = re.compile(rf"({'|'.join(map(re.escape, _PLAIN))}):(?:\s+(.*))?")
_CODED_QUESTION = re.compile(
    r"(N\. Ethics Committee Opinion: Reason\(s\) for unfavourable opinion"
    r"|(?:[A-HNP]\.\d+(?:\.\d+)*(?=\s)|D\.IMP|N\. (?=Competent|Date|Ethics)|P\. (?=End of Trial S|Date))[^:]*?)"
    r"(?::|\?(?= Yes| No))(?:\s+(.*))?"
)
_HEADING = re.compile(
    r"[A-HNP]\.\d+(?:\.\d+)*\s[^:]*|Sponsor \d+|MedDRA Classification|Summary"
    r"|[A-HNP]\. (?:Protocol|Sponsor|Applicant|IMP|General|Population|Investigator|Review|End of Trial).*"
)
"""Printed on every form; says nothing."""
_IN_LANGUAGE = re.compile(r".* \(\w\w\)")
_ABSENT = "Information not present in EudraCT"
_CONTACT = re.compile(r"B\.5\.[3-6]\b.*")
_WITHIN = 60
"""Lines in which a file of this format says so."""


@dataclass(frozen=True, slots=True)
class Euctr:
    """Trials downloaded from the EU Clinical Trials Register."""

    name: str = "EU Clinical Trials Register"
    suffixes: tuple[str, ...] = ()
    """None: the download is a `.txt`, which promises nothing."""

    def looks_like(self, text: Text) -> bool:
        """True when a trial begins near the top."""
        return any(_BEGIN.match(line) for line in text.lines[:_WITHIN])

    def read(self, text: Text, name: str, source: str) -> Reading:
        """Read every block. Raises `WrongUse` when no trial begins in the file."""
        starts = [place for place, line in enumerate(text.lines) if _BEGIN.match(line)]
        if not starts:
            raise WrongUse(
                f"{name}: no line begins with `EudraCT Number:`; download the trials as text again."
            )
        gathering = Gathering(lambda entry: record(entry, source))
        for place, line in enumerate(text.lines[: starts[0]], 1):
            if not _HEADING.fullmatch(line.strip()):
                gathering.set_aside(place, line)
        for start, end in zip(starts, [*starts[1:], len(text.lines)], strict=True):
            gathering.add(_entry(text.lines[start:end], start + 1))
        return gathering.reading("text of the EU Clinical Trials Register", "EUCTR", "EMA", text.notes)


def _entry(lines: Sequence[str], start: int) -> Entry:
    """Questions with their answers; what stands under a heading before any question is called `text`."""
    answers: list[tuple[str, list[str]]] = []
    asked = False
    for line in map(str.strip, lines):
        question = _CODED_QUESTION.fullmatch(line) or _PLAIN_QUESTION.fullmatch(line)
        if question:
            answers.append((" ".join(question[1].split()), [question[2] or ""]))
            asked = True
        elif _HEADING.fullmatch(line):
            asked = False
        elif asked:
            answers[-1][1].append(line)
        elif line:
            answers.append(("text", [line]))
    pairs = [(tag, "" if said == [_ABSENT] else paragraphs("\n".join(said))) for tag, said in answers]
    return Entry(start, pairs, "\n".join(lines))


def record(entry: Entry, source: str) -> Record:
    """The registration that one block describes."""
    said = _Answers(entry)
    number = said.first("EudraCT Number", "A.2")
    links = said.take("Link")
    entered = when(said.first(_ENTERED))
    for tag, _ in entry.pairs:
        if _CONTACT.fullmatch(tag):
            entry.take(tag)
    return Record(
        source=source,
        key="",
        kind="registration",
        title=_line(said.first("A.3", "Full Title")),
        abstract=tuple(_objectives(said)),
        year=entered.year,
        date=entered.iso,
        dates=_dates(said, entered.iso),
        identifiers=tuple(dict.fromkeys(_identifiers(said, number, _country(links)))),
        grants=tuple(Grant(agency=agency) for agency in dict.fromkeys(said.take("B.4.1"))),
        urls=tuple(link for value in links for link in fields.links(value)),
        trial=_trial(said),
        extra=entry.rest(),
    )


@dataclass(frozen=True, slots=True)
class _Answers:
    """Answers of a block by the number of the question, or by the question itself."""

    entry: Entry

    def tags(self, question: str) -> list[str]:
        """The questions as they stand, those in the state's own language left out."""
        found = (tag for tag, _ in self.entry.pairs if tag == question or tag.startswith(f"{question} "))
        return [tag for tag in dict.fromkeys(found) if not _IN_LANGUAGE.fullmatch(tag)]

    def first(self, *questions: str) -> str:
        """Take the first answer to the first question that has one."""
        return self.entry.first(*(tag for question in questions for tag in self.tags(question)))

    def take(self, *questions: str) -> tuple[str, ...]:
        """Take every answer."""
        return self.entry.take(*(tag for question in questions for tag in self.tags(question)))

    def look(self, question: str) -> str:
        """The first answer, which stays where it is."""
        return next(iter(self.entry.look(*self.tags(question))), "")


def _line(value: str) -> str:
    return " ".join(value.split())


# -- the parts of a record ---------------------------------------------------------------------------

_OTHER_NUMBERS = ("A.5.1", "A.5.2", "A.5.3", "A.5.4")
"""ISRCTN, ClinicalTrials.gov, the WHO's universal number, and any other."""


def _country(links: Sequence[str]) -> str:
    """The member state of a full protocol: ES, or 3RD for trials outside of the EU; a summary has none."""
    found = next((match for link in links if (match := re.search(r"/trial/[\d-]+/(\w+)", link))), None)
    return found[1].upper() if found else ""


def _identifiers(said: _Answers, number: str, country: str) -> Iterator[Identifier]:
    yield Identifier("accession", "-".join(filter(None, (number, country))))
    yield from find(number)
    for value in said.take(*_OTHER_NUMBERS):
        yield from find(value, "secondary") or (Identifier("other", value, "secondary"),)
    for value in said.take("A.4.1", "Sponsor's Protocol Code Number", "Sponsor Protocol Number"):
        yield from find(value, "organization") or (Identifier("org_study_id", value, "organization"),)


def _dates(said: _Answers, entered: str) -> dict[str, str]:
    asked = {
        "start": "Start Date",
        "authorised": "N. Date of Competent Authority Decision",
        "completion": "P. Date of the global end of the trial",
    }
    found = {name: when(said.first(question)).iso for name, question in asked.items()}
    return {name: day for name, day in {"created": entered, **found}.items() if day}


def _objectives(said: _Answers) -> Iterator[Section]:
    for question, label in (("E.2.1", "Main objective"), ("E.2.2", "Secondary objectives")):
        if text := said.first(question):
            yield Section(text, label)


# -- what only a registration says -------------------------------------------------------------------


def _trial(said: _Answers) -> Trial:
    sponsors = dict.fromkeys(map(_line, said.take("B.1.1", "Sponsor Name")))
    countries, statuses = _states(said)
    return Trial(
        status=said.first("Trial Status") or ", ".join(statuses),
        study_type=said.first("Clinical Trial Type"),
        phases=tuple(_phases(said)),
        design=_design(said),
        enrollment=_size(said),
        enrollment_kind="TARGET" if _size(said) is not None else "",
        conditions=tuple(_conditions(said)),
        interventions=tuple(_interventions(said)),
        outcomes=(*_outcomes(said, "primary", "E.5.1"), *_outcomes(said, "secondary", "E.5.2")),
        eligibility="\n".join(_criteria(said)),
        sex=said.first("Gender") or ", ".join(_yes(said, "F.2.1", "F.2.2")),
        sponsor=next(iter(sponsors), ""),
        collaborators=tuple(sponsors)[1:],
        countries=countries,
        results_posted="view results" in said.look("Trial results").casefold(),
    )


def _states(said: _Answers) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Countries and states of the trial there: `Spain - AEMPS` → Spain; `SE(Completed) ES(Ongoing)` → SE, ES."""
    member = said.look("A.1").partition(" - ")[0]
    listed = re.findall(r"([A-Z]{2}|Outside EU/EEA)\(([^()]*)\)", said.look("Trial protocol"))
    countries = ([member] if member else []) + [country for country, _ in listed]
    return tuple(dict.fromkeys(countries)), tuple(dict.fromkeys(state for _, state in listed))


def _yes(said: _Answers, *questions: str) -> Iterator[str]:
    """The words of the questions that are answered with yes."""
    for tag in (tag for question in questions for tag in said.tags(question)):
        if said.entry.first(tag).casefold() == "yes":
            yield tag.partition(" ")[2].strip()


def _phases(said: _Answers) -> Iterator[str]:
    return _yes(said, "E.7.1", "E.7.2", "E.7.3", "E.7.4")


def _design(said: _Answers) -> dict[str, str]:
    """`Randomised: Yes` and its like, in the register's words."""
    asked = ("E.8.1", *(f"E.8.1.{number}" for number in range(1, 7)))
    tags = [tag for question in asked for tag in said.tags(question)]
    answers = {tag.partition(" ")[2].lower().replace(" ", "_"): said.entry.first(tag) for tag in tags}
    return {name: answer for name, answer in answers.items() if answer}


def _size(said: _Answers) -> int | None:
    """Planned participants of the whole trial, else in the EEA, else in the member state; all stay in `extra`."""
    planned = (said.look(question) for question in ("F.4.2.2", "F.4.2.1", "F.4.1"))
    return next((int(number) for number in planned if re.fullmatch(r"\d{1,9}", number)), None)


def _conditions(said: _Answers) -> Iterator[str]:
    """As the sponsor says, then the terms by which MedDRA codes it."""
    coded = re.findall(r"(?<!SOC )\bTerm: ([^,]+)", said.look("Disease"))
    stated = (*said.take("E.1.1", "Medical condition"), *said.take("E.1.2 Term"), *coded)
    return iter(dict.fromkeys(map(_line, stated)))


_NAMES = ("D.2.1.1.1", "D.3.1", "D.3.8", "D.3.9.3", "D.3.2")
"""Trade name, product name, INN, other name, product code: how a product is called, the telling names first."""


def _interventions(said: _Answers) -> Iterator[Intervention]:
    """The products under investigation, each with all its names, and the placebo."""
    products: list[dict[str, str]] = []
    for tag, value in said.entry.pairs:
        if tag == "D.IMP":
            products.append({})
        code = tag.partition(" ")[0]
        if products and value and code in _NAMES:
            products[-1].setdefault(code, value)
            said.entry.take(tag)
    for product in products:
        names = list(dict.fromkeys(product[code] for code in _NAMES if code in product))
        if names:
            yield Intervention(names[0], other_names=tuple(names[1:]))
    if said.look("D.8.1").casefold() == "yes":
        yield Intervention("Placebo", description=said.look("D.8.3"))


def _outcomes(said: _Answers, kind: str, question: str) -> Iterator[Outcome]:
    time = _line(said.first(f"{question}.1"))
    if measure := said.first(question):
        yield Outcome(measure, kind, time_frame=time)


def _criteria(said: _Answers) -> Iterator[str]:
    for question, heading in (("E.3", "Inclusion criteria"), ("E.4", "Exclusion criteria")):
        if text := said.first(question):
            yield f"{heading}:\n{text}"
