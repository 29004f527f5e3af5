"""The one door to the review database: one method per question or fact, grouped by noun.

```python
with Store.open(folder / "review.db") as store, store.writing():
    ...
```

A fact is added inside `writing()`, together with everything that must be true at the same moment. To
extend: put the method with its noun, and its case into `tests/test_db_store_faults.py`.
"""

from __future__ import annotations

from db.store.archive import Archive
from db.store.blocking import Blocking
from db.store.history import History
from db.store.notices import Notices
from db.store.opinions import Opinions
from db.store.provenance import Provenance
from db.store.rankings import Rankings
from db.store.records import Records
from db.store.screening import Screening
from db.store.tallies import Tallies
from db.store.votes import Votes

__all__ = ["Store"]


class Store(
    Provenance, Archive, Tallies, Records, Blocking, Opinions, Rankings, Votes, Screening, Notices, History
):
    """What the review remembers."""
