"""The open call: a volunteer takes a free seat without being proposed (揭榜). What is claimed is pinned at once."""

from datetime import datetime

from scheduler.config import Config
from scheduler.errors import IllegalMove
from scheduler.localized import LocalizedText
from scheduler.localtime import LOCAL
from scheduler.model.ids import new_id
from scheduler.model.plan import Assignment, State
from scheduler.model.services import SlotState
from scheduler.promises import feasibility, ineligible, standby, starts
from scheduler.store import Store, audit
from scheduler.store.plans import assignments
from scheduler.store.services import slots


def claim(
    store: Store, config: Config, slot_id: str, volunteer_id: str, *, starts_at: datetime | None = None, now: datetime
) -> Assignment:
    """An accepted, pinned assignment on a free seat, at the time of those already on the slot, else `starts_at`.

    Without a time: the earliest start the slot allows. Raises NotFound, IllegalMove if the slot is full, cancelled or
    has begun, if somebody else is at that door then, if the time is not one of the slot's, off the grid, or if the
    person cannot take it (saying why, as far as it is about themselves).
    """
    with store.transaction():
        slot = slots.get(store, slot_id)
        start = starts.common_start(store, slot) or starts_at or slot.earliest_at
        starts.refuse_time(slot, start)
        if slot.state is not SlotState.OPEN or start <= now:
            raise IllegalMove(LocalizedText("this visit was cancelled or has begun: choose another one"))
        if not slot.earliest_at <= start <= slot.latest_at:
            span = f"{slot.earliest_at.astimezone(LOCAL):%H:%M}–{slot.latest_at.astimezone(LOCAL):%H:%M}"
            raise IllegalMove(LocalizedText("this visit starts between %(span)s", span=span))
        if not standby.free_seats(store, slot):
            raise IllegalMove(LocalizedText("somebody else has just taken the last seat: choose another visit"))
        if feasibility.meets_another_visitor(store, slot, start):
            raise IllegalMove(
                LocalizedText(
                    "the person is visited by somebody else then: choose another time, or ask the coordinator"
                )
            )
        found: tuple[str, ...] = feasibility.reasons_unasked(store, config, volunteer_id, slot, start)
        if not feasibility.team_holds(store, slot, volunteer_id):
            found += ("team",)
        if found:
            raise ineligible.to_the_person(found)
        claimed = Assignment(
            id=new_id(),
            slot_id=slot_id,
            volunteer_id=volunteer_id,
            starts_at=start,
            state=State.ACCEPTED,
            source="claim",
            proposed_at=now,
            replied_at=now,
            pinned=True,
        )
        assignments.add(store, claimed)
        audit.record(
            store,
            at=now,
            actor="volunteer",
            action="assignment.claimed",
            object_kind="assignment",
            object_id=claimed.id,
        )
        store.touch()
        return claimed
