"""By what a volunteer is told something: the form that they and staff fill, each on a page of their own."""

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.messages.configured import offered
from scheduler.model.contact_points import ContactPoint
from scheduler.store import contact_points
from web import asked
from web.context import get_store, settings

LONGEST_ADDRESS = 320


@dataclass(frozen=True, slots=True)
class Row:
    """One channel in the form: what stands in its fields, and whether an address is stored that is not shown."""

    channel: str
    address: str
    rank: str
    kept: bool
    error: str


def rows(
    volunteer_id: str,
    *,
    hidden: bool = False,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> list[Row]:
    """A row for each channel that the office has; `hidden` where the reader may not see what is stored."""
    points = {point.channel: point for point in chosen(volunteer_id)}
    return [
        Row(
            name,
            typed.get(name, "") if typed else "" if hidden or not point else point.address,
            typed.get(f"{name}_rank", "") if typed else str(point.rank) if point else "",
            hidden and point is not None,
            (errors or {}).get(name, ""),
        )
        for name in offered(settings().messages)
        for point in [points.get(name)]
    ]


def chosen(volunteer_id: str) -> list[ContactPoint]:
    """The channels that the volunteer has and the office can use, in order."""
    usable = offered(settings().messages)
    return [point for point in contact_points.of(get_store(), volunteer_id) if point.channel in usable]


def sent() -> dict[str, str]:
    """What the form holds."""
    names = offered(settings().messages)
    ranks = ("", *(str(n) for n in range(1, len(names) + 1)))
    return {name: asked.text(name, LONGEST_ADDRESS) for name in names} | {
        f"{name}_rank": asked.one_of(f"{name}_rank", ranks) for name in names
    }
