"""Heat and cold: a surge of short care visits for the elders at risk, declared by staff for some days.

A surge is made of ordinary needs with an end, so slots, plans, messages and measures follow by themselves.
"""

from dataclasses import replace
from datetime import date, datetime

from scheduler.config import Config
from scheduler.errors import InputError
from scheduler.localized import LocalizedText
from scheduler.localtime import local_date
from scheduler.model.ids import stable_id
from scheduler.model.people import Recipient, RecipientKind
from scheduler.model.services import Need, NeedKind, NeedState
from scheduler.promises.settle import settled
from scheduler.store import Store, audit
from scheduler.store.people import grids_within, recipients
from scheduler.store.services import needs, service_types

CARE_VISIT = "E13"
KINDS = ("heat", "cold")


def declare_surge(
    store: Store,
    config: Config,
    *,
    kind: str,
    from_date: date,
    until_date: date,
    grid_id: str | None = None,
    by: str,
    now: datetime,
) -> int:
    """Asks for care visits to elders of a grid (None: everywhere) between two local days; how many elders.

    How often follows from the tier (`elders.surge`). Declaring the same surge again adds nobody twice.
    Raises InputError for another kind, or if the last day is before the first or has passed.
    """
    if kind not in KINDS:
        raise InputError(LocalizedText("the surge is '%(kind)s': expected heat or cold", kind=kind))
    if until_date < from_date:
        raise InputError(
            LocalizedText(
                "the surge ends on %(until_date)s, before it begins on %(from_date)s: choose a later end",
                until_date=until_date,
                from_date=from_date,
            )
        )
    if until_date < local_date(now):
        raise InputError(
            LocalizedText(
                "the surge ends on %(until_date)s, which has passed: choose today or a later day", until_date=until_date
            )
        )
    with store.transaction():
        service_types.get(store, CARE_VISIT)
        area = grids_within(store, grid_id)
        asked = [
            _need(elder, per_week, kind, from_date, until_date, by, now)
            for elder in recipients.by(store, kind=RecipientKind.ELDER, active=1)
            if elder.grid_id in area and (per_week := config.elders.surge.get(elder.risk_tier.value, 0))
        ]
        fresh = [need for need in asked if needs.find(store, need.id) is None]
        needs.add_all(store, fresh)
        object_id = f"{kind}:{from_date}:{until_date}"
        audit.record(store, at=now, actor=by, action="surge.declared", object_kind="surge", object_id=object_id)
        store.touch()
        return len(fresh)


def end_surge(store: Store, *, kind: str, last_day: date, by: str, now: datetime) -> int:
    """The weather turned: care visits after a local day are not asked for any more; how many needs were shortened.

    Whoever had promised one of them is told not to go.
    """
    condition = "service_type = :service AND state = 'published' AND title LIKE :titles AND until_date > :last"
    values = {"service": CARE_VISIT, "titles": f"surge:{kind}:%", "last": last_day.isoformat()}
    with store.transaction():
        longer = needs.where(store, condition, values)
        with settled(store, needs=[need.id for need in longer], by=by, now=now):
            for need in longer:
                begun = need.from_date <= last_day
                needs.save(
                    store, replace(need, until_date=last_day) if begun else replace(need, state=NeedState.CANCELLED)
                )
        audit.record(store, at=now, actor=by, action="surge.ended", object_kind="surge", object_id=f"{kind}:{last_day}")
        store.touch()
        return len(longer)


def _need(
    elder: Recipient, per_week: int, kind: str, from_date: date, until_date: date, by: str, now: datetime
) -> Need:
    need_id = stable_id("surge", kind, from_date, elder.id)
    return Need(
        id=need_id,
        code=f"S-{need_id[:10]}",
        service_type=CARE_VISIT,
        recipient_id=elder.id,
        kind=NeedKind.CADENCE,
        from_date=from_date,
        until_date=until_date,
        per_week=per_week,
        title=f"surge:{kind}:{from_date}",
        state=NeedState.PUBLISHED,
        created_by=by,
        created_at=now,
    )
