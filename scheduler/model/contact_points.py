"""Where a volunteer is reached: channels with their addresses, in the order the volunteer chose."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """One channel of a person. `rank` 1 is tried first; `address` is the mail address, user id or phone number."""

    id: str
    volunteer_id: str
    channel: str
    address: str = field(repr=False, metadata={"sealed": True})
    rank: int
