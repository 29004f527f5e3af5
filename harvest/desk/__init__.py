"""The desk: a small page on one's own computer on which a reviewer reads and votes.

sheet.py      a report as it lies on the desk
sitting.py    one reviewer's sitting: what comes next, what was said in it
renewal.py    the order of reading made anew beside the reading
guard.py      nobody else's page and nobody else's computer gets in
app.py        the pages
conflicts.py  the pages of the arbiter
serving.py    from a free port to the last sentence

Flask is needed from guard.py on, and comes with the extra `desk`.
"""
