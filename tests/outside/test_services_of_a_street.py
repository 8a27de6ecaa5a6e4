"""The catalogue on its pages: what a service asks for, a new one, a changed one with the needs that it touches."""

from dataclasses import fields

import pytest

from scheduler.forms.references import Directory
from scheduler.forms.sheets import sheets
from scheduler.model.services import ServiceType, SlotState
from scheduler.needs.catalogue import delivered_service_types
from scheduler.needs.service_form import Windows, service_form
from scheduler.store.services import service_types, slots
from tests.outside.street import ONE_VISIT, Browser, Street
from web.staff.form_fields import texts_of

TEA = {
    "name_zh": "茶艺小课", "name_en": "Tea lesson", "minutes": "60", "heads": "2", "min_heads": "1", "priority": "2",
    "continuity": "none", "place": "at_recipient", "recipient_kinds": ["elder"],
    "windows": "周一至周五 14:00-16:30；周六 09:00-11:00", "needs_insurance": "no", "standbys": "1", "active": "yes",
    "risk_zh": "热水当心烫伤", "risk_en": "Mind the hot water", "team": "党员1", "requires_all": ["companion"],
}  # fmt: skip


def filled(staff: Browser, street: Street, code: str, **changes: object) -> dict[str, object]:
    """The form of a stored type as the page shows it, with changes."""
    form = service_form(Directory.of(street.store))
    here = service_types.get(street.store, code)
    texts: dict[str, object] = dict(texts_of(form, sheets()["service_types"], here))
    for name in ("recipient_kinds", "kinds", "requires_all", "requires_any", "prefers"):
        texts[name] = list(getattr(here, name))
    staff.get(f"/services/{code}/edit")
    return texts | {"revision": here.revision} | changes


def test_every_field_of_a_type_is_on_its_form():
    assert {f.name for f in fields(ServiceType)} - {"revision"} == set(service_form(Directory()).fields)
    assert {c.field for c in sheets()["service_types"].columns} == set(service_form(Directory()).fields)


@pytest.mark.parametrize("service", delivered_service_types(), ids=lambda service: service.code)
def test_what_the_form_shows_reads_back_as_it_was(street, service):
    form = service_form(Directory.of(street.store))
    assert form.read(texts_of(form, sheets()["service_types"], service), service) == service


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_windows_are_written_as_they_are_read_in_both_languages(locale):
    for service in delivered_service_types():
        field = Windows(locale)
        assert field.read(field.write(service.windows)) == service.windows


def test_a_new_service_is_entered_and_needs_of_it_can_be_published(street):
    staff = street.browser()
    staff.get("/services/new")
    status, page = staff.post("/services/new", TEA)
    assert status == 200
    assert "热水当心烫伤" in page
    made = service_types.get(street.store, "S01")
    assert (made.minutes, made.heads, made.standbys, made.needs_insurance) == (60, 2, 1, False)
    assert [(w.weekdays, w.start) for w in made.windows] == [((1, 2, 3, 4, 5), "14:00"), ((6,), "09:00")]
    assert "茶艺小课" in staff.get("/needs/new")[1]


@pytest.mark.parametrize(
    "wrong",
    [{"windows": "下午"}, {"minutes": "240"}, {"min_heads": "3"}, {"team": "党员3"}, {"name_zh": ""}, {"windows": ""}],
)
def test_a_mistake_stands_beside_its_field_and_nothing_typed_is_lost(street, wrong):
    staff = street.browser()
    staff.get("/services/new")
    status, page = staff.post("/services/new", TEA | wrong)
    assert status == 422
    assert 'class="error"' in page
    assert "热水当心烫伤" in page
    assert service_types.find(street.store, "S01") is None


def test_a_change_names_the_needs_that_it_touches_before_it_is_saved(street):
    slot = street.a_visit()
    staff = street.browser()
    form = filled(staff, street, "E01", minutes="30")
    status, page = staff.post("/services/E01/edit", form)
    assert status == 200
    assert "尚未保存" in page
    assert service_types.get(street.store, "E01").minutes == 45
    staff.post("/services/E01/edit", form | {"seen": "1"})
    assert service_types.get(street.store, "E01").minutes == 30
    street.expand()
    assert slots.get(street.store, slot.id).minutes == 30


def test_who_read_an_older_version_is_told(street):
    staff = street.browser()
    form = filled(staff, street, "C08", minutes="90", seen="1")
    assert staff.post("/services/C08/edit", form)[0] == 200
    assert staff.post("/services/C08/edit", form | {"minutes": "80"})[0] == 409


def test_a_service_that_is_switched_off_is_offered_no_more(street):
    street.bring(street.people("V1"))
    staff = street.browser()
    staff.post("/services/E03/edit", filled(staff, street, "E03", active="no", seen="1"))
    assert not service_types.get(street.store, "E03").active
    assert "已停用" in staff.get("/services")[1]
    assert 'value="E03"' not in staff.get("/needs/new")[1]


def test_needs_of_a_service_that_is_switched_off_get_no_more_visits(street):
    street.bring(street.people("V1") | street.elders("E1") | {"需求": [ONE_VISIT | {"开始日期": "2026-12-02"}]})
    street.expand()
    assert [s.state for s in slots.where(street.store)] == [SlotState.OPEN]
    staff = street.browser()
    staff.post("/services/E01/edit", filled(staff, street, "E01", active="no", seen="1"))
    street.expand()
    assert [s.state for s in slots.where(street.store)] == [SlotState.CANCELLED]
