"""The change budget of a night: how much of what people were told may change without a cause."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from scheduler.config import Changes
from scheduler.model.plan import Assignment, Seat
from scheduler.model.services import SlotState
from scheduler.rules.eligibility import Reason, reasons_against
from scheduler.rules.facts import Facts

# Own duties and limits were respected when the visit was proposed; what changed them since is another promise.
NO_CAUSE = frozenset({Reason.BUSY, Reason.CAPS, Reason.NOT_KNOWN, Reason.AUTO_PLAN})


@dataclass(frozen=True, slots=True)
class Spending:
    """Which proposals a plan drops: with a cause outside the plan, or only because another plan is better."""

    caused: dict[str, str]  # assignment id → cause
    free: tuple[Assignment, ...]
    published: int

    def allowed(self, changes: Changes) -> int:
        """How many drops without a cause the night may make."""
        return allowed(self.published, changes)

    def over(self, changes: Changes) -> bool:
        """Whether the night or one person has more changes than allowed."""
        most = max(Counter(a.volunteer_id for a in self.free).values(), default=0)
        return len(self.free) > self.allowed(changes) or most > changes.per_person


def allowed(published: int, changes: Changes) -> int:
    """How many of so many published proposals a night may drop without a cause."""
    return math.floor(changes.share_of_published * published + 1e-9)


def untouchable(facts: Facts, proposals: Sequence[Assignment], changes: Changes) -> frozenset[str]:
    """Ids of the proposals to hold fast from the start: all without a cause, where the budget allows no change."""
    if allowed(len(proposals), changes):
        return frozenset()
    return frozenset(p.id for p in proposals if not cause_of(p, facts))


def spending(facts: Facts, proposals: Iterable[Assignment], seats: Iterable[Seat]) -> Spending:
    """What a plan with these seats would take back from the proposals that people have."""
    kept = {(s.slot_id, s.volunteer_id, s.starts_at) for s in seats}
    proposals = list(proposals)
    caused: dict[str, str] = {}
    free: list[Assignment] = []
    for proposal in proposals:
        if (proposal.slot_id, proposal.volunteer_id, proposal.starts_at) in kept:
            continue
        cause = cause_of(proposal, facts)
        if cause:
            caused[proposal.id] = cause
        else:
            free.append(proposal)
    return Spending(caused, tuple(free), len(proposals))


def cause_of(proposal: Assignment, facts: Facts) -> str:
    """Why a proposal cannot stand as it is any more, "" if it could."""
    slot, volunteer = facts.slots.get(proposal.slot_id), facts.volunteers.get(proposal.volunteer_id)
    if slot is None or slot.state is SlotState.CANCELLED:
        return "slot_cancelled"
    if not slot.earliest_at <= proposal.starts_at <= slot.latest_at:
        return "slot_moved"
    if volunteer is None:
        return Reason.INACTIVE.value
    at_that_time = replace(slot, earliest_at=proposal.starts_at, latest_at=proposal.starts_at)
    found = [reason for reason in reasons_against(volunteer, at_that_time, facts) if reason not in NO_CAUSE]
    return found[0].value if found else ""


def to_keep(
    spent: Spending, proposals: Iterable[Assignment], seats: Iterable[Seat], facts: Facts, changes: Changes
) -> frozenset[str]:
    """Ids of the proposals to hold fast in a second search, so that the budget holds.

    The allowed changes go to the slots that gain people, then to the most urgent ones.
    """
    now_on = Counter(s.slot_id for s in seats)
    before = Counter(p.slot_id for p in proposals)
    by_gain = sorted(
        spent.free,
        key=lambda a: (before[a.slot_id] - now_on[a.slot_id], -facts.slots[a.slot_id].priority, a.starts_at, a.id),
    )
    each: Counter[str] = Counter()
    may_go = set(spent.caused)
    for proposal in by_gain:
        if len(may_go) - len(spent.caused) == spent.allowed(changes):
            break
        if each[proposal.volunteer_id] < changes.per_person:
            each[proposal.volunteer_id] += 1
            may_go.add(proposal.id)
    return frozenset(p.id for p in proposals if p.id not in may_go)
