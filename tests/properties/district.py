"""What two staff, the solver, the scheduler and volunteers may do, in any order, on real SQLite."""

import random
import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from scheduler.availability import free_time
from scheduler.errors import DeliveryError, IllegalMove, NotFound, PlanRefused, StalePlan, StaleWrite
from scheduler.localized import Bilingual
from scheduler.localtime import local_date
from scheduler.messages import outbox, texts
from scheduler.model.ids import new_id
from scheduler.model.plan import HELD, Plan, PlanState, State
from scheduler.model.services import NeedState
from scheduler.needs import bulk_changes
from scheduler.operations import delivery
from scheduler.operations.rollback import roll_back
from scheduler.planning.build import assignments_from, build_problem, seats_from
from scheduler.planning.publish import publish
from scheduler.planning.replan import start_run, versions
from scheduler.promises import claims, message_validity, refusals, reminders, replies, settle, swaps
from scheduler.records import attendance
from scheduler.rules.windows import day_starts_at, first_draft_day
from scheduler.store import ledger, open_store, promised
from scheduler.store import outbox as outbox_rows
from scheduler.store.people import recipients
from scheduler.store.plans import add_plan, assignments, plans
from scheduler.store.repository import utc_text
from scheduler.store.services import needs, slots
from scheduler.store.swaps import swaps as swap_rows
from solver.model.check import violations
from solver.model.problem_json import problem_to_json
from solver.model.solution import Assignment as SolverAssignment
from tests.scheduler.promises.world import NOW, a_config, a_need, a_slot, a_standby_list, a_store, a_volunteer, an_elder

PEOPLE, NEEDS = ("v1", "v2", "v3", "v4"), ("n1", "n2", "n3")
REFUSALS = (IllegalMove, StalePlan, PlanRefused)
NEED_CHANGES = (
    {"state": NeedState.CANCELLED},
    {"state": NeedState.PUBLISHED},
    {"start": "16:00", "end": "18:00"},
    {"start": None, "end": None},
    {"weekdays": (1, 3)},
    {"weekdays": (1, 2, 3, 4, 5, 6, 7)},
)
pick = st.integers(0, 10**6)


def only_this_time(store, config, assignment_id, *, now):
    return replies.decline(store, config, assignment_id, only_this_time=True, now=now)


class Postbox:
    """A channel that loses its connection every third time."""

    name = "postbox"

    def address_of(self, addressee):
        return addressee.id

    def __init__(self):
        self.calls, self.taken = 0, Counter()

    def send(self, message):
        self.calls += 1
        if self.calls % 3 == 0:
            raise DeliveryError(Bilingual("没有连接", "no connection"))
        self.taken[message.key] += 1
        return ""


