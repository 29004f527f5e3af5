"""The review folder: `review.toml` and the strategy files → one frozen `Project`, or every problem at once.

settings.py     what the file may say: one model a table
reading.py      bytes → models, and everything wrong with the form, in plain words
places.py       where a key stands in the file
checks.py       what must be there, and how it must fit
searches.py     strategy files and export files
environment.py  what the environment adds and overrules
folder.py       all of it together
"""

from harvest.project.checks import WEEKDAYS, is_placeholder
from harvest.project.folder import Project, known_sources, load, look_through, problems
from harvest.project.searches import SearchPlan

__all__ = [
    "WEEKDAYS",
    "Project",
    "SearchPlan",
    "is_placeholder",
    "known_sources",
    "load",
    "look_through",
    "problems",
]
