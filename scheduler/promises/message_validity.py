"""What of a message still holds when it is about to be sent: it may have waited a night, or an outage, since its fact.

Nothing is said about what is over or settled; a question that comes late gets its whole time to answer from now.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from scheduler.config import Config
from scheduler.messages import texts
from scheduler.model.people import PairState
from scheduler.model.plan import LIVE, Assignment, State
from scheduler.model.services import SlotState
from scheduler.promises import seats, standby
from scheduler.store import Store, promised
from scheduler.store import outbox as rows
from scheduler.store.people import is_active, pairs, recipients
from scheduler.store.plans import assignments
from scheduler.store.repository import utc_text
from scheduler.store.services import slots
from scheduler.store.swaps import swaps

LATE = timedelta(minutes=5)  # a question that comes so much later than it was meant to is given its time anew
OVER, SETTLED = "over", "settled"  # why a piece of a message is dropped

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Moment:
    """What the rules below look at: what was untold until now, the message's assignment (None if it is about none)."""

    store: Store
    config: Config
    now: datetime
    untold: set[str]
    visit: Assignment | None


def keep_current(
    store: Store, config: Config, row: rows.OutboxRow, untold: set[str], *, now: datetime
) -> rows.OutboxRow | None:
    """The row with what still holds, stored so; None if nothing does: it is dropped then.

    `untold`: questions that the addressee has not heard yet. Call inside a transaction. Raises ValueError for a payload
    that cannot be read.
    """
    said: list[Item] = []
    dropped: dict[str, list[Item]] = {}
    for item in row.items:
        visit = assignments.find(store, item["assignment_id"]) if item.get("assignment_id") else None
        found = _checked(item, _Moment(store, config, now, untold, visit))
        if isinstance(found, str):
            dropped.setdefault(found, []).append(item)
        else:
            said.append(found)
    if not said:
        rows.drop(store, row, why=", ".join(sorted(dropped)))
        return None
    for number, (why, items) in enumerate(sorted(dropped.items())):
        rows.drop_apart(store, row, items, why=why, number=number)
    return row if said == row.items else rows.say_instead(store, row, said)


def still_ahead(item: Item, *, now: datetime) -> bool:
    """Whether what a piece of a message is about has not begun; True where it has no time that can be read."""
    if item["template"] not in AHEAD or not item.get("starts_at"):
        return True
    try:
        return datetime.fromisoformat(item["starts_at"]) > now
    except ValueError:
        return True


def _checked(item: Item, seen: _Moment) -> Item | str:
    """The piece as it is to be said, or why it is not."""
    if _is_over(item, seen):
        return OVER
    rule = RULES.get(item["template"])
    return rule(item, seen) if rule else item


def _is_over(item: Item, seen: _Moment) -> bool:
    """Whether the visit has begun; whether it has ended, where people are told not to come."""
    if item["template"] not in AHEAD or not item.get("starts_at"):
        return False
    starts_at = datetime.fromisoformat(item["starts_at"])
    if item["template"] in texts.CANCELLATIONS and seen.visit:
        starts_at += timedelta(minutes=slots.get(seen.store, seen.visit.slot_id).minutes)
    return starts_at <= seen.now


def _proposal(item: Item, seen: _Moment) -> Item | str:
    if seen.visit is None:
        return item
    if seen.visit.state is not State.PROPOSED:
        return SETTLED
    return _with_its_time(item, seen, seen.visit)


def _with_its_time(item: Item, seen: _Moment, visit: Assignment) -> Item:
    """The question with the time to answer it, which is made anew where the question is late."""
    ends_at = seats.answer_by(seen.config, visit, now=seen.now)
    if visit.expires_at is None or ends_at < visit.expires_at + LATE:
        return item
    assignments.save(seen.store, replace(visit, expires_at=ends_at))
    return {**item, "expires_at": utc_text(ends_at)}


