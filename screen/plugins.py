"""Rankers from elsewhere: an installed package brings one by an entry point in the group `harvest.rankers`.

The entry point leads to an object that keeps the protocol `Plugin`: an instance of a class, or a module with
these names. `examples/naive_bayes` is a whole one. Its name is then a model like ours, in `review.toml` and for
`harvest simulate --model`.

Nothing is imported before a ranker is asked for by its name, and one that is broken spoils no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from db.errors import WrongUse
from screen.document import Document

if TYPE_CHECKING:
    from screen.rank import Topic

GROUP = "harvest.rankers"

Parameters: TypeAlias = Mapping[str, float]
Scores: TypeAlias = Callable[[Mapping[int, float]], Sequence[float]]
"""Labels (id → 1 included, 0 excluded, between them an include of that weight) → one score a document, in the
order in which the documents were given; the higher, the earlier it is read."""


@runtime_checkable
class Plugin(Protocol):
    """A way to rank. It orders, and neither sees nor decides what becomes of a record."""

    @property
    def name(self) -> str:
        """As the entry point is called, and as reviewers write it."""
        ...

    @property
    def version(self) -> str:
        """Kept with every ranking; raised whenever the same input gives another order."""
        ...

    @property
    def parameters(self) -> Parameters:
        """Every parameter there is, with the value it has when nobody sets it."""
        ...

    def ready(self, documents: Sequence[Document], topic: Topic, parameters: Parameters, seed: int) -> Scores:
        """Read a harvest once, so that it can be scored again and again.

        What comes back must be a pure function: the same labels give the same scores, whatever was asked
        before. It is asked without any label, with labels of one kind only, and with labels between 0 and 1.
        """
        ...


class Rankers(Mapping[str, Plugin]):
    """The rankers that are installed, by name. Looking one up loads it.

    Looking up raises `WrongUse` for one that cannot be loaded or is none, `KeyError` for one that is not there.
    """

    def __init__(self, entries: Mapping[str, EntryPoint]) -> None:
        self._entries = entries

    def __getitem__(self, name: str) -> Plugin:
        entry = self._entries[name]
        try:
            found = entry.load()
        except Exception as error:  # whatever the module of somebody else raises: one sentence, ours go on
            raise _broken(entry, f"{type(error).__name__}: {error}") from error
        if not isinstance(found, Plugin) or isinstance(found, type):
            raise _broken(
                entry, "it has no name, version, parameters and ready(…), or is a class, not an object"
            )
        if found.name != name:
            raise _broken(entry, f"it calls itself '{found.name}'")
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries  # without loading it, as a lookup would


def rankers() -> Rankers:
    """Those that are installed now."""
    return Rankers({entry.name: entry for entry in entry_points(group=GROUP)})


def _broken(entry: EntryPoint, problem: str) -> WrongUse:
    package = f" of the package {entry.dist.name}" if entry.dist else ""
    return WrongUse(
        f"The ranker '{entry.name}' ({entry.value}){package} cannot be used ({problem}): repair or remove it, or "
        "name another model."
    )
