"""Sent twice is once: a double click, a network's second try, a client that never heard the first answer."""

import json
import re
import threading
import urllib.error
import urllib.request
from datetime import timedelta
from typing import Any

import pytest

from scheduler.access.api_tokens import SCOPES, give
from scheduler.store.accounts import accounts
from scheduler.store.once import forget_answers
from tests.outside.street import Browser, Row, Street

NEED = {"service_type": "E01", "kind": "once", "from_date": "2026-12-04", "start": "14:00", "end": "15:00"}


@pytest.fixture
def street(street: Street) -> Street:
    street.bring({**street.people("V1"), **street.elders("E1", "E2")})
    return street


def need(street: Street, **changes: str) -> dict[str, Any]:
    return {**NEED, "recipient_id": street.recipient("E1").id, **changes}


def count(street: Street, table: str = "needs") -> int:
    return int(street.store.value(f"SELECT count(*) FROM {table}"))


def key_of(page: str, near: str = "") -> dict[str, str]:
    """The key of the first form after these words."""
    found = re.search(r'name="_once" value="([^"]+)"', page[page.index(near) :])
    assert found is not None
    return {"_once": found[1]}


def at_once(browser: Browser, path: str, fields: Row, times: int = 2) -> list[tuple[int, str]]:
    answers: list[tuple[int, str]] = []
    sends = [threading.Thread(target=lambda: answers.append(browser.post(path, fields))) for _ in range(times)]
    for send in sends:
        send.start()
    for send in sends:
        send.join()
    return answers


@pytest.mark.parametrize("with_key", [True, False])
def test_a_need_sent_several_times_at_once_is_one_need(street: Street, with_key: bool) -> None:
    boss = street.browser()
    _, page = boss.get("/needs/new")
    fields = need(street) | (key_of(page, 'id="need"') if with_key else {})
    answers = at_once(boss, "/needs", fields, times=3)
    assert [status for status, _ in answers] == [200] * 3
    assert count(street) == 1
    assert len(street.slots()) == 1


def test_the_second_answer_is_the_first_one(street: Street) -> None:
    boss = street.browser()
    fields = need(street) | key_of(boss.get("/needs/new")[1], 'id="need"')
    boss.post("/needs", fields)
    first = boss.url
    boss.post("/needs", fields)
    assert boss.url == first


def test_a_corrected_form_goes_through_with_the_key_it_had(street: Street) -> None:
    boss = street.browser()
    key = key_of(boss.get("/needs/new")[1], 'id="need"')
    status, page = boss.post("/needs", need(street, from_date="someday") | key)
    assert status == 422
    assert "someday" in page
    assert boss.post("/needs", need(street) | key)[0] == 200
    assert count(street) == 1


