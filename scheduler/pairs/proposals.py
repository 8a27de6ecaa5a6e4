"""The district as the pairing optimiser sees it, and its answer as proposals to people."""

from collections import defaultdict
from datetime import datetime

from scheduler.config import Config
from scheduler.localtime import local_date
from scheduler.model.people import Kind, Pair, PairState, Recipient, Volunteer
from scheduler.model.services import Continuity, NeedState
from scheduler.needs.expand import open_spans
from scheduler.pairs.gates import gates_of, stopped
from scheduler.pairs.lifecycle import propose, room_of
from scheduler.rules.availability import Calendar, calendars_of, usual_spans
from scheduler.rules.eligibility import may_be_asked
from scheduler.rules.facts import Facts
from scheduler.rules.intervals import Spans, joined
from scheduler.rules.travel import metres_per_minute
from scheduler.rules.workdays import MONDAY_TO_FRIDAY, usual_weekdays
from scheduler.store import Store
from scheduler.store.pairing import elders_wanting_companions, open_pairs, refused_pairs, visits_together
from scheduler.store.people import exceptions_by_volunteer, recipients, rules_by_volunteer, volunteers
from scheduler.store.services import needs, service_types
from solver.pairing import Elder, Helper, Pairing, ProposedPair, pair_up

CELL_MIN = 30
URGENCY = {"high": 3, "key": 2, "general": 1}


def find_pairs(store: Store, config: Config, *, now: datetime) -> Pairing:
    """The best first and second companions for elders who miss one; changes nothing."""
    with store.snapshot():
        elders, helpers = _elders(store, config, now), _helpers(store, config, now)
    return pair_up(elders, helpers, detour=config.travel.detour)


def propose_pairs(
    store: Store,
    config: Config,
    *,
    by: str,
    now: datetime,
    at_most: int | None = None,
    grids: set[str] | None = None,
) -> list[Pair]:
    """Files the optimiser's pairs as proposals to both sides, first companions first, all or none.

    `grids`: only for elders who live there, although all elders compete for the same helpers.
    """
    found = find_pairs(store, config, now=now).pairs
    home = {r.id: r.grid_id for r in recipients.where(store)}
    found = tuple(b for b in found if grids is None or home[b.elder] in grids)[:at_most]
    with store.transaction():
        return [propose(store, config, b.elder, b.helper, rank=b.rank, by=by, reason=why(b), now=now) for b in found]


def why(pair: ProposedPair) -> str:
    """What speaks for a pair, as a code that `web/sentences.py: pair_reason` says."""
    common_h = pair.shared_cells * CELL_MIN / 60
    return f"suggested:{pair.leg_min}:{common_h:g}:{pair.visits}"


def weekly_cells(spans_by_weekday: dict[int, Spans]) -> frozenset[int]:
    """Half hours of the week (Monday 00:00 is 0) that lie wholly in the spans of their weekday (1 = Monday)."""
    return frozenset(
        (weekday - 1) * 48 + cell
        for weekday, spans in spans_by_weekday.items()
        for start, end in spans
        for cell in range(-(-start // CELL_MIN), end // CELL_MIN)
    )


def _elders(store: Store, config: Config, now: datetime) -> list[Elder]:
    open_to_visits = _visiting_times(store, config)
    companions: dict[tuple[str, int], str] = {}
    for pair in sorted(open_pairs(store), key=lambda p: p.state is not PairState.ACTIVE):
        companions.setdefault((pair.recipient_id, pair.rank), pair.volunteer_id)
    together: dict[str, dict[str, int]] = {}
    for (recipient_id, volunteer_id), visits in visits_together(store).items():
        together.setdefault(recipient_id, {})[volunteer_id] = visits
    refused, gates = refused_pairs(store), gates_of(store, local_date(now))
    everybody = volunteers.where(store, "active")
    unfit = {asked: stopped(asked, everybody) for asked in set(gates.values())}
    known = {r.id: r for r in recipients.where(store)}
    return [
        _elder(
            known[elder_id],
            companions,
            together.get(elder_id, {}),
            refused,
            open_to_visits.get(elder_id, {}),
            unfit.get(gates.get(elder_id, frozenset()), frozenset()),
        )
        for elder_id in elders_wanting_companions(store)
    ]


def _visiting_times(store: Store, config: Config) -> dict[str, dict[int, Spans]]:
    """Recipient id → weekday → when the visits of their companions may lie: no other time is worth sharing."""
    paired = {t.code: t for t in service_types.where(store) if t.continuity is Continuity.PAIRED and t.active}
    people = {r.id: r for r in recipients.where(store, "active")}
    found: dict[str, dict[int, Spans]] = defaultdict(lambda: dict.fromkeys(range(1, 8), ()))
    for need in needs.by(store, state=NeedState.PUBLISHED):
        service_type, recipient = paired.get(need.service_type), people.get(need.recipient_id)
        if service_type and recipient:
            days = found[recipient.id]
            for day in usual_weekdays(need.weekdays) or days:
                open_on = open_spans(need, service_type, recipient, day, config, workday=day in MONDAY_TO_FRIDAY)
                days[day] = joined((*days[day], *open_on))
    return found


def _elder(
    recipient: Recipient,
    companions: dict[tuple[str, int], str],
    visits: dict[str, int],
    refused: set[tuple[str, str]],
    open_to_visits: dict[int, Spans],
    unfit: frozenset[str],
) -> Elder:
    return Elder(
        id=recipient.id,
        place=(recipient.lat, recipient.lon),
        free=weekly_cells(open_to_visits),
        urgency=URGENCY[recipient.risk_tier.value],
        gender_wish=recipient.gender_wish,
        language_wish=recipient.language_wish,
        avoided=recipient.blocked | unfit | {volunteer for elder, volunteer in refused if elder == recipient.id},
        visits=visits,
        first=companions.get((recipient.id, 1)),
        second=companions.get((recipient.id, 2)),
    )


def _helpers(store: Store, config: Config, now: datetime) -> list[Helper]:
    calendars = calendars_of(rules_by_volunteer(store), exceptions_by_volunteer(store))
    held: dict[str, int] = {}
    for pair in open_pairs(store):
        held[pair.volunteer_id] = held.get(pair.volunteer_id, 0) + 1
    facts = Facts(config=config)
    return [
        _helper(volunteer, calendars.get(volunteer.id, Calendar()), held.get(volunteer.id, 0), config)
        for volunteer in volunteers.where(store, "active ORDER BY id")
        if not may_be_asked(volunteer, local_date(now), facts)
    ]


def _helper(volunteer: Volunteer, calendar: Calendar, held: int, config: Config) -> Helper:
    courier = Kind.COURIER in volunteer.kinds
    usual = config.couriers.max_travel_min if courier else config.members.max_travel_min
    speed = config.travel.modes[volunteer.transport.value]
    free = {day: usual_spans(volunteer, calendar, day, config) for day in range(1, 8)}
    return Helper(
        id=volunteer.id,
        place=(volunteer.lat, volunteer.lon),
        free=weekly_cells(free),
        metres_per_minute=metres_per_minute(speed.km_per_hour),
        overhead_min=speed.overhead_min + config.travel.buffer_min,
        max_leg_min=min(usual, volunteer.max_travel_min if volunteer.max_travel_min is not None else usual),
        room=max(0, room_of(volunteer, config) - held),
        gender=volunteer.gender,
        languages=volunteer.languages,
        group=volunteer.organisation_id or "",
        restless=courier,
    )
