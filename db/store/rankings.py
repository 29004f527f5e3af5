"""In which order to read, and all that is needed to make each order again: corpora, topics, rankings."""

from __future__ import annotations

import json
from typing import Any

from db.opinion import LoggedRanking, Ranking
from db.packed import (
    corpus_bytes,
    corpus_of,
    digest_of,
    labels_digest,
    order_bytes,
    order_of,
    packed,
    unpacked,
)
from db.store.connection import Connection

_RANKING = (
    "g.id, g.ranked_at, o.reports, o.digest, g.labels_digest, g.model, g.parameters, g.seed, g.versions, g.labels, "
    "g.input_digest, g.features, coalesce(g.corpus, ''), coalesce(g.topic, ''), g.because"
)
_FROM = "FROM ranking g JOIN ordering o ON o.ranking_id = g.id"


class Rankings(Connection):
    """Rankings, each with what it was made of. All of it is only ever added."""

    def texts(self) -> dict[int, tuple[int, ...]]:
        """What there is to rank today: report → the newest revision of each of its records, both in order."""
        groups: dict[int, list[int]] = {}
        for report, revision in self._each(
            "SELECT coalesce(m.report_id, v.record_id), v.newest FROM "
            "(SELECT record_id, max(id) AS newest FROM revision GROUP BY record_id) v "
            "LEFT JOIN membership m ON m.record_id = v.record_id ORDER BY 1, 2"
        ):
            groups.setdefault(int(report), []).append(int(revision))
        return {report: tuple(revisions) for report, revisions in groups.items()}

    def keep_corpus(self, corpus: dict[int, tuple[int, ...]]) -> str:
        """Keep which revisions spoke for which report, once however often it is ranked; returns the digest."""
        content = corpus_bytes(corpus)
        return self._keep_once("corpus (digest, reports, content)", content, len(corpus))

    def corpus(self, digest: str) -> dict[int, tuple[int, ...]] | None:
        """Report → revisions, as they were when it was ranked."""
        content = self._value("SELECT content FROM corpus WHERE digest = ?", digest)
        return None if content is None else corpus_of(unpacked(content, digest))

    def keep_topic(self, content: str) -> str:
        """Keep what was asked (JSON), once however often; returns the digest."""
        return self._keep_once("topic (digest, content)", content.encode("utf-8", "surrogatepass"))

    def topic(self, digest: str) -> str | None:
        """What was asked, as JSON."""
        content = self._value("SELECT content FROM topic WHERE digest = ?", digest)
        return None if content is None else unpacked(content, digest).decode("utf-8", "surrogatepass")

    def _keep_once(self, into: str, content: bytes, *more: object) -> str:
        """Add a row under the digest of its content unless it is there; `into` is the table with its columns."""
        digest, table = digest_of(content), into.partition(" ")[0]
        with self.writing():
            if self._value(f"SELECT 1 FROM {table} WHERE digest = ?", digest) is None:
                self._insert(f"INSERT INTO {into}", [(digest, *more, packed(content))])
        return digest

    def add_ranking(self, ranking: Ranking) -> int:
        """Keep a ranking whole; the number of the newest one if that came from the very same input."""
        with self.writing():
            newest = self._row("SELECT id, input_digest FROM ranking ORDER BY id DESC LIMIT 1")
            if newest and newest[1] == ranking.input_digest:
                return int(newest[0])
            number = self._write(
                "INSERT INTO ranking (model, parameters, seed, versions, labels, input_digest, ranked_at, corpus, "
                "topic, features, labels_digest, because) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                ranking.model, _json(dict(ranking.parameters)), ranking.seed, _json(dict(ranking.versions)),
                _json({str(k): v for k, v in ranking.labels.items()}), ranking.input_digest, self.now(),
                ranking.corpus or None, ranking.topic or None, ranking.features, labels_digest(ranking.labels),
                ranking.because,
            )  # fmt: skip
            content = order_bytes(ranking.order)
            self._write(
                "INSERT INTO ordering (ranking_id, reports, digest, content) VALUES (?, ?, ?, ?)",
                number, len(ranking.order), digest_of(content), packed(content),
            )  # fmt: skip
            return number

    def newest_ranking(self) -> tuple[int, Ranking] | None:
        """The order in force, with its number."""
        number = self._value("SELECT max(id) FROM ranking")
        ranking = None if number is None else self.ranking(int(number))
        return None if ranking is None else (int(number), ranking)

    def ranking(self, number: int) -> Ranking | None:
        """A ranking with its order."""
        row = self._row(f"SELECT o.content, {_RANKING} {_FROM} WHERE g.id = ?", number)
        return None if row is None else _ranking(row[1:], order_of(unpacked(row[0], row[4])))

    def rankings(self, last: int | None = None) -> list[LoggedRanking]:
        """The log, newest first: all rankings, or the last so many."""
        rows = self._rows(
            f"SELECT {_RANKING} {_FROM} ORDER BY g.id DESC LIMIT ?", -1 if last is None else last
        )
        return [LoggedRanking(row[0], row[1], _ranking(row), *row[2:5]) for row in rows]


def _ranking(row: tuple[Any, ...], order: tuple[tuple[int, float], ...] = ()) -> Ranking:
    model, parameters, seed, versions, labels, digest, features, corpus, topic, because = row[5:]
    return Ranking(
        model=str(model), parameters=json.loads(parameters), seed=int(seed), versions=json.loads(versions),
        labels={int(k): float(v) for k, v in json.loads(labels).items()}, input_digest=str(digest), order=order,
        features=int(features), corpus=str(corpus), topic=str(topic), because=str(because),
    )  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
