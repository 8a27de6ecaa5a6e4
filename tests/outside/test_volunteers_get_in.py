"""A slip from staff, a link that works once, a password of one's own: how a volunteer gets in, and gets in again."""

import re
from datetime import timedelta

import pytest

from scheduler.operations import after_night
from tests.outside.street import Browser, Street


def slips(street: Street, fields: dict[str, object], address: str = "/invitations") -> list[str]:
    """The addresses that staff's printed page shows, without the host."""
    staff = street.browser()
    staff.get("/volunteers?login=none")
    status, page = staff.post(address, fields)
    assert status == 200, page
    return re.findall(r"<p class=\"address\">http://[^/]+(/join/[\w-]+)</p>", page)


def joining(street: Street, address: str, **fields: object) -> tuple[Browser, int, str]:
    phone = Browser(street.serve().address)
    assert phone.get(address)[0] == 200
    form = {"digits": "0001", "login": "v-one", "password": "vier-woerter-fuer-eins", "consent": ["contact"]}
    return phone, *phone.post(address, form | fields)


@pytest.fixture
def people(street: Street) -> Street:
    street.bring(street.people("V1", "V2", "V3", 已签同意书="否"))
    return street


def test_a_volunteer_comes_in_with_a_slip_and_sees_what_is_stored(people):
    (address,) = slips(people, {}, f"/volunteers/{people.volunteer('V1').id}/invitation")
    phone, status, page = joining(people, address)
    assert status == 200
    assert "/my/data" in phone.url
    assert "志愿者V1" in page
    assert set(people.volunteer("V1").consents) == {"contact"}
    again = Browser(people.address)
    again.get("/login")
    assert again.post("/login", {"login": "v-one", "password": "vier-woerter-fuer-eins"})[0] == 200
    assert again.url.endswith("/my/")


def test_the_phone_number_is_a_login_too(people):
    (address,) = slips(people, {}, f"/volunteers/{people.volunteer('V1').id}/invitation")
    joining(people, address)
    phone = Browser(people.address)
    phone.get("/login")
    phone.post("/login", {"login": "138 0000 0001", "password": "vier-woerter-fuer-eins"})
    assert phone.url.endswith("/my/")


def test_looking_at_a_slip_uses_nothing_up_and_taking_it_up_uses_it_up(people):
    (address,) = slips(people, {}, f"/volunteers/{people.volunteer('V1').id}/invitation")
    for _ in range(3):
        status, page = Browser(people.serve().address).get(address)
        assert status == 200
        assert "志愿者V1" not in page  # a slip that is found names nobody in full
    joining(people, address)
    stranger = Browser(people.address)
    status, page = stranger.get(address)
    assert status == 404
    assert "邀请单" in page


def test_everybody_without_a_login_gets_a_slip_at_once_and_only_they(people):
    people.account("has-one", "V3")
    assert len(slips(people, {"all": "1"})) == 2
    staff = people.browser()
    staff.get("/volunteers?login=none")
    assert staff.post("/invitations", {"all": "1"})[0] == 422


def test_a_new_slip_ends_the_one_before(people):
    who = f"/volunteers/{people.volunteer('V1').id}/invitation"
    (first,), (second,) = slips(people, {}, who), slips(people, {}, who)
    assert Browser(people.address).get(first)[0] == 404
    assert Browser(people.address).get(second)[0] == 200


def test_a_slip_ends_after_two_weeks_and_when_staff_end_it(people):
    volunteer = people.volunteer("V1").id
    (address,) = slips(people, {}, f"/volunteers/{volunteer}/invitation")
    people.clock.now += timedelta(days=14, seconds=1)
    assert Browser(people.address).get(address)[0] == 404
    after_night.follow_up(people.store, people.config, clock=people.clock)
    assert people.store.value("SELECT count(*) FROM invitations") == 0
    (address,) = slips(people, {}, f"/volunteers/{volunteer}/invitation")
    staff = people.browser()
    staff.get(f"/volunteers/{volunteer}")
    staff.post(f"/volunteers/{volunteer}/invitation/end", {})
    assert Browser(people.address).get(address)[0] == 404


def test_whoever_found_a_slip_has_five_tries_at_the_last_digits(people):
    (address,) = slips(people, {}, f"/volunteers/{people.volunteer('V1').id}/invitation")
    for left in (4, 3, 2, 1):
        _, status, page = joining(people, address, digits="9999")
        assert status == 422
        assert f"还可试{left}次" in page
    assert joining(people, address, digits="9999")[1] == 404
    assert Browser(people.address).get(address)[0] == 404
    assert people.store.value("SELECT count(*) FROM accounts WHERE role = 'volunteer'") == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"password": "password1"}, "太常见"), ({"password": "short"}, "5个字符"), ({"login": "boss"}, "已有人使用")],
)
def test_what_is_refused_keeps_what_was_typed_and_the_slip_stays_good(people, wrong, said):
    (address,) = slips(people, {}, f"/volunteers/{people.volunteer('V1').id}/invitation")
    _, status, page = joining(people, address, **wrong)
    assert (status, said in page) == (422, True)
    assert f'value="{wrong.get("login", "v-one")}"' in page
    assert joining(people, address)[1] == 200


def test_a_forgotten_password_is_replaced_by_a_slip_and_old_devices_are_out(people):
    people.account("v-one", "V1")
    old = people.browser("v-one")
    (address,) = slips(people, {}, f"/volunteers/{people.volunteer('V1').id}/invitation")
    phone, status, _ = joining(people, address, login="ignored", password="anders-als-vorher-9")
    assert status == 200
    assert old.get("/my/")[0] == 200
    assert "/login" in old.url
    assert phone.get("/my/")[0] == 200
    assert "/login" not in phone.url
    assert people.store.value("SELECT count(*) FROM accounts WHERE role = 'volunteer'") == 1


def test_nobody_off_the_list_is_invited_and_their_slip_opens_nothing(people):
    volunteer = people.volunteer("V1").id
    (address,) = slips(people, {}, f"/volunteers/{volunteer}/invitation")
    staff = people.browser()
    staff.get("/volunteers")
    staff.post("/volunteers/chosen", {"step": "inactive", "chosen": volunteer})
    assert Browser(people.address).get(address)[0] == 404
    status, page = staff.post(f"/volunteers/{volunteer}/invitation", {})
    assert status == 422
    assert "已停用" in page


def test_slips_of_another_street_cannot_be_printed(people):
    people.bring({"志愿者": [{**people.people("V9")["志愿者"][0], "所在居委或楼宇": "真如镇街道"}]})
    assert slips(people, {"all": "1"})  # the administrator sees all


def test_a_phone_number_written_in_many_ways_is_guessed_no_more_often(people):
    (address,) = slips(people, {}, f"/volunteers/{people.volunteer('V1').id}/invitation")
    joining(people, address)
    stranger = Browser(people.address)
    stranger.get("/login")
    spellings = ["13800000001", "138 0000 0001", "+86 13800000001", "138-0000-0001"]
    tried = [stranger.post("/login", {"login": spellings[n % 4], "password": f"wrong-{n}"})[0] for n in range(12)]
    assert tried == [403] * 10 + [429] * 2
