"""What nobody can mean is refused at the edge: one sentence in the reader's language, nothing written, nothing lost."""

import json
import threading
from contextlib import nullcontext
from io import BytesIO
from types import SimpleNamespace

import pytest

from scheduler.store import Store
from tests.web.objects import add_objects
from tests.web.site import Browser, Site
from web.staff import exchange

NO_MOMENT = (
    "20261201",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "25:61",
    "１２:９０",
    "0001-01-01T00:00:00+08:00",
    "tomorrow",
)


@pytest.fixture
def ids(store: Store) -> dict[str, dict[str, str]]:
    return add_objects(store)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("start", NO_MOMENT)
@pytest.mark.parametrize("step", ["assign", "move"])
def test_a_start_that_is_no_time_of_these_years_is_refused_by_name(site: Site, ids, step: str, start: str, language):
    desk = site.client("staff")
    desk.set_cookie("lang", language)
    answer = desk.send(f"/slots/{ids['slot']['own']}/{step}", volunteer="ann", start=start)
    assert answer.status_code == 422
    assert "14:05" in answer.text
    assert ("应为" if language == "zh" else "expected") in answer.text


@pytest.mark.parametrize("start", NO_MOMENT)
def test_somebody_for_a_senseless_start_is_not_looked_up(site: Site, ids, start: str):
    address = f"/slots/{ids['slot']['own']}/someone"
    assert site.client("staff").get(address, query_string={"text": "王", "start": start}).status_code == 422


def test_a_start_typed_with_wide_digits_is_understood(site: Site, ids):
    address = f"/slots/{ids['slot']['own']}/someone"
    assert site.client("staff").get(address, query_string={"text": "王", "start": "１４：０５"}).status_code == 200


@pytest.mark.parametrize("until", ["99999999999:00", "24:61", "-1:00", "²:00"])
def test_free_until_a_time_that_does_not_exist_shows_the_page_with_what_was_typed(site: Site, until: str):
    answer = site.client("ann").get("/my/now", query_string={"until": until})
    assert answer.status_code == 422
    assert until in answer.text


@pytest.mark.parametrize("starts_at", ["0001-01-01T00:00:00+08:00", "2026-11-23", "", "9999-12-31T23:59:59-14:00"])
def test_taking_a_visit_at_no_time_is_refused(site: Site, ids, starts_at: str):
    answer = site.send("ann", "/my/now/take", slot=ids["slot"]["own"], starts_at=starts_at, until="16:00")
    assert answer.status_code == 422


@pytest.mark.parametrize("cell", ["1-999" + "9" * 5000, "1-48", "8-0", "²-²", "1-٣", "1--3"])
def test_a_half_hour_that_does_not_exist_is_refused(site: Site, store: Store, cell: str):
    assert site.send("ann", "/my/free", cell=cell).status_code == 422
    assert store.value("SELECT count(*) FROM availability_rules") == 0


def test_days_that_cannot_be_saved_stay_in_the_form(site: Site):
    answer = site.send("ann", "/my/free/exceptions", kind="extra", from_date="2026-12-0x", start="09:15", end="10:45")
    assert answer.status_code == 422
    assert 'value="09:15"' in answer.text
    assert 'value="10:45"' in answer.text


@pytest.mark.parametrize("revision", ["²", "1.5", "-1", "9" * 400])
def test_a_version_that_is_no_number_is_refused(site: Site, revision: str):
    assert site.send("staff", "/volunteers/ann/edit", name="王", revision=revision).status_code == 422


@pytest.mark.parametrize("name", ["endpoint", "_method", "_external", "_anchor", "_scheme", "volunteer_id", "self"])
@pytest.mark.parametrize("address", ["/audit", "/volunteers", "/board/visits", "/volunteers/ann"])
def test_a_pager_keeps_foreign_names_of_an_address_as_they_are(site: Site, address: str, name: str):
    assert site.client("admin").get(address, query_string={name: "x", "offset": "0"}).status_code == 200


@pytest.mark.parametrize(
    "back", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "/today\r\nX: y", "elder"]
)
def test_after_stopping_a_run_only_pages_of_this_site_follow(site: Site, ids, back: str):
    answer = site.send("staff", "/plans/runs/run/stop", back=back)
    assert answer.headers["Location"] == "/plans"
    assert site.send("staff", "/theme/dark", next=back).headers["Location"] == "/"


def test_endless_nesting_is_no_json(site: Site):
    head = {"Authorization": f"Bearer {site.api_token('admin')}", "Content-Type": "application/json"}
    for body in ("[" * 100_000, '{"weekdays": ' + "[" * 100_000 + "]" * 100_000 + "}"):
        answer = site.app.test_client().post("/api/v1/needs", data=body, headers=head)
        assert answer.status_code in (400, 422)
        assert json.loads(answer.text)["title"]


