"""The ways out: channels of one person each, and groups for staff. A line in the log is none of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

VOLUNTEER = "volunteer:"


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who is told something: `volunteer:…` with the addresses by channel, the first choice on top, or `staff…`."""

    id: str
    contacts: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_volunteer(self) -> bool:
        return self.id.startswith(VOLUNTEER)


@dataclass(frozen=True, slots=True)
class Message:
    """One digest for one address. `key` is the same for the same rows, so that a channel can drop a repetition.

    `count` is how many things it tells; `again` that it was handed over before and nobody knows whether it was taken.
    """

    key: str
    addressee: str
    address: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime
    count: int = 1
    again: bool = False


class Channel(Protocol):
    """`address_of` is where it reaches somebody, "" if it does not. A volunteer's channel is read by nobody else."""

    name: str

    def address_of(self, addressee: Addressee) -> str: ...

    def send(self, message: Message) -> str:
        """Hands the message over; what the channel calls it, to ask for its delivery later, or "".

        Raises DeliveryError: permanent=True where trying again cannot help.
        """


def ways_to(addressee: Addressee, channels: Sequence[Channel]) -> list[tuple[Channel, str]]:
    """The channels that reach somebody with the address, in the order the person chose."""
    order = {name: rank for rank, name in enumerate(addressee.contacts)}
    found = [(channel, address) for channel in channels if (address := channel.address_of(addressee))]
    return sorted(found, key=lambda way: order.get(way[0].name, len(order)))
