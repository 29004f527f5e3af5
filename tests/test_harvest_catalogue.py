"""Which sources there are: ours always, others when they announce themselves, and a sentence for what is neither."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from db.errors import WrongUse
from harvest import catalogue
from harvest.transport import Transport


def announced(monkeypatch, **values):
    points = [EntryPoint(name, value, catalogue.GROUP) for name, value in values.items()]
    monkeypatch.setattr(catalogue, "entry_points", lambda group: points)


def test_ours_are_known_where_nothing_is_announced(monkeypatch):
    announced(monkeypatch)
    assert catalogue.names() == sorted(catalogue.BUILT_IN)
    for name in catalogue.names():
        assert catalogue.make(name, Transport(), {}).name == name


def test_nobody_takes_the_name_of_ours(monkeypatch):
    announced(monkeypatch, pubmed="os:path", mine="harvest.sources.pubmed:PubMed")
    assert catalogue.names() == sorted([*catalogue.BUILT_IN, "mine"])
    assert catalogue.kind("pubmed") is catalogue.kind("mine")


@pytest.mark.parametrize(
    ("value", "said"), [("no_such_package:Thing", "No module named"), ("os:NoSuchThing", "no attribute")]
)
def test_a_source_that_cannot_be_loaded_is_a_sentence(monkeypatch, value, said):
    announced(monkeypatch, broken=value)
    with pytest.raises(WrongUse, match=f"The source 'broken' .*cannot be loaded: .*{said}"):
        catalogue.kind("broken")


def test_an_unknown_source_is_told_the_known_ones():
    with pytest.raises(WrongUse, match=r"There is no source 'scopus'; there are .*pubmed"):
        catalogue.kind("scopus")
