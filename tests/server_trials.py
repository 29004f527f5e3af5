"""`/api/v2` of ClinicalTrials.gov over a handful of studies, with its paging, its limits and its plain-text errors.

Matching is simple: every word of a `query.*` parameter outside operators must stand in the study, unless
the value was registered (`match`). A page token is good for its query and for one build of the register.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from server_wire import JSON, TEXT, Asked, Reply

LARGEST_PAGE = 1000

_FIELDS = {
    "NCTId": ("protocolSection", "identificationModule", "nctId"),
    "BriefTitle": ("protocolSection", "identificationModule", "briefTitle"),
    "OverallStatus": ("protocolSection", "statusModule", "overallStatus"),
    "LastUpdatePostDate": ("protocolSection", "statusModule", "lastUpdatePostDateStruct", "date"),
    "StudyFirstPostDate": ("protocolSection", "statusModule", "studyFirstPostDateStruct", "date"),
    "HasResults": ("hasResults",),
}
"""Of the register's pieces, those that anybody here asks for."""

_PARAMETERS = re.compile(
    r"(query\.(term|cond|intr|titles|outc|spons|lead|locn|id|patient)|filter\.(ids|overallStatus|advanced|geo|synonyms)"
    r"|aggFilters|fields|format|markupFormat|sort|countTotal|pageSize|pageToken)"
)
_NAME = re.compile(r'AREA\[(?:NCTId|SecondaryId)\]"?([\w-]+)"?')
"""A study asked for by one of its numbers."""
_OPERATORS = re.compile(r"\b(AREA|SEARCH|EXPANSION|COVERAGE)\[\w+\]|\b(AND|OR)\b")
_POSTED = re.compile(r"AREA\[(LastUpdatePostDate|StudyFirstPostDate)\]RANGE\[([\w-]+), ?([\w-]+)\]")
_PHASE = re.compile(r"AREA\[Phase\](\w+)")


class _BadRequestError(Exception):
    """400, with a sentence."""


class Trials:
    """The contents, and the register's answers over them."""

    def __init__(self, studies: Mapping[str, Mapping[str, Any]]) -> None:
        self._studies: dict[str, Mapping[str, Any]] = {}
        self._text: dict[str, str] = {}
        self._matches: dict[str, frozenset[str]] = {}
        self._build = 1
        for study in studies.values():
            self.put(study)

    # -- contents ------------------------------------------------------------------------------------

    def put(self, study: Mapping[str, Any]) -> None:
        """Add a study, or replace it."""
        key = _at(study, _FIELDS["NCTId"])
        self._studies = self._studies | {key: study}
        self._text[key] = json.dumps(study, ensure_ascii=False).lower()

    def remove(self, *keys: str) -> None:
        self._studies = {key: study for key, study in self._studies.items() if key not in keys}

    def rebuild(self) -> None:
        """The daily refresh: page tokens given out before are good no more."""
        self._build += 1

    def match(self, value: str, keys: Iterable[str]) -> None:
        """From now on this value of any `query.*` means these studies, as far as they are there."""
        self._matches[value] = frozenset(keys)

    @property
    def keys(self) -> list[str]:
        """Newest first, which is also the order of every listing."""
        return sorted(self._studies, reverse=True)

    # -- answers -------------------------------------------------------------------------------------

    def answer(self, asked: Asked, root: str) -> Reply:
        path = asked.path.removeprefix(root)
        try:
            if path == "/version":
                return _json({"apiVersion": "2.0.5", "dataTimestamp": f"2026-01-{self._build:02}T09:00:05"})
            if path == "/studies":
                return self._list(asked.params)
            if path.startswith("/studies/"):
                return self._one(path.removeprefix("/studies/"), root)
        except _BadRequestError as error:
            return Reply(str(error).encode(), TEXT, 400)
        return Reply(b"Not found", TEXT, 404)

    def _one(self, key: str, root: str) -> Reply:
        if key in self._studies:
            return _json(self._studies[key])
        for now, study in self._studies.items():
            if key in _aliases(study):
                return Reply(b"", TEXT, 301, {"Location": f"{root}/studies/{now}"})
        return Reply(f"NCT number {key} not found".encode(), TEXT, 404)

    def _list(self, params: Mapping[str, str]) -> Reply:
        for name in params:
            if not _PARAMETERS.fullmatch(name):
                raise _BadRequestError(f"Unknown parameter `{name}`")
        found = list(self._matching(params))
        size = min(int(params.get("pageSize") or 0) or 10, LARGEST_PAGE)  # 0 means the default, as documented
        token = params.get("pageToken", "")
        after = self._read_token(token, params) if token else ""
        rest = [key for key in found if key < after] if after else found
        page = rest[:size]
        answer: dict[str, Any] = {
            "studies": [_cut(self._studies[key], params.get("fields", "")) for key in page]
        }
        if params.get("countTotal") == "true" and not token:
            answer["totalCount"] = len(found)
        if len(rest) > size:
            answer["nextPageToken"] = self._token(page[-1], params)
        return _json(answer)

    # -- which studies -------------------------------------------------------------------------------

    def _matching(self, params: Mapping[str, str]) -> Iterator[str]:
        wanted = _listed(params.get("filter.ids", ""))
        if wrong := [key for key in wanted if not re.fullmatch(r"NCT\d+", key, re.IGNORECASE)]:
            raise _BadRequestError(f"`filter.ids` has invalid NCT number: {wrong[0]}")
        statuses = _listed(params.get("filter.overallStatus", ""))
        queries = [value for name, value in params.items() if name.startswith("query.")]
        for key in self.keys:
            study = self._studies[key]
            names = {key, *_aliases(study)}
            if (
                (not wanted or names & set(wanted))
                and (not statuses or _at(study, _FIELDS["OverallStatus"]) in statuses)
                and all(self._meets(key, value) for value in queries)
                and _advanced(study, params.get("filter.advanced", ""))
            ):
                yield key

    def _meets(self, key: str, value: str) -> bool:
        if not all(name == key or name.lower() in self._text[key] for name in _NAME.findall(value)):
            return False
        value = _bare(value)
        if value in self._matches:
            return key in self._matches[value]
        words = re.findall(r"\w+", _OPERATORS.sub(" ", value).lower())
        return all(word in self._text[key] for word in words)

    # -- tokens --------------------------------------------------------------------------------------

    def _token(self, last: str, params: Mapping[str, str]) -> str:
        return base64.urlsafe_b64encode(f"{self._seal(params)}.{last}".encode()).decode()

    def _read_token(self, token: str, params: Mapping[str, str]) -> str:
        """The study after which to go on."""
        try:
            seal, _, last = base64.urlsafe_b64decode(token.encode()).decode().partition(".")
        except ValueError:
            seal = last = ""
        if seal != self._seal(params):
            raise _BadRequestError("Invalid `pageToken`")
        return last

    def _seal(self, params: Mapping[str, str]) -> str:
        query = {name: value for name, value in params.items() if name not in ("pageToken", "countTotal")}
        return sha256(json.dumps([self._build, query], sort_keys=True).encode()).hexdigest()[:16]


