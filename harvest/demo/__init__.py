"""`harvest demo`: a published review on its own records, without a network, through the same doors as any review.

packaged.py       what is packaged, and copying it into a folder
replay.py         stored answers in place of the network
showing.py        what the review decided, and how the order of reading does against it
demonstration.py  all of it together

The records are real; `data/PROVENANCE.md` says where each comes from, and what is ours.
"""

from harvest.demo.demonstration import Demonstration, demonstrate
from harvest.demo.packaged import copy, names
from harvest.demo.replay import Replay

__all__ = ["Demonstration", "Replay", "copy", "demonstrate", "names"]
