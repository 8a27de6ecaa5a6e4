"""The facts around one slot: the people who live near it or know its recipient, and the week of each of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from scheduler.config import Config
from scheduler.localtime import local_date, monday_of
from scheduler.model.people import PairState
from scheduler.model.plan import Assignment, Seat, State
from scheduler.model.services import Slot
from scheduler.rules.availability import calendars_of
from scheduler.rules.facts import STANDING, Facts, Visit, remembered
from scheduler.store import Store
from scheduler.store import nearby as rows
from scheduler.store.people import (
    exceptions_by_volunteer,
    organisations,
    pairs,
    recipients,
    rules_by_volunteer,
    volunteers,
)
from scheduler.store.planning import organisation_bases
from scheduler.store.plans import assignments
from scheduler.store.promised import taken_off_slot
from scheduler.store.repository import among
from scheduler.store.services import needs, service_types, slots

NEAREST = 80  # enough to fill a seat from
TOLD_OF = 240  # of whom an explanation tells: further ones are not the answer to why nobody comes
SKILLED = 60  # and of those who can do it, as many of the nearest, however far they live


def facts_nearby(store: Store, config: Config, slot: Slot, *, now: datetime) -> Facts:
    """What planning's rules need to fill one slot from its NEAREST people and all who know its recipient.

    A few hundred rows whatever the size of the district, read in one snapshot of the store.
    """
    with store.snapshot():
        people = rows.people_around(store, slot.lat, slot.lon, slot.recipient_id, limit=NEAREST)
        return _gather(store, config, people, [slot], *_week(slot.service_date), (), now)


def facts_to_explain(store: Store, config: Config, slot: Slot, *, now: datetime, seats: Sequence[Seat] = ()) -> Facts:
    """What is needed to say why somebody or nobody is on a slot: more people around it than to fill it.

    With the `seats` of a plan the visits that it gives to these people are among the slots.
    """
    first, last = _week(slot.service_date)
    with store.snapshot():
        people = _able_around(store, slot) | {s.volunteer_id for s in seats if s.slot_id == slot.id}
        mine = [s.slot_id for s in seats if s.volunteer_id in people and first <= local_date(s.starts_at) <= last]
        return _gather(store, config, people, [slot], first, last, mine, now)


def facts_to_forecast(store: Store, config: Config, visits: Sequence[Slot], *, now: datetime) -> Facts:
    """What is needed to say who could serve visits of one service to one recipient that are not stored yet."""
    days = [visit.service_date for visit in visits] or [local_date(now)]
    with store.snapshot():
        people = _able_around(store, visits[0]) if visits else set()
        return _gather(store, config, people, visits, _week(min(days))[0], _week(max(days))[1], (), now)


def _week(day: date) -> tuple[date, date]:
    return monday_of(day), monday_of(day) + timedelta(days=6)


def _able_around(store: Store, slot: Slot) -> set[str]:
    """The people nearest to a slot, all who know its recipient, and of each sort that it asks for the nearest."""
    service = service_types.get(store, slot.service_type)
    found = rows.people_around(store, slot.lat, slot.lon, slot.recipient_id, limit=TOLD_OF)
    either = {*slot.requires_any, *service.kinds, *(rule.tag for rule in slot.team)}
    for tags in ((*slot.requires_all,), *((*slot.requires_all, tag) for tag in sorted(either))):
        found |= rows.nearest_people(store, slot.lat, slot.lon, limit=SKILLED, carrying=tags)
    return found


def _gather(
    store: Store,
    config: Config,
    people: set[str],
    around: Sequence[Slot],
    first: date,
    last: date,
    others: Iterable[str],
    now: datetime,
) -> Facts:
    """The facts about people and slots `around` one recipient from one local day to another; `others` are slot ids."""
    live = _live(store, people, around, first, last)
    near = {v.id: v for v in volunteers.where(store, *among("id", people))}
    homes = {v.organisation_id for v in near.values() if v.organisation_id}
    wanted = {a.slot_id for a in live} | set(others)
    known_slots = {s.id: s for s in slots.where(store, *among("id", wanted))} | {s.id: s for s in around}
    visits = known_slots.values()
    met = {slot.recipient_id for slot in around}
    current_pairs = [p for who in met for p in pairs.by(store, recipient_id=who) if p.state is not PairState.ENDED]
    return Facts(
        config=config,
        revision=store.revision(),
        volunteers=near,
        calendars=calendars_of(rules_by_volunteer(store, people), exceptions_by_volunteer(store, people)),
        recipients={r.id: r for r in recipients.where(store, *among("id", {s.recipient_id for s in visits}))},
        types={t.code: t for t in service_types.where(store)},
        needs={n.id: n for n in needs.where(store, *among("id", {s.need_id for s in visits}))},
        slots=known_slots,
        live=_by_volunteer(live),
        pairs=tuple(current_pairs),
        knows=frozenset(
            {(p.volunteer_id, p.recipient_id) for p in current_pairs if p.state in STANDING}
            | {(who, recipient_id) for recipient_id in met for who in rows.visitors_of(store, recipient_id)}
        ),
        refused=frozenset((need, who) for need in {s.need_id for s in around} for who in rows.refused(store, need)),
        let_go=frozenset((slot.id, who) for slot in around for who in rows.let_go(store, slot.id)),
        taken_off=frozenset((slot.id, who) for slot in around for who in taken_off_slot(store, slot.id)),
        visits=tuple(Visit(*row) for row in rows.visits_of_people(store, people, now - remembered(config), now)),
        bases=organisation_bases(store, homes),
        base_kinds={o.id: o.kind for o in organisations.where(store, *among("id", homes))},
    )


def _live(store: Store, people: set[str], around: Sequence[Slot], first: date, last: date) -> list[Assignment]:
    """Duties of the people between the days; whoever is on one of the slots is one of them from now on."""
    there = [a for slot in around for a in assignments.by(store, slot_id=slot.id)]
    people |= {a.volunteer_id for a in there if a.state in (State.PROPOSED, State.ACCEPTED)}
    return rows.binding_of_people(store, people, first - timedelta(days=1), last)  # one may reach over midnight


def _by_volunteer(live: list[Assignment]) -> dict[str, list[Assignment]]:
    found: dict[str, list[Assignment]] = defaultdict(list)
    for assignment in live:
        found[assignment.volunteer_id].append(assignment)
    return dict(found)
