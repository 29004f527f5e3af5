"""Exports of the WHO ICTRP portal (trialsearch.who.int): XML, CSV with or without a header, and workbooks.

The portal's XML is one `Trial` after the other, each a flat list of fields; big answers were seen to end without
the closing tag of the whole. So the file is never parsed as one document: every `Trial` is cut out and parsed for
itself. One that is broken is reported with its line and takes no other with it, and a document type or an entity,
which could only stand outside of them, is never looked at.

The full data CSV, which WHO hands out on request, has no header row; its columns are those of the list that comes
with it (63 in the year 2020, as programs of others read them; unconfirmed for other years).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple
from xml.etree import ElementTree as ET

from db.errors import WrongUse
from db.record import Record
from db.trial_numbers import find
from harvest.readers import columns, ictrp_fields
from harvest.readers.reading import Entry, Gathering, Reading, lines_note
from harvest.readers.rows import DELIMITERS, Row, alone, rows, written
from harvest.readers.text import Text
from harvest.readers.workbook import Sheet

FULL_EXPORT = (
    *("TrialID", "last_updated", "SecondaryIDs", "public_title", "Scientific_title", "url"),
    *(
        f"{who}_Contact_{what}"
        for who in ("Public", "Scientific")
        for what in ("Firstname", "Lastname", "Address", "Email", "Tel", "Affiliation")
    ),
    *("study_type", "study_design", "phase", "Date_registration", "Date_enrollement", "Target_size"),
    *("Recruitment_status", "Primary_sponsor", "Secondary_sponsors", "Source_Support", "Countries"),
    *("Conditions", "Interventions", "Age_min", "Age_max", "Gender", "Inclusion_Criteria"),
    *(
        "Exclusion_Criteria",
        "Primary_Outcome",
        "Secondary_Outcomes",
        "Bridging_flag",
        "Bridged_type",
        "Childs",
    ),
    *("type_enrolment", "Retrospective_flag", "results_actual_enrollment", "results_url_link"),
    *("results_summary", "results_date_posted", "results_date_first_publication", "results_baseline_char"),
    *("results_participant_flow", "results_adverse_events", "results_outcome_measures"),
    *("results_url_protocol", "results_IPD_plan", "results_IPD_description", "results_date_completed"),
    *("results_yes_no", "Ethics_Status", "Ethics_Approval_Date", "Ethics_Contact_Name"),
    *("Ethics_Contact_Address", "Ethics_Contact_Phone", "Ethics_Contact_Email"),
)
"""Columns of the full data CSV, in their order."""

_NEEDED = frozenset({"trialid", "public title"})
"""Columns that no other export has together, in comparing form."""
_HEADER_WITHIN = 20
_ROOT = "<Trials_downloaded_from_ICTRP"
_TAG = re.compile(r"<(/?)Trial\s*>")
_FRAME = re.compile(r"<\?xml[^<>]*\?>|</?Trials_downloaded_from_ICTRP[^<>]*>")
"""What stands outside of the trials in every file."""
_ILLEGAL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
    r"|&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]));",
    re.IGNORECASE,
)
"""Control characters, which XML forbids and registers send all the same."""


class _Found(NamedTuple):
    """One trial of an XML file, as it stands."""

    line: int
    text: str
    whole: bool
    """It has an end."""


class _Header(NamedTuple):
    names: Sequence[str]
    line: int
    """0 when the file has no header."""


@dataclass(frozen=True, slots=True)
class Ictrp:
    """Trials exported from the WHO ICTRP."""

    name: str = "WHO ICTRP"
    suffixes: tuple[str, ...] = ()
    """None: `.xml`, `.csv` and `.xlsx` promise nothing."""

    def looks_like(self, text: Text) -> bool:
        """True for the portal's XML, and for a table with the portal's columns."""
        return _is_xml(text) or _table(text) is not None

    def read(self, text: Text, name: str, source: str) -> Reading:
        """Read every trial. Raises `WrongUse` when it is no export of the portal."""
        gathering, spoilt = _gathering(source)
        notes, kind = list(text.notes), "XML"
        names: tuple[str, ...] = ()
        table = None if _is_xml(text) else _table(text)
        if table is not None:
            header, delimiter = table
            kind, names = "CSV", tuple(header.names)
            notes += _take_rows(rows(text.lines, delimiter, header.line, len(names)), header, gathering)
        elif _is_xml(text):
            notes += _take_trials(text, gathering)
        else:
            raise WrongUse(f"{name} is no export of the WHO ICTRP; export all trials to XML again.")
        return _reading(gathering, kind, (*notes, *_spoilt_note(spoilt)), names)

    def looks_like_sheet(self, sheet: Sheet) -> bool:
        """True for a sheet with the portal's columns."""
        return _header(_sheet_rows(sheet)) is not None

    def read_sheet(self, sheet: Sheet, name: str, source: str) -> Reading:
        """Read every row below the header. Raises `WrongUse` when there is none."""
        header = _header(_sheet_rows(sheet))
        if header is None:
            raise WrongUse(f"{name}, sheet {sheet.name}: there are no columns TrialID and Public title.")
        gathering, spoilt = _gathering(source)
        below = (row for row in _sheet_rows(sheet) if row.line > header.line)
        notes = _take_rows(below, header, gathering)
        return _reading(gathering, "XLSX", (*notes, *_spoilt_note(spoilt)), tuple(header.names))


