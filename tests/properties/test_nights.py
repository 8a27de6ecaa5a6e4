"""Whatever the store holds, the night plans the rest: it publishes, keeps what is held, and books nobody twice."""

import tempfile
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scheduler.errors import IllegalMove, StaleWrite
from scheduler.localtime import at_local, local_date
from scheduler.model.ids import new_id
from scheduler.model.plan import HELD, LIVE, Assignment, State
from scheduler.model.services import NeedState, SlotState, TeamRule
from scheduler.operations import night
from scheduler.planning import placing, replan
from scheduler.planning.solver_process import checked
from scheduler.promises import claims, replies
from scheduler.promises.settle import FORBIDS
from scheduler.store.people import recipients, volunteers
from scheduler.store.plans import assignments
from scheduler.store.services import needs, service_types, slots
from solver.model.check import measure
from solver.model.solution import Solution, Status
from tests.scheduler.planning.first_fit import first_fit
from tests.scheduler.promises.world import NOW, a_config, a_need, a_slot, a_store, a_volunteer, an_elder

PEOPLE, NEEDS = ("v1", "v2", "v3", "v4"), (("n1", "e1"), ("n2", "e2"), ("n3", "e1"))
MIDNIGHT = at_local(local_date(NOW), "00:00")
DAY_MIN = 1440
STANDS = HELD | {State.MISSED}

visits = st.fixed_dictionaries({
    "need": st.sampled_from(NEEDS),
    "minute": st.builds(
        lambda day, five: day * DAY_MIN + 5 * five, st.integers(0, 6), st.sampled_from((0, 1, 108, 168, 171, 174, 287))
    ),
    "minutes": st.sampled_from((15, 45, 45, 120)),
    "heads": st.integers(1, 3),
    "min_heads": st.integers(1, 3),
    "flexible": st.sampled_from((0, 0, 60)),
    "team": st.booleans(),
})  # fmt: skip
shifts = st.sampled_from(
    (0, 0, 0, 15, 30, -15, 3, DAY_MIN, -DAY_MIN, 8 * DAY_MIN)
)  # minutes away from the slot's start
standing = st.fixed_dictionaries({
    "slot": st.integers(0, 9),
    "who": st.sampled_from(PEOPLE),
    "shift": shifts,
    "seconds": st.sampled_from((0, 0, 0, 27)),
    "state": st.sampled_from((State.PROPOSED, State.ACCEPTED, State.ACCEPTED, State.CHECKED_IN, State.DONE)),
    "source": st.sampled_from(("plan", "plan", "staff", "standby", "claim", "swap")),
    "pinned": st.booleans(),
})  # fmt: skip
acts = st.tuples(
    st.sampled_from(("place", "claim", "accept", "withdraw", "take off", "pin", "replace")),
    st.integers(0, 9), st.sampled_from(PEOPLE), st.sampled_from((0, 15, 60)),
)  # fmt: skip
turns = st.lists(
    st.sampled_from((
        "person off the list", "person without times", "person without consent", "elder off the list", "elder blocks",
        "need cancelled", "service switched off", "service without hours", "visit cancelled", "visit shrinks",
        "visit moves",
    )),
    max_size=4,
)  # fmt: skip


