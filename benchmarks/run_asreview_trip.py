"""A queue through ASReview, the real one: `python benchmarks/run_asreview_trip.py FILE VOTES.json FORMAT OUT`.

`round_trip.py --asreview PYTHON` starts it with an interpreter that has ASReview 3; nothing of ours is imported. A
project is made from FILE, every record is labelled as VOTES.json says (title → 1 or 0; others are left unseen), and
ASReview's own web interface exports everything as FORMAT to OUT. Standard output gets one JSON object: what was read.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import chdir
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

COLLECTIONS = ("relevant", "irrelevant", "not_seen")


def trip(file: Path, votes: dict[str, int], kind: str, out: Path, folder: Path) -> dict[str, Any]:
    """Import, label, export; counts of what ASReview holds of the file."""
    from asreview.project.api import Project
    from asreview.webapp.app import create_app

    project = Project.create(folder / "trip", project_id="trip", project_name="trip")
    project.add_dataset(file)
    project.label_priors()
    with project.db as db:
        records = db.input
        read = {
            "version": version("asreview"),
            "records": len(records),
            "titles": int(records["title"].notnull().sum()),
            "abstracts": int((records["abstract"].fillna("") != "").sum()),
            "labels": int(records["included"].notnull().sum()),
            "authors": int(records["authors"].map(bool).sum()),
        }
        for number, title in zip(records["record_id"], records["title"], strict=True):
            if title in votes:
                db.label_record(int(number), votes[title], user_id=None)
        db.add_last_ranking(
            list(records["record_id"]), "none", "none", "none", "none"
        )  # so that the unseen go out, too
    app = create_app(authentication=False, secret_key="x", testing=True)
    words = "&".join(f"collections={name}" for name in COLLECTIONS)
    answer = app.test_client().get(f"/api/projects/trip/export_dataset?format={kind}&{words}")
    assert answer.status_code == 200, answer.data
    out.write_bytes(answer.data)
    return read


def main() -> None:
    """One trip."""
    file, votes, kind, out = sys.argv[1:]
    paths = Path(file).resolve(), Path(out).resolve()
    told = json.loads(Path(votes).read_text(encoding="utf-8"))
    with (
        TemporaryDirectory() as folder,
        chdir(folder),
    ):  # nothing of ASReview's lands in the working directory
        os.environ["ASREVIEW_PATH"] = folder
        print(json.dumps(trip(paths[0], told, kind, paths[1], Path(folder))))


if __name__ == "__main__":
    main()
