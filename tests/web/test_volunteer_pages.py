"""What a volunteer does on the phone, request by request and without any script."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.model.people import AvailabilityRule
from scheduler.model.plan import State
from scheduler.store import Store
from scheduler.store.noes import noes_of
from scheduler.store.people import availability_exceptions, availability_rules, recipients, volunteers
from scheduler.store.plans import assignments
from tests.web.site import Site
from tests.world import NOW, add_elder, add_slot, add_visit, add_volunteer

AFTERNOON = NOW + timedelta(hours=4)
KILOBYTES = 1024


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def store(site: Site) -> Iterator[Store]:
    with site.store() as opened:
        yield opened


def get(site: Site, address: str, login: str = "ann", **more):
    return site.client(login).get(address, **more)


def post(site: Site, address: str, data: dict[str, object] | None = None, login: str = "ann"):
    client = site.client(login)
    return client.post(address, data={"_csrf": client.csrf, **(data or {})})


def state_of(store: Store, visit_id: str) -> State:
    return assignments.get(store, visit_id).state


def test_an_empty_page_says_what_to_do(site: Site):
    page = get(site, "/my/").text
    assert "目前还没有给您安排服务" in page
    assert "/my/now" in page
    assert "/my/free" in page


def test_the_next_visit_is_large_and_offers_stand_below(site: Site, store: Store):
    add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    add_visit(store, NOW + timedelta(days=1))
    page = get(site, "/my/").text
    assert page.index("card next") < page.index("card visit")
    assert "明天" in page


def test_accepting_is_one_tap(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    assert post(site, f"/my/visits/{visit.id}/accept").status_code == 303
    assert state_of(store, visit.id) is State.ACCEPTED
    assert "谢谢您" in get(site, f"/my/visits/{visit.id}?saved=accepted").text


def test_accepting_twice_is_no_error(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    answers = [post(site, f"/my/visits/{visit.id}/accept").status_code for _ in range(2)]
    assert answers == [303, 303]


def test_declining_is_two_taps_with_a_reason(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    asked = get(site, f"/my/visits/{visit.id}/decline").text
    assert 'name="reason" value="distance"' in asked
    assert post(site, f"/my/visits/{visit.id}/decline", {"reason": "distance"}).status_code == 303
    declined = assignments.get(store, visit.id)
    assert (declined.state, declined.reason) == (State.DECLINED, "distance")
    assert "太远了" in get(site, f"/my/visits/{visit.id}").text


def test_a_no_may_be_for_this_time_only(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    store.execute("UPDATE needs SET kind = 'recurring'")
    page = get(site, f"/my/visits/{visit.id}/decline").text
    assert 'name="again" value="yes">' in page  # not ticked: who is no familiar face says no for good
    post(site, f"/my/visits/{visit.id}/decline", {"reason": "time", "again": "yes"})
    assert noes_of(store, "ann") == []


def test_a_no_is_taken_back_on_the_page_that_tells_of_it(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    post(site, f"/my/visits/{visit.id}/decline", {"reason": "time"})
    assert "不会再问您的服务" in get(site, "/my/decisions").text
    (row,) = noes_of(store, "ann")
    assert post(site, "/my/decisions/ask-again", {"need": row.need_id}).status_code == 303
    assert noes_of(store, "ann") == []
    assert post(site, "/my/decisions/ask-again", {"need": row.need_id}).status_code == 404


def test_what_cannot_be_done_any_more_is_told_in_the_readers_language(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    store.execute("UPDATE assignments SET expires_at = '2026-11-23T01:00:00Z' WHERE id = :id", {"id": visit.id})
    assert "答复时间已过：" in post(site, f"/my/visits/{visit.id}/accept").text


def test_the_committee_stands_only_once_where_there_is_no_street(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    recipients.save(store, replace(recipients.get(store, "li"), address=""))
    assert get(site, f"/my/visits/{visit.id}").text.count("真光居委会") == 1


def test_an_accepted_visit_is_withdrawn_in_the_same_way(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2))
    post(site, f"/my/visits/{visit.id}/decline", {"reason": "illness"})
    assert state_of(store, visit.id) is State.WITHDRAWN


def test_a_made_up_reason_is_not_stored(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    post(site, f"/my/visits/{visit.id}/decline", {"reason": "<script>"})
    assert assignments.get(store, visit.id).reason == ""


def test_an_offer_that_ran_out_cannot_be_accepted(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)
    store.execute("UPDATE assignments SET expires_at = '2026-11-23T01:00:00Z' WHERE id = :id", {"id": visit.id})
    assert "答复时间已过" in get(site, f"/my/visits/{visit.id}").text
    assert post(site, f"/my/visits/{visit.id}/accept").status_code == 409


@pytest.mark.parametrize(("minutes", "shown"), [(-61, False), (-60, True), (0, True), (40, True)])
def test_the_check_in_button_appears_an_hour_before(site: Site, store: Store, minutes: int, shown: bool):
    visit = add_visit(store, AFTERNOON)
    site.clock.now = AFTERNOON + timedelta(minutes=minutes)
    assert (f"/my/visits/{visit.id}/check-in" in get(site, "/my/").text) is shown


def test_coming_and_going_is_two_taps_and_counts_the_time(site: Site, store: Store):
    visit = add_visit(store, AFTERNOON)
    site.clock.now = AFTERNOON
    assert post(site, f"/my/visits/{visit.id}/check-in").status_code == 303
    assert f"/my/visits/{visit.id}/check-out" in get(site, "/my/").text
    site.clock.now = AFTERNOON + timedelta(minutes=45)
    assert post(site, f"/my/visits/{visit.id}/check-out").status_code == 303
    assert state_of(store, visit.id) is State.DONE
    assert ">0.8<" in get(site, "/my/history").text


def test_a_certificate_counts_what_was_served_and_names_nobody_else(site: Site, store: Store):
    assert "完成第一次服务后" in get(site, "/my/certificate").text
    visit = add_visit(store, AFTERNOON)
    site.clock.now = AFTERNOON
    post(site, f"/my/visits/{visit.id}/check-in")
    site.clock.now = AFTERNOON + timedelta(minutes=45)
    post(site, f"/my/visits/{visit.id}/check-out")
    page = get(site, "/my/certificate").text
    assert "志愿服务证明" in page
    assert "<dd>1</dd>" in page
    assert "<dd>0.8</dd>" in page
    assert "李" not in page.split("<main")[1].split("</main")[0]


def test_painting_a_week_is_said_back(site: Site, store: Store):
    cells = [f"{day}-{cell}" for day in range(1, 6) for cell in range(28, 33)]
    assert post(site, "/my/free", {"cell": cells}).status_code == 303
    assert "每个工作日14:00–16:30有空。" in get(site, "/my/free?saved=1").text


def test_the_painted_week_says_the_same_in_english(site: Site):
    post(site, "/my/free", {"cell": [f"{day}-18" for day in (6, 7)]})
    client = site.client("ann")
    client.set_cookie("lang", "en")
    assert "Every weekend 09:00–09:30." in client.get("/my/free").text


def test_a_preset_adds_to_what_was_painted(site: Site, store: Store):
    post(site, "/my/free", {"cell": ["7-20"], "preset": "afternoons"})
    spans = {(r.weekdays, r.start, r.end) for r in availability_rules.by(store, volunteer_id="ann")}
    assert spans == {((1, 2, 3, 4, 5), "14:00", "16:30"), ((7,), "10:00", "10:30")}


def test_free_times_outside_the_shown_hours_are_kept(site: Site, store: Store):
    availability_rules.add(store, AvailabilityRule("r", "ann", (1,), "05:00", "06:00"))
    post(site, "/my/free", {"cell": ["2-28"]})
    spans = {(r.weekdays, r.start, r.end) for r in availability_rules.by(store, volunteer_id="ann")}
    assert spans == {((1,), "05:00", "06:00"), ((2,), "14:00", "14:30")}


@pytest.mark.parametrize("cell", ["8-20", "1-48", "1", "x-y", "-"])
def test_a_senseless_half_hour_is_refused(site: Site, store: Store, cell: str):
    assert post(site, "/my/free", {"cell": [cell]}).status_code == 422
    assert availability_rules.by(store, volunteer_id="ann") == []


def test_days_away_are_added_said_and_removed(site: Site, store: Store):
    days = {"kind": "away", "from_date": "2027-10-01", "until_date": "2027-10-07"}
    assert post(site, "/my/free/exceptions", days).status_code == 303
    assert "10月1日至7日没空" in get(site, "/my/free").text
    (exception,) = availability_exceptions.by(store, volunteer_id="ann")
    assert post(site, "/my/free/exceptions/remove", {"exception": exception.id}, login="bob").status_code == 404
    assert post(site, "/my/free/exceptions/remove", {"exception": exception.id}).status_code == 303
    assert availability_exceptions.by(store, volunteer_id="ann") == []


def test_one_day_needs_only_one_date(site: Site, store: Store):
    post(site, "/my/free/exceptions", {"kind": "extra", "from_date": "2026-12-05", "start": "09:00", "end": "11:00"})
    (exception,) = availability_exceptions.by(store, volunteer_id="ann")
    assert exception.from_date == exception.until_date


def test_free_now_offers_and_takes_a_visit(site: Site, store: Store):
    site.clock.now = AFTERNOON
    slot = add_slot(store, AFTERNOON, latest_at=AFTERNOON + timedelta(hours=2))
    page = get(site, "/my/now?until=16:00").text
    starts_at = re.search(r'name="starts_at" value="([^"]+)"', page)
    assert starts_at
    answer = post(site, "/my/now/take", {"slot": slot.id, "starts_at": starts_at[1], "until": "16:00"})
    assert answer.status_code == 303
    (taken,) = assignments.by(store, volunteer_id="ann")
    assert (taken.state, taken.source) == (State.ACCEPTED, "claim")


@pytest.mark.parametrize("form", [{"starts_at": "soon"}, {"starts_at": "2026-11-23T14:00"}, {"slot": "nothing"}])
def test_a_claim_that_makes_no_sense_is_refused(site: Site, store: Store, form: dict[str, str]):
    site.clock.now = AFTERNOON
    known = {"slot": add_slot(store, AFTERNOON).id, "starts_at": "2026-11-23T06:10:00+00:00", "until": "16:00"}
    assert post(site, "/my/now/take", known | form).status_code in (404, 422)
    assert assignments.by(store, volunteer_id="ann") == []


def test_a_time_that_has_passed_is_explained(site: Site):
    answer = get(site, "/my/now?until=08:00")
    assert (answer.status_code, "这个时间已过" in answer.text) == (422, True)


def test_automatic_proposals_are_stopped_and_started(site: Site, store: Store):
    post(site, "/my/data/proposals", {"wanted": "no"})
    assert volunteers.get(store, "ann").auto_plan is False
    assert "已停止" in get(site, "/my/decisions").text
    post(site, "/my/data/proposals", {"wanted": "yes"})
    assert volunteers.get(store, "ann").auto_plan is True


def test_a_consent_is_taken_back_and_given(site: Site, store: Store):
    post(site, "/my/data/consent", {"purpose": "contact", "given": "no"})
    assert "contact" not in volunteers.get(store, "ann").consents
    post(site, "/my/data/consent", {"purpose": "contact", "given": "yes"})
    assert volunteers.get(store, "ann").consents["contact"] == NOW
    assert post(site, "/my/data/consent", {"purpose": "everything", "given": "yes"}).status_code == 422


def test_who_saw_my_address_names_the_reason(site: Site, store: Store):
    assert "还没有人查看过" in get(site, "/my/data").text
    post(site, "/volunteers/ann/reveal", {"reason": "核对紧急联系人"}, login="staff")
    assert "核对紧急联系人" in get(site, "/my/data").text


def test_why_me_tells_the_facts(site: Site, store: Store):
    availability_rules.add(store, AvailabilityRule("r", "ann", (2,), "14:00", "16:30"))
    visit = add_visit(store, AFTERNOON + timedelta(days=1), state=State.PROPOSED)
    page = get(site, f"/my/visits/{visit.id}/why").text
    assert "14:00–16:30" in page
    assert "大约4分钟" in page


def test_the_calendar_address_is_shown_once_and_closed(site: Site):
    shown = post(site, "/my/calendar").text
    address = re.search(r"http://[^\"]+\.ics", shown)
    assert address
    path = "/" + address[0].split("/", 3)[3]
    assert site.client().get(path).status_code == 200
    assert address[0] not in get(site, "/my/data").text
    post(site, "/my/calendar/close")
    assert site.client().get(path).status_code == 404


def test_my_data_is_whole(site: Site, store: Store):
    add_visit(store, AFTERNOON)
    data = get(site, "/my/data.json").json
    assert (data["person"]["name"], len(data["visits"]), data["visits"][0]["street"]) == ("王建国", 1, "真光路")
    rows = get(site, "/my/data.csv").data.decode("utf-8-sig").splitlines()
    assert len(rows) == 2


def test_an_account_of_nobody_gets_no_page(site: Site, store: Store):
    store.execute("UPDATE accounts SET volunteer_id = NULL WHERE id = 'acc-ann'")
    assert get(site, "/my/").status_code == 404


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
        seen: list[str] = []
        trace = lambda sql, _, seen=seen: seen.append(sql)  # noqa: E731
        original = Store.__init__

        def traced(self, *args, original=original, trace=trace, **kwargs):
            original(self, *args, **kwargs)
            self.db._tracer = trace

        Store.__init__ = traced
        try:
            assert get(site, "/my/").status_code == 200
        finally:
            Store.__init__ = original
        counts.append(len(seen))
    assert counts[0] == counts[1]
