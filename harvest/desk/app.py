"""The pages of the desk: one report with its criteria, one's own votes, the end of the queue, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import Flask, Response, g, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from db.errors import HarvestError, WrongUse
from db.opinion import Decision, Stage, Verdict
from db.store import Store
from harvest.desk import conflicts
from harvest.desk.guard import Pass, guard
from harvest.desk.renewal import Renewal
from harvest.desk.sheet import sheet
from harvest.desk.sitting import Sitting, known_report
from harvest.project import Project, is_placeholder
from screen.export import harvest_id
from screen.plan import FULL_TEXT

LARGEST_FORM = 256 * 1024
"""Bytes; a note is a remark, no book."""
SHOWN = 100
"""How many of one's own votes are listed."""
_PICOS = ("population", "intervention", "comparison", "outcomes", "design")


class Desk:
    """Everything the pages share."""

    def __init__(self, project: Project, reviewer: str, stage: Stage, opened: Callable[[], Store]) -> None:
        self.project = project
        self.opened = opened
        self.sitting = Sitting(project, reviewer, stage)
        self.renewal = Renewal(project, opened)
        self.reads = reviewer in project.reviewers
        self.arbitrates = reviewer == project.screening.arbiter
        if self.reads:
            with opened() as store:
                self.sitting.renew(store)

    @property
    def store(self) -> Store:
        """The database, opened once a request and closed behind it."""
        if "store" not in g:
            g.store = self.opened()
        return cast(Store, g.store)

    def next(self) -> int | None:
        """The report to read now, in the newest order that is ready."""
        if self.renewal.taken():
            self.sitting.renew(self.store)
        return self.sitting.next(self.store)


def make_app(desk: Desk, key: Pass) -> Flask:
    """The desk as a web application that lets in whoever has the key."""
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, MAX_FORM_MEMORY_SIZE=LARGEST_FORM)
    guard(app, key)
    app.teardown_request(lambda _: _close())
    app.context_processor(lambda: _everywhere(desk, key))
    app.register_error_handler(HarvestError, _wrong)
    app.register_error_handler(HTTPException, _refused)
    _pages(app, desk)
    conflicts.pages(app, desk.project, desk.sitting.reviewer, lambda: desk.store)
    return app


def _close() -> None:
    store = g.pop("store", None)
    if store is not None:
        store.close()


def _everywhere(desk: Desk, key: Pass) -> dict[str, object]:
    """What every page may use."""
    criteria, stage = desk.project.criteria, desk.sitting.stage
    picos = ((name, _written(getattr(criteria, name))) for name in _PICOS)
    return {
        "desk": desk,
        "form": key.form,
        "stage": stage,
        "reviewer": desk.sitting.reviewer,
        "review": desk.project.title,
        "picos": [(name, texts) for name, texts in picos if texts],
        "includes": _written(criteria.include),
        "reasons": criteria.reasons(stage),
        "must_reason": stage == FULL_TEXT,
    }


def _written(texts: tuple[str, ...]) -> list[str]:
    """What the reviewers wrote themselves, not what the template left."""
    return [text for text in texts if not is_placeholder(text)]


# -- pages -------------------------------------------------------------------------------------------


def _pages(app: Flask, desk: Desk) -> None:
    sitting = desk.sitting

    @app.get("/")
    def read() -> AnyResponse | str:
        if not desk.reads:
            return redirect(url_for("conflicts"), 303)
        number = desk.next()
        if number is None:
            return render_template("done.html", progress=sitting.progress(desk.store))
        sitting.note_shown(desk.store, number)
        return _page(desk, number)

    @app.get("/report/<name>")
    def again(name: str) -> str:
        """A report by its name: to see it once more, and to vote anew."""
        return _page(desk, known_report(desk.store, name))

    @app.get("/mine")
    def mine() -> str:
        said = list(reversed(sitting.mine(desk.store).items()))
        titles = {number: sheet(desk.store, number).title for number, _ in said[:SHOWN]}
        lines = [(harvest_id(number), titles[number], vote) for number, vote in said[:SHOWN]]
        return render_template("mine.html", lines=lines, more=max(0, len(said) - SHOWN))

    @app.post("/vote")
    def vote() -> AnyResponse | tuple[str, int]:
        return _vote(desk)

    @app.post("/back")
    def back() -> AnyResponse:
        sitting.take_back(desk.store)
        return redirect(url_for("read"), 303)


def _vote(desk: Desk) -> AnyResponse | tuple[str, int]:
    """Take what the form says. What cannot be a vote comes back with the form as it was filled."""
    name = request.form.get("report", "")
    try:
        _take(desk, name, request.form.get("verdict", ""))
    except WrongUse as error:
        return _page(desk, known_report(desk.store, name), str(error)), 422
    return redirect(url_for("read"), 303)


def _take(desk: Desk, name: str, verdict: str) -> None:
    reason, note = request.form.get("reason", ""), request.form.get("note", "").strip()
    if verdict == "later":
        desk.sitting.later(desk.store, name, note)
    elif verdict not in {"include", "exclude", "unsure"}:
        raise WrongUse("Nothing was stored: choose include, exclude or unsure.")
    elif desk.sitting.vote(desk.store, name, cast(Verdict, verdict), reason, note):
        desk.renewal.start()


def _page(desk: Desk, number: int, wrong: str = "") -> str:
    """One report with its form; the form holds what was sent last, or what was said before."""
    vote = desk.sitting.mine(desk.store).get(number)
    given = request.form if wrong else _said(vote)
    reasons = desk.renewal.reasons
    return render_template(
        "report.html",
        sheet=sheet(desk.store, number),
        why=reasons.brief(number) if reasons else "",
        progress=desk.sitting.progress(desk.store),
        vote=vote,
        given=given,
        wrong=wrong,
    )


def _said(vote: Decision | None) -> dict[str, str]:
    return {"reason": vote.reason, "note": vote.note} if vote else {}


# -- what goes wrong ---------------------------------------------------------------------------------


def _wrong(error: HarvestError) -> tuple[str, int]:
    """One sentence and what was sent; where it may help, to be sent again: no vote is lost without a word."""
    sent = {name: text for name, text in request.form.items() if name != "form"}
    hopeless = isinstance(error, WrongUse)
    again = request.method == "POST" and not hopeless
    page = render_template("wrong.html", sentence=str(error), sent=sent, again=again)
    return page, 422 if hopeless else 503


def _refused(error: HTTPException) -> tuple[str, int] | Response:
    """As the browser's own errors are told: not the page of a stranger, and without anything of the review."""
    text = f"{error.name}. {error.description or ''}\n"
    return Response(text, error.code or 500, content_type="text/plain; charset=utf-8")
