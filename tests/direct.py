"""A transport without a network: a question goes straight to whoever answers for a source, and is judged as always."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from server_wire import Asked, Reply

from db.errors import Refused
from harvest.source import Request
from harvest.transport import Answer, Check, Pace


class Direct:
    """What a source needs of `Transport`; every bad answer is final."""

    def __init__(self, answer: Callable[[Asked], Reply]) -> None:
        self._answer = answer
        self.asked: list[Asked] = []

    def ask(
        self,
        source: str,
        request: Request,
        *,
        pace: Pace,
        secrets: Mapping[str, str] | None = None,
        check: Check | None = None,
        explain: Check | None = None,
    ) -> Answer:
        params = {**request.params, **(secrets or {})}
        path = urlsplit(request.url).path
        self.asked.append(Asked(len(self.asked) + 1, request.method, path, params, 0.0, {}, request.document))
        reply = self._answer(self.asked[-1])
        answer = Answer(reply.status, reply.headers, reply.body, request.url)
        if reply.status >= 400:
            if explain:
                explain(answer)
            raise Refused(source, f"{source}: refused with {reply.status}")
        if check:
            check(answer)
        return answer