class District(RuleBasedStateMachine):
    """Two elders, four volunteers, six visits; `now` moves only when time passes."""

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp(prefix="yidu-states-"))
        self.store = a_store(self.folder)
        self.other_staff = open_store(self.store.path)
        self.config = a_config()
        self.now = NOW
        self.box = Postbox()
        self.seen: dict[str, State] = {}
        an_elder(self.store, "e2")
        for name in PEOPLE:
            a_volunteer(self.store, name)
        for need, elder in (("n1", "e1"), ("n2", "e2"), ("n3", "e1")):
            a_need(self.store, need, elder)
        for n, (hours_ahead, need, heads) in enumerate(
            ((3, "n1", 1), (30, "n1", 1), (30.25, "n2", 1), (54, "n2", 2), (54.5, "n3", 1), (78, "n3", 2))
        ):
            flexible = NOW + timedelta(hours=hours_ahead + 1)
            slot = a_slot(self.store, f"s{n}", hours=hours_ahead, need_id=need, heads=heads, latest_at=flexible)
            a_standby_list(self.store, slot, *PEOPLE, ranks=(1, 1, 2, 2))

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()
            self.other_staff.close()
            shutil.rmtree(self.folder)

    def one(self, items, number):
        items = list(items)
        return items[number % len(items)] if items else None

    def any_assignment(self, number, *states):
        return self.one((a for a in assignments.where(self.store, "1 ORDER BY rowid") if a.state in states), number)

    # The solver and the scheduler -------------------------------------------------------------------------------

    @rule(seed=pick)
    def solver_makes_a_plan(self, seed):
        snapshot = build_problem(self.store, self.config, now=self.now)
        problem, rng = snapshot.problem, random.Random(seed)
        placed = [SolverAssignment(s.id, p.volunteer, p.start) for s in problem.slots for p in s.pinned]
        if violations(problem, placed):
            return
        for slot in rng.sample(problem.slots, len(problem.slots)):
            for person in rng.sample(problem.volunteers, len(problem.volunteers)):
                start = rng.randrange(slot.earliest, slot.latest + 1, slot.step)
                more = [*placed, SolverAssignment(slot.id, person.id, start)]
                if not violations(problem, more):
                    placed = more
        run = start_run(self.store, self.config, "plan", by="staff", now=self.now)
        ledger.keep_files(self.store, run.id, problem_to_json(problem), seed=0, versions=versions())
        seats = seats_from(placed, snapshot)
        assert len(assignments_from(seats, snapshot.horizon)) == len(placed)
        publish_before = day_starts_at(first_draft_day(self.config, now=self.now))
        figures = {
            "filled": len(placed),
            "publish_before": utc_text(publish_before),
            "open_frozen": False,
            "causes": {},
        }
        with self.store.transaction():
            for draft in plans.by(self.store, state=PlanState.DRAFT):
                plans.save(self.store, replace(draft, state=PlanState.DISCARDED))
            horizon = snapshot.horizon
            draft = Plan(
                new_id(), run.id, horizon.first_day, horizon.last_day, PlanState.DRAFT, snapshot.revision, self.now
            )
            add_plan(self.store, replace(draft, figures=figures), seats)

    @rule()
    def staff_publish_the_draft(self):
        draft = self.one(plans.by(self.store, state=PlanState.DRAFT), 0)
        if draft is None:
            return
        held = {a.id for a in assignments.where(self.store) if a.state in HELD}
        before = {a.id: a for a in assignments.where(self.store)}
        try:
            publish(self.store, self.config, draft.id, by="staff", now=self.now)
        except REFUSALS:
            assert {a.id: a for a in assignments.where(self.store)} == before  # all or nothing
        else:
            assert held <= {a.id for a in assignments.where(self.store) if a.state in HELD}

    @rule(seed=pick)
    def the_night_runs(self, seed):
        self.scheduler_expires_and_tidies()
        self.solver_makes_a_plan(seed)
        self.staff_publish_the_draft()

    @rule(minutes=st.sampled_from((5, 90, 60 * 5, 60 * 13)))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule()
    def scheduler_expires_and_tidies(self):
        untold = outbox.unsent_questions(self.store)
        open_before = {a.id for a in assignments.by(self.store, state=State.PROPOSED)}
        replies.expire_offers(self.store, self.config, now=self.now)
        swaps.expire(self.store, now=self.now)
        attendance.close_forgotten(self.store, now=self.now)
        expired = {a.id for a in assignments.by(self.store, state=State.EXPIRED)} & open_before
        assert not expired & untold  # nobody's time runs out before they were asked
        for request in swap_rows.where(self.store, "state = 'expired'"):
            visit = assignments.get(self.store, request.assignment_id)
            assert request.id not in untold or visit.starts_at <= self.now
        for request in swap_rows.by(self.store, state="asked"):
            assert assignments.get(self.store, request.assignment_id).state is State.ACCEPTED
        for offer in assignments.by(self.store, state=State.PROPOSED):
            assert offer.starts_at > self.now
            assert offer.expires_at > self.now or offer.id in outbox.unsent_questions(self.store)

    @rule()
    def scheduler_sends_messages(self):
        waiting = {row.id for row in outbox_rows.waiting_rows(self.store)}
        delivery.deliver_all(self.store, self.config, [self.box], by="scheduler", clock=lambda: self.now)
        for row in outbox_rows.rows_in_state(self.store, "sent", limit=1000):
            for item in row.items if row.id in waiting else ():
                self.is_worth_saying(item)

    def is_worth_saying(self, item):
        """What is sent is about a visit ahead; a question is open, and its time has just begun."""
        visit = assignments.find(self.store, item.get("assignment_id", ""))
        if visit is None or item["template"] not in message_validity.AHEAD:
            return
        length = timedelta(minutes=45) if item["template"] in texts.CANCELLATIONS else timedelta()
        assert visit.starts_at + length > self.now, item
        if item["template"] in texts.REPLYABLE:
            assert visit.state is State.PROPOSED
            assert visit.expires_at > self.now
        if item["template"] in ("reminder", "swap_declined"):
            assert visit.state is State.ACCEPTED
        if item["template"] == "swap_asked":
            assert swap_rows.get(self.store, item["swap_id"]).state == "asked"

    @rule()
    def people_are_reminded(self):
        reminders.remind(self.store, now=self.now)

    # Volunteers ---------------------------------------------------------------------------------------------------

    @rule(number=pick, answer=st.sampled_from((replies.accept, replies.decline, only_this_time, replies.withdraw)))
    def volunteer_answers(self, number, answer):
        fitting = State.ACCEPTED if answer is replies.withdraw else State.PROPOSED
        assignment = self.any_assignment(number, *([fitting] if number % 3 else State))
        if assignment is None:
            return
        try:
            answered = answer(self.store, self.config, assignment.id, now=self.now)
        except IllegalMove:
            assert assignments.get(self.store, assignment.id) == assignment
        else:
            assert answer(self.store, self.config, assignment.id, now=self.now) == answered  # sent twice: no change

    @rule(who=st.sampled_from(PEOPLE), need=st.sampled_from(NEEDS))
    def a_no_is_taken_back(self, who, need):
        stands = who in promised.who_refused(self.store, need)
        try:
            refusals.take_back(self.store, need, who, by=who, now=self.now)
        except NotFound:
            assert not stands
        else:
            assert who not in promised.who_refused(self.store, need)

    @rule(number=pick, who=st.sampled_from(PEOPLE))
    def volunteer_claims_a_seat(self, number, who):
        slot = self.one(slots.where(self.store), number)
        try:
            claimed = claims.claim(self.store, self.config, slot.id, who, now=self.now)
        except IllegalMove:
            return
        assert (claimed.state, claimed.pinned) == (State.ACCEPTED, True)

    @rule(number=pick, who=st.sampled_from(PEOPLE))
    def volunteer_asks_for_a_swap(self, number, who):
        if given := self.any_assignment(number, State.ACCEPTED):
            try:
                swaps.ask(self.store, self.config, given.id, who, now=self.now)
            except IllegalMove:
                return

    @rule(number=pick, yes=st.booleans())
    def volunteer_answers_a_swap(self, number, yes):
        if swap := self.one(swap_rows.by(self.store, state="asked"), number):
            try:
                if yes:
                    swaps.accept(self.store, self.config, swap.id, now=self.now)
                else:
                    swaps.decline(self.store, swap.id, now=self.now)
            except IllegalMove:
                return

    @rule(number=pick, step=st.sampled_from((attendance.check_in, attendance.check_out)))
    def volunteer_checks_in_or_out(self, number, step):
        if visit := self.any_assignment(number, State.ACCEPTED, State.CHECKED_IN):
            try:
                step(self.store, visit.id, now=self.now)
            except IllegalMove:
                return

    @rule(number=pick)
    def volunteer_takes_a_swap_back(self, number):
        if swap := self.one(swap_rows.by(self.store, state="asked"), number):
            try:
                swaps.take_back(self.store, swap.id, now=self.now)
            except IllegalMove:
                return

    # Staff --------------------------------------------------------------------------------------------------------

    @rule(number=pick, active=st.booleans())
    def a_recipient_leaves_or_comes_back(self, number, active):
        elder = self.one(recipients.where(self.store, "1 ORDER BY id"), number)
        with settle.settled(self.store, recipients=[elder.id], by="staff", now=self.now):
            recipients.save(self.store, replace(elder, active=active))
            self.store.touch()

    @rule(who=st.sampled_from(PEOPLE), active=st.booleans())
    def a_volunteer_leaves_or_comes_back(self, who, active):
        bulk_changes.set_volunteers_active(self.store, [who], active, by="staff", now=self.now)

    @rule(number=pick, who=st.sampled_from(PEOPLE), blocked=st.booleans())
    def a_recipient_refuses_somebody_or_no_more(self, number, who, blocked):
        elder = self.one(recipients.where(self.store, "1 ORDER BY id"), number)
        with settle.settled(self.store, recipients=[elder.id], by="staff", now=self.now):
            recipients.save(
                self.store, replace(elder, blocked=elder.blocked | {who} if blocked else elder.blocked - {who})
            )
            self.store.touch()

    @rule(need=st.sampled_from(NEEDS), change=st.sampled_from(NEED_CHANGES))
    def a_need_is_ended_opened_or_moved(self, need, change):
        before = needs.get(self.store, need)
        with settle.settled(self.store, needs=[need], by="staff", now=self.now):
            needs.save(self.store, replace(before, **change))
            self.store.touch()

    @rule(who=st.sampled_from(PEOPLE), days=st.integers(0, 3))
    def a_volunteer_is_away(self, who, days):
        day = local_date(self.now) + timedelta(days=days)
        free_time.add_exception(self.store, who, kind="away", from_date=day, until_date=day, now=self.now)

    @rule(number=pick)
    def staff_take_somebody_off(self, number):
        if visit := self.any_assignment(number, State.PROPOSED, State.ACCEPTED, State.CHECKED_IN):
            replies.take_off(self.store, self.config, visit.id, "rain", by="staff", now=self.now)

    @rule(number=pick, mark=st.sampled_from((State.DONE, State.MISSED, State.EXCUSED)))
    def staff_mark_attendance(self, number, mark):
        if visit := self.any_assignment(
            number, State.ACCEPTED, State.CHECKED_IN, State.DONE, State.MISSED, State.EXCUSED
        ):
            try:
                attendance.mark(self.store, visit.id, mark, by="staff", now=self.now)
            except IllegalMove:
                return

    @rule()
    def staff_take_the_plan_back(self):
        plan = self.one(plans.by(self.store, state=PlanState.PUBLISHED), 0)
        held = {a.id for a in assignments.where(self.store) if a.state in HELD}
        if plan is not None:
            roll_back(self.store, self.config, plan.run_id, by="staff", now=self.now)
            assert held == {a.id for a in assignments.where(self.store) if a.state in HELD}

    @rule(number=pick, priority=st.integers(1, 5))
    def two_staff_change_one_slot(self, number, priority):
        mine = self.one(slots.where(self.store), number)
        theirs = slots.get(self.other_staff, mine.id)
        slots.save(self.other_staff, replace(theirs, priority=priority))
        self.other_staff.touch()
        with pytest.raises(StaleWrite):
            slots.save(self.store, replace(mine, priority=6 - priority))
        assert slots.get(self.store, mine.id).priority == priority
