"""The visits of a volunteer on the phone: answering, coming and going; request by request, without any script."""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest

from scheduler.model.people import AvailabilityRule
from scheduler.model.plan import State
from scheduler.store import Store
from scheduler.store.people import availability_rules, recipients
from scheduler.store.plans import assignments
from scheduler.store.refusals import refusals_of
from tests.web.site import Site
from tests.world import NOW, add_elder, add_visit, add_volunteer

AFTERNOON = NOW + timedelta(hours=4)
KILOBYTES = 1024


def state_of(store: Store, visit_id: str) -> State:
    return assignments.get(store, visit_id).state


@contextmanager
def queries_of_new_stores() -> Iterator[list[str]]:
    """Every query of the stores that are opened meanwhile."""
    seen: list[str] = []
    opened = Store.__init__

    def traced(self: Store, *args: object, **more: object) -> None:
        opened(self, *args, **more)
        self.db._tracer = lambda sql, _: seen.append(sql)

    with patch.object(Store, "__init__", traced):
        yield seen


def test_an_empty_page_says_what_to_do(site: Site):
    page = site.get("ann", "/my/").text
    assert "目前还没有给您安排服务" in page
    assert "/my/now" in page
    assert "/my/free" in page


def test_the_next_visit_is_large_and_offers_stand_below(site: Site, store: Store):
    add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    add_visit(store, NOW + timedelta(days=1))
    page = site.get("ann", "/my/").text
    assert page.index("card next") < page.index("card visit")
    assert "明天" in page


def test_accepting_is_one_tap(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    assert site.send("ann", f"/my/visits/{visit.id}/accept").status_code == 303
    assert state_of(store, visit.id) is State.ACCEPTED
    assert "谢谢您" in site.get("ann", f"/my/visits/{visit.id}?saved=accepted").text


def test_accepting_twice_is_no_error(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    answers = [site.send("ann", f"/my/visits/{visit.id}/accept").status_code for _ in range(2)]
    assert answers == [303, 303]


def test_declining_is_two_taps_with_a_reason(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    asked = site.get("ann", f"/my/visits/{visit.id}/decline").text
    assert 'name="reason" value="distance"' in asked
    assert site.send("ann", f"/my/visits/{visit.id}/decline", {"reason": "distance"}).status_code == 303
    declined = assignments.get(store, visit.id)
    assert (declined.state, declined.reason) == (State.DECLINED, "distance")
    assert "太远了" in site.get("ann", f"/my/visits/{visit.id}").text


def test_a_no_may_be_for_this_time_only(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    store.execute("UPDATE needs SET kind = 'recurring'")
    page = site.get("ann", f"/my/visits/{visit.id}/decline").text
    assert 'name="again" value="yes">' in page  # not ticked: who is no familiar face says no for good
    site.send("ann", f"/my/visits/{visit.id}/decline", {"reason": "time", "again": "yes"})
    assert refusals_of(store, "ann") == []


def test_a_no_is_taken_back_on_the_page_that_tells_of_it(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    site.send("ann", f"/my/visits/{visit.id}/decline", {"reason": "time"})
    assert "不会再问您的服务" in site.get("ann", "/my/decisions").text
    (row,) = refusals_of(store, "ann")
    assert site.send("ann", "/my/decisions/ask-again", {"need": row.need_id}).status_code == 303
    assert refusals_of(store, "ann") == []
    assert site.send("ann", "/my/decisions/ask-again", {"need": row.need_id}).status_code == 404


def test_what_cannot_be_done_any_more_is_told_in_the_readers_language(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    store.execute("UPDATE assignments SET expires_at = '2026-11-23T01:00:00Z' WHERE id = :id", {"id": visit.id})
    assert "答复时间已过：" in site.send("ann", f"/my/visits/{visit.id}/accept").text


def test_the_committee_stands_only_once_where_there_is_no_street(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    recipients.save(store, replace(recipients.get(store, "li"), address=""))
    assert site.get("ann", f"/my/visits/{visit.id}").text.count("真光居委会") == 1


def test_an_accepted_visit_is_withdrawn_in_the_same_way(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2))
    site.send("ann", f"/my/visits/{visit.id}/decline", {"reason": "illness"})
    assert state_of(store, visit.id) is State.WITHDRAWN


def test_a_made_up_reason_is_not_stored(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    site.send("ann", f"/my/visits/{visit.id}/decline", {"reason": "<script>"})
    assert assignments.get(store, visit.id).reason == ""


def test_an_offer_that_ran_out_cannot_be_accepted(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    store.execute("UPDATE assignments SET expires_at = '2026-11-23T01:00:00Z' WHERE id = :id", {"id": visit.id})
    assert "答复时间已过" in site.get("ann", f"/my/visits/{visit.id}").text
    assert site.send("ann", f"/my/visits/{visit.id}/accept").status_code == 409


@pytest.mark.parametrize(("minutes", "shown"), [(-61, False), (-60, True), (0, True), (40, True)])
def test_the_check_in_button_appears_an_hour_before(site: Site, store: Store, minutes: int, shown: bool):
    visit = add_visit(store, AFTERNOON)
    site.clock.now = AFTERNOON + timedelta(minutes=minutes)
    assert (f"/my/visits/{visit.id}/check-in" in site.get("ann", "/my/").text) is shown


def test_coming_and_going_is_two_taps_and_counts_the_time(site: Site, store: Store):
    visit = add_visit(store, AFTERNOON)
    site.clock.now = AFTERNOON
    assert site.send("ann", f"/my/visits/{visit.id}/check-in").status_code == 303
    assert f"/my/visits/{visit.id}/check-out" in site.get("ann", "/my/").text
    site.clock.now = AFTERNOON + timedelta(minutes=45)
    assert site.send("ann", f"/my/visits/{visit.id}/check-out").status_code == 303
    assert state_of(store, visit.id) is State.DONE
    assert ">0.8<" in site.get("ann", "/my/history").text


def test_why_me_tells_the_facts(site: Site, store: Store):
    availability_rules.add(store, AvailabilityRule("r", "ann", (2,), "14:00", "16:30"))
    visit = add_visit(store, AFTERNOON + timedelta(days=1), state=State.PROPOSED)
    page = site.get("ann", f"/my/visits/{visit.id}/why").text
    assert "14:00–16:30" in page
    assert "大约4分钟" in page


def test_the_first_page_weighs_less_than_60_kilobytes(site: Site, store: Store):
    add_visit(store, NOW + timedelta(days=1))
    for number in range(20):
        add_visit(store, NOW + timedelta(days=2, hours=number), state=State.PROPOSED)
    client = site.client("ann")
    page = client.get("/my/").text
    weight = len(gzip.compress(page.encode()))
    for address in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page)):
        with client.get(address) as part:
            weight += len(gzip.compress(part.data))
    assert weight < 60 * KILOBYTES
    assert "<script" not in page


def test_a_long_list_of_visits_costs_no_more_queries(site: Site, store: Store):
    add_volunteer(store, "eve")
    add_elder(store, "e2")
    counts = []
    for number in (1, 20):
        for extra in range(number):
            add_visit(store, NOW + timedelta(days=3, hours=number + extra), recipient_id="e2", state=State.PROPOSED)
        with queries_of_new_stores() as seen:
            assert site.get("ann", "/my/").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
