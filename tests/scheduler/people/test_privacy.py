"""Who may see whose door, and when."""

from datetime import timedelta

import pytest

from scheduler.errors import IllegalMove, InputError, NotFound
from scheduler.model import reading_rights
from scheduler.model.people import RecipientKind
from scheduler.model.plan import Assignment, State
from scheduler.model.services import Place
from scheduler.people import privacy
from scheduler.store import Store, audit
from tests.world import CANARY_ADDRESS, CANARY_NOTES, CANARY_PHONE, NOW, add_elder, add_visit, add_world

DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)
MINUTES = 45
END = timedelta(minutes=MINUTES)
AFTER = timedelta(hours=2)
STARTS_AT = NOW + timedelta(days=3)


@pytest.fixture
def visit(store: Store) -> Assignment:
    add_world(store)
    return add_visit(store, STARTS_AT)


def shown(store: Store, visit: Assignment, now, locale: str = "zh") -> privacy.Contact:
    return privacy.contact_of(store, visit, now=now, locale=locale)


def open_it(store: Store, visit: Assignment, now, who: str = "ann") -> None:
    privacy.open_for_visit(store, visit.id, who, by=who, now=now)


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("13812345678", "138****5678"), ("+8613812345678", "+86****5678"), ("52345678", "****78"), ("", "")],
)
def test_a_masked_phone_keeps_too_little_to_call(phone: str, masked: str):
    assert reading_rights.masked_phone(phone) == masked


@pytest.mark.parametrize(
    ("name", "gender", "zh", "en"),
    [
        ("王建国", "male", "王先生", "Mr 王"),
        ("欧阳秀英", "female", "欧阳女士", "Ms 欧阳"),
        ("李秀英", "", "李**", "李**"),
        ("Anna Miller", "female", "Miller女士", "Ms Miller"),
    ],
)
def test_a_masked_name_is_surname_and_title(name: str, gender: str, zh: str, en: str):
    assert reading_rights.masked_name(name, gender, "zh") == zh
    assert reading_rights.masked_name(name, gender, "en") == en


@pytest.mark.parametrize(
    ("address", "street"),
    [
        (CANARY_ADDRESS, "真光路"),
        ("上海市普陀区曹杨路街道兰溪路1号", "兰溪路"),
        ("曹杨一村23号4室", "真光居委会"),
        ("长寿新村12号", "长寿新村"),
        ("12号楼301", "真光居委会"),
        ("", "真光居委会"),
    ],
)
def test_street_level_never_holds_a_number(address: str, street: str):
    assert privacy.street_level(address, "真光居委会") == street


@pytest.mark.parametrize(
    ("moment", "may"),
    [
        (STARTS_AT - DAY - SECOND, False),
        (STARTS_AT - DAY, True),
        (STARTS_AT + END + AFTER, True),
        (STARTS_AT + END + AFTER + SECOND, False),
    ],
)
def test_the_address_is_open_from_a_day_before_to_two_hours_after(store: Store, visit: Assignment, moment, may: bool):
    assert privacy.may_see_full(visit, MINUTES, now=moment) is may
    if may:
        open_it(store, visit, moment)
        assert shown(store, visit, moment).address == CANARY_ADDRESS
        assert shown(store, visit, moment).phone == CANARY_PHONE
        assert CANARY_NOTES in shown(store, visit, moment).notes
    else:
        with pytest.raises(IllegalMove):
            open_it(store, visit, moment)
        assert shown(store, visit, moment).address == ""


@pytest.mark.parametrize(
    "state", [state for state in State if state not in (State.ACCEPTED, State.CHECKED_IN, State.DONE)]
)
def test_only_a_promised_visit_opens_the_address(store: Store, state: State):
    add_world(store)
    visit = add_visit(store, STARTS_AT, state=state)
    with pytest.raises(IllegalMove):
        open_it(store, visit, STARTS_AT)


def test_nobody_else_can_open_the_address(store: Store, visit: Assignment):
    with pytest.raises(NotFound):
        open_it(store, visit, STARTS_AT, who="bob")
    assert privacy.openings_of(store, "recipient", "li") == []


def test_the_address_hides_again_after_the_visit(store: Store, visit: Assignment):
    open_it(store, visit, STARTS_AT)
    later = shown(store, visit, STARTS_AT + END + AFTER + SECOND)
    assert (later.name, later.place, later.address, later.phone, later.notes) == ("李女士", "真光路", "", "", "")


def test_before_it_is_opened_only_the_street_is_shown(store: Store, visit: Assignment):
    seen = shown(store, visit, STARTS_AT)
    assert (seen.full, seen.may_open, seen.address, seen.phone) == (False, True, "", "")


def test_opening_twice_leaves_one_line_in_the_log(store: Store, visit: Assignment):
    open_it(store, visit, STARTS_AT)
    open_it(store, visit, STARTS_AT + SECOND)
    (line,) = privacy.openings_of(store, "recipient", "li")
    assert (line.at, line.actor, line.reason) == (STARTS_AT, "ann", f"visit {visit.id}")
    assert audit.broken_row(store) is None


def test_a_phone_call_shows_the_number_but_no_door(store: Store):
    add_world(store)
    call = add_visit(store, STARTS_AT, place=Place.REMOTE)
    open_it(store, call, STARTS_AT)
    assert (shown(store, call, STARTS_AT).phone, shown(store, call, STARTS_AT).address) == (CANARY_PHONE, "")


def test_the_address_of_an_office_is_public(store: Store):
    add_world(store)
    add_elder(store, "park", name="天地软件园", kind=RecipientKind.PARK, address="中江路879弄", notes="")
    visit = add_visit(store, STARTS_AT, recipient_id="park")
    seen = shown(store, visit, NOW)
    assert (seen.name, seen.place, seen.phone) == ("天地软件园", "中江路879弄", "")


@pytest.mark.parametrize("reason", ["", "ok", "   x "])
def test_staff_cannot_open_details_without_a_reason(store: Store, visit: Assignment, reason: str):
    with pytest.raises(InputError):
        privacy.reveal(store, "recipient", "li", by="staff", reason=reason, now=NOW)
    assert privacy.openings_of(store, "recipient", "li") == []


def test_staff_opening_details_are_logged_with_the_reason(store: Store, visit: Assignment):
    details = privacy.reveal(store, "recipient", "li", by="staff", reason="家属来电核对", now=NOW)
    assert (details.phone, details.address) == (CANARY_PHONE, CANARY_ADDRESS)
    assert [(line.actor, line.reason) for line in privacy.openings_of(store, "recipient", "li")] == [
        ("staff", "家属来电核对")
    ]
