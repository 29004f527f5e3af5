from __future__ import annotations

import numpy as np
import pytest

from db.errors import WrongUse
from screen.document import Document
from screen.text import Recipe, features

DOCUMENTS = (
    Document(3, "Parent-infant psychotherapy", "Mothers and infants were randomised.", ("Psychotherapy",)),
    Document(1, "Home visiting", "Nurses visited mothers.", publication_types=("Clinical Trial",)),
    Document(2, "Infant massage", ""),
)


def test_the_order_of_documents_does_not_matter():
    first, second = features(DOCUMENTS), features(DOCUMENTS[::-1])
    assert first.ids == second.ids == (1, 2, 3)
    assert (first.matrix != second.matrix).nnz == 0
    assert tuple(first.terms()) == tuple(second.terms())


def test_each_block_has_the_length_of_its_weight_own_terms_counted():
    for beside in ((), DOCUMENTS):
        made = features(DOCUMENTS, beside=beside)
        squared = np.asarray(made.matrix.multiply(made.matrix).sum(axis=1)).ravel() + made.own
        assert squared.tolist() == pytest.approx([1 + 0.09 + 0.25, 1 + 0.09, 1 + 0.09 + 0.25])


def test_what_one_report_has_for_itself_has_no_column_and_what_two_have_has_one():
    made = features(DOCUMENTS)
    assert set(made.terms()) == {("text", "infant"), ("text", "mothers"), ("title", "infant")}
    assert made.own[0] > 0


def test_likeness_does_not_depend_on_which_terms_have_columns():
    few, all_of_them = features(DOCUMENTS), features(DOCUMENTS, beside=DOCUMENTS)
    assert few.matrix.shape[1] < all_of_them.matrix.shape[1]
    between = [(made.matrix @ made.matrix.T).toarray() + np.diag(made.own) for made in (few, all_of_them)]
    assert np.allclose(*between, atol=1e-12)


def test_what_stands_beside_the_harvest_is_found_in_all_its_forms():
    made = features(DOCUMENTS, beside=[Document(0, abstract="randomised visits of a nurse")])
    words = {term for block, term in made.terms() if block == "text"}
    assert {"nurses", "visiting", "randomised"} <= words
    assert "psychotherapy" not in words


def test_a_block_of_weight_nothing_is_left_out():
    made = features(DOCUMENTS, Recipe(title_weight=0.0, heading_weight=0.0))
    assert {block for block, _ in made.terms()} == {"text"}


def test_documents_from_outside_use_the_columns_of_the_harvest():
    outside = [Document(-1, "Infant massage"), Document(-2, "Zebrafish genomics")]
    made = features(DOCUMENTS, beside=outside)
    projected = made.project(outside)
    assert projected.shape == (2, made.matrix.shape[1])
    assert (projected[0] != made.matrix[1]).nnz == 0
    assert projected[1].nnz == 0
    assert made.project([]).shape == (0, made.matrix.shape[1])


def test_characters_are_words_where_words_are_not_set_apart():
    made = features([Document(1, "母子精神療法", "産後うつ"), Document(2, "母子")])
    assert ("text", "母 子") in set(made.terms())


@pytest.mark.parametrize("documents", [(), (Document(1),), (Document(1, "?", "- 1"), Document(2))])
def test_nothing_to_read_gives_no_columns(documents):
    made = features(documents)
    assert made.matrix.shape == (len(documents), 0)
    assert made.project([Document(-1, "anything")]).shape == (1, 0)


def test_a_report_given_twice_is_refused():
    with pytest.raises(WrongUse, match="Report 1 stands twice"):
        features([Document(1, "a"), Document(1, "b")])
