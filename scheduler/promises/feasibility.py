"""Whether one person can take one visit at one time, given everything they hold now: the rules of planning, for one."""

from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.config import Config
from scheduler.localtime import monday_of
from scheduler.model.people import ONE_PLACE, PairState, Volunteer
from scheduler.model.plan import Assignment
from scheduler.model.services import Place, Slot
from scheduler.rules.availability import calendars_of
from scheduler.rules.eligibility import Reason, reasons_against, tags_of
from scheduler.rules.facts import STANDING, Facts
from scheduler.rules.travel import leg_min
from scheduler.store import Store, promised
from scheduler.store.people import availability_exceptions, availability_rules, organisations, recipients, volunteers
from scheduler.store.planning import organisation_bases
from scheduler.store.services import needs, service_types, slots

OWN_CHOICE = frozenset({Reason.AUTO_PLAN, Reason.DECLINED_BEFORE})  # no hindrance for who offers to come unasked


def reasons(
    store: Store, config: Config, volunteer_id: str, slot: Slot, starts_at: datetime, *, leaving: str = ""
) -> tuple[Reason, ...]:
    """Everything that keeps the person from the visit at exactly that start; empty if nothing does.

    The assignment `leaving` is taken as given away already. Raises NotFound.
    """
    volunteer = volunteers.get(store, volunteer_id)
    facts = facts_of_person(store, config, volunteer, slot, leaving=leaving)
    exact = replace(slot, earliest_at=starts_at, latest_at=starts_at)
    found = reasons_against(volunteer, exact, facts)
    on_it_already = any(a.slot_id == slot.id for a in facts.live[volunteer_id])
    if Reason.BUSY not in found and (on_it_already or _out_of_reach_between(volunteer, exact, facts)):
        found += (Reason.BUSY,)
    return found


def reasons_unasked(
    store: Store, config: Config, volunteer_id: str, slot: Slot, starts_at: datetime, *, leaving: str = ""
) -> tuple[Reason, ...]:
    """The same for a person who comes forward: an earlier no, or no wish for automatic proposals, does not count."""
    found = reasons(store, config, volunteer_id, slot, starts_at, leaving=leaving)
    return tuple(reason for reason in found if reason not in OWN_CHOICE)


def meets_another_visitor(store: Store, slot: Slot, starts_at: datetime) -> bool:
    """Whether a visit from then would meet one of another slot at the door of somebody who is in one place."""
    in_one_place = recipients.get(store, slot.recipient_id).kind in ONE_PLACE
    return in_one_place and promised.another_visitor(store, slot.id, starts_at)


def team_holds(store: Store, slot: Slot, volunteer_id: str, *, leaving: str = "") -> bool:
    """Whether the slot's team rules can still be met with this person on it, by them and the seats still free."""
    if not slot.team:
        return True
    others = [a.volunteer_id for a in promised.live_on_slot(store, slot.id) if a.id != leaving]
    crew = [tags_of(volunteers.get(store, who), slot.service_date) for who in {*others, volunteer_id}]
    free = slot.heads - len(crew)
    return all(sum(rule.tag in tags for tags in crew) + free >= rule.at_least for rule in slot.team)


def facts_of_person(store: Store, config: Config, volunteer: Volunteer, slot: Slot, *, leaving: str = "") -> Facts:
    """What planning's rules ask about this person and this slot: a few rows, whatever the size of the district."""
    monday = monday_of(slot.service_date)
    held = [
        a for a in promised.binding_in_week(store, volunteer.id, monday, monday + timedelta(days=6)) if a.id != leaving
    ]
    current_pairs = tuple(promised.pairs_between(store, volunteer.id, slot.recipient_id))
    known = promised.has_visited(store, volunteer.id, slot.recipient_id) or any(
        p.state in STANDING for p in current_pairs
    )
    need = needs.find(store, slot.need_id)
    home = organisations.find(store, volunteer.organisation_id) if volunteer.organisation_id else None
    return Facts(
        config=config,
        volunteers={volunteer.id: volunteer},
        calendars=calendars_of(
            {volunteer.id: availability_rules.by(store, volunteer_id=volunteer.id)},
            {volunteer.id: availability_exceptions.by(store, volunteer_id=volunteer.id)},
        ),
        recipients={slot.recipient_id: recipients.get(store, slot.recipient_id)},
        types={slot.service_type: service_types.get(store, slot.service_type)},
        needs={need.id: need} if need else {},
        slots={slot.id: slot} | {a.slot_id: slots.get(store, a.slot_id) for a in held},
        live={volunteer.id: held},
        pairs=tuple(p for p in current_pairs if p.state is not PairState.ENDED),
        knows=frozenset({(volunteer.id, slot.recipient_id)} if known else ()),
        refused=frozenset((slot.need_id, who) for who in promised.who_refused(store, slot.need_id)),
        let_go=frozenset((slot.id, who) for who in promised.let_go_of_slot(store, slot.id)),
        taken_off=frozenset((slot.id, who) for who in promised.taken_off_slot(store, slot.id)),
        bases=organisation_bases(store) if home else {},
        base_kinds={home.id: home.kind} if home else {},
    )


def _out_of_reach_between(volunteer: Volunteer, slot: Slot, facts: Facts) -> bool:
    """Whether a neighbouring visit leaves too little time for the trip."""
    starts_at, ends_at = slot.earliest_at, slot.earliest_at + timedelta(minutes=slot.minutes)
    return any(
        starts_at < _end(other, there) + _leg(volunteer, there, slot, facts)
        and other.starts_at < ends_at + _leg(volunteer, slot, there, facts)
        for other in facts.live.get(volunteer.id, ())
        if (there := facts.slots[other.slot_id]).id != slot.id
    )


def _end(assignment: Assignment, slot: Slot) -> datetime:
    return assignment.starts_at + timedelta(minutes=slot.minutes)


def _leg(volunteer: Volunteer, here: Slot, there: Slot, facts: Facts) -> timedelta:
    if Place.REMOTE in (here.place, there.place):
        return timedelta()
    return timedelta(minutes=leg_min(volunteer, (here.lat, here.lon), (there.lat, there.lon), facts.config))