def _gathering(source: str) -> tuple[Gathering, list[int]]:
    """Where trials are gathered, and the lines whose phase a spreadsheet has spoilt."""
    spoilt: list[int] = []

    def build(entry: Entry) -> Record:
        spoilt.extend([entry.line] if ictrp_fields.is_spoilt_phase(entry) else [])
        return ictrp_fields.record(entry, source)

    return Gathering(build), spoilt


def _spoilt_note(lines: Sequence[int]) -> tuple[str, ...]:
    return lines_note("A spreadsheet has made a date of the phase, which is kept as it stands", lines)


def _reading(gathering: Gathering, kind: str, notes: Iterable[str], names: tuple[str, ...]) -> Reading:
    return replace(gathering.reading(f"{kind} of WHO ICTRP", "ICTRP", "WHO", notes), columns=names)


# -- XML ---------------------------------------------------------------------------------------------


def _is_xml(text: Text) -> bool:
    return any(_ROOT in line for line in text.lines[:_HEADER_WITHIN])


def _take_trials(text: Text, gathering: Gathering) -> Iterator[str]:
    """Hand every trial to the gathering; what has to be told is given back."""
    mended: list[int] = []
    for found in _trials("\n".join(text.lines), gathering):
        if not found.whole:
            gathering.report(
                found.line, found.text, "The trial does not end: the file is cut off or damaged."
            )
            continue
        legal = _ILLEGAL.sub(" ", found.text)
        mended += [found.line] if legal != found.text else []
        try:
            gathering.add(_entry(found, ET.fromstring(legal)))  # noqa: S314 (no document type gets here)
        except ET.ParseError as error:
            gathering.report(found.line, found.text, f"The trial is no well-formed XML ({error}).")
    yield from lines_note("Control characters, which XML forbids, were left out of a trial", mended)


def _trials(whole: str, gathering: Gathering) -> Iterator[_Found]:
    """Every trial with its line; a trial without an end goes as far as the next. Text between them is set aside."""
    line = 1
    for piece, inside, closed in _pieces(whole):
        if inside:
            yield _Found(line, piece, closed)
        else:
            _set_aside(piece, line, gathering)
        line += piece.count("\n")


def _pieces(whole: str) -> Iterator[tuple[str, bool, bool]]:
    """The text cut where trials begin and end: each piece, whether it is a trial, and whether that has an end."""
    at, inside = 0, False
    for tag in _TAG.finditer(whole):
        opens = not tag[1]
        if opens or inside:
            upto = tag.start() if opens else tag.end()
            yield whole[at:upto], inside, not opens
            at, inside = upto, opens
    yield whole[at:], inside, False


def _set_aside(piece: str, line: int, gathering: Gathering) -> None:
    for offset, text in enumerate(_FRAME.sub("", piece).split("\n")):
        gathering.set_aside(line + offset, text)


def _entry(found: _Found, trial: ET.Element) -> Entry:
    pairs = [(field.tag, ictrp_fields.cleaned("".join(field.itertext()))) for field in trial]
    loose = [trial.text or "", *(field.tail or "" for field in trial)]
    text = ictrp_fields.cleaned(" ".join(loose))
    return Entry(found.line, [*pairs, *([("text", text)] if text else [])], found.text)


# -- tables ------------------------------------------------------------------------------------------


def _table(text: Text) -> tuple[_Header, str] | None:
    """The header of a delimited file and its delimiter."""
    for delimiter in DELIMITERS:
        header = _header(alone(text.lines[:_HEADER_WITHIN], delimiter)) or _unheaded(text, delimiter)
        if header is not None:
            return header, delimiter
    return None


def _header(top: Iterable[Row]) -> _Header | None:
    for row in islice(top, _HEADER_WITHIN):
        names = [cell.strip() or columns.numbered(place) for place, cell in enumerate(row.cells, 1)]
        if _NEEDED.issubset(map(columns.normal, names)):
            return _Header(names, row.line)
    return None


def _unheaded(text: Text, delimiter: str) -> _Header | None:
    """The full data CSV: its first row is a trial already."""
    if not find(text.lines[0][:40]):
        return None
    first = next(rows(text.lines, delimiter))
    known = len(first.cells) == len(FULL_EXPORT) and find(first.cells[0].strip())
    return _Header(FULL_EXPORT, 0) if known else None


def _take_rows(below: Iterable[Row], header: _Header, gathering: Gathering) -> tuple[str, ...]:
    cut = []
    for row in below:
        if row.broken:
            gathering.report(row.line, row.raw, "A quotation mark is opened in this row and never closed.")
        elif row.empty or [cell.strip() for cell in row.cells] == [*header.names]:
            gathering.set_aside(row.line, row.raw)
        else:
            gathering.add(_row_entry(row, header.names))
            cut += [row.line] if row.cut else []
    return lines_note("The file ends inside a row, which was read as far as it goes", cut)


def _row_entry(row: Row, names: Sequence[str]) -> Entry:
    beyond = (columns.numbered(place) for place in range(len(names) + 1, len(row.cells) + 1))
    pairs = [
        (name, ictrp_fields.cleaned(cell)) for name, cell in zip((*names, *beyond), row.cells, strict=False)
    ]
    return Entry(row.line, pairs, row.raw)


def _sheet_rows(sheet: Sheet) -> Iterator[Row]:
    return (Row(line, cells, written(cells)) for line, cells in enumerate(sheet.rows, 1))
