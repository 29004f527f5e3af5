"""The one door to the review database: one method per question or fact, grouped by noun.

```python
with Store.open(folder / "review.db") as store, store.writing():
    ...
```

A fact is added inside `writing()`, together with everything that must be true at the same moment. To
extend: put the method with its noun, and its case into `tests/test_db_store_faults.py`.
"""

from __future__ import annotations

from db.store.blocking import Blocking
from db.store.opinions import Opinions
from db.store.provenance import Provenance
from db.store.rankings import Rankings
from db.store.records import Records
from db.store.votes import Votes

__all__ = ["Store"]


class Store(Provenance, Records, Blocking, Opinions, Rankings, Votes):
    """What the review remembers."""
