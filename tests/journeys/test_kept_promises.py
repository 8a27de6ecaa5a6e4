"""A plan that keeps its promises: one yes, one no, the stand-in's yes, a night, its receipt, and the way back."""

from dataclasses import replace
from datetime import date

import pytest
from playwright.sync_api import expect

from scheduler.localtime import at_local
from scheduler.model.people import AvailabilityRule
from scheduler.model.plan import State
from scheduler.model.services import Need, NeedKind
from scheduler.needs.renew import expand_all
from scheduler.operations import night, standby_lists
from scheduler.planning.publish import publish
from scheduler.planning.replan import plan_now
from scheduler.store import Store
from scheduler.store.people import availability_rules, volunteers
from scheduler.store.plans import assignments
from scheduler.store.services import needs
from tests.journeys.conftest import Journey
from tests.scheduler.planning.week import FIRST_FIT
from tests.world import NOW

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in (24, 25, 26, 27))


def add_need(store: Store, day: date) -> None:
    """Company for the elder at three in the afternoon."""
    name = f"need-{day}"
    needs.add(store, Need(name, name, "E01", "li", NeedKind.ONCE, day, start="15:00", end="15:45", created_at=NOW))


def set_free(store: Store, volunteer_id: str) -> None:
    week = (1, 2, 3, 4, 5, 6, 7)
    availability_rules.add(store, AvailabilityRule(f"{volunteer_id}-week", volunteer_id, week, "14:00", "16:30"))
    store.touch()


def states(store: Store, volunteer_id: str) -> list[State]:
    return [a.state for a in sorted(assignments.by(store, volunteer_id=volunteer_id), key=lambda a: a.starts_at)]


def test_a_yes_stands_a_no_finds_another_and_a_night_can_be_taken_back(journey: Journey):
    site = journey.site
    with site.store() as store:
        add_need(store, WEDNESDAY)
        add_need(store, THURSDAY)
        set_free(store, "ann")
        expand_all(store, site.config, now=NOW)
        plan = plan_now(store, site.config, by="staff", clock=site.clock, **FIRST_FIT)
        publish(store, site.config, plan.id, by="staff", now=NOW)
        set_free(store, "bob")
        volunteers.save(store, replace(volunteers.get(store, "bob"), lat=31.2501, lon=121.3901))  # lives next to ann
        standby_lists.build_standby_lists(store, site.config, now=NOW)
        assert states(store, "ann") == [State.PROPOSED, State.PROPOSED]

    phone = journey.page("ann")
    phone.goto(f"{journey.address}/my/")
    phone.get_by_role("button", name="我来", exact=True).first.click()
    expect(phone.get_by_text("谢谢您！对方等着您。")).to_be_visible()
    phone.goto(f"{journey.address}/my/")
    phone.locator("#waiting").get_by_role("link", name="我来不了", exact=True).click()
    phone.locator("form.reasons button").first.click()
    phone.wait_for_url("**saved=declined")

    other = journey.page("bob")
    other.goto(f"{journey.address}/my/")
    journey.shot(other, "standby-offer")
    other.get_by_role("button", name="我来", exact=True).click()
    expect(other.get_by_text("谢谢您！对方等着您。")).to_be_visible()
    with site.store() as store:
        assert states(store, "ann") == [State.ACCEPTED, State.DECLINED]
        assert states(store, "bob") == [State.ACCEPTED]
        add_need(store, FRIDAY)

    site.clock.now = at_local(TUESDAY, "01:30")
    ended = night.run_if_due(site.config, clock=site.clock, **FIRST_FIT)
    assert ended is not None
    assert ended.plan is not None
    with site.store() as store:
        assert {State.ACCEPTED, State.PROPOSED} <= {*states(store, "ann"), *states(store, "bob")}

    staff = journey.page("admin", width=1366)
    staff.on("dialog", lambda dialog: dialog.accept())
    staff.goto(f"{journey.address}/plans/runs/{ended.run.id}")
    expect(staff.locator("main")).to_contain_text("李")
    journey.shot(staff, "night-receipt")
    staff.locator("form[action$='/rollback'] button").click()
    staff.wait_for_url("**done=rollback")
    journey.shot(staff, "night-taken-back")
    with site.store() as store:
        assert State.PROPOSED not in {*states(store, "ann"), *states(store, "bob")}
        assert states(store, "ann")[0] is State.ACCEPTED
        assert State.ACCEPTED in states(store, "bob")
