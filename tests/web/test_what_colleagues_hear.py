"""Nobody learns a colleague's consent, free times or blocks by asking; the blocked are not told; doors stay shut."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.model.people import AvailabilityRule, Kind
from scheduler.model.plan import State
from scheduler.promises import swaps
from scheduler.records import attendance
from scheduler.store.people import availability_rules, recipients, volunteers
from scheduler.store.plans import assignments
from scheduler.words import vocabulary
from tests.web.site import Site
from tests.world import CANARY_ADDRESS, NOW, add_elder, add_service, add_slot, add_visit

SOON = NOW + timedelta(hours=3)
CANNOT = "对方不能接这次服务"


@pytest.fixture
def visit_id(site: Site) -> str:
    """A visit of ann's that bob, who lives next door and is free, could take."""
    with site.store() as store:
        ann = volunteers.get(store, "ann")
        resident = frozenset({Kind.RESIDENT})
        volunteers.save(store, replace(volunteers.get(store, "bob"), lat=ann.lat, lon=ann.lon, kinds=resident))
        for who in ("ann", "bob"):
            availability_rules.add(store, AvailabilityRule(f"free-{who}", who, (1, 2, 3, 4, 5, 6, 7), "06:00", "22:00"))
        return add_visit(store, SOON).id


def without_consent(store) -> None:
    volunteers.save(store, replace(volunteers.get(store, "bob"), consents={}))


def blocked(store) -> None:
    recipients.save(store, replace(recipients.get(store, "li"), blocked=frozenset({"bob"})))


def of_another_gender(store) -> None:
    recipients.save(store, replace(recipients.get(store, "li"), gender_wish="female"))


def without_free_time(store) -> None:
    store.execute("DELETE FROM availability_rules WHERE volunteer_id = 'bob'")


def busy(store) -> None:
    add_visit(store, SOON, recipient_id="far", volunteer_id="bob")


def uninsured(store) -> None:
    add_service(store, needs_insurance=True)
    volunteers.save(store, replace(volunteers.get(store, "bob"), insured=False))


WHYS = (without_consent, blocked, of_another_gender, without_free_time, busy, uninsured)


def code_of(site: Site, who: str) -> str:
    with site.store() as store:
        return swaps.code_of(store, who)


def ask_bob(site: Site, visit_id: str) -> tuple[int, str]:
    answer = site.send("ann", f"/my/visits/{visit_id}/hand-over", code=code_of(site, "bob"))
    return answer.status_code, answer.text


@pytest.mark.parametrize("make_unfit", WHYS)
def test_the_answer_to_who_asks_is_the_same_whatever_keeps_the_colleague_away(site: Site, visit_id: str, make_unfit):
    with site.store() as store:
        make_unfit(store)
    status, text = ask_bob(site, visit_id)
    assert (status, CANNOT in text) == (409, True)
    assert [word for word in vocabulary("reasons").words if vocabulary("reasons").word(word) in text] == []
    with site.store() as store:
        assert store.value("SELECT count(*) FROM swaps") == 0
        assert store.value("SELECT count(*) FROM outbox WHERE addressee = 'volunteer:bob'") == 0


def test_staff_still_read_why_on_the_page_of_the_visit(site: Site, visit_id: str):
    with site.store() as store:
        without_consent(store)
        slot_id = assignments.get(store, visit_id).slot_id
    assert "同意" in site.get("admin", f"/slots/{slot_id}/someone?text=陈志强").text


def test_a_colleague_is_asked_by_a_code_that_cannot_be_counted_up_and_only_ten_times_a_day(site: Site, visit_id: str):
    for guess in ("bob", "V00001", "陈志强", "", "AAAAAAAA", code_of(site, "bob")[:-1]):
        answer = site.send("ann", f"/my/visits/{visit_id}/hand-over", code=guess)
        assert (answer.status_code, "没有这个代码" in answer.text) == (422, True), guess
    statuses = [site.send("ann", f"/my/visits/{visit_id}/hand-over", code=f"V{n:05d}").status_code for n in range(8)]
    assert statuses == [422] * 4 + [429] * 4
    site.clock.now += timedelta(days=1)


def test_the_code_on_the_own_page_is_the_one_by_which_a_colleague_asks(site: Site, visit_id: str):
    code = code_of(site, "bob")
    shown = f"{code[:4]}-{code[4:]}"
    assert shown in site.get("bob", "/my/asks").text
    assert shown not in site.get("ann", "/my/asks").text
    answer = site.send("ann", f"/my/visits/{visit_id}/hand-over", code=f" {shown.lower()} ")
    assert answer.status_code == 303
    assert len({code_of(site, who) for who in ("ann", "bob")}) == 2


