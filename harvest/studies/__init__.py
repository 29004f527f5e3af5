"""Studies: reports of one investigation, under one label, with a primary report and a state.

A study is what `membership` says it is; grouping and ungrouping changes studies, never reports. What is told here are
the studies that have come to full text: one report at least was included at title and abstract. What a person says of
a study hangs on one of its records, so that it survives whatever is joined or split; the newest word counts.

study.py       what a study and its reports are, and counts in both units
kinds.py       article, abstract, registration …; whether a registered trial is under way
labels.py      Cicchetti 1999a: given, kept, derived
gathering.py   the studies of a review, from the store
saying.py      what people say of them: label, primary report, state; keeping labels
"""

from harvest.studies.gathering import studies, study_with
from harvest.studies.study import STANDINGS, Counts, Standing, Study, StudyReport, counts

__all__ = ["STANDINGS", "Counts", "Standing", "Study", "StudyReport", "counts", "studies", "study_with"]