def _advanced(study: Mapping[str, Any], expression: str) -> bool:
    if expression and not (_POSTED.search(expression) or _PHASE.search(expression)):
        raise _BadRequestError(f"`filter.advanced`: cannot read {expression}")
    posted = {name: _at(study, _FIELDS[name]) or "" for name in ("LastUpdatePostDate", "StudyFirstPostDate")}
    phases = _at(study, ("protocolSection", "designModule", "phases")) or []
    return all(
        (low == "MIN" or posted[name] >= low) and (high == "MAX" or posted[name] <= high)
        for name, low, high in _POSTED.findall(expression)
    ) and all(phase in phases for phase in _PHASE.findall(expression))


def _bare(value: str) -> str:
    """The value without names of studies, and without the brackets and the AND that joined them to it."""
    if not _NAME.search(value):
        return value
    rest = re.sub(r"^AND\b|\bAND$", "", " ".join(_NAME.sub(" ", value).split())).strip()
    return rest[1:-1] if rest.startswith("(") and rest.endswith(")") else rest


def _aliases(study: Mapping[str, Any]) -> list[str]:
    return list(_at(study, ("protocolSection", "identificationModule", "nctIdAliases")) or ())


def _at(study: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    node: Any = study
    for name in path:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def _listed(text: str) -> list[str]:
    return [item.strip() for item in re.split(r"[|,]", text) if item.strip()]


def _cut(study: Mapping[str, Any], fields: str) -> Mapping[str, Any]:
    """The study with nothing but these fields."""
    if not fields:
        return study
    cut: dict[str, Any] = {}
    for field in _listed(fields):
        if field not in _FIELDS:
            raise _BadRequestError(f"`fields` has unknown name: {field}")
        path = _FIELDS[field]
        if (value := _at(study, path)) is not None:
            node = cut
            for name in path[:-1]:
                node = node.setdefault(name, {})
            node[path[-1]] = value
    return cut


def _json(answer: object) -> Reply:
    return Reply(json.dumps(answer, ensure_ascii=False).encode(), JSON)
