"""A question that goes to a person by the channel they chose, is answered, and is called what it is on every page."""

import re
from datetime import timedelta

import pytest

from scheduler.config import MailSettings
from scheduler.messages.configured import channels_of
from scheduler.operations import delivery
from tests.outside.street import Browser, Street, moment
from tests.partners import mail_server


@pytest.fixture
def mail():
    with mail_server() as server:
        yield server


@pytest.fixture
def posting(street: Street, mail) -> Street:
    """A street with a mail server."""
    settings = MailSettings(host="127.0.0.1", port=mail.port, security="none", sender="yidu@example.cn")
    messages = street.config.messages.model_copy(update={"mail": settings})
    street.config = street.config.model_copy(update={"messages": messages})
    return street


def send(street: Street) -> None:
    delivery.deliver_all(street.store, street.config, channels_of(street.config), by="test", clock=street.clock)


def chooses_mail(street: Street, code: str, address: str) -> Browser:
    """The volunteer gives a mail address on their own page."""
    street.account(f"login-{code}", code)
    phone = street.browser(f"login-{code}")
    phone.get("/my/contact")
    status, page = phone.post("/my/contact", {"mail": address, "mail_rank": "1"})
    assert status == 200, page
    return phone


def test_a_question_comes_by_mail_and_is_answered_by_its_link(posting, mail):
    street = posting
    slot = street.a_visit()
    chooses_mail(street, "V1", "v1@example.cn")
    asked = street.place(slot, "V1", accept=False)
    send(street)
    assert [one["To"] for one in mail.taken] == ["v1@example.cn"]
    staff = street.browser()
    _, page = staff.get("/messages")
    assert re.search(
        r"已交给渠道</span>\s*<span class=\"grow\">(?:(?!</li>).)*志愿者V1(?:(?!</li>).)*渠道：邮件", page, re.DOTALL
    )
    token = mail.text().rsplit("/r/", 1)[1].strip()
    anybody = Browser(street.address)
    assert "老人E1" not in mail.text()
    assert anybody.get(f"/r/{token}")[0] == 200
    anybody.post(f"/r/{token}", {"answer": "accept"})
    assert street.again(asked).state.value == "accepted"


def test_an_address_that_the_server_does_not_know_is_called_refused_and_can_be_put_right(posting, mail):
    street = posting
    slot = street.a_visit()
    chooses_mail(street, "V1", "v1@example.cn")
    mail.refuses["v1@example.cn"] = "550 no such mailbox"
    street.place(slot, "V1", accept=False)
    send(street)
    staff = street.browser()
    _, page = staff.get("/messages")
    assert "no such mailbox" in page
    one = street.volunteer("V1").id
    _, form = staff.get(f"/volunteers/{one}/contact")
    assert "v1@example.cn" not in form  # staff change what they are not shown
    assert "已登记" in form
    staff.post(f"/volunteers/{one}/contact", {"mail": "right@example.cn", "mail_rank": "1"})
    staff.get("/messages")
    staff.post("/messages/try-again", {"message": re.search(r'name="message" value="(\w+)"', page)[1]})
    send(street)
    assert [one["To"] for one in mail.taken] == ["right@example.cn"]


def test_a_mail_server_that_comes_back_gets_each_question_once(posting, mail):
    street = posting
    slot = street.a_visit()
    chooses_mail(street, "V1", "v1@example.cn")
    mail.refuses["v1@example.cn"] = "451 too many, later"
    street.place(slot, "V1", accept=False)
    send(street)
    assert mail.taken == []
    mail.refuses.clear()
    for _ in range(3):
        street.clock.now += timedelta(minutes=5)
        send(street)
    assert len(mail.taken) == 1


@pytest.mark.parametrize("address", ["v1@", "志愿者@example.cn", "a@b.cn\r\nBcc: c@d.cn", "a b@example.cn"])
def test_a_wrong_address_is_told_beside_its_field_and_kept_there(posting, address):
    street = posting
    street.bring(street.people("V1"))
    street.account("one", "V1")
    phone = street.browser("one")
    phone.get("/my/contact")
    status, page = phone.post("/my/contact", {"mail": address, "mail_rank": "1"})
    assert status == 422
    assert "邮箱地址，例如" in page
    assert 'aria-invalid="true"' in page


def test_who_takes_the_address_back_is_written_to_no_more(posting, mail):
    street = posting
    slot = street.a_visit()
    phone = chooses_mail(street, "V1", "v1@example.cn")
    phone.get("/my/contact")
    phone.post("/my/contact", {"mail": "", "mail_rank": ""})
    street.place(slot, "V1", accept=False)
    send(street)
    assert mail.taken == []
    assert "没有渠道可发" in street.browser().get("/messages")[1]


