"""What may not be read cannot be searched for either: phones and names, digit by digit and letter by letter."""

from io import BytesIO

import pytest

from scheduler.model.accounts import Role
from scheduler.model.people import Pair
from scheduler.model.reading_rights import FIELDS, TOLD_TO_THE_PERSON, Search, Sight
from scheduler.rules.eligibility import Reason
from scheduler.store.people import pairs
from tests.web.site import Browser, Site
from tests.world import NOW, add_elder, add_slot, add_volunteer

PHONE, LANDLINE = "13812345678", "62349876"
LISTS = {"/volunteers": "v-chen", "/recipients": "e-chen", "/needs": "陈", "/pairs": "周小明"}
OF_ELDERS = ("/recipients", "/needs", "/pairs")


@pytest.fixture
def slot_id(site: Site) -> str:
    """An elder and a volunteer with the same mobile, paired, a visit of the elder, an elder with a landline."""
    with site.store() as store:
        add_elder(store, "e-chen", name="陈桂珍", phone=PHONE)
        add_elder(store, "e-land", name="孙国强", phone=LANDLINE)
        add_volunteer(store, "v-chen", name="周小明", phone=PHONE)
        pairs.add(store, Pair("p-chen", "e-chen", "v-chen"))
        return add_slot(store, NOW, recipient_id="e-chen").id


def rows(browser: Browser, address: str, text: str) -> str:
    """The rows of a list that a search leaves."""
    answer = browser.get(address, query_string={"text": text})
    assert answer.status_code == 200
    return answer.text.partition("<tbody")[2]


def searches_logged(site: Site) -> list[tuple[str, str, str]]:
    with site.store() as store:
        found = store.rows("SELECT actor, object_kind, object_id FROM audit WHERE action IN ('reveal', 'phone.search')")
    return [tuple(row.values()) for row in found]


@pytest.mark.parametrize("login", ["admin", "street", "auditor"])
@pytest.mark.parametrize("address", LISTS)
@pytest.mark.usefixtures("slot_id")
def test_exactly_the_four_digits_that_the_mask_shows_find_a_phone(site: Site, login: str, address: str):
    browser = site.client(login)
    assert LISTS[address] in rows(browser, address, "5678")
    for guess in ("678", "45678", "345678", "2345678", "812345678", "138", "1381", "13812345", "1234", "5 6 7"):
        assert LISTS[address] not in rows(browser, address, guess), guess
    assert searches_logged(site) == []


def uploaded(site: Site, rows: list[tuple[str, str]]) -> str:
    """What the preview says to staff of a file of elders with these names and phones."""
    text = "\n".join(["老人姓名,电话,对象类别,所在居委或楼宇", *(f"{name},{phone},老人,c1" for name, phone in rows)])
    browser = site.client("staff")
    form = {"_csrf": browser.csrf, "file": (BytesIO(text.encode()), "list.csv")}
    return browser.post("/exchange/upload", data=form, follow_redirects=True).text


@pytest.mark.parametrize("name", ["陈桂珍", "某某"])
@pytest.mark.usefixtures("slot_id")
def test_a_file_that_tries_phones_leaves_a_line_about_whom_it_found(site: Site, name: str):
    uploaded(site, [(name, f"138123456{n}") for n in range(70, 85)])
    assert searches_logged(site) == [("staff", "recipient", "e-chen")]


@pytest.mark.usefixtures("slot_id")
def test_a_file_cannot_try_the_phones_of_a_name_without_end(site: Site):
    assert "不能再只靠电话认人" in uploaded(site, [("陈桂珍", f"13812345{n}") for n in range(600, 700)])


@pytest.mark.usefixtures("slot_id")
def test_a_list_that_names_people_and_their_own_phones_leaves_no_line(site: Site):
    uploaded(site, [("陈桂珍", PHONE), ("孙国强", LANDLINE), ("新人", "13900000001")])
    assert searches_logged(site) == []


