"""The tools a queue goes to and comes back from, one file a tool. The bytes are pure: same rows, same file."""

from __future__ import annotations

from collections.abc import Sequence

from screen.profiles.abstrackr import ABSTRACKR
from screen.profiles.asreview import ASREVIEW
from screen.profiles.covidence import COVIDENCE
from screen.profiles.eppi import EPPI
from screen.profiles.excel import EXCEL
from screen.profiles.libraries import ENDNOTE, ZOTERO
from screen.profiles.profile import Part, Profile
from screen.profiles.rayyan import RAYYAN
from screen.returned import Form

__all__ = ["PROFILES", "TARGETS", "Part", "Profile", "profile_of"]

PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (RAYYAN, ASREVIEW, COVIDENCE, ABSTRACKR, EPPI, EXCEL, ZOTERO, ENDNOTE)
}
"""By name, in the order in which files are asked whose they are: who knows them best comes first."""
TARGETS = tuple(name for name, profile in PROFILES.items() if profile.writers)
"""Those a queue is written for."""


def profile_of(forms: Sequence[Form]) -> Profile | None:
    """The tool that wrote these files, or None when none knows them."""
    return next((one for one in PROFILES.values() if any(map(one.recognises, forms))), None)