def test_who_has_no_channel_is_phoned_and_the_answer_is_recorded_as_said_by_phone(posting, mail):
    street = posting
    slot = street.a_visit(people=("V1", "V2"))
    chooses_mail(street, "V2", "v2@example.cn")
    asked = street.place(slot, "V1", accept=False)
    send(street)
    one = street.volunteer("V1").id
    staff = street.browser()
    _, page = staff.get("/calls")
    assert "志愿者V1" in page
    assert "志愿者V2" not in page  # nothing is to be told there
    assert "12月3日 周四 14:00" in page
    assert "13800000001" not in page
    _, page = staff.post(f"/calls/{one}/number", {})
    assert "13800000001" in page
    assert "电话名单" in staff.get("/audit")[1]
    staff.post(f"/calls/{one}/outcome", {"outcome": "not_reached"})
    assert re.search(r"没打通", staff.get("/calls")[1])
    staff.post(f"/calls/{one}/answer", {"question": asked.id, "answer": "accepted"})
    assert street.again(asked).state.value == "accepted"
    assert "志愿者V1" not in staff.get("/calls")[1]
    assert "电话里说来" in staff.get("/messages")[1]
    assert "电话里答应" in staff.get(f"/volunteers/{one}")[1]


def test_a_no_by_phone_asks_the_next_one_and_a_cancellation_is_told(street):
    slot = street.a_visit(people=("V1", "V2"))
    asked = street.place(slot, "V1", accept=False)
    send(street)
    staff, one = street.browser(), street.volunteer("V1").id
    staff.get("/calls")
    staff.post(f"/calls/{one}/answer", {"question": asked.id, "answer": "declined", "reason": "time", "again": "yes"})
    assert street.again(asked).state.value == "declined"
    placed = street.place(slot, "V2")
    two = street.volunteer("V2").id
    staff.post(f"/assignments/{placed.id}/remove", {"reason": "老人住院"})
    send(street)
    _, page = staff.get("/calls")
    assert "志愿者V2" in page
    assert "说来" not in page  # a cancellation asks for no answer
    staff.post(f"/calls/{two}/outcome", {"outcome": "told"})
    assert "志愿者V2" not in staff.get("/calls")[1]


def test_an_answer_for_somebody_else_or_twice_is_refused(street):
    slot = street.a_visit(people=("V1", "V2"))
    asked = street.place(slot, "V1", accept=False)
    send(street)
    staff, one, two = street.browser(), street.volunteer("V1").id, street.volunteer("V2").id
    staff.get("/calls")
    status, page = staff.post(f"/calls/{two}/answer", {"question": asked.id, "answer": "accepted"})
    assert status == 422
    assert "已经定了" in page
    assert street.again(asked).state.value == "proposed"
    staff.post(f"/calls/{one}/answer", {"question": asked.id, "answer": "declined"})
    status, _ = staff.post(f"/calls/{one}/answer", {"question": asked.id, "answer": "accepted"})
    assert status in (409, 422)
    assert street.again(asked).state.value == "declined"


def test_what_was_held_back_over_night_stands_on_the_early_morning_s_list_with_its_whole_time(street):
    """Nobody's time runs while they sleep; who has no channel can be phoned before the quiet hours end."""
    street.clock.now = moment("2026-11-30 23:00")
    slot = street.a_visit(day="2026-12-01", people=("V1",))
    asked = street.place(slot, "V1", accept=False)
    street.clock.now = moment("2026-12-01 07:30")
    send(street)
    assert street.again(asked).state.value == "proposed"
    assert "志愿者V1" in street.browser().get("/calls")[1]
    street.clock.now = moment("2026-12-01 08:05")
    send(street)
    told = street.again(asked)
    assert told.expires_at is not None
    assert told.expires_at > street.clock() + timedelta(hours=1)
    assert "志愿者V1" in street.browser().get("/calls")[1]


def test_what_is_over_is_on_no_list(street):
    slot = street.a_visit(people=("V1",))
    street.place(slot, "V1", accept=False)
    send(street)
    street.clock.now = moment("2026-12-03 14:01")
    assert "志愿者V1" not in street.browser().get("/calls")[1]


def test_a_volunteer_s_messages_are_in_the_menu_and_unread_until_they_say_so(street):
    slot = street.a_visit(people=("V1",))
    street.account("one", "V1")
    street.place(slot, "V1", accept=False)
    phone = street.browser("one")
    _, page = phone.get("/my/")
    assert re.search(r'通知\s*<span class="unread">1', page)
    assert "结对陪伴" in phone.get("/my/asks")[1]
    phone.post("/my/asks/all-seen", {})
    assert 'class="unread"' not in phone.get("/my/")[1]
    send(street)
    assert "志愿者V1" not in street.browser().get("/calls")[1]  # they know of it


