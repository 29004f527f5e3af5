"""ASReview's ELAS u4, written down again from its published parameters; a part of `ranking.py`.

TF-IDF of 1–2-grams, sublinear, max_df 0.95; linear SVM, squared hinge, C 0.11; balanced weights, ratio 9.8
(ASReview 3, github.com/asreview/asreview, `asreview/models/models.py`). It stands in where no interpreter with
ASReview is named; `docs/simulate.md` says how near it comes to the real one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from screen.document import Document
from screen.simulate import Labels, Order


def u4(documents: Sequence[Document]) -> Order:
    """Ready to be asked; both kinds of labels must be among those it is told."""
    texts = [f"{item.title} {item.abstract}" for item in documents]
    matrix = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_df=0.95).fit_transform(texts)
    row = {item.id: place for place, item in enumerate(documents)}

    def order(labels: Labels) -> Sequence[int]:
        rows, truth = [row[number] for number in labels], np.array(list(labels.values()))
        weights = np.where(truth == 1, 1.0, truth.sum() / (9.8 * (truth == 0).sum()))
        weights *= len(truth) / weights.sum()
        svm = LinearSVC(C=0.11, loss="squared_hinge", random_state=0)
        svm.fit(matrix[rows], truth, sample_weight=weights)
        scores = matrix @ svm.coef_.ravel()
        return [documents[place].id for place in np.argsort(-scores, kind="stable")]

    return order
