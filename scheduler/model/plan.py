"""Plans, runs and assignments, and the moves an assignment may make."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from scheduler.errors import IllegalMove
from scheduler.localized import LocalizedText, Word


class State(StrEnum):
    """Where an assignment stands. The plan proposes; the volunteer accepts or declines (志愿服务条例 art. 25)."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"  # accepted, then taken back by the volunteer with notice
    SUPERSEDED = "superseded"  # proposed, then replaced by a later plan
    CANCELLED = "cancelled"  # the slot fell away, or staff took the person off
    CHECKED_IN = "checked_in"
    DONE = "done"
    MISSED = "missed"
    EXCUSED = "excused"


LIVE = frozenset({State.PROPOSED, State.ACCEPTED, State.CHECKED_IN})
HELD = frozenset({State.ACCEPTED, State.CHECKED_IN, State.DONE})  # a promise was made: plans pin it

NEXT: dict[State, frozenset[State]] = {
    State.PROPOSED: frozenset({State.ACCEPTED, State.DECLINED, State.EXPIRED, State.SUPERSEDED, State.CANCELLED}),
    State.ACCEPTED: frozenset({State.WITHDRAWN, State.CANCELLED, State.CHECKED_IN, State.MISSED, State.EXCUSED}),
    State.CHECKED_IN: frozenset({State.DONE, State.CANCELLED, State.MISSED, State.EXCUSED}),
    State.MISSED: frozenset({State.EXCUSED, State.DONE}),  # staff correct a mis-click
    State.EXCUSED: frozenset({State.MISSED, State.DONE}),
    State.DONE: frozenset({State.MISSED, State.EXCUSED}),
}


@dataclass(frozen=True, slots=True)
class Assignment:
    """One volunteer on one slot at one start. `source` says who put them there: plan, staff, standby, claim, swap."""

    id: str
    slot_id: str
    volunteer_id: str
    starts_at: datetime
    state: State
    source: str = "plan"
    plan_id: str | None = None
    proposed_at: datetime | None = None
    expires_at: datetime | None = None
    replied_at: datetime | None = None
    reason: str = ""  # why declined, withdrawn, cancelled or superseded
    pinned: bool = False  # staff pinned it: no plan moves it
    taken_off: bool = False  # staff took the person off: nothing proposes this visit to them again
    revision: int = 0

    def move_to(self, state: State, **changes: Any) -> "Assignment":
        """This assignment in its new state. Raises IllegalMove if the table of moves forbids it."""
        if state not in NEXT.get(self.state, frozenset()):
            raise IllegalMove(
                LocalizedText(
                    "this visit is %(state)s and cannot become %(next)s: load the page again",
                    state=Word("assignment_states", self.state),
                    next=Word("assignment_states", state),
                )
            )
        return replace(self, state=state, **changes)


class PlanState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Seat:
    """One line of a plan: this volunteer on this slot at this start."""

    slot_id: str
    volunteer_id: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked proposal for a span of local days; `revision_read` is the store revision it was built from.

    `figures`: status, coverage, coverage_bound, cost, cost_bound, terms, seconds, slots, heads, filled…
    `unfilled`: slot id → missing people and the counts of people stopped by each rule.
    """

    id: str
    run_id: str
    from_date: date
    until_date: date  # last day, included
    state: PlanState
    revision_read: int
    created_at: datetime
    published_at: datetime | None = None
    published_by: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    unfilled: dict[str, Any] = field(default_factory=dict)
    revision: int = 0


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a job. (job, service_date) is unique for nightly jobs: exactly once per date.

    `fence` grows with each takeover; a publish under an old fence is refused. `progress` is the latest solver report.
    """

    id: str
    job: str  # "nightly", "plan", "repair"
    service_date: date
    key: str  # unique: "nightly:2026-11-23", or the run's own id for jobs by hand
    state: RunState
    started_at: datetime
    fence: int = 1
    holder: str = ""
    lease_until: datetime | None = None
    ended_at: datetime | None = None
    requested_by: str = ""
    message: str = ""
    progress: dict[str, Any] = field(default_factory=dict)
    receipt: dict[str, Any] = field(default_factory=dict)
    stop_requested: bool = False  # somebody asked to end the search now and keep the best plan found
    revision: int = 0
    message_zh: str = ""

    def message_in(self, locale: str) -> str:
        """What is to be told of the run: in Chinese for any "zh…", in English otherwise."""
        return self.message_zh if self.message_zh and locale.startswith("zh") else self.message


def precedence(assignment: Assignment) -> tuple[bool, datetime, str]:
    """Whose start a slot keeps if there are several: a promise goes before a proposal, the earlier before the later."""
    return assignment.state is State.PROPOSED, assignment.starts_at, assignment.id
