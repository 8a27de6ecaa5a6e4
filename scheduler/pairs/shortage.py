"""Where pairs are missing: elders without a companion, companions who hold more than they can."""

from dataclasses import dataclass

from scheduler.config import Config
from scheduler.model.people import Volunteer
from scheduler.pairs.lifecycle import room_of
from scheduler.store import Store
from scheduler.store.pairing import held_pairs, without_companion
from scheduler.store.people import volunteers

__all__ = ["Overloaded", "overloaded_companions", "without_companion"]


@dataclass(frozen=True, slots=True)
class Overloaded:
    """A companion with the pairs they hold and the room they have."""

    volunteer: Volunteer
    held: int
    room: int


def overloaded_companions(store: Store, config: Config, *, area: str | None) -> list[Overloaded]:
    """Active companions of an area with more pairs than their limit, those most over it first.

    A limit lowered later, or pairs that were imported, bring somebody over it; no proposal does.
    """
    held = held_pairs(store, area=area)
    found = [Overloaded(v, held[v.id], room_of(v, config)) for v in volunteers.where(store, "active") if v.id in held]
    return sorted((o for o in found if o.held > o.room), key=lambda o: (o.room - o.held, o.volunteer.name))
