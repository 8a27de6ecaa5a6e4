"""Needs that live: changed as a whole or from a day on, paused between two days; one visit skipped or brought back.

From a day on means two needs: the old one ends the day before, a new one with the changes goes on. What was before
keeps its history as it was.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from scheduler.config import Config
from scheduler.errors import IllegalMove, InputError
from scheduler.localized import LocalizedText
from scheduler.localtime import local_date
from scheduler.model.ids import stable_id
from scheduler.model.plan import State
from scheduler.model.services import Need, NeedKind, NeedState, SlotState
from scheduler.needs.need_form import must_take_place, save_need
from scheduler.needs.renew import renew_one
from scheduler.promises.ground import FELL_AWAY
from scheduler.promises.settle import end_promise
from scheduler.store import Store, audit, promised
from scheduler.store.directory import next_code
from scheduler.store.services import needs, slots

SKIPPED = "skipped"  # the cause of a visit that staff left out; it does not come back by itself
A_DAY = timedelta(days=1)


def change_need(
    store: Store,
    config: Config,
    need_id: str,
    texts: Mapping[str, str],
    *,
    from_day: date | None = None,
    revision: int | None = None,
    by: str,
    now: datetime,
) -> Need:
    """The need as it reads from now on, or the new need that takes over on `from_day`; visits and promises follow.

    Raises InvalidFields, also where no visit could ever come of it, StaleWrite, NotFound, InputError for a day on
    which the need has not begun or is over.
    """
    with store.transaction():
        need = needs.get(store, need_id)
        if from_day is None or need.kind is NeedKind.ONCE or from_day <= need.from_date:
            changed = save_need(store, texts, need_id=need_id, revision=revision, by=by, now=now)
        else:
            if need.until_date is not None and from_day > need.until_date:
                until = need.until_date.isoformat()
                raise InputError(LocalizedText("the need ends on %(until)s: choose a day until then", until=until))
            ends = {"until_date": (from_day - A_DAY).isoformat()}
            save_need(store, ends, need_id=need_id, revision=revision, by=by, now=now)
            follower = _follower(store, need, from_day, by=by, now=now)
            changed = save_need(
                store, {**texts, "from_date": from_day.isoformat()}, need_id=follower.id, by=by, now=now
            )
        if changed.state is NeedState.PUBLISHED:
            must_take_place(store, config, changed, now=now)
        renew_one(store, config, changed, now=now)
    return changed


def pause_need(
    store: Store, config: Config, need_id: str, first: date, last: date, *, by: str, now: datetime
) -> Need | None:
    """No visit from one local day to another (both included); the need that goes on afterwards, None if none does.

    Raises InputError where the days are not in order, past, or outside the need.
    """
    need = needs.get(store, need_id)
    if need.kind is NeedKind.ONCE or first > last or last < local_date(now):
        raise InputError(
            LocalizedText("a pause goes from a day to the same or a later one, not past, of a need that comes again")
        )
    with store.transaction():
        goes_on = need.until_date is None or last < need.until_date
        if first <= need.from_date:
            if not goes_on:
                raise InputError(LocalizedText("the whole need would be left out: close it instead"))
            later = {"from_date": (last + A_DAY).isoformat()}
            follower: Need | None = save_need(store, later, need_id=need_id, by=by, now=now)
        else:
            save_need(store, {"until_date": (first - A_DAY).isoformat()}, need_id=need_id, by=by, now=now)
            follower = _follower(store, need, last + A_DAY, by=by, now=now) if goes_on else None
        renew_one(store, config, needs.get(store, need_id), now=now)
    return follower


def skip_visit(store: Store, slot_id: str, *, reason: str, by: str, now: datetime) -> None:
    """This one visit does not take place; who was to come is told. Raises NotFound, IllegalMove."""
    with store.transaction():
        slot = slots.get(store, slot_id)
        if slot.state is SlotState.CANCELLED or slot.latest_at <= now:
            raise IllegalMove(LocalizedText("this visit is over or cancelled already: load the page again"))
        for promise in promised.live_on_slot(store, slot_id):
            if promise.state is State.CHECKED_IN:
                raise IllegalMove(LocalizedText("somebody is there already: enter how the visit was instead"))
            end_promise(store, promise, "not needed", by=by, now=now)
        slots.save(store, replace(slot, state=SlotState.CANCELLED, cause=SKIPPED))
        audit.record(
            store, at=now, actor=by, action="visit.skip", object_kind="need", object_id=slot.need_id, reason=reason
        )
        store.touch()


def bring_back_visit(store: Store, config: Config, slot_id: str, *, by: str, now: datetime) -> None:
    """A visit that was left out takes place where its need still asks for it. Raises NotFound, IllegalMove."""
    with store.transaction():
        slot = slots.get(store, slot_id)
        if slot.cause != SKIPPED:
            raise IllegalMove(LocalizedText("this visit was not left out: load the page again"))
        slots.save(store, replace(slot, cause=FELL_AWAY))
        audit.record(store, at=now, actor=by, action="visit.back", object_kind="need", object_id=slot.need_id)
        renew_one(store, config, needs.get(store, slot.need_id), now=now)


def _follower(store: Store, need: Need, from_day: date, *, by: str, now: datetime) -> Need:
    """A need like this one that begins on the day."""
    code = next_code(store, "needs")
    made = replace(
        need, id=stable_id("need", code), code=code, from_date=from_day, created_by=by,
        created_at=now.replace(microsecond=0), revision=0,
    )  # fmt: skip
    audit.record(store, at=now, actor=by, action="need.create", object_kind="need", object_id=made.id)
    return needs.add(store, made)
