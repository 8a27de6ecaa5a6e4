"""Two staff, the solver, the scheduler and volunteers act in any order on real SQLite; none of it breaks a promise."""

import random
import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from scheduler.errors import DeliveryError, IllegalMove, PlanRefused, StalePlan, StaleWrite
from scheduler.model.ids import new_id
from scheduler.model.plan import HELD, LIVE, NEXT, Plan, PlanState, State
from scheduler.planning.bridge import assignments_from, build_problem, seats_from
from scheduler.planning.publish import publish
from scheduler.planning.replan import start_run, versions
from scheduler.planning.windows import day_starts_at, first_draft_day
from scheduler.promises import claims, delivery, replies, standby, swaps
from scheduler.records import attendance, hours
from scheduler.store import audit, ledger, open_store
from scheduler.store import outbox as outbox_rows
from scheduler.store.plans import add_plan, assignments, plans
from scheduler.store.repository import utc_text
from scheduler.store.services import slots
from scheduler.store.swaps import swaps as swap_rows
from solver.check import violations
from solver.exchange import problem_to_json
from solver.solution import Assignment as SolverAssignment
from tests.scheduler.promises.world import NOW, a_config, a_ladder, a_need, a_slot, a_store, a_volunteer, an_elder

PEOPLE = ("v1", "v2", "v3", "v4")
REFUSALS = (IllegalMove, StalePlan, PlanRefused)
TOUCHED_BY_PEOPLE = {State.WITHDRAWN, State.CANCELLED, State.MISSED, State.EXCUSED, State.CHECKED_IN, State.DONE}
pick = st.integers(0, 10**6)


class Postbox:
    """A channel that loses its connection every third time."""

    name, personal = "postbox", False

    def __init__(self):
        self.calls, self.taken = 0, Counter()

    def send(self, message):
        self.calls += 1
        if self.calls % 3 == 0:
            raise DeliveryError("no connection")
        self.taken[message.key] += 1


