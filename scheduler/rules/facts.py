"""Everything eligibility and the planner need to know, read in one snapshot of the store."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from scheduler.config import Config
from scheduler.localtime import local_date, monday_of
from scheduler.model.people import Pair, PairState, Recipient, Volunteer
from scheduler.model.plan import Assignment
from scheduler.model.services import Need, ServiceType, Slot
from scheduler.rules.availability import Calendar, calendars_of
from scheduler.store import Store
from scheduler.store.people import (
    exceptions_by_volunteer,
    organisations,
    pairs,
    recipients,
    rules_by_volunteer,
    volunteers,
)
from scheduler.store.planning import (
    known_people,
    let_go,
    linked_areas,
    live_between,
    organisation_bases,
    slots_between,
    standing_refusals,
    taken_off,
    visits_since,
)
from scheduler.store.services import needs, service_types, slots

ONE_DAY = timedelta(days=1)
STANDING = frozenset({PairState.TRIAL, PairState.ACTIVE})


@dataclass(frozen=True, slots=True)
class Visit:
    """A promised or finished visit: who, to whom, on which local day, how long."""

    volunteer_id: str
    recipient_id: str
    day: date
    minutes: int


@dataclass(frozen=True, slots=True)
class Facts:
    """One consistent state of the district. `live` are the binding assignments on the slots of the span, by volunteer.

    `knows` holds (volunteer, recipient); `said_no` (need, volunteer); `let_go` (slot, volunteer) of people who let
    an offer run out, withdrew or did not come; `taken_off` (slot, volunteer) of people whom staff took off a visit.
    """

    config: Config
    revision: int = 0
    volunteers: dict[str, Volunteer] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    recipients: dict[str, Recipient] = field(default_factory=dict)
    types: dict[str, ServiceType] = field(default_factory=dict)
    needs: dict[str, Need] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    live: dict[str, list[Assignment]] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    knows: frozenset[tuple[str, str]] = frozenset()
    refused: frozenset[tuple[str, str]] = frozenset()
    let_go: frozenset[tuple[str, str]] = frozenset()
    taken_off: frozenset[tuple[str, str]] = frozenset()
    visits: tuple[Visit, ...] = ()
    bases: dict[str, tuple[str, float, float]] = field(default_factory=dict)
    linked_areas: dict[str, frozenset[str]] = field(default_factory=dict)  # organisation → where those linked lie
    base_kinds: dict[str, str] = field(default_factory=dict)


def load_facts(store: Store, config: Config, from_date: date, until_date: date, *, now: datetime) -> Facts:
    """The facts about the local days from one to another (both included), all read at one revision."""
    with store.snapshot():
        found = slots_between(store, from_date, until_date)
        return _gather(store, config, found, from_date, until_date, now)


def remembered(config: Config) -> timedelta:
    """How long a visit makes its volunteer familiar, and counts towards recent load."""
    return timedelta(days=config.affinity.known_days)


def _gather(store: Store, config: Config, found: list[Slot], from_date: date, until_date: date, now: datetime) -> Facts:
    current_pairs = tuple(p for p in pairs.where(store, "state <> 'ended'"))
    visits = tuple(Visit(*row) for row in visits_since(store, now - remembered(config), now))
    met = {(p.volunteer_id, p.recipient_id) for p in current_pairs if p.state in STANDING}
    by_volunteer: dict[str, list[Assignment]] = defaultdict(list)
    sunday_before, last_sunday = monday_of(from_date) - ONE_DAY, monday_of(until_date) + 6 * ONE_DAY
    for assignment in live_between(store, sunday_before, last_sunday):  # a visit may reach over midnight
        by_volunteer[assignment.volunteer_id].append(assignment)
    slots_known = {slot.id: slot for slot in found}
    missing = {a.slot_id for mine in by_volunteer.values() for a in mine} - slots_known.keys()
    slots_known |= {slot_id: slots.get(store, slot_id) for slot_id in missing}
    return Facts(
        config=config,
        revision=store.revision(),
        volunteers={v.id: v for v in volunteers.where(store)},
        calendars=calendars_of(rules_by_volunteer(store), exceptions_by_volunteer(store)),
        recipients={r.id: r for r in recipients.where(store)},
        types={t.code: t for t in service_types.where(store)},
        needs={n.id: n for n in needs.where(store)},
        slots=slots_known,
        live=dict(by_volunteer),
        pairs=current_pairs,
        knows=frozenset(met | set(known_people(store))),
        refused=frozenset(standing_refusals(store)),
        let_go=frozenset(let_go(store)),
        taken_off=frozenset(taken_off(store)),
        visits=visits,
        bases=organisation_bases(store),
        linked_areas=linked_areas(store),
        base_kinds={o.id: o.kind for o in organisations.where(store)},
    )


def visits_of(facts: Facts, volunteer_id: str, days: Iterable[date]) -> list[tuple[Assignment, Slot]]:
    """The volunteer's binding assignments on these local days, with their slots."""
    wanted = set(days)
    mine = ((a, facts.slots[a.slot_id]) for a in facts.live.get(volunteer_id, ()) if a.slot_id in facts.slots)
    return [(a, s) for a, s in mine if local_date(a.starts_at) in wanted]