@pytest.mark.parametrize("origin", ["http://[", "https://[::1", "null", "http://evil.example"])
def test_a_foreign_or_broken_origin_is_refused(site: Site, origin: str):
    desk: Browser = site.client("staff")
    answer = desk.post("/plans/request", data={"_csrf": desk.csrf}, headers={"Origin": origin})
    assert answer.status_code == 403


def written(store: Store) -> list[int]:
    """Rows of whatever these forms could change."""
    return [
        store.value(f"SELECT count(*) FROM {table}") for table in ("needs", "scenarios", "audit", "replan_requests")
    ]


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/surges", {"kind": "heat", "from": "0001-01-01"}),
        ("/surges", {"kind": "storm", "from": "2026-12-01"}),
        ("/surges", {"kind": "heat", "from": "2026-12-01", "until": "32nd"}),
        ("/plans/what-if", {"ill": "many"}),
        ("/plans/what-if", {"closed_on": "9999-12-31", "closed": "E01"}),
        ("/exchange/roster", {"from": "2026-02-30", "reason": "for the meeting"}),
        ("/volunteers/chosen", {"chosen": "ann", "step": "remove"}),
        ("/needs/chosen", {"step": ""}),
    ],
)
def test_a_form_never_saves_what_was_not_meant(site: Site, store: Store, address: str, form: dict[str, str]):
    """A senseless day once meant today, an unknown step the first one."""
    before = written(store)
    assert site.send("staff", address, form).status_code == 422
    assert written(store) == before


@pytest.mark.parametrize("answer", ["", "maybe", "YES"])
def test_an_answer_that_is_neither_yes_nor_no_does_not_count_as_no(site: Site, store: Store, answer: str):
    assert site.send("ann", "/my/data/consent", purpose="contact", given=answer).status_code == 422
    assert site.send("ann", "/my/data/proposals", wanted=answer).status_code == 422
    assert "contact" in store.value("SELECT consents FROM volunteers WHERE id = 'ann'")


def test_a_field_longer_than_anything_a_person_writes_is_named(site: Site):
    answer = site.send("ann", "/my/visits/x/hand-over", code="长" * 100_000)
    assert answer.status_code == 404
    answer = site.send("staff", "/volunteers/new", name="长" * 100_000)
    assert answer.status_code == 422
    assert "name" in answer.text
    assert len(answer.text) < 20_000


BOOK = "组织编号,名称,类型,所在居委或楼宇\nO9,第九支部,企业,真如镇街道\n".encode()


def uploaded(site: Site) -> str:
    desk = site.client("admin")
    sent = desk.post("/exchange/upload", data={"_csrf": desk.csrf, "file": (BytesIO(BOOK), "book.csv")})
    return sent.headers["Location"].rpartition("/")[2]


def fingerprint_of(site: Site, token: str) -> str:
    page = site.get("admin", f"/exchange/upload/{token}").text
    assert 'name="fingerprint"' in page, page
    return page.split('name="fingerprint" value="')[1].split('"')[0]


def confirmed_at_once(site: Site, monkeypatch: pytest.MonkeyPatch, tokens: list[str]) -> list[int]:
    """The answers to presses that have all looked at the file before the first one writes."""
    read, looked = exchange.dry_run, threading.Barrier(len(tokens), timeout=60)

    def look_together(token: str):
        found = read(token)
        looked.wait()
        return found

    prints = [fingerprint_of(site, token) for token in tokens]
    monkeypatch.setattr(exchange, "dry_run", look_together)
    monkeypatch.setattr("web.dear._places", SimpleNamespace(one_for=lambda _who: nullcontext(True)))  # two processes
    answers: list[int] = []

    def press(token: str, fingerprint: str) -> None:
        answers.append(site.send("admin", f"/exchange/upload/{token}/confirm", fingerprint=fingerprint).status_code)

    presses = [threading.Thread(target=press, args=pair) for pair in zip(tokens, prints, strict=True)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    return sorted(answers)


def test_an_import_confirmed_twice_at_once_is_one_import(site: Site, store: Store, monkeypatch: pytest.MonkeyPatch):
    token = uploaded(site)
    assert confirmed_at_once(site, monkeypatch, [token, token]) == [303, 303]
    assert store.value("SELECT count(*) FROM imports") == 1
    again = site.send("admin", f"/exchange/upload/{token}/confirm", fingerprint="")
    assert again.headers["Location"] == "/exchange?done=import", "pressed once more, a little later"


def test_two_uploads_of_one_file_confirmed_at_once_are_one_import(
    site: Site, store: Store, monkeypatch: pytest.MonkeyPatch
):
    tokens = [uploaded(site), uploaded(site)]
    assert confirmed_at_once(site, monkeypatch, tokens) == [303, 409]
    assert store.value("SELECT count(*) FROM imports") == 1