def test_the_asked_person_hears_what_is_about_themselves_but_not_that_they_are_blocked(site: Site, visit_id: str):
    assert ask_bob(site, visit_id)[0] == 303
    with site.store() as store:
        swap_id = store.value("SELECT id FROM swaps")
        blocked(store)
    answer = site.send("bob", "/my/asks/swap", swap=swap_id, answer="yes").text
    assert "这次服务更适合别人" in answer
    with site.store() as store:
        without_consent(store)
    answer = site.send("bob", "/my/asks/swap", swap=swap_id, answer="yes").text
    assert "尚未签署同意" in answer
    assert "不希望" not in answer


@pytest.mark.parametrize("make_unfit", [blocked, of_another_gender])
def test_who_takes_a_visit_unasked_is_told_the_same_for_a_block_as_for_any_wish(site: Site, visit_id: str, make_unfit):
    with site.store() as store:
        make_unfit(store)
        slot = add_slot(store, SOON + timedelta(days=1))
    form = {"slot": slot.id, "starts_at": slot.earliest_at.isoformat(), "until": "23:00"}
    answer = site.send("bob", "/my/now/take", form)
    assert answer.status_code == 409
    assert "这次服务更适合别人" in answer.text
    assert "不希望" not in answer.text
    assert "性别" not in answer.text


def test_an_offer_that_ended_by_a_block_does_not_say_so_to_the_blocked(site: Site, visit_id: str):
    with site.store() as store:
        offer = add_visit(store, SOON + timedelta(days=1), volunteer_id="bob", state=State.PROPOSED)
        assignments.save(store, offer.move_to(State.SUPERSEDED, reason="blocked", replied_at=NOW))
    bob = site.client("bob")
    for address in ("/my/decisions", f"/my/visits/{offer.id}", "/my/data.json", "/my/data.csv", "/my/history"):
        text = bob.get(address).text
        assert "blocked" not in text, address
        assert "不应派往" not in text, address
    assert "better_plan" in bob.get("/my/data.csv").text


# doors


def promised(site: Site, number: int) -> str:
    with site.store() as store:
        add_elder(store, f"door{number}", address=f"真光路{number}号")
        return add_visit(store, SOON + timedelta(hours=number), recipient_id=f"door{number}").id


def test_doors_are_not_collected_by_claiming_opening_and_giving_back(site: Site):
    for number in (1, 2):
        visit_id = promised(site, number)
        assert site.send("ann", f"/my/visits/{visit_id}/open").status_code == 303
        site.send("ann", f"/my/visits/{visit_id}/decline", reason="illness")
    third = promised(site, 3)
    answer = site.send("ann", f"/my/visits/{third}/open")
    assert answer.status_code == 409
    assert "社区工作人员" in answer.text
    assert "真光路3号" not in site.get("ann", f"/my/visits/{third}").text
    with site.store() as store:
        told = store.rows("SELECT addressee, payload FROM outbox WHERE template = 'doors_in_vain'")
        assert [row["addressee"] for row in told] == ["staff:c1"]
        assert store.value("SELECT count(*) FROM audit WHERE action = 'reveal'") == 2
    site.clock.now += timedelta(hours=24, minutes=1)  # the next day it is as before
    with site.store() as store:
        fourth = add_visit(store, site.clock.now + timedelta(hours=2))
    assert site.send("ann", f"/my/visits/{fourth.id}/open").status_code == 303


def test_who_goes_where_they_looked_opens_as_many_doors_as_they_visit(site: Site):
    for number in (1, 2, 3):
        visit_id = promised(site, number)
        assert site.send("ann", f"/my/visits/{visit_id}/open").status_code == 303
        with site.store() as store:
            attendance.mark(store, visit_id, State.DONE, by="staff", now=SOON + timedelta(hours=9))


def test_every_look_is_a_line_in_the_log_and_lasts_half_an_hour(site: Site, visit_id: str):
    for look in (1, 2):
        assert site.send("ann", f"/my/visits/{visit_id}/open").status_code == 303
        assert CANARY_ADDRESS in site.get("ann", f"/my/visits/{visit_id}").text
        with site.store() as store:
            assert store.value("SELECT count(*) FROM audit WHERE action = 'reveal'") == look
        site.clock.now += timedelta(minutes=30)
        for address in (f"/my/visits/{visit_id}", "/my/"):
            assert CANARY_ADDRESS not in site.get("ann", address).text
