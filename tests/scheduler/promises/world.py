"""A small world in a real database: one committee, an elder, volunteers, slots, assignments."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from scheduler.config import Config, load_config
from scheduler.localtime import at_local, local_date
from scheduler.model.ids import new_id
from scheduler.model.people import (
    AvailabilityRule,
    Grid,
    GridKind,
    Kind,
    Recipient,
    RecipientKind,
    Transport,
    Volunteer,
)
from scheduler.model.plan import Assignment, State
from scheduler.model.services import Continuity, Need, NeedKind, Place, ServiceType, ServiceWindow, Slot
from scheduler.store import Store, open_store
from scheduler.store.people import availability_rules, grids, recipients, volunteers
from scheduler.store.plans import assignments
from scheduler.store.services import needs, service_types, slots
from scheduler.store.standbys import Standby, replace_standbys

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday 10:00 on the local clock
HOME = (31.2350, 121.3840)
ALWAYS = ServiceWindow((1, 2, 3, 4, 5, 6, 7), "08:30", "20:00")
CONFIG_PATH = Path(__file__).parents[3] / "config.yaml"


def a_config(**sections: dict[str, Any]) -> Config:
    """The delivered settings, single values replaced: a_config(standby={"offers_per_week": 1})."""
    config = load_config(CONFIG_PATH, environ={})
    changed = {name: getattr(config, name).model_copy(update=values) for name, values in sections.items()}
    return config.model_copy(update=changed)


def a_store(path: Path) -> Store:
    """A new database with one committee, one service type and one elder."""
    store = open_store(path / "yidu.db")
    grids.add(store, Grid("g1", "g1", "真光", GridKind.COMMITTEE, None, *HOME))
    service_types.put(store, a_service())
    an_elder(store, "e1")
    return store


def a_service(code: str = "E01", **changes: Any) -> ServiceType:
    chat = ServiceType(
        code, "结对陪伴", "Company", 45, 1, 1, 4, Continuity.PAIRED, Place.AT_RECIPIENT, ("elder",), (ALWAYS,),
        needs_insurance=False,
    )  # fmt: skip
    return replace(chat, **changes)


def an_elder(store: Store, id: str, **changes: Any) -> Recipient:
    elder = Recipient(id, id, f"elder {id}", RecipientKind.ELDER, "g1", *HOME)
    return recipients.add(store, replace(elder, **changes))


def a_volunteer(store: Store, id: str, *, always_free: bool = True, **changes: Any) -> Volunteer:
    someone = Volunteer(
        id, id, f"volunteer {id}", frozenset({Kind.PARTY_MEMBER}), "", *HOME, Transport.WALK, "g1",
        birth_month="1980-01", insured=True, consents={"contact": NOW, "health_data": NOW, "auto_plan": NOW},
    )  # fmt: skip
    someone = volunteers.add(store, replace(someone, **changes))
    if always_free:
        availability_rules.add(store, AvailabilityRule(f"{id}-free", id, (1, 2, 3, 4, 5, 6, 7), "06:00", "22:00"))
    return someone


def a_need(store: Store, id: str = "n1", recipient_id: str = "e1", **changes: Any) -> Need:
    need = Need(id, id, "E01", recipient_id, NeedKind.RECURRING, date(2026, 11, 1), weekdays=(1, 2, 3, 4, 5, 6, 7))
    return needs.add(store, replace(need, **changes))


def a_slot(store: Store, id: str, *, hours: float = 72, need_id: str = "n1", **changes: Any) -> Slot:
    """A slot that begins so many hours after NOW; its need is made if it is missing."""
    need = needs.find(store, need_id) or a_need(store, need_id)
    starts_at = NOW + timedelta(hours=hours)
    slot = Slot(
        id, need_id, need.service_type, need.recipient_id, "g1", local_date(starts_at), starts_at, starts_at,
        45, 1, 1, 4, Place.AT_RECIPIENT, *HOME,
    )  # fmt: skip
    return slots.add(store, replace(slot, **changes))


def an_assignment(
    store: Store, slot: Slot, volunteer_id: str, state: State = State.PROPOSED, **changes: Any
) -> Assignment:
    assignment = Assignment(
        new_id(), slot.id, volunteer_id, slot.earliest_at, state, proposed_at=NOW,
        expires_at=min(NOW + timedelta(hours=24), slot.earliest_at),
    )  # fmt: skip
    return assignments.add(store, replace(assignment, **changes))


def a_standby_list(store: Store, slot: Slot, *volunteer_ids: str, ranks: tuple[int, ...] | None = None) -> None:
    ranks = ranks or tuple(range(1, len(volunteer_ids) + 1))
    standbys = [
        Standby(slot.id, v, rank, slot.earliest_at, 0, 10 * rank, NOW, slot.latest_at)
        for v, rank in zip(volunteer_ids, ranks, strict=True)
    ]
    replace_standbys(store, [slot.id], standbys)


def noon(days: int = 0) -> datetime:
    """12:00 local time so many days after NOW."""
    return at_local(local_date(NOW) + timedelta(days=days), "12:00")
