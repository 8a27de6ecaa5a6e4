"""What no act of anybody may break."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

from hypothesis.stateful import invariant, precondition

from scheduler.model.plan import LIVE, NEXT, State
from scheduler.promises import ground, settle, standby
from scheduler.records import hours
from scheduler.rules.eligibility import Reason
from scheduler.store import audit
from scheduler.store import outbox as outbox_rows
from scheduler.store.plans import assignments
from scheduler.store.repository import utc_text
from scheduler.store.services import slots
from scheduler.store.settle import all_promises, conflicts_of
from tests.properties.district import PEOPLE, District

TOUCHED_BY_PEOPLE = {State.WITHDRAWN, State.CANCELLED, State.MISSED, State.EXCUSED, State.CHECKED_IN, State.DONE}


def begun(district):
    return hasattr(district, "store")


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


class WatchedDistrict(District):
    """After every act, all of this holds."""

    @precondition(begun)
    @invariant()
    def nobody_is_in_two_places(self):
        length = {s.id: s.minutes for s in slots.where(self.store)}
        for who in PEOPLE:
            mine = sorted(
                (a.starts_at, a.starts_at + timedelta(minutes=length[a.slot_id]))
                for a in assignments.by(self.store, volunteer_id=who)
                if a.state in LIVE
            )
            assert all(first[1] <= second[0] for first, second in pairwise(mine)), mine

    @precondition(begun)
    @invariant()
    def no_slot_has_too_many_people_and_all_begin_together(self):
        for slot in slots.where(self.store):
            live = [a for a in assignments.by(self.store, slot_id=slot.id) if a.state in LIVE]
            assert len(live) <= slot.heads
            assert len({a.starts_at for a in live}) <= 1
            assert all(slot.earliest_at <= a.starts_at <= slot.latest_at for a in live)

    @precondition(begun)
    @invariant()
    def states_change_only_as_the_table_allows(self):
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

    @precondition(begun)
    @invariant()
    def a_no_is_never_asked_again(self):
        need_of = {s.id: s.need_id for s in slots.where(self.store)}
        since = {
            (row["need_id"], row["volunteer_id"]): row["since_at"]
            for row in self.store.rows("SELECT * FROM asked_again")
        }
        asked = [a for a in assignments.where(self.store) if a.source in ("plan", "standby")]
        for no in assignments.by(self.store, state=State.DECLINED):
            key = (need_of[no.slot_id], no.volunteer_id)
            if since.get(key, "") < utc_text(no.replied_at):
                later = [
                    a for a in asked if (need_of[a.slot_id], a.volunteer_id) == key and a.proposed_at > no.replied_at
                ]
                assert later == []

    @precondition(begun)
    @invariant()
    def nothing_forbids_a_promise_and_what_speaks_against_one_waits_for_staff(self):
        ahead = all_promises(self.store, now=self.now)
        facts = ground.facts_of(self.store, ahead)
        for promise in ahead:
            forbidding = ground.against(promise, facts) & set(settle.FORBIDS)
            assert not forbidding, (promise, forbidding)
            away = Reason.NOT_AVAILABLE in ground.against(promise, facts)
            assert not away or Reason.NOT_AVAILABLE in conflicts_of(self.store, promise.id), promise

    @precondition(begun)
    @invariant()
    def whom_staff_took_off_a_visit_is_not_on_it_again(self):
        taken_off = {(a.slot_id, a.volunteer_id) for a in assignments.where(self.store) if a.taken_off}
        assert not taken_off & {(a.slot_id, a.volunteer_id) for a in assignments.where(self.store) if a.state in LIVE}

    @precondition(begun)
    @invariant()
    def messages_agree_with_the_facts(self):
        keys = [row["key"] for row in self.store.rows("SELECT key FROM outbox")]
        assert len(keys) == len(set(keys))
        for a in assignments.by(self.store, source="standby"):
            assert f"standby_offer:{a.id}:0" in keys
        assert all(count == 1 for count in self.box.taken.values())
        for row in outbox_rows.rows_in_state(self.store, "sent"):
            assert row.sent_to == ("postbox",)

    @precondition(begun)
    @invariant()
    def the_log_is_whole_and_hours_are_those_of_finished_visits(self):
        assert audit.broken_row(self.store) is None
        for a in assignments.where(self.store):
            assert (hours.standing(self.store, a.id) is not None) == (a.state is State.DONE)

    @precondition(begun)
    @invariant()
    def no_standby_is_asked_more_often_than_the_cap(self):
        ended = {State.SUPERSEDED, State.CANCELLED, State.EXPIRED}
        unsent = {
            r["key"] for r in self.store.rows("SELECT key FROM outbox WHERE state IN ('waiting', 'failed', 'dropped')")
        }
        asked = Counter(
            a.volunteer_id
            for a in assignments.by(self.store, source="standby")
            if a.state not in ended or f"standby_offer:{a.id}:0" not in unsent
        )
        assert all(count <= self.config.standby.offers_per_week for count in asked.values())
        assert standby.is_tired(self.store, self.config, "v1", now=self.now) == (
            asked["v1"] >= self.config.standby.offers_per_week
        )
