"""The receipt of a night on its page and as data, and the button that takes the plan back."""

from datetime import timedelta

from scheduler.model.plan import State
from scheduler.planning.publish import publish
from scheduler.store.plans import assignments
from tests.scheduler.planning.week import add_helper, add_need, config_for, planned
from tests.web.site import Site
from tests.world import NOW


def a_published_plan(site: Site):
    with site.store() as store:
        add_helper(store, "helper")
        add_need(store, "visit", "elder")
        config = config_for(store)
        return publish(store, config, planned(store, config).id, by="staff", now=NOW)


def test_the_receipt_names_each_change_and_its_cause(site):
    plan = a_published_plan(site)
    page = site.client("staff").get(f"/plans/runs/{plan.run_id}")
    assert page.status_code == 200
    assert "新排入" in page.text
    data = site.client("staff").get(f"/plans/runs/{plan.run_id}/receipt.json").json
    assert data["plan"] == plan.id
    assert [line["cause"] for line in data["changes"]] == ["newly_planned"]


def test_one_click_takes_the_plan_back_and_the_page_says_so(site):
    plan = a_published_plan(site)
    site.clock.now = NOW + timedelta(hours=1)
    browser = site.client("staff")
    answer = browser.send(f"/plans/runs/{plan.run_id}/rollback")
    assert answer.status_code == 303
    with site.store() as store:
        assert {a.state for a in assignments.by(store, plan_id=plan.id)} == {State.SUPERSEDED}
    page = browser.get(f"/plans/runs/{plan.run_id}")
    assert "撤回：收回建议1项" in page.text
    assert f"/plans/runs/{plan.run_id}/rollback" not in page.text


def test_who_may_only_read_cannot_take_a_plan_back(site):
    plan = a_published_plan(site)
    browser = site.client("auditor")
    answer = browser.send(f"/plans/runs/{plan.run_id}/rollback")
    assert answer.status_code in (403, 404)
