"""Visits kept in the last weeks, so that continuity and fairness mean something from the first day."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from scheduler.demo.needs import HISTORY_WEEKS
from scheduler.demo.people import Helper
from scheduler.localtime import at_local, minutes_of
from scheduler.model.ids import stable_id
from scheduler.model.people import Pair, Recipient
from scheduler.model.plan import Assignment, State
from scheduler.model.services import Need, Place, ServiceType, Slot

KEPT = 0.8  # share of past visits that took place
SHARES = (0.75, 0.15, 0.10)  # by the first companion, the second one, somebody else


def past_visits(
    needs: list[Need],
    kinds: dict[str, ServiceType],
    elders: dict[str, Recipient],
    helpers: list[Helper],
    pairs: list[Pair],
    rng: random.Random,
    today: date,
) -> Iterator[tuple[Slot, Assignment]]:
    """Done companion visits of the weeks before today; nobody has two on one day."""
    companions: dict[str, dict[int, str]] = defaultdict(dict)
    for pair in pairs:
        companions[pair.recipient_id][pair.rank] = pair.volunteer_id
    others = [helper.volunteer.id for helper in helpers]
    busy: set[tuple[str, date]] = set()
    for need in needs:
        if need.service_type != "E01" or 1 not in companions[need.recipient_id]:
            continue
        for week in range(1, HISTORY_WEEKS + 1):
            day = today - timedelta(days=7 * week - rng.randint(0, 6))
            known = companions[need.recipient_id]
            rank = rng.choices((1, 2, 3), SHARES)[0]
            volunteer_id = known.get(rank) or (known[1] if rank == 2 else rng.choice(others))
            if day >= today or rng.random() > KEPT or (volunteer_id, day) in busy:
                continue
            busy.add((volunteer_id, day))
            yield _visit(need, kinds["E01"], elders[need.recipient_id], volunteer_id, day)


def _visit(need: Need, kind: ServiceType, elder: Recipient, volunteer_id: str, day: date) -> tuple[Slot, Assignment]:
    starts_at = at_local(day, need.start or kind.windows[0].start)
    room_min = minutes_of(need.end or kind.windows[0].end) - minutes_of(need.start or kind.windows[0].start)
    slot = Slot(
        stable_id("past", need.id, day),
        need.id,
        kind.code,
        elder.id,
        elder.grid_id,
        day,
        starts_at,
        starts_at + timedelta(minutes=room_min - kind.minutes),
        kind.minutes,
        1,
        1,
        kind.priority,
        Place.AT_RECIPIENT,
        elder.lat,
        elder.lon,
    )
    proposed_at = starts_at - timedelta(days=5)
    visit = Assignment(
        stable_id("past", need.id, day, volunteer_id),
        slot.id,
        volunteer_id,
        starts_at,
        State.DONE,
        proposed_at=proposed_at,
        replied_at=proposed_at + timedelta(hours=6),
    )
    return slot, visit
