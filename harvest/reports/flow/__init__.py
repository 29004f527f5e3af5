"""The flow of a review after PRISMA 2020: from records identified to studies included, every number a set of ids.

facts.py        what the store knows, read once
arms.py         one column of the diagram: its boxes as queries over the facts
previous.py     what an earlier version of the review had included, found again
boxes.py        all boxes of a review, each with its ids
identities.py   which boxes must add up, and the check that they do

Units: a *record* is what one source says under one key; a *report* is one document or registration, its records taken
together; a *study* is the reports of one investigation. Records are counted up to the removal of duplicates; what is
screened is one report a record, and is called record up to the title and abstract, as PRISMA does.
"""

from harvest.reports.flow.boxes import Box, Flow, flow
from harvest.reports.flow.identities import Identity

__all__ = ["Box", "Flow", "Identity", "flow"]
