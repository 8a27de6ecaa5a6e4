"""Who stands where already, as the solver can hold it, whatever the store says.

No page makes two starts of one visit, visits of one person at once, or a visit on another day than its own; imports and
merges of earlier versions may have. A promise binds all the same. What the solver's pins cannot say (one start a slot,
no overlap a person) is said by a visit of its own for that one person, who stands "apart": it takes their time, way and
limits, and its seat is not offered again.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from scheduler.localized import Listing, Localized, LocalizedText, Word
from scheduler.localtime import LOCAL, local_date
from scheduler.model.plan import HELD, LIVE, Assignment, precedence
from scheduler.model.services import Slot, SlotState
from scheduler.rules.facts import Facts
from scheduler.rules.horizon import DAY_MIN, Horizon
from scheduler.rules.intervals import Span
from scheduler.store import Store
from scheduler.store.ledger import NOTHING_TO_SAY
from scheduler.store.people import volunteers
from scheduler.store.repository import utc_text
from scheduler.store.services import needs, slots

AT_ONCE, NOT_TOGETHER, OTHER_DAY, CALLED_OFF = "at_once", "not_together", "other_day", "called_off"
NAMED = 5  # contradictions in a message


@dataclass(frozen=True, slots=True)
class Fixed:
    """Somebody who must stand on a slot at exactly this time, from which minute on and for how long they are held.

    `apart`: as a visit of their own. It has fewer minutes than the slot where the person's next visit begins earlier.
    """

    assignment: Assignment
    start_min: int
    minutes: int
    apart: bool = False

    @property
    def volunteer_id(self) -> str:
        return self.assignment.volunteer_id

    @property
    def starts_at(self) -> datetime:
        return self.assignment.starts_at


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What no page would make, and how: a key of the words "contradictions"."""

    kind: str
    assignment: Assignment

    @property
    def line(self) -> dict[str, Any]:
        """As plain JSON, for the figures of a plan."""
        a = self.assignment
        return {"kind": self.kind, "slot": a.slot_id, "volunteer": a.volunteer_id, "starts_at": utc_text(a.starts_at)}


@dataclass(slots=True)
class Binding:
    """What must stand and what may still change, by slot; of one slot, whoever sets the common start comes first.

    `after_midnight`: (volunteer, day) → the minutes of a day that a visit of the day before reaches into.
    """

    fixed: dict[str, list[Fixed]] = field(default_factory=lambda: defaultdict(list))
    proposed: dict[str, list[Assignment]] = field(default_factory=lambda: defaultdict(list))
    after_midnight: dict[tuple[str, date], Span] = field(default_factory=dict)
    contradictions: list[Contradiction] = field(default_factory=list)


def binding_of(
    facts: Facts, horizon: Horizon, *, frozen_until: datetime, pinned_proposals: frozenset[str], now: datetime
) -> Binding:
    """Sorts what people hold and were asked for.

    An answer that was a yes stands; so does what is frozen, pinned by staff, or on offer to somebody outside a plan.
    """
    found, ahead = Binding(), set(horizon.days)
    for mine in facts.live.values():
        fast = []
        for a in _once_a_slot(mine):
            stays = a.state in HELD or a.pinned or a.source != "plan" or a.id in pinned_proposals
            if not stays and a.starts_at >= frozen_until and facts.slots[a.slot_id].service_date in ahead:
                found.proposed[a.slot_id].append(a)
            else:
                fast.append(a)
        for fixed in _one_after_another(fast, facts, horizon):
            found.fixed[fixed.assignment.slot_id].append(fixed)
    for slot_id, people in found.fixed.items():
        slot = facts.slots[slot_id]
        people.sort(key=lambda f: (local_date(f.starts_at) != slot.service_date, precedence(f.assignment)))
        for n, one in enumerate(people):
            a = one.assignment
            _note_midnights(found, one, slot, horizon)
            kind = _contradiction(one, slot, people[0].start_min)
            people[n] = replace(one, apart=bool(kind) or one.minutes != slot.minutes)
            if kind and a.state in LIVE and a.starts_at > now:
                found.contradictions.append(Contradiction(kind, a))
    found.contradictions.sort(key=lambda c: (c.assignment.starts_at, c.assignment.id))
    return found


def told(store: Store, lines: Iterable[dict[str, Any]]) -> Localized:
    """What staff have to put right, with person and visit, in a sentence; empty if there is nothing."""
    lines = list(lines)
    if not lines:
        return NOTHING_TO_SAY
    told = []
    for line in lines[:NAMED]:
        who = volunteers.get(store, line["volunteer"]).code
        need = needs.get(store, slots.get(store, line["slot"]).need_id).code
        when = f"{datetime.fromisoformat(line['starts_at']).astimezone(LOCAL):%m-%d %H:%M}"
        kind = Word("contradictions", line["kind"])
        told.append(LocalizedText("%(who)s %(when)s %(need)s (%(kind)s)", who=who, when=when, need=need, kind=kind))
    if more := len(lines[NAMED:]):
        told.append(LocalizedText("%(more)s more", more=more))
    return LocalizedText(
        "Visits that contradict each other were kept as they are: %(visits)s. Move or replace somebody.",
        visits=Listing(tuple(told), "；", "; "),
    )


def _once_a_slot(mine: list[Assignment]) -> list[Assignment]:
    """A person has one seat on a slot, even if a finished visit and a promise of it were merged."""
    return list({a.slot_id: a for a in sorted(mine, key=lambda a: (a.state in LIVE, a.starts_at))}.values())


def _one_after_another(mine: list[Assignment], facts: Facts, horizon: Horizon) -> list[Fixed]:
    """A person's visits without overlap: each ends where the next begins, the last when all of them are over."""
    timed = [Fixed(a, start := horizon.minute(a.starts_at), horizon.minute_after(_end(a, facts)) - start) for a in mine]
    timed.sort(key=lambda f: (f.start_min, f.minutes, f.assignment.id))
    found, over = [], timed[0].start_min if timed else 0
    for one, following in pairwise([*timed, None]):
        assert one is not None
        over = max(over, one.start_min + one.minutes)
        until = over if following is None else min(over, following.start_min)
        found.append(replace(one, minutes=until - one.start_min))
    return found


def _end(a: Assignment, facts: Facts) -> datetime:
    return a.starts_at + timedelta(minutes=facts.slots[a.slot_id].minutes)


def _contradiction(one: Fixed, slot: Slot, common_start_min: int) -> str:
    if slot.state is not SlotState.OPEN:
        return CALLED_OFF
    if local_date(one.starts_at) != slot.service_date:
        return OTHER_DAY
    if one.start_min != common_start_min:
        return NOT_TOGETHER
    return AT_ONCE if one.minutes < slot.minutes else ""


def _note_midnights(found: Binding, one: Fixed, slot: Slot, horizon: Horizon) -> None:
    end_min = one.start_min + max(one.minutes, slot.minutes)
    for day in range(max(0, one.start_min // DAY_MIN + 1), -(-end_min // DAY_MIN)):
        key = one.volunteer_id, horizon.first_day + timedelta(days=day)
        until = min(end_min - day * DAY_MIN, DAY_MIN)
        found.after_midnight[key] = (0, max(until, found.after_midnight.get(key, (0, 0))[1]))