class Town:
    """Four people, two elders, and what fate has left there."""

    def __init__(self, folder, wanted_visits):
        self.config = a_config(windows={"published_days": 3, "planned_days": 5, "frozen_hours": 12})
        self.store = a_store(folder)
        self.config = self.config.model_copy(update={"database": self.store.path})
        self.now = NOW
        an_elder(self.store, "e2", lat=31.2380)
        for name in PEOPLE:
            a_volunteer(self.store, name, skills=frozenset({"companion"}))
        for need, elder in NEEDS:
            a_need(self.store, need, elder, weekdays=(2,), start="15:00", end="16:00")
        self.slots = [self._slot(n, wanted) for n, wanted in enumerate(wanted_visits)]

    def _slot(self, n, wanted):
        start = MIDNIGHT + timedelta(minutes=wanted["minute"])
        return a_slot(
            self.store, f"s{n}", need_id=wanted["need"][0], recipient_id=wanted["need"][1], cause="alert",
            service_date=local_date(start), earliest_at=start, latest_at=start + timedelta(minutes=wanted["flexible"]),
            minutes=wanted["minutes"], heads=wanted["heads"], min_heads=min(wanted["min_heads"], wanted["heads"]),
            team=(TeamRule("companion", 1),) if wanted["team"] else (),
        )  # fmt: skip

    def left(self, odd):
        """Somebody stands where no door would put them; only what the database itself forbids is left out."""
        slot = self.slots[odd["slot"] % len(self.slots)]
        at = slot.earliest_at + timedelta(minutes=odd["shift"], seconds=odd["seconds"])
        row = Assignment(
            new_id(), slot.id, odd["who"], at, odd["state"], odd["source"], proposed_at=NOW, pinned=odd["pinned"],
            expires_at=max(NOW, at - timedelta(hours=1)),
        )  # fmt: skip
        with suppress(StaleWrite):
            assignments.add(self.store, row)

    def act(self, what, number, who, minutes):
        slot = self.slots[number % len(self.slots)]
        start = slot.earliest_at + timedelta(minutes=minutes)
        live = [a for a in assignments.where(self.store, "1 ORDER BY rowid") if a.state in LIVE]
        mine = live[number % len(live)].id if live else ""
        by = {"by": "staff", "now": self.now}
        with suppress(IllegalMove):
            if what == "place":
                placing.place(self.store, self.config, slot.id, who, start, **by)
            elif what == "claim":
                claims.claim(self.store, self.config, slot.id, who, starts_at=start, now=self.now)
            elif not mine:
                return
            elif what == "accept":
                replies.accept(self.store, self.config, mine, now=self.now)
            elif what == "withdraw":
                replies.withdraw(self.store, self.config, mine, now=self.now)
            elif what == "take off":
                placing.remove(self.store, self.config, mine, reason="rain", **by)
            elif what == "pin":
                placing.pin(self.store, mine, pinned=True, **by)
            else:
                placing.replace_person(self.store, self.config, mine, who, reason="ill", **by)

    def turn(self, what, number):
        store, slot, who = (
            self.store,
            slots.get(self.store, self.slots[number % len(self.slots)].id),
            PEOPLE[number % 4],
        )
        person, elder = volunteers.get(store, who), recipients.get(store, slot.recipient_id)
        service = service_types.get(store, "E01")
        if what == "person off the list":
            volunteers.save(store, replace(person, active=False))
        elif what == "person without times":
            store.execute("DELETE FROM availability_rules WHERE volunteer_id = :who", {"who": who})
        elif what == "person without consent":
            volunteers.save(store, replace(person, consents={}, birth_month="2015-01"))
        elif what == "elder off the list":
            recipients.save(store, replace(elder, active=False))
        elif what == "elder blocks":
            recipients.save(store, replace(elder, blocked=frozenset({who})))
        elif what == "need cancelled":
            needs.save(store, replace(needs.get(store, slot.need_id), state=NeedState.CANCELLED))
        elif what == "service switched off":
            service_types.put(store, replace(service, active=False))
        elif what == "service without hours":
            service_types.put(store, replace(service, windows=()))
        elif what == "visit cancelled":
            slots.save(store, replace(slot, state=SlotState.CANCELLED))
        elif what == "visit shrinks":
            slots.save(store, replace(slot, heads=1, min_heads=1))
        else:
            there = timedelta(minutes=40)
            slots.save(store, replace(slot, earliest_at=slot.earliest_at + there, latest_at=slot.latest_at + there))
        store.touch()

    def at_once(self):
        """Pairs of live visits of one person that overlap."""
        length = {s.id: timedelta(minutes=s.minutes) for s in slots.where(self.store)}
        mine = defaultdict(list)
        for a in assignments.where(self.store):
            if a.state in LIVE:
                mine[a.volunteer_id].append(a)
        return {
            frozenset({a.id, b.id})
            for found in mine.values()
            for a, b in combinations(found, 2)
            if a.starts_at < b.starts_at + length[b.slot_id] and b.starts_at < a.starts_at + length[a.slot_id]
        }

    def live_by_slot(self):
        found = defaultdict(list)
        for a in assignments.where(self.store):
            if a.state in LIVE | {State.DONE}:
                found[a.slot_id].append(a)
        return found


