"""Asks the channels that know it whether what they took has arrived."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from scheduler.errors import DeliveryError
from scheduler.localized import LocalizedText
from scheduler.messages.channels import VOLUNTEER, Channel
from scheduler.store import Store, contact_points
from scheduler.store import outbox as rows

FIRST_LOOK = timedelta(minutes=1)  # each further one after twice the time
LAST_LOOK = timedelta(days=1)


@runtime_checkable
class Receipts(Protocol):
    """A channel that says what has arrived."""

    name: str

    def has_arrived(self, address: str, receipt: str, sent_at: datetime, *, now: datetime) -> bool | None:
        """None while nobody knows. Raises DeliveryError."""


def ask_for_receipts(store: Store, channels: Sequence[Channel], *, now: datetime) -> None:
    """Marks what has arrived as delivered; what has not goes to the person's next channel."""
    knowing = {channel.name: channel for channel in channels if isinstance(channel, Receipts)}
    for row in rows.to_ask_about(store, list(knowing), since=now - LAST_LOOK, now=now) if knowing else ():
        channel = knowing[row.sent_to[-1]]
        points = contact_points.of(store, row.addressee.removeprefix(VOLUNTEER))
        address = next((point.address for point in points if point.channel == channel.name), "")
        sent_at = row.sent_at or now
        try:
            arrived = channel.has_arrived(address, row.receipt, sent_at, now=now) if address else None
        except DeliveryError:
            arrived = None
        if arrived:
            rows.mark_delivered(store, row)
        elif arrived is None:
            rows.ask_later(store, row, next_at=now + max(FIRST_LOOK, now - sent_at))
        else:
            said = LocalizedText("%(name)s: it has not arrived", name=channel.name)
            rows.came_back(store, row, refused_by=[*row.refused_by, channel.name], error=str(said), now=now)