def test_a_visit_bears_the_number_of_the_nearest_area_that_has_one(street):
    slot = street.a_visit(people=("V1",))
    street.account("one", "V1")
    visit = street.place(slot, "V1")
    staff, phone = street.browser(), street.browser("one")
    above = street.store.value("SELECT parent_id FROM grids WHERE id = :id", {"id": slot.grid_id})
    assert "有问题请致电" not in phone.get(f"/my/visits/{visit.id}")[1]
    for grid, number in ((above, "021-62540001"), (slot.grid_id, "021 6254 0002")):
        staff.get("/area-phones")
        assert staff.post("/area-phones", {"grid": grid, "phone": number})[0] == 200
        assert f"tel:{re.sub(r'[ -]', '', number)}" in phone.get(f"/my/visits/{visit.id}")[1]
    staff.post("/area-phones", {"grid": slot.grid_id, "phone": ""})
    assert "tel:02162540001" in phone.get(f"/my/visits/{visit.id}")[1]
    status, page = staff.post("/area-phones", {"grid": slot.grid_id, "phone": "62"})
    assert status == 422
    assert 'value="62"' in page


def test_staff_see_on_today_what_they_were_told_until_somebody_has_taken_note(street):
    slot = street.a_visit(day="2026-12-01", people=("V1",))
    placed = street.place(slot, "V1")
    street.account("one", "V1")
    phone, staff = street.browser("one"), street.browser()
    phone.get(f"/my/visits/{placed.id}")
    phone.post(f"/my/visits/{placed.id}/decline", {"reason": "illness"})
    send(street)
    _, page = staff.get("/today")
    assert "给工作人员的提醒" in page
    assert "没有渠道可发：请打电话" not in page
    staff.post("/today/seen", {"message": "all"})
    assert "给工作人员的提醒" not in staff.get("/today")[1]


def letter_to(page: str) -> dict[str, str]:
    """The hidden fields of the form that sends what is written."""
    form = page[page.rindex("<form") :]
    return dict(re.findall(r'type="hidden" name="(group|value|seal|_once)" value="([^"]*)"', form))


def test_everybody_of_a_day_is_written_to_once_it_was_shown_who_gets_it_by_what(posting, mail):
    street = posting
    slot = street.a_visit(people=("V1", "V2", "V3"), 需要人数=2)
    chooses_mail(street, "V1", "v1@example.cn")
    street.place(slot, "V1")
    street.place(slot, "V2")
    send(street)
    mail.taken.clear()
    staff = street.browser()
    _, page = staff.get("/write?group=day&value=2026-12-03")
    assert "志愿者V3" not in page
    assert re.search(r"志愿者V1(?:(?!</li>).)*邮件", page, re.DOTALL)
    assert re.search(r"志愿者V2(?:(?!</li>).)*要打电话", page, re.DOTALL)
    status, page = staff.post("/write", {**letter_to(page), "words": "大雪，\n请走大路。"})
    assert status == 200
    assert "已登记给2人发送" in page
    send(street)
    assert [one["To"] for one in mail.taken] == ["v1@example.cn"]
    assert "boss通知：大雪，\n请走大路。" in mail.text()
    _, page = staff.get("/calls")
    assert "请走大路" in page
    assert "志愿者V2" in page
    assert "给多人写了通知" in staff.get("/audit")[1]


def test_a_letter_goes_to_those_who_were_shown_and_once(posting, mail):
    street = posting
    slot = street.a_visit(people=("V1", "V2"), 需要人数=2)
    chooses_mail(street, "V1", "v1@example.cn")
    chooses_mail(street, "V2", "v2@example.cn")
    street.place(slot, "V1")
    staff = street.browser()
    _, page = staff.get(f"/write?group=slot&value={slot.id}")
    form = letter_to(page) | {"words": "请带伞。"}
    street.place(slot, "V2")
    send(street)
    mail.taken.clear()
    status, page = staff.post("/write", form)
    assert status == 409
    assert "名单" in page
    assert "请带伞。" in page  # nothing typed is lost
    again = letter_to(page) | {"words": "请带伞。"}
    staff.post("/write", again)
    staff.post("/write", again)
    send(street)
    assert sorted(one["To"] for one in mail.taken) == ["v1@example.cn", "v2@example.cn"]


@pytest.mark.parametrize("words", ["", "雨" * 501])
def test_no_words_and_too_many_are_refused_beside_the_field(street, words):
    slot = street.a_visit(people=("V1",))
    street.place(slot, "V1")
    staff = street.browser()
    _, page = staff.get("/write?group=service&value=E01")
    status, page = staff.post("/write", {**letter_to(page), "words": words})
    assert status == 422
    assert "不超过500字" in page


def test_while_a_mail_server_is_down_somebody_can_phone_and_the_time_to_answer_stands_still(posting, mail):
    street = posting
    slot = street.a_visit(people=("V1",))
    chooses_mail(street, "V1", "v1@example.cn")
    mail.refuses["v1@example.cn"] = "451 later"
    asked = street.place(slot, "V1", accept=False)
    send(street)
    staff = street.browser()
    assert "志愿者V1" not in staff.get("/calls")[1]
    for _ in range(4):
        street.clock.now += timedelta(minutes=5)
        send(street)
    assert "志愿者V1" in staff.get("/calls")[1]
    due_at = street.again(asked).expires_at
    street.clock.now += timedelta(minutes=30)
    mail.refuses.clear()
    send(street)
    assert len(mail.taken) == 1
    assert street.again(asked).expires_at > due_at
    assert "志愿者V1" not in staff.get("/calls")[1]