@pytest.mark.usefixtures("slot_id")
def test_a_landline_is_not_found_by_digits_that_its_mask_hides(site: Site):
    for login in ("admin", "auditor"):
        assert "e-land" not in rows(site.client(login), "/recipients", LANDLINE[-4:])
    assert "e-land" in rows(site.client("admin"), "/recipients", LANDLINE)


@pytest.mark.parametrize("typed", [PHONE, "138-1234-5678", "+86 13812345678", "１３８１２３４５６７８"])
@pytest.mark.usefixtures("slot_id")
def test_staff_find_a_whole_number_however_it_is_written_and_leave_a_line(site: Site, typed: str):
    assert "v-chen" in rows(site.client("street"), "/volunteers", typed)
    assert searches_logged(site) == [("street", "volunteer", "v-chen")]
    assert "e-chen" in rows(site.client("admin"), "/recipients", typed)
    assert searches_logged(site)[1:] == [("admin", "recipient", "e-chen")]


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.usefixtures("slot_id")
def test_an_auditor_finds_nobody_by_a_whole_number(site: Site, address: str):
    assert LISTS[address] not in rows(site.client("auditor"), address, PHONE)
    assert searches_logged(site) == []


def test_the_form_of_a_need_and_the_search_for_somebody_else_obey_too(site: Site, slot_id: str):
    staff = site.client("street")
    for address, name in (
        ("/needs/recipients?recipient_text=", "陈桂珍"),
        (f"/slots/{slot_id}/someone?text=", "周小明"),
    ):
        assert name in staff.get(address + "5678").text
        assert name not in staff.get(address + "45678").text


@pytest.mark.usefixtures("slot_id")
def test_whole_numbers_cannot_be_guessed_without_end_and_other_searches_go_on(site: Site):
    staff = site.client("street")
    answers = [staff.get(f"/recipients?text=138{n:04d}5678").status_code for n in range(1300, 1380)]
    assert (answers.count(200), answers.count(429)) == (60, 20)
    assert staff.get("/needs/recipients?recipient_text=13812345678").status_code == 429
    assert "e-chen" in rows(staff, "/recipients", "chen")


@pytest.mark.parametrize("address", OF_ELDERS)
@pytest.mark.usefixtures("slot_id")
def test_an_auditor_finds_elders_only_by_what_is_shown_of_their_names(site: Site, address: str):
    auditor, staff = site.client("auditor"), site.client("street")
    for text in ("陈", "chen"):
        assert LISTS[address] in rows(auditor, address, text)
    for text in ("桂", "陈桂", "桂珍", "guizhen", "cgz", "cheng"):
        assert LISTS[address] not in rows(auditor, address, text), text
    assert LISTS[address] in rows(staff, address, "cgz")


def test_the_list_of_an_auditor_is_not_sorted_by_hidden_names(site: Site):
    with site.store() as store:
        for code, name in (("z1", "陈三"), ("z2", "陈一"), ("z3", "陈二")):
            add_elder(store, code, name=name)
    page = rows(site.client("auditor"), "/recipients", "chen")
    assert page.index("z1") < page.index("z2") < page.index("z3")


def test_the_table_says_for_every_role_how_a_field_is_read_and_searched_and_nobody_searches_more_than_they_may_read():
    allowed = {
        Sight.CLEAR: set(Search),
        Sight.REASON: {Search.NEVER, Search.SHOWN, Search.WHOLE},
        Sight.MASKED: {Search.NEVER, Search.SHOWN},
        Sight.WINDOW: {Search.NEVER},
        Sight.NEVER: {Search.NEVER},
    }
    for field, by_role in FIELDS.items():
        assert set(by_role) == set(Role), field
        assert all(search in allowed[sight] for sight, search in by_role.values()), field


def test_the_table_says_of_every_reason_whether_the_person_may_hear_it():
    assert set(TOLD_TO_THE_PERSON) == {reason.value for reason in Reason} | {"team"}
