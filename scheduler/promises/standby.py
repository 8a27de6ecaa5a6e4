"""The standby list: who is asked next when a seat falls free, worked out before it does.

Within a rank the person who was asked longest ago comes first. Nobody is asked more often than `offers_per_week`;
who said no to the need is not asked again; who has become busy since the list was built is passed over.
"""

from datetime import datetime, timedelta

from scheduler.config import Config
from scheduler.model.ids import new_id
from scheduler.model.plan import Assignment, State
from scheduler.model.services import Slot
from scheduler.promises import feasibility
from scheduler.rules.answer_time import answer_by
from scheduler.store import Store, audit, promised
from scheduler.store.plans import assignments
from scheduler.store.standbys import Standby, standbys_of


def free_seats(store: Store, slot: Slot) -> int:
    """Heads of a slot that nobody holds or is being asked for."""
    return max(0, slot.heads - len(promised.live_on_slot(store, slot.id)))


def ask_next(store: Store, config: Config, slot: Slot, *, starts_at: datetime, now: datetime) -> Assignment | None:
    """A proposal to the best standby who still can, stored; None if the slot is full, has begun, or nobody is left.

    Call inside a transaction; the caller tells the person.
    """
    if starts_at <= now or not free_seats(store, slot):
        return None
    for standby in in_asking_order(store, slot, now=now):
        if is_tired(store, config, standby.volunteer_id, now=now):
            continue
        if not feasibility.team_holds(store, slot, standby.volunteer_id):
            continue
        if feasibility.reasons(store, config, standby.volunteer_id, slot, starts_at):
            continue
        return _offer(store, config, slot, standby, starts_at, now)
    return None


def in_asking_order(store: Store, slot: Slot, *, now: datetime) -> list[Standby]:
    """The list as it would be asked now: by rank, then least recently asked; nobody twice for one slot."""
    asked_here = promised.asked_on_slot(store, slot.id)
    refused = promised.who_refused(store, slot.need_id)
    left = [s for s in standbys_of(store, slot.id, now=now) if s.volunteer_id not in asked_here | refused]
    last_asked = {s.volunteer_id: promised.standby_offers(store, s.volunteer_id, now=now)[1] for s in left}
    return sorted(left, key=lambda s: (s.rank, last_asked[s.volunteer_id], s.cost_change, s.volunteer_id))


def is_tired(store: Store, config: Config, volunteer_id: str, *, now: datetime) -> bool:
    """Whether the person has had this week's number of standby offers; one that they never heard of does not count."""
    return promised.standby_offers(store, volunteer_id, now=now)[0] >= config.standby.offers_per_week


def expires_at(config: Config, starts_at: datetime, *, now: datetime) -> datetime:
    """Until when a standby may answer: `offer_minutes`, but half of what is left before a near start."""
    return answer_by(config, starts_at, within=timedelta(minutes=config.standby.offer_minutes), now=now)


def _offer(
    store: Store, config: Config, slot: Slot, standby: Standby, starts_at: datetime, now: datetime
) -> Assignment:
    offer = Assignment(
        id=new_id(),
        slot_id=slot.id,
        volunteer_id=standby.volunteer_id,
        starts_at=starts_at,
        state=State.PROPOSED,
        source="standby",
        proposed_at=now,
        expires_at=expires_at(config, starts_at, now=now),
    )
    assignments.add(store, offer)
    audit.record(store, at=now, actor="scheduler", action="standby.asked", object_kind="assignment", object_id=offer.id)
    store.touch()
    return offer
