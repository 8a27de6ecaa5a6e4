"""Channels of people."""

from scheduler.model.contact_points import ContactPoint
from scheduler.store.database import Store
from scheduler.store.repository import Repository

contact_points = Repository("contact_points", ContactPoint)


def of(store: Store, volunteer_id: str) -> list[ContactPoint]:
    """A volunteer's channels, the one tried first on top."""
    return contact_points.where(store, "volunteer_id = :id ORDER BY rank, channel", {"id": volunteer_id})


def replace_all(store: Store, volunteer_id: str, chosen: list[ContactPoint]) -> None:
    """The volunteer has these channels and no others."""
    store.execute("DELETE FROM contact_points WHERE volunteer_id = :id", {"id": volunteer_id})
    contact_points.add_all(store, chosen)
