"""One sitting at the keyboard: a pair, a key, the next pair. Every answer is stored before the next is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from db.errors import CheckFailed, WrongUse
from db.opinion import RULES, Link
from db.store import Store
from harvest.answers import APART, answer, take_back, word
from harvest.cli.keys import Keys
from harvest.cli.pair_screen import HELP, KIND_KEYS, Screen
from harvest.evidence import in_words
from harvest.pairs import Pair, pairs
from harvest.questions import open_questions

_ESCAPE = "\x1b"
_ENTER = ("\r", "\n")


class Sitting:
    """Asks one person about the pairs that wait, until they leave or nothing is left."""

    def __init__(
        self, store: Store, by: str, screen: Screen, keys: Keys,
        *, kind: str = "", rule: str = "", limit: int | None = None,
    ) -> None:  # fmt: skip
        self._store, self._by, self._screen, self._keys = store, by, screen, keys
        self._kind, self._rule, self._limit = kind, rule, limit
        self._waiting: list[Link] = []
        self._given: list[Link] = []
        """Answers of this sitting that stand, in order."""
        self._skipped = set[tuple[int, int]]()
        self._again: tuple[int, int] | None = None
        """The pair whose answer was just taken back: it comes next."""
        self._note = ""
        self._leaving = False
        self._does: dict[str, Callable[[Pair], None]] = {
            "s": self._same, "t": self._study, "d": self._different, "k": self._skip, " ": self._skip,
            "u": self._undo, "o": self._open, "q": self._leave, "?": self._help,
        }  # fmt: skip

    def run(self) -> str:
        """Ask until the person leaves or nothing is left; what was answered, as a sentence."""
        self._look()
        while not self._leaving and (link := self._next()):
            (pair,) = pairs(self._store, [link])
            self._keys.forget()
            self._screen.show(pair, self._place(), self._by, self._note)
            self._press(pair)
        return self._told()

    # -- which pair ----------------------------------------------------------------------------------

    def _look(self) -> None:
        """What waits now: an answer settles other questions, and so do other people's."""
        self._waiting = open_questions(self._store, self._kind, self._rule)

    def _open_still(self) -> list[Link]:
        left = [link for link in self._waiting if (link.a, link.b) not in self._skipped]
        return left if self._limit is None else left[: max(0, self._limit - self._handled)]

    def _next(self) -> Link | None:
        left = self._open_still()
        again = [link for link in left if (link.a, link.b) == self._again]
        return next(iter(again or left), None)

    @property
    def _handled(self) -> int:
        return len(self._given) + len(self._skipped)

    def _place(self) -> tuple[int, int]:
        return self._handled + 1, self._handled + len(self._open_still())

    # -- keys ----------------------------------------------------------------------------------------

    def _press(self, pair: Pair) -> None:
        key = self._read()
        self._note = ""
        does = self._does.get(key.lower())
        if does:
            does(pair)
        elif not self._leaving:
            self._note = "This key does nothing here: ? tells which do."

    def _read(self) -> str:
        """One key; the end of the input is a leave-taking."""
        key = self._keys.read()
        self._leaving = self._leaving or not key
        return key

    def _same(self, pair: Pair) -> None:
        self._record(pair, "same report")

    def _different(self, pair: Pair) -> None:
        self._record(pair, "different")

    def _study(self, pair: Pair) -> None:
        """A second key says what they are to each other; anything unknown leaves the pair as it is.

        What the rules think may be an erratum or a part of a series, too: these belong together, and are no one study.
        """
        guess = pair.link.kind
        named = "  ".join(f"{key} {kind}" for key, kind in KIND_KEYS.items())
        keys = f"Which?  {named}  Enter: no name" + (f"  t {guess}, as the rules think" if guess else "")
        self._screen.show(pair, self._place(), self._by, "They belong together.", keys)
        key = self._read().lower()
        if key in _ENTER or (key == "t" and guess) or key in KIND_KEYS:
            kind = guess if key == "t" else KIND_KEYS.get(key, "")
            self._record(pair, "different" if kind in APART else "same study", kind)
        else:
            self._note = "Nothing was recorded."

    def _record(self, pair: Pair, relation: str, kind: str = "") -> None:
        a, b = pair.names
        try:
            link = word(self._store, a, b, relation, self._by, kind=kind)
            answer(self._store, [link])
        except (CheckFailed, WrongUse) as refused:
            self._note = f"Not recorded: {refused}"
            self._look()
            return
        self._given.append(link)
        self._again = None
        self._note = f"{a} and {b}: {relation}{f' ({kind})' if kind else ''}."
        self._look()

    def _skip(self, pair: Pair) -> None:
        self._skipped.add((pair.link.a, pair.link.b))
        self._again = None

    def _undo(self, _: Pair) -> None:
        if not self._given:
            self._note = "Nothing to undo in this sitting: `harvest same undo A B` takes older answers back."
            return
        link = self._given.pop()
        self._note = take_back(self._store, link.a, link.b, self._by)
        self._skipped.discard((link.a, link.b))
        self._again = (link.a, link.b)
        self._look()

    def _open(self, pair: Pair) -> None:
        """Page by page; any key turns, `q` goes back."""
        sheets = self._screen.pages(pair, self._opinions(pair))
        for number, sheet in enumerate(sheets, start=1):
            turn = "any key turns, q goes back" if number < len(sheets) else "any key goes back"
            self._screen.show_page(sheet, f"{number} of {len(sheets)}: {turn}")
            if self._read().lower() in {"q", _ESCAPE, ""}:
                return

    def _help(self, _: Pair) -> None:
        self._screen.say(HELP, "Any key goes back.")
        self._read()

    def _leave(self, _: Pair) -> None:
        self._leaving = True

    # -- words ---------------------------------------------------------------------------------------

    def _opinions(self, pair: Pair) -> list[str]:
        """Every opinion ever given about the pair, with all its evidence."""
        return [
            f"{link.at}  {link.by}: {link.relation}{f' ({link.kind})' if link.kind else ''}"
            f"{f' · {link.rule}' if link.rule else ''}"
            + (f" · version {link.version}, {link.score:.3f}" if link.by == RULES else "")
            + (f"\n  {in_words(link.evidence, pair.left, pair.right)}" if link.evidence else "")
            + "".join(f"\n    {name} = {value}" for name, value in link.evidence.items())
            + "\n"
            for link in self._store.links_of(pair.link.a, pair.link.b)
        ]

    def _told(self) -> str:
        counts = Counter[str](link.relation for link in self._given)
        said = [
            f"{counts[name]} {name}" for name in ("same report", "same study", "different") if counts[name]
        ]
        said += [f"{len(self._skipped)} skipped"] if self._skipped else []
        left = len(self._waiting)
        waiting = f"{left} pair{'' if left == 1 else 's'} wait{'s' if left == 1 else ''}"
        return f"{self._by}: {', '.join(said) or 'no answer'}; {waiting}."
