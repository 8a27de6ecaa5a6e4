"""Staff add and change people, set their free times and make one of two."""

import re

from scheduler.store import Store
from scheduler.store.people import availability_rules, recipients, volunteers
from tests.web.site import Site
from tests.world import CANARY_ADDRESS, CANARY_PHONE


def test_a_volunteer_is_added_and_shown(site: Site, store: Store):
    form = {"name": "林晓梅", "kinds": ["courier", "party_member"], "grid_id": "c1", "skills": ["companion"]}
    sent = site.send("staff", "/volunteers/new", form, insured="yes", phone="13600136000")
    assert sent.status_code == 303
    (made,) = volunteers.where(store, "name = '林晓梅'")
    assert sent.location.endswith(made.id)
    assert (made.kinds, made.skills, made.insured, made.phone) == (
        {"courier", "party_member"},
        {"companion"},
        True,
        "13600136000",
    )


def test_wrong_fields_are_marked_and_what_was_typed_stays(site: Site, store: Store):
    sent = site.send("staff", "/volunteers/new", name="林晓梅", grid_id="c1", phone="12")
    page = sent.get_data(as_text=True)
    assert sent.status_code == 422
    assert "11位手机号" in page
    assert 'value="林晓梅"' in page
    assert volunteers.where(store, "name = '林晓梅'") == []


def test_the_form_never_holds_phone_or_address_and_keeps_them_when_left_empty(site: Site, store: Store):
    client = site.client("staff")
    page = client.get("/recipients/li/edit").get_data(as_text=True)
    assert CANARY_PHONE not in page
    assert CANARY_ADDRESS not in page
    form = {"name": "李秀珍", "kind": "elder", "grid_id": "c1", "phone": "", "address": "", "active": "yes"}
    assert client.send("/recipients/li/edit", **form).status_code == 303
    after = recipients.get(store, "li")
    assert (after.name, after.phone, after.address) == ("李秀珍", CANARY_PHONE, CANARY_ADDRESS)


def test_an_unchanged_form_changes_nothing(site: Site, store: Store):
    client = site.client("staff")
    for repository, name, id in ((volunteers, "volunteers", "ann"), (recipients, "recipients", "li")):
        before = repository.get(store, id)
        page = client.get(f"/{name}/{id}/edit").get_data(as_text=True)
        assert client.send(f"/{name}/{id}/edit", **fields_of(page)).status_code == 303
        after = repository.get(store, id)
        assert {f: getattr(after, f) for f in after.__slots__ if f != "revision"} == {
            f: getattr(before, f) for f in before.__slots__ if f != "revision"
        }


def fields_of(page: str) -> dict[str, list[str]]:
    """What a browser would send of the form as it stands."""
    form = page[page.index('name="revision"') - 200 : page.rindex("</form>")]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] != "_csrf" and ("checkbox" not in tag or " checked" in tag):
            found.setdefault(name[1], []).append(value[1] if value else "")
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = [chosen[1] if chosen else ""]
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = [text]
    return found


def test_staff_of_one_street_neither_change_nor_place_people_outside_it(site: Site, store: Store):
    client = site.client("street")
    assert client.get("/volunteers/bob/edit").status_code == 404
    assert client.get("/volunteers/bob/free-times").status_code == 404
    sent = client.send("/volunteers/new", name="林晓梅", kinds="resident", grid_id="c2")
    assert sent.status_code == 422
    assert volunteers.where(store, "name = '林晓梅'") == []
    assert client.send("/volunteers/ann/edit", name="王建国", grid_id="c2").status_code == 422
    assert volunteers.get(store, "ann").grid_id != "c2"


def test_an_older_copy_of_the_form_does_not_win(site: Site, store: Store):
    client = site.client("staff")
    form = {"kinds": "resident", "grid_id": "c1", "revision": volunteers.get(store, "ann").revision}
    assert client.send("/volunteers/ann/edit", name="王一", **form).status_code == 303
    assert client.send("/volunteers/ann/edit", name="王二", **form).status_code == 409
    assert volunteers.get(store, "ann").name == "王一"


def test_free_times_are_shown_and_replaced(site: Site, store: Store):
    client = site.client("staff")
    row = {
        "kind": "weekly",
        "weekdays": "周一至周五",
        "start": "14:00",
        "end": "16:30",
        "from_date": "",
        "until_date": "",
    }
    assert client.send("/volunteers/ann/free-times", **row).status_code == 303
    (rule,) = availability_rules.by(store, volunteer_id="ann")
    assert (rule.weekdays, rule.start, rule.end) == ((1, 2, 3, 4, 5), "14:00", "16:30")
    assert 'value="周一、周二、周三、周四、周五"' in client.get("/volunteers/ann/free-times").get_data(as_text=True)
    sent = client.send("/volunteers/ann/free-times", **{**row, "end": "13:00"})
    assert sent.status_code == 422
    assert "晚于开始14:00" in sent.get_data(as_text=True)


def test_two_records_of_one_person_become_one(site: Site, store: Store):
    client = site.client("staff")
    for name in ("林晓梅", "林小梅"):
        client.send("/volunteers/new", name=name, kinds="resident", grid_id="c1", phone="13600136000")
    keep, drop = volunteers.where(store, "name LIKE '林%' ORDER BY code")
    page = client.get("/volunteers/duplicates").get_data(as_text=True)
    assert "林晓梅" in page
    assert "13600136000" not in page
    assert client.send("/volunteers/duplicates", keep=keep.id, drop=drop.id).status_code == 303
    assert not volunteers.get(store, drop.id).active
    assert "林晓梅" not in client.get("/volunteers/duplicates").get_data(as_text=True)


def test_people_outside_the_area_are_not_merged(site: Site, store: Store):
    client = site.client("street")
    assert client.send("/volunteers/duplicates", keep="ann", drop="bob").status_code == 404
    assert client.send("/volunteers/duplicates", keep="ann", drop="nobody").status_code == 404
    assert volunteers.get(store, "bob").active


def test_the_forms_speak_english_too(site: Site):
    client = site.client("staff")
    client.set_cookie("lang", "en")
    page = client.get("/volunteers/new").get_data(as_text=True)
    assert "New volunteer" in page
    assert "Birth month" in page
    assert "companionship" in page
