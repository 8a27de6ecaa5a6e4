"""The pages while the disk takes nothing: what was published is shown, nothing is half saved, no traceback is shown."""

import pytest

from scheduler.access.api_tokens import SCOPES
from scheduler.model.plan import State
from scheduler.store import Store
from scheduler.store.plans import assignments
from tests import disk
from tests.web.site import Site
from tests.world import NOW, add_visit, timedelta

NEED = {"service_type": "E01", "recipient_code": "li", "kind": "once", "from_date": "2026-11-25"}


@pytest.fixture
def offer(store: Store):
    return add_visit(store, NOW + timedelta(days=2), state=State.PROPOSED)


def test_a_yes_that_cannot_be_saved_is_told_and_can_be_said_again(site: Site, store: Store, offer):
    browser = site.client("ann")
    with disk.failing_after(store, 0):
        told = browser.send(f"/my/visits/{offer.id}/accept")
        shown = browser.get("/my/")
    assert (told.status_code, shown.status_code) == (507, 200)
    assert "没有改动任何内容" in told.text
    assert "Traceback" not in told.text
    assert f"/my/visits/{offer.id}" in shown.text
    assert assignments.get(store, offer.id).state is State.PROPOSED
    assert browser.send(f"/my/visits/{offer.id}/accept").status_code == 303
    assert assignments.get(store, offer.id).state is State.ACCEPTED


def test_staff_still_see_the_published_week(site: Site, store: Store, offer):
    browser = site.client("staff")
    with disk.failing_after(store, 0):
        assert [browser.get(page).status_code for page in ("/today", "/board")] == [200, 200]


def test_another_system_gets_a_problem_document(site: Site, store: Store):
    headers = {"Authorization": f"Bearer {site.api_token('street', frozenset(SCOPES))}"}
    with disk.failing_after(store, 0):
        answer = site.client().post("/api/v1/needs", headers=headers, json=NEED)
    assert answer.status_code == 507
    assert answer.mimetype == "application/problem+json"
    assert "Traceback" not in answer.text
    assert site.client().post("/api/v1/needs", headers=headers, json=NEED).status_code == 201
