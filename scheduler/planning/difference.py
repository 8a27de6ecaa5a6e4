"""What a plan would change for people: who is asked newly, who is no longer wanted, and why."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.model.plan import Assignment, Plan, Seat, State
from scheduler.store import Store
from scheduler.store import planning as rows
from scheduler.store.plans import plans, seats_of

NEW, GONE, MOVED = "new", "gone", "moved"


@dataclass(frozen=True, slots=True)
class Change:
    """One change for one person. `old_starts_at` is set where only the time moves; `assignment_id` is the old one's."""

    kind: str
    slot_id: str
    volunteer_id: str
    starts_at: datetime
    cause: str
    old_starts_at: datetime | None = None
    assignment_id: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A plan against what people know. `kept` proposals and promises stay as they are."""

    plan_id: str
    changes: tuple[Change, ...]
    kept: int
    published_before: int

    @property
    def people(self) -> dict[str, int]:
        """Volunteer id → number of changes."""
        return dict(Counter(change.volunteer_id for change in self.changes))

    @property
    def taken_back(self) -> int:
        """Proposals withdrawn or moved although somebody was told."""
        return sum(change.kind != NEW for change in self.changes)

    @property
    def changed_share(self) -> float:
        """Taken back or moved, as a share of what was published."""
        return self.taken_back / self.published_before if self.published_before else 0.0

    def of(self, kind: str) -> list[Change]:
        return [change for change in self.changes if change.kind == kind]


def difference(store: Store, plan_id: str, *, now: datetime) -> Difference:
    """What publishing the plan at `now` would change. Raises NotFound."""
    plan = plans.get(store, plan_id)
    until_at = datetime.fromisoformat(plan.figures["publish_before"])
    seats = {(s.slot_id, s.volunteer_id): s for s in seats_of(store, plan_id) if now < s.starts_at < until_at}
    binding = sorted(rows.live_between(store, plan.from_date, plan.until_date), key=lambda a: a.state is not State.DONE)
    standing = {(a.slot_id, a.volunteer_id): a for a in binding}
    causes = _causes_of_new(store, plan, [seat for key, seat in seats.items() if key not in standing])
    changes: list[Change] = []
    kept = 0
    for key, seat in seats.items():
        old = standing.get(key)
        if old is None:
            changes.append(Change(NEW, seat.slot_id, seat.volunteer_id, seat.starts_at, causes[key]))
        elif old.state is State.PROPOSED and not _beyond(old) and not _same_minute(old.starts_at, seat.starts_at):
            changes.append(_change(MOVED, old, plan, seat.starts_at))
        else:
            kept += 1
    for key, old in standing.items():
        if key not in seats and old.state is State.PROPOSED and not _beyond(old) and now < old.starts_at:
            changes.append(_change(GONE, old, plan, old.starts_at))
    ordered = sorted(changes, key=lambda c: (c.starts_at, c.slot_id, c.volunteer_id, c.kind))
    ahead = sum(now < a.starts_at and a.state is not State.DONE for a in standing.values())
    return Difference(plan_id, tuple(ordered), kept, ahead)


def _same_minute(one_at: datetime, other_at: datetime) -> bool:
    return abs(one_at - other_at) < timedelta(minutes=1)


def _change(kind: str, old: Assignment, plan: Plan, starts_at: datetime) -> Change:
    cause = plan.figures.get("causes", {}).get(old.id, "better_plan")
    before = old.starts_at if kind == MOVED else None
    return Change(kind, old.slot_id, old.volunteer_id, starts_at, cause, before, old.id)


def _beyond(old: Assignment) -> bool:
    """Offers outside the plan (a standby asked, a swap, a person placed by staff) are not the plan's to take back."""
    return old.source != "plan" or old.pinned


def _causes_of_new(store: Store, plan: Plan, seats: list[Seat]) -> dict[tuple[str, str], str]:
    """Why somebody is asked: the seat fell free (and how), the slot is new, its day came up, or the plan is better."""
    lost = rows.last_losses(store, {seat.slot_id for seat in seats})
    known = rows.slots_told(store, {seat.slot_id for seat in seats}, before_plan=plan.id)
    return {
        (s.slot_id, s.volunteer_id): lost.get(s.slot_id) or ("better_plan" if s.slot_id in known else "newly_planned")
        for s in seats
    }
