"""Queue files come home in any order, twice, and partly filled: the final state is the same."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from screenings import FULL_TEXT, TITLE, both, screening
from stores import opened

from harvest.homecoming import take_in
from harvest.project import load
from harvest.queues import export
from harvest.screening import states
from harvest.voting import decide

CELLS = st.lists(st.sampled_from(["", "include", "exclude", "unsure"]), min_size=12, max_size=12)


def filled(body: bytes, words: list[str]) -> bytes:
    """A queue with these decisions, row by row."""
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    column = rows[0].index("decision")
    for row, word in zip(rows[1:], words, strict=False):
        row[column] = word
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


@settings(max_examples=8, deadline=None)
@given(CELLS, CELLS, st.data())
def test_any_order_and_twice_and_partly_filled_comes_to_the_same(ana, ben, data):
    with TemporaryDirectory() as place:
        folder = screening(Path(place) / "review")
        project = load(folder, environ={})
        with opened(folder / "review.db") as store:
            files = []
            for reviewer, words in (("ana", ana), ("ben", ben)):
                body = export(store, project, reviewer, "csv").path.read_bytes()
                half = [word if place % 2 else "" for place, word in enumerate(words)]
                files += [(reviewer, filled(body, half)), (reviewer, filled(body, words))]
            order = data.draw(st.permutations([*range(4), *range(4)]))
            for turn, number in enumerate(order):
                reviewer, body = files[number]
                path = folder / f"{reviewer}{turn}.csv"
                path.write_bytes(body)
                take_in(store, project, path, reviewer)
            expected = {
                number: {who: word for who, word in (("ana", a), ("ben", b)) if word}
                for number, (a, b) in enumerate(zip(ana, ben, strict=True), start=1)
            }
            found = {number: dict(state.verdicts) for number, state in states(store, project).items()}
            assert found == {number: said for number, said in expected.items() if said}
            assert len(store.decisions(TITLE)) == sum(map(len, expected.values()))


def test_a_file_brought_again_takes_back_no_later_change_of_mind(tmp_path):
    folder = screening(tmp_path / "review")
    project = load(folder, environ={})
    with opened(folder / "review.db") as store:
        path = export(store, project, "ana", "csv", 2).path
        path.write_bytes(filled(path.read_bytes(), ["include", "include"]))
        assert take_in(store, project, path, "ana").added == 2
        decide(store, project, "H1", "exclude", "ana")
        again = take_in(store, project, path, "ana")
        assert again.added == 0
        assert again.remarks[-1].startswith("This very file came on 2026-11-22 already")
        assert states(store, project)[1].verdicts == {"ana": "exclude"}


def test_a_queue_of_full_texts_goes_out_and_comes_home_at_its_own_stage(tmp_path):
    folder = screening(tmp_path / "review")
    project = load(folder, environ={})
    with opened(folder / "review.db") as store:
        both(store, project, 1, "include", "include")
        both(store, project, 2, "include", "include")
        done = export(store, project, "ana", "csv", stage=FULL_TEXT)
        assert done.path.name.startswith("full-text_ana_")
        assert done.reports == 2
        done.path.write_bytes(filled(done.path.read_bytes(), ["include"]))
        assert take_in(store, project, done.path, "ana", dry_run=True).added == 1
        home = take_in(store, project, done.path, "ana")
        assert (home.stage, home.added, home.blank) == (FULL_TEXT, 1, 1)
        decide(store, project, "H2", "unsure", "ben")  # no longer included at title and abstract
        done.path.write_bytes(filled(done.path.read_bytes(), ["include", "unsure"]))
        home = take_in(store, project, done.path, "ana")
        assert home.added == 1
        assert "1 of these full texts are not included at title and abstract" in home.remarks[-1]
