"""Which visits must not fail, or an elder waits longer than their rhythm allows: those count more in the plan."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from scheduler.model.people import RecipientKind
from scheduler.model.services import Slot
from scheduler.rules.facts import Facts

MOST_URGENT = 5


def raised_priorities(facts: Facts, slots: Iterable[Slot]) -> dict[str, int]:
    """Slot id → priority of visits that are an elder's last chance to stay within the longest gap of their tier.

    That is one level above the slot's own, and the highest level where the gap has been passed already. Only the last
    visit before the gap ends is raised (the first one after it, if there is none), so that waiting is not made worse
    by raising everything.
    """
    last_contact: dict[str, date] = {}
    for visit in facts.visits:
        last_contact[visit.recipient_id] = max(visit.day, last_contact.get(visit.recipient_id, visit.day))
    ahead: dict[str, list[Slot]] = defaultdict(list)
    for slot in sorted(slots, key=lambda s: (s.service_date, s.earliest_at, s.id)):
        if facts.recipients[slot.recipient_id].kind is RecipientKind.ELDER:
            ahead[slot.recipient_id].append(slot)
    raised = {}
    for elder_id, coming in ahead.items():
        if elder_id in last_contact:
            rule = facts.config.elders.contacts[facts.recipients[elder_id].risk_tier.value]
            limit = last_contact[elder_id] + timedelta(days=rule.max_gap_days)
            in_time = [slot for slot in coming if slot.service_date <= limit]
            decisive = in_time[-1] if in_time else coming[0]
            raised[decisive.id] = min(MOST_URGENT, decisive.priority + 1) if in_time else MOST_URGENT
    return raised
