"""Whom to phone today: people for whom there is a message and nobody to hand it to, or whose channels all refused it.

A call settles what a message cannot: what was told is told, and an answer given by phone is recorded as one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scheduler.config import Config
from scheduler.errors import InputError
from scheduler.localized import LocalizedText
from scheduler.messages.channels import VOLUNTEER
from scheduler.messages.texts import CANCELLATIONS, QUESTIONS, TEXTS
from scheduler.model.people import Volunteer
from scheduler.model.plan import LIVE, Assignment, State
from scheduler.promises import replies, swaps
from scheduler.promises.message_validity import still_ahead
from scheduler.store import Store, audit, calls
from scheduler.store import outbox as rows
from scheduler.store.people import volunteers
from scheduler.store.plans import assignments
from scheduler.store.repository import among
from scheduler.store.swaps import open_swaps_for

LATELY = timedelta(days=14)
YES, NO, TOLD, NOT_REACHED = "accepted", "declined", "told", "not_reached"


@dataclass(frozen=True, slots=True)
class Said:
    """One thing to say: the piece of a message, and the question in it that is still open (at most one id is set)."""

    item: dict[str, Any]
    assignment_id: str = ""
    swap_id: str = ""

    @property
    def is_question(self) -> bool:
        return bool(self.assignment_id or self.swap_id)


@dataclass(frozen=True, slots=True)
class Call:
    """One person to phone. `due_at` is the earliest moment at which one of the things to say ends or begins.

    `state` is that of the message; `tried_at` when somebody last phoned in vain.
    """

    volunteer: Volunteer
    said: tuple[Said, ...]
    due_at: datetime
    state: str
    tried_at: datetime | None


def whom_to_phone(
    store: Store, *, usable: Sequence[str], grids: Iterable[str] | None = None, now: datetime
) -> list[Call]:
    """Whom to phone, the most urgent first; of these grids only, where given.

    `usable` are the channels that the office has: whoever has none of them is on the list before the quiet hours end.
    """
    found = calls.to_say(store, usable, since=now - LATELY)
    ids = {item["assignment_id"] for row in found for item in row.items if item.get("assignment_id")}
    visits = {visit.id: visit for visit in assignments.where(store, *among("id", ids))}
    wanted: dict[str, list[tuple[rows.OutboxRow, Said]]] = {}
    for row in found:
        for item in row.items:
            said = _still_to_say(store, row, item, visits, now=now) if _is_readable(item) else None
            if said is not None:
                wanted.setdefault(row.addressee.removeprefix(VOLUNTEER), []).append((row, said))
    people = volunteers.where(store, *among("id", wanted))
    inside = None if grids is None else set(grids)
    made = [_call(person, wanted[person.id]) for person in people if inside is None or person.grid_id in inside]
    return sorted(made, key=lambda call: (call.due_at, call.volunteer.code))


def _call(person: Volunteer, wanted: list[tuple[rows.OutboxRow, Said]]) -> Call:
    said = sorted(
        (said for _, said in wanted), key=lambda one: (one.item["template"] not in CANCELLATIONS, _due_at(one.item))
    )
    tried = [row.called_at for row, _ in wanted if row.called_at and row.call_outcome == NOT_REACHED]
    due_at = min(_due_at(one.item) for one in said)
    return Call(person, tuple(said), due_at, wanted[0][0].state, max(tried, default=None))


def _due_at(item: dict[str, Any]) -> datetime:
    """When it is too late to say it; far away for what has no time."""
    moments = [datetime.fromisoformat(item[name]) for name in ("expires_at", "starts_at") if item.get(name)]
    return min(moments, default=FAR)


FAR = datetime.fromisoformat("9999-12-31T00:00:00+00:00")


def _is_readable(item: dict[str, Any]) -> bool:
    """Whether the piece can be put into words: one of an older release may not, and stands on the page of messages."""
    try:
        return item["template"] in TEXTS and _due_at(item) is not None
    except ValueError:
        return False


def _still_to_say(
    store: Store, row: rows.OutboxRow, item: dict[str, Any], visits: dict[str, Assignment], *, now: datetime
) -> Said | None:
    """The piece, if it still holds and was not said yet."""
    template = item["template"]
    if not still_ahead(item, now=now):
        return None
    visit = visits.get(item.get("assignment_id", ""))
    if template == "swap_asked":
        me = row.addressee.removeprefix(VOLUNTEER)
        asked = [swap for swap in open_swaps_for(store, me, now=now) if swap.id == item.get("swap_id")]
        return Said(item, swap_id=asked[0].id) if asked else None
    if template in QUESTIONS and visit is not None:
        if visit.state is State.PROPOSED and not replies.is_over(store, visit, now=now):
            return Said(item, assignment_id=visit.id)
        if template != "moved" or visit.state not in LIVE:
            return None
    if template == "reminder" and visit is not None and visit.state is not State.ACCEPTED:
        return None
    return Said(item) if row.call_outcome in ("", NOT_REACHED) else None


def answered(
    store: Store,
    config: Config,
    volunteer_id: str,
    question: str,
    answer: str,
    *,
    reason: str = "",
    only_this_time: bool = False,
    by: str,
    now: datetime,
) -> None:
    """The person said yes or no by phone to a proposal or a request to take a visit over.

    Raises InputError for an answer that is neither or a question of somebody else, IllegalMove if it is settled.
    """
    if answer not in (YES, NO):
        raise InputError(LocalizedText("the answer is '%(answer)s': expected accept or decline", answer=answer))
    visit = assignments.find(store, question)
    mine = visit is not None and visit.volunteer_id == volunteer_id
    with store.transaction():
        if mine and answer == YES:
            replies.accept(store, config, question, by=by, now=now)
        elif mine:
            replies.decline(store, config, question, reason, only_this_time=only_this_time, by=by, now=now)
        elif all(swap.id != question for swap in open_swaps_for(store, volunteer_id, now=now)):
            raise InputError(LocalizedText("this question is settled already: look at the list again"))
        elif answer == YES:
            swaps.accept(store, config, question, now=now)
        else:
            swaps.decline(store, question, now=now)
        calls.record(store, volunteer_id, answer, about=question, by=by, now=now)
        _note(store, volunteer_id, answer, question, by=by, now=now)


def phoned(store: Store, volunteer_id: str, outcome: str, *, by: str, now: datetime) -> None:
    """Somebody phoned: the person was told everything that is no question, or was not reached. Raises InputError."""
    if outcome not in (TOLD, NOT_REACHED):
        raise InputError(LocalizedText("the answer is '%(answer)s': expected told or not reached", answer=outcome))
    with store.transaction():
        calls.record(store, volunteer_id, outcome, by=by, now=now)
        _note(store, volunteer_id, outcome, "", by=by, now=now)


def _note(store: Store, volunteer_id: str, outcome: str, reason: str, *, by: str, now: datetime) -> None:
    audit.record(
        store, at=now, actor=by, action=f"call.{outcome}", object_kind="volunteer", object_id=volunteer_id,
        reason=reason and f"visit {reason}",
    )  # fmt: skip
