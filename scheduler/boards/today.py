"""What needs staff now, most urgent first: every item leads to the one page where it is settled."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.localtime import at_local, local_date
from scheduler.model.plan import Plan, Run
from scheduler.records.attendance import STILL_ASKED, at_risk
from scheduler.records.measures import CadenceReport
from scheduler.store import Store, records
from scheduler.store.plans import latest_plan
from scheduler.store.queries.board_lists import SlotRow, slots_page
from scheduler.store.queries.paging import Page
from scheduler.store.queries.runs_lists import newest_runs, shown_plans
from scheduler.store.queries.today_lists import (
    ConflictRow,
    DeclineRow,
    NamedRow,
    TodayVisit,
    conflicts,
    count_recipients,
    declines,
    named_recipients,
    visits_by_ids,
    visits_to_confirm,
)

DAYS_AHEAD = 3
DECLINED_SINCE = timedelta(hours=48)
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Today:
    """The page of today. Lists hold the first few; numbers count all."""

    at_risk: tuple[TodayVisit, ...]
    to_confirm: tuple[TodayVisit, ...]  # over, and what was pressed does not say how they were
    undecided: Page[ConflictRow]
    unfilled: Page[SlotRow]
    declines: tuple[DeclineRow, ...]
    overdue: tuple[NamedRow, ...]
    overdue_total: int
    last_night: Run | None
    published: Plan | None
    drafts: tuple[Plan, ...]

    @property
    def is_quiet(self) -> bool:
        waiting = (
            self.at_risk or self.to_confirm or self.undecided.total or self.declines or self.overdue or self.drafts
        )
        return not (waiting or self.unfilled.total)


def today(
    store: Store, *, rhythm: CadenceReport, area: str | None, grids: set[str], now: datetime, offset: int = 0
) -> Today:
    """Everything that waits for staff of an area; `rhythm` is how well the district's elders are kept company.

    `offset` turns the pages of the promised visits that something speaks against.
    """
    first = local_date(now)
    risky = [row["slot_id"] for row in at_risk(store, now=now, grids=grids)]
    unsaid = records.unconfirmed(store, now - STILL_ASKED, at_local(first, "00:00"))
    nightly = [run for run in newest_runs(store, limit=50) if run.job == "nightly"]
    return Today(
        at_risk=tuple(visits_by_ids(store, risky[:SHOWN])),
        to_confirm=tuple(visits_to_confirm(store, [a.id for a in unsaid], area=area)),
        undecided=conflicts(store, area=area, now=now, offset=offset),
        unfilled=slots_page(
            store,
            first,
            first + timedelta(days=DAYS_AHEAD - 1),
            area=area,
            states=("empty", "partly"),
            not_before=now,
            order="urgency",
            size=SHOWN,
        ),
        declines=tuple(declines(store, area=area, since=now - DECLINED_SINCE, now=now, limit=SHOWN)),
        overdue=tuple(named_recipients(store, list(rhythm.overdue), area=area, limit=SHOWN)),
        overdue_total=count_recipients(store, list(rhythm.overdue), area=area),
        last_night=nightly[0] if nightly else None,
        published=latest_plan(store, "published"),
        drafts=tuple(shown_plans(store)),
    )