def test_who_wants_two_equal_needs_gets_them(street: Street) -> None:
    boss = street.browser()
    boss.post("/needs", need(street))
    _, page = boss.post("/needs", need(street))
    assert count(street) == 1
    assert "已经保存过了" in page
    assert "/needs/" in page
    hidden = dict(re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', page[page.rindex("<form") :]))
    assert hidden.pop("_csrf")
    status, _ = boss.post("/needs", hidden)
    assert status == 200
    assert count(street) == 2


def test_the_same_key_much_later_asks_before_it_does_anything(street: Street) -> None:
    """Back in the browser, and publish again: perhaps a second one is meant, perhaps not."""
    boss = street.browser()
    fields = need(street) | key_of(boss.get("/needs/new")[1], 'id="need"')
    boss.post("/needs", fields)
    street.clock.now += timedelta(minutes=5)
    assert "已经保存过了" in boss.post("/needs", fields)[1]
    assert count(street) == 1


def test_the_same_without_a_key_half_a_minute_later_is_another_need(street: Street) -> None:
    boss = street.browser()
    boss.post("/needs", need(street))
    street.clock.now += timedelta(seconds=31)
    boss.post("/needs", need(street))
    assert count(street) == 2


def test_another_person_and_another_need_are_not_the_same(street: Street) -> None:
    street.browser().post("/needs", need(street))
    street.browser().post("/needs", need(street, start="13:00"))
    assert count(street) == 2


@pytest.mark.parametrize("kind", ["recipients", "volunteers"])
def test_a_new_person_sent_twice_at_once_is_one_person(street: Street, kind: str) -> None:
    boss, grid = street.browser(), street.recipient("E1").grid_id
    boss.get(f"/{kind}/new")
    before = count(street, kind)
    person = {"name": "王小明", "grid_id": grid, "kind": "elder", "kinds": "resident", "active": "yes"}
    answers = at_once(boss, f"/{kind}/new", person)
    assert [status for status, _ in answers] == [200, 200]
    assert count(street, kind) == before + 1


def test_a_warning_declared_twice_at_once_is_one(street: Street) -> None:
    boss = street.browser()
    boss.get("/surges")
    at_once(boss, "/surges", {"kind": "cold", "from": "2026-12-01", "until": "2026-12-03"})
    needs_made = count(street)
    street.clock.now += timedelta(seconds=1)
    boss.post("/surges", {"kind": "cold", "from": "2026-12-01", "until": "2026-12-03"})
    assert count(street) == needs_made


def test_a_token_asked_for_twice_is_one_and_shown_both_times(street: Street) -> None:
    boss = street.browser()
    key = key_of(boss.get("/tokens")[1], 'action="/tokens"')
    fields = {
        "account": accounts.by(street.store, login="boss")[0].id,
        "name": "街道",
        "days": "30",
        "scope": "need.read",
    }
    pages = [page for _, page in at_once(boss, "/tokens", fields | key)]
    assert count(street, "api_tokens") == 1
    shown = {found for page in pages for found in re.findall(r'id="token"[^>]*\svalue="([^"]+)"', page)}
    assert len(shown) == 1
    assert shown.pop() not in str(street.store.rows("SELECT * FROM kept_answers")), "kept sealed only"


def test_old_answers_are_forgotten(street: Street) -> None:
    street.browser().post("/needs", need(street))
    now = street.clock()
    assert forget_answers(street.store, now=now + timedelta(hours=23)) == 0
    assert forget_answers(street.store, now=now + timedelta(hours=25)) == 1


# --- the API ---


def api(street: Street, body: dict[str, str], key: str | None, login: str = "boss") -> tuple[int, dict[str, Any]]:
    who = accounts.by(street.store, login=login)[0]
    if not hasattr(street, "bearer"):
        given = give(street.store, who.id, name="x", scopes=frozenset(SCOPES), days=30, by="test", now=street.clock())
        street.bearer = given[1]  # type: ignore[attr-defined]
    head = {"Authorization": f"Bearer {street.bearer}", "Content-Type": "application/json"}  # type: ignore[attr-defined]
    head |= {"Idempotency-Key": key} if key is not None else {}
    data = json.dumps({**NEED, "recipient_code": "E1", **body}).encode()
    request = urllib.request.Request(street.serve().address + "/api/v1/needs", data, head)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, {**json.load(answer), "Location": answer.headers["Location"]}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_client_may_send_again_under_the_same_key(street: Street) -> None:
    first, second = api(street, {}, "one"), api(street, {}, "one")
    assert first == second
    assert first[0] == 201
    assert count(street) == 1


def test_another_request_under_a_used_key_is_refused(street: Street) -> None:
    api(street, {}, "one")
    status, problem = api(street, {"start": "13:00"}, "one")
    assert status == 422
    assert "Idempotency-Key" in problem["detail"]
    assert count(street) == 1


def test_a_refused_request_leaves_its_key_free(street: Street) -> None:
    assert api(street, {"recipient_code": "nobody"}, "one")[0] == 422
    assert api(street, {}, "one")[0] == 201


def test_without_a_key_or_a_day_later_a_request_is_a_new_one(street: Street) -> None:
    for key in (None, None, "one"):
        assert api(street, {}, key)[0] == 201
    street.clock.now += timedelta(hours=25)
    assert api(street, {}, "one")[0] == 201
    assert count(street) == 4


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_that_is_none_is_refused(street: Street, key: str) -> None:
    assert api(street, {}, key)[0] == 422
    assert count(street) == 0
