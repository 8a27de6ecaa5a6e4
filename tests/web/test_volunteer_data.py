"""What a volunteer decides about their own data, sees of it and takes along."""

import re
from datetime import timedelta

from scheduler.store import Store
from scheduler.store.people import volunteers
from tests.web.site import Site
from tests.world import NOW, add_visit

AFTERNOON = NOW + timedelta(hours=4)


def test_a_certificate_counts_what_was_served_and_names_nobody_else(site: Site, store: Store):
    assert "完成第一次服务后" in site.get("ann", "/my/certificate").text
    visit = add_visit(store, AFTERNOON)
    site.clock.now = AFTERNOON
    site.send("ann", f"/my/visits/{visit.id}/check-in")
    site.clock.now = AFTERNOON + timedelta(minutes=45)
    site.send("ann", f"/my/visits/{visit.id}/check-out")
    page = site.get("ann", "/my/certificate").text
    assert "志愿服务证明" in page
    assert "<dd>1</dd>" in page
    assert "<dd>0.8</dd>" in page
    assert "李" not in page.split("<main")[1].split("</main")[0]


def test_automatic_proposals_are_stopped_and_started(site: Site, store: Store):
    site.send("ann", "/my/data/proposals", {"wanted": "no"})
    assert volunteers.get(store, "ann").auto_plan is False
    assert "已停止" in site.get("ann", "/my/decisions").text
    site.send("ann", "/my/data/proposals", {"wanted": "yes"})
    assert volunteers.get(store, "ann").auto_plan is True


def test_a_consent_is_taken_back_and_given(site: Site, store: Store):
    site.send("ann", "/my/data/consent", {"purpose": "contact", "given": "no"})
    assert "contact" not in volunteers.get(store, "ann").consents
    site.send("ann", "/my/data/consent", {"purpose": "contact", "given": "yes"})
    assert volunteers.get(store, "ann").consents["contact"] == NOW
    assert site.send("ann", "/my/data/consent", {"purpose": "everything", "given": "yes"}).status_code == 422


def test_who_saw_my_address_names_the_reason(site: Site, store: Store):
    assert "还没有人查看过" in site.get("ann", "/my/data").text
    site.send("staff", "/volunteers/ann/reveal", {"reason": "核对紧急联系人"})
    assert "核对紧急联系人" in site.get("ann", "/my/data").text


def test_the_calendar_address_is_shown_once_and_closed(site: Site):
    shown = site.send("ann", "/my/calendar").text
    address = re.search(r"http://[^\"]+\.ics", shown)
    assert address
    path = "/" + address[0].split("/", 3)[3]
    assert site.client().get(path).status_code == 200
    assert address[0] not in site.get("ann", "/my/data").text
    site.send("ann", "/my/calendar/close")
    assert site.client().get(path).status_code == 404


def test_my_data_is_whole(site: Site, store: Store):
    add_visit(store, AFTERNOON)
    data = site.get("ann", "/my/data.json").json
    assert (data["person"]["name"], len(data["visits"]), data["visits"][0]["street"]) == ("王建国", 1, "真光路")
    rows = site.get("ann", "/my/data.csv").data.decode("utf-8-sig").splitlines()
    assert len(rows) == 2


def test_an_account_of_nobody_gets_no_page(site: Site, store: Store):
    store.execute("UPDATE accounts SET volunteer_id = NULL WHERE id = 'acc-ann'")
    assert site.get("ann", "/my/").status_code == 404
