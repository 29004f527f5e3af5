"""What a ranking reads of a report, and the numbers it becomes.

`features` turns a whole harvest of them into one sparse
matrix of weighted words, computed once and used for every ranking of that harvest.

The recipe was chosen on labelled reviews (`benchmarks/ranking_sets.py`): fields matter more than
algorithms. One block holds the abstract together with the title three times over, a second the title
again with a small weight, a third the subject headings. Within a block the weights are TF-IDF of words
and pairs of words with a sublinear term frequency (Salton & Buckley 1988, doi 10.1016/0306-4573(88)90021-0),
each row scaled to length 1.

This module loads scikit-learn: import it where a ranking is made, not at start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from db.errors import WrongUse
from screen.document import Document

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = rf"[{_CJK}]|[^\W{_CJK}]{{2,}}"
"""A word of two letters or digits at least; where words are not set apart, each character counts as one."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How texts become numbers: the part of a ranking's parameters that `features` needs."""

    words: int = 2
    """Longest run of words that counts as one term."""
    title_times: int = 3
    """How often the title stands in front of the abstract."""
    title_weight: float = 0.3
    """Weight of the block that holds the title alone; the block with the abstract has weight 1."""
    heading_weight: float = 0.5
    """Weight of the block of keywords, headings and publication types."""


@dataclass(frozen=True, slots=True)
class Block:
    """One group of columns: one view of the documents, fitted on the harvest."""

    field: str
    """text, title or headings."""
    weight: float
    vectorizer: TfidfVectorizer


@dataclass(frozen=True, slots=True)
class Features:
    """A harvest as numbers. Rows stand in the order of `ids`, columns in that of `terms`."""

    ids: tuple[int, ...]
    """Reports, ascending."""
    matrix: sparse.csr_matrix
    """One row a report, one column a term of a block; float64."""
    blocks: tuple[Block, ...]
    recipe: Recipe

    def project(self, documents: Sequence[Document]) -> sparse.csr_matrix:
        """Documents from outside, one row each, in the columns of this harvest; new words count nothing."""
        if not documents or not self.blocks:
            return sparse.csr_matrix((len(documents), self.matrix.shape[1]))
        parts = [
            block.vectorizer.transform(_texts(documents, block.field, self.recipe)) * block.weight
            for block in self.blocks
        ]
        return sparse.hstack(parts, format="csr")

    def terms(self) -> Iterator[tuple[str, str]]:
        """(block, term) of every column, in order."""
        for block in self.blocks:
            for term in block.vectorizer.get_feature_names_out():
                yield block.field, str(term)


def features(documents: Sequence[Document], recipe: Recipe | None = None) -> Features:
    """A harvest as numbers. The same documents give the same numbers, in whatever order they come.

    Raises:
        WrongUse: two documents have the same id.
    """
    recipe = recipe or Recipe()
    ordered = sorted(documents, key=lambda item: item.id)
    ids = tuple(item.id for item in ordered)
    if len(set(ids)) < len(ids):
        twice = next(a for a, b in pairwise(ids) if a == b)
        raise WrongUse(f"Report {twice} stands twice among the documents to rank; give each report once.")
    weights = {"text": 1.0, "title": recipe.title_weight, "headings": recipe.heading_weight}
    blocks, parts = [], []
    for field, weight in weights.items():
        texts = _texts(ordered, field, recipe)
        if weight and any(re.search(WORD, text) for text in texts):
            vectorizer = TfidfVectorizer(
                ngram_range=(1, recipe.words), sublinear_tf=True, token_pattern=WORD, dtype=np.float64
            )
            parts.append(vectorizer.fit_transform(texts) * weight)
            blocks.append(Block(field, weight, vectorizer))
    matrix = sparse.hstack(parts, format="csr") if parts else sparse.csr_matrix((len(ids), 0))
    return Features(ids, matrix, tuple(blocks), recipe)


def _texts(documents: Sequence[Document], field: str, recipe: Recipe) -> list[str]:
    """One field of every document, as one text each."""
    if field == "text":
        return [" ".join([*[item.title] * recipe.title_times, item.abstract]) for item in documents]
    if field == "title":
        return [item.title for item in documents]
    return [" ".join((*item.keywords, *item.publication_types)) for item in documents]
