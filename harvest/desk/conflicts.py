"""The pages of the arbiter: what waits for them, both votes beside the report, and their word on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import cast

from flask import Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from db.errors import WrongUse
from db.opinion import Stage, Verdict
from db.store import Store
from harvest import resolving
from harvest.desk.sheet import sheet
from harvest.desk.sitting import known_report
from harvest.project import Project
from screen.plan import FULL_TEXT


def pages(app: Flask, project: Project, by: str, store: Callable[[], Store]) -> None:
    """Add the pages; for anybody but the arbiter each of them is a sentence that says so."""

    @app.get("/conflicts")
    def conflicts() -> str:
        resolving.must_be_arbiter(project, by)
        found = resolving.cases(store(), project)
        lines = [(case.id, case.title, case.stage, _in_short(case)) for case in found]
        return render_template("conflicts.html", lines=lines)

    @app.get("/conflicts/<name>")
    def conflict(name: str) -> AnyResponse | str:
        resolving.must_be_arbiter(project, by)
        return _page(store(), project, _case(store(), project, name))

    @app.post("/resolve")
    def resolve() -> AnyResponse | tuple[str, int]:
        resolving.must_be_arbiter(project, by)
        case = _case(store(), project, request.form.get("report", ""))
        try:
            _take(store(), project, case, by)
        except WrongUse as error:
            return _page(store(), project, case, str(error)), 422
        return redirect(url_for("conflicts"), 303)


def _take(store: Store, project: Project, case: resolving.Case, by: str) -> None:
    """Keep what the form says; a reason belongs to an exclusion, as in `Sitting.vote`."""
    said = request.form
    verdict, note = said.get("verdict", ""), said.get("note", "").strip()
    if verdict not in {"include", "exclude"}:
        raise WrongUse("Nothing was stored: choose include or exclude.")
    reason = said.get("reason", "") if verdict == "exclude" else ""
    resolving.resolve(store, project, case.id, cast(Verdict, verdict), by, reason, note, stage=_stage(case))


def _case(store: Store, project: Project, name: str) -> resolving.Case:
    """The case of this name. Raises `WrongUse` when it does not wait, as when somebody has voted anew."""
    lead = known_report(store, name)
    for case in resolving.cases(store, project):
        if known_report(store, case.id) == lead:
            return case
    raise WrongUse(f"{name} does not wait for the arbiter.")


def _page(store: Store, project: Project, case: resolving.Case, wrong: str = "") -> str:
    return render_template(
        "conflict.html",
        sheet=sheet(store, known_report(store, case.id)),
        case=case,
        reasons=project.criteria.reasons(_stage(case)),
        must_reason=case.stage == FULL_TEXT,
        given=request.form if wrong else {},
        wrong=wrong,
    )


def _stage(case: resolving.Case) -> Stage:
    return cast(Stage, case.stage)


def _in_short(case: resolving.Case) -> str:
    """`1 include, 1 exclude`: who said it stands beside the report."""
    return ", ".join(
        f"{count} {verdict}" for verdict, count in Counter(v.verdict for v in case.votes).items()
    )