def by_first_fit(problem, *_, **__):
    """A plan made in this process, past the same independent check as any other."""
    placed = tuple(first_fit(problem))
    coverage, cost, terms = measure(problem, placed)
    return checked(problem, Solution(
        problem.name, Status.FEASIBLE, placed, coverage, coverage, cost, cost, terms, seed=0, version="first fit",
    ))  # fmt: skip


def minute(assignment):
    return assignment.starts_at.replace(second=0)


def nights_keep_what_is_held(town, **solving):
    for _ in range(2):
        town.now = at_local(local_date(town.now) + timedelta(days=1), "01:31")
        before = {a.id: a for a in assignments.where(town.store)}
        twice, there = town.at_once(), town.live_by_slot()
        found = night.run_if_due(town.config, clock=lambda: town.now, **solving)
        assert found.plan is not None, found.message
        after = {a.id: a for a in assignments.where(town.store)}
        for a in (after[id] for id, was in before.items() if was.state in HELD):
            called_off = a.state is State.CANCELLED and a.reason in FORBIDS.values()
            assert a.state in STANDS or called_off, (before[a.id], a)
            assert a.starts_at == before[a.id].starts_at
        assert town.at_once() <= twice
        visits_now = {s.id: s for s in slots.where(town.store)}
        for slot_id, people in town.live_by_slot().items():
            fresh = [a for a in people if a.id not in before]
            seats, slot = len({a.volunteer_id for a in people}), visits_now[slot_id]
            assert not fresh or seats <= slot.heads, (fresh, people)
            today = [a for a in people if local_date(a.starts_at) == slot.service_date]
            kept = {minute(a) for a in today if a.id in before and a.state in LIVE}
            starts = {minute(a) for a in fresh}
            assert len(starts) <= 1
            assert not kept or starts <= kept | {minute(a) for a in there[slot_id]}, (kept, starts)


def any_town(check):
    @given(
        wanted=st.lists(visits, min_size=2, max_size=5), odd=st.lists(standing, max_size=7),
        done=st.lists(acts, max_size=5), changes=turns, number=st.integers(0, 9),
    )  # fmt: skip
    def nights(wanted, odd, done, changes, number):
        with tempfile.TemporaryDirectory(prefix="yidu-nights-") as folder:
            town = Town(Path(folder), wanted)
            for act in done:
                town.act(*act)
            for one in odd:
                town.left(one)
            for act in done:
                town.act(*act)
            for what in changes:
                town.turn(what, number)
            check(town)
            town.store.close()

    return nights


def run(monkeypatch, examples):
    failed = []
    follow_up = night.follow_up
    monkeypatch.setattr(night, "follow_up", lambda *args, **more: failed.extend(follow_up(*args, **more)))
    monkeypatch.setattr(replan, "solve_apart", by_first_fit)
    settled(examples)(any_town(nights_keep_what_is_held))()
    assert failed == []


def settled(examples):
    """No shrinking: a town is small already, and each try of it is two nights."""
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    return settings(
        max_examples=examples, deadline=None, phases=phases, suppress_health_check=list(HealthCheck), print_blob=True
    )


def test_whatever_the_store_holds_the_night_publishes_and_books_nobody_twice(monkeypatch):
    run(monkeypatch, 25)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_whatever_the_store_holds_a_thousand_nights_publish_and_book_nobody_twice(monkeypatch):
    run(monkeypatch, 1000)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_whatever_the_store_holds_the_real_search_makes_a_plan_of_it():
    settled(20)(any_town(lambda town: nights_keep_what_is_held(town, seconds=1.0)))()