def _move(item: Item, seen: _Moment) -> Item | str:
    """A new start. Who never heard of the old one is asked anew; who cannot have the new one only loses the old one."""
    if seen.visit is None:
        return item
    if seen.visit.state in LIVE:
        unheard = item.get("old_assignment_id") in seen.untold
        return _with_its_time({**item, "template": "proposed"} if unheard else item, seen, seen.visit)
    old_at = item.get("old_starts_at")
    if not old_at or item.get("old_assignment_id") in seen.untold:
        return SETTLED
    return _checked({**item, "template": "superseded", "starts_at": old_at, "assignment_id": ""}, seen)


def _end(item: Item, seen: _Moment) -> Item | str:
    """Nobody is told that something ended of which they had not heard, on the phone's page or by a message."""
    was_promised = seen.visit is not None and seen.visit.state is State.CANCELLED and seen.visit.replied_at
    return SETTLED if item.get("assignment_id") in seen.untold and not was_promised else item


def _end_of_request(item: Item, seen: _Moment) -> Item | str:
    return SETTLED if item.get("swap_id") in seen.untold else item


def _promise(item: Item, seen: _Moment) -> Item | str:
    return item if seen.visit is None or seen.visit.state is State.ACCEPTED else SETTLED


def _request(item: Item, seen: _Moment) -> Item | str:
    """A hand-over request, with its time to answer."""
    swap = swaps.find(seen.store, item.get("swap_id", ""))
    if swap is None or seen.visit is None:
        return item
    if swap.state != "asked":
        return SETTLED
    ends_at = standby.expires_at(seen.config, seen.visit.starts_at, now=seen.now)
    if ends_at < swap.expires_at + LATE:
        return item
    swaps.save(seen.store, replace(swap, expires_at=ends_at))
    return {**item, "expires_at": utc_text(ends_at)}


def _gap(item: Item, seen: _Moment) -> Item | str:
    """A free seat: nobody is bothered about one that somebody has promised to fill, or that is wanted no longer."""
    slot = slots.find(seen.store, item.get("slot_id", ""))
    if slot is None:
        return item
    return item if slot.state is SlotState.OPEN and _promised(seen, slot.id) < slot.heads else SETTLED


def _alone(item: Item, seen: _Moment) -> Item | str:
    return SETTLED if _promised(seen, item.get("slot_id", "")) > 1 else _promise(item, seen)


def _promised(seen: _Moment, slot_id: str) -> int:
    """How many people have promised to be on a slot, or are there."""
    return sum(a.state is not State.PROPOSED for a in promised.live_on_slot(seen.store, slot_id))


def _pair_question(item: Item, seen: _Moment) -> Item | str:
    pair = pairs.find(seen.store, item.get("pair_id", ""))
    if pair is None:
        return item
    both_here = is_active(seen.store, pair.volunteer_id) and recipients.get(seen.store, pair.recipient_id).active
    return item if pair.state is PairState.PROPOSED and both_here else SETTLED


def _standing_pair(item: Item, seen: _Moment) -> Item | str:
    pair = pairs.find(seen.store, item.get("pair_id", ""))
    return item if pair is None or pair.state is not PairState.ENDED else SETTLED


RULES: dict[str, Callable[[Item, _Moment], Item | str]] = {
    "proposed": _proposal,
    "standby_offer": _proposal,
    "moved": _move,
    "cancelled": _end,
    "superseded": _end,
    "standby_void": _end,
    "swap_off": _end_of_request,
    "reminder": _promise,
    "swap_declined": _promise,
    "swap_asked": _request,
    "seat_open_again": _gap,
    "nobody_to_ask": _gap,
    "partner_left": _alone,
    "pair_proposed": _pair_question,
    "pair_started": _standing_pair,
    "pair_handover": _standing_pair,
}
AHEAD = {name for name in RULES if not name.startswith("pair_")} | {"swap_accepted", "swap_ended"}
