"""The flow as a file: which form it takes by the ending of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harvest.reports import markdown, prisma_csv, prisma_svg, sheet, word
from harvest.reports.flow import Flow
from harvest.reports.prisma import document
from harvest.reports.prisma_png import drawn


@dataclass(frozen=True, slots=True)
class Telling:
    """A flow with what has to be told beside it."""

    flow: Flow
    title: str
    """Of the review."""
    moment: str
    """When it was so: UTC, ISO 8601 with Z."""

    def svg(self) -> bytes:
        """The picture."""
        return prisma_svg.write(self.flow, self.title, self.moment)


FORMATS: Mapping[str, Callable[[Telling], bytes]] = MappingProxyType(
    {
        "svg": Telling.svg,
        "png": lambda told: drawn(told.svg()),
        "csv": lambda told: prisma_csv.write(told.flow),
        "md": lambda told: markdown.write(document(told.flow, told.title, told.moment)),
        "docx": lambda told: word.write(document(told.flow, told.title, told.moment)),
        "json": lambda told: sheet.write_json(document(told.flow, told.title, told.moment)),
    }
)
"""Format, which is also how names of its files end → what writes it."""