class District(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp(prefix="yidu-states-"))
        self.store = a_store(self.folder)
        self.other_staff = open_store(self.store.path)
        self.config = a_config()
        self.now = NOW
        self.box = Postbox()
        self.seen: dict[str, State] = {}
        self.refused: set[tuple[str, str]] = set()
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
            a_ladder(self.store, slot, *PEOPLE, ranks=(1, 1, 2, 2))

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
        replies.expire_offers(self.store, self.config, now=self.now)
        swaps.expire(self.store, now=self.now)
        attendance.close_forgotten(self.store, now=self.now)
        overdue = [a for a in assignments.where(self.store) if a.state is State.PROPOSED]
        assert all(a.expires_at is None or a.expires_at > self.now for a in overdue)

    @rule()
    def scheduler_sends_messages(self):
        delivery.deliver_all(self.store, self.config, [self.box], by="scheduler", clock=lambda: self.now)

    # Volunteers ---------------------------------------------------------------------------------------------------

    @rule(number=pick, answer=st.sampled_from((replies.accept, replies.decline, replies.withdraw)))
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

    @rule(number=pick, who=st.sampled_from(PEOPLE))
    def volunteer_claims_a_seat(self, number, who):
        slot = self.one(slots.where(self.store), number)
        try:
            claimed = claims.claim(self.store, self.config, slot.id, who, now=self.now)
        except IllegalMove:
            return
        self.refused.discard((slot.need_id, who))
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

    # Staff --------------------------------------------------------------------------------------------------------

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

    @rule(number=pick, priority=st.integers(1, 5))
    def two_staff_change_one_slot(self, number, priority):
        mine = self.one(slots.where(self.store), number)
        theirs = slots.get(self.other_staff, mine.id)
        slots.save(self.other_staff, replace(theirs, priority=priority))
        self.other_staff.touch()
        with pytest.raises(StaleWrite):
            slots.save(self.store, replace(mine, priority=6 - priority))
        assert slots.get(self.store, mine.id).priority == priority

    # What always holds --------------------------------------------------------------------------------------------

    @invariant()
    def nobody_is_in_two_places(self):
        if not hasattr(self, "store"):
            return
        length = {s.id: s.minutes for s in slots.where(self.store)}
        for who in PEOPLE:
            mine = sorted(
                (a.starts_at, a.starts_at + timedelta(minutes=length[a.slot_id]))
                for a in assignments.by(self.store, volunteer_id=who)
                if a.state in LIVE
            )
            assert all(first[1] <= second[0] for first, second in pairwise(mine)), mine

    @invariant()
    def no_slot_has_too_many_people_and_all_begin_together(self):
        if not hasattr(self, "store"):
            return
        for slot in slots.where(self.store):
            live = [a for a in assignments.by(self.store, slot_id=slot.id) if a.state in LIVE]
            assert len(live) <= slot.heads
            assert len({a.starts_at for a in live}) <= 1
            assert all(slot.earliest_at <= a.starts_at <= slot.latest_at for a in live)

    @invariant()
    def states_change_only_as_the_table_allows(self):
        if not hasattr(self, "store"):
            return
        for a in assignments.where(self.store, "1 ORDER BY rowid"):
            before = self.seen.get(a.id)
            if before is None:
                assert a.state in {State.PROPOSED, State.ACCEPTED, *NEXT[State.PROPOSED], *NEXT[State.ACCEPTED]}
            elif before is not a.state:
                assert a.state in reachable(before), (before, a.state)
                if before is State.ACCEPTED:  # a promise ends by a person's act, never by a plan, and is on record
                    assert a.state in TOUCHED_BY_PEOPLE
                    assert audit.history(self.store, "assignment", a.id)
            self.seen[a.id] = a.state

    @invariant()
    def a_no_is_never_asked_again(self):
        if not hasattr(self, "store"):
            return
        need_of = {s.id: s.need_id for s in slots.where(self.store)}
        for a in assignments.where(self.store, "1 ORDER BY rowid"):
            key = (need_of[a.slot_id], a.volunteer_id)
            if a.state is State.DECLINED:
                self.refused.add(key)
        for a in assignments.where(self.store):
            asked_after_no = (need_of[a.slot_id], a.volunteer_id) in self.refused and a.state is State.PROPOSED
            if asked_after_no:
                no_at = max(
                    b.replied_at
                    for b in assignments.by(self.store, volunteer_id=a.volunteer_id, state=State.DECLINED)
                    if need_of[b.slot_id] == need_of[a.slot_id]
                )
                assert a.proposed_at <= no_at, (a, no_at)

    @invariant()
    def messages_agree_with_the_facts(self):
        if not hasattr(self, "store"):
            return
        keys = [row["key"] for row in self.store.rows("SELECT key FROM outbox")]
        assert len(keys) == len(set(keys))
        for a in assignments.by(self.store, source="standby"):
            assert f"standby_offer:{a.id}:0" in keys
        assert all(count == 1 for count in self.box.taken.values())
        for row in outbox_rows.rows_in_state(self.store, "sent"):
            assert row.sent_to == ("postbox",)

    @invariant()
    def the_log_is_whole_and_hours_are_those_of_finished_visits(self):
        if not hasattr(self, "store"):
            return
        assert audit.broken_row(self.store) is None
        for a in assignments.where(self.store):
            assert (hours.standing(self.store, a.id) is not None) == (a.state is State.DONE)

    @invariant()
    def no_standby_is_asked_more_often_than_the_cap(self):
        if not hasattr(self, "store"):
            return
        asked = Counter(a.volunteer_id for a in assignments.by(self.store, source="standby"))
        assert all(count <= self.config.standby.offers_per_week for count in asked.values())
        assert standby.is_tired(self.store, self.config, "v1", now=self.now) == (
            asked["v1"] >= self.config.standby.offers_per_week
        )


def reachable(state: State) -> set[State]:
    """States that one or more legal moves lead to (a rule may make two moves at once)."""
    found: set[State] = set()
    waiting = [state]
    while waiting:
        for after in NEXT.get(waiting.pop(), ()):
            if after not in found:
                found.add(after)
                waiting.append(after)
    return found


def run(sequences: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    wanted = settings(max_examples=sequences, stateful_step_count=25, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(District, settings=wanted)


def test_no_sequence_of_acts_breaks_a_promise():
    run(60)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_sequence_of_acts_breaks_a_promise_in_a_thousand_runs():
    run(1000)
