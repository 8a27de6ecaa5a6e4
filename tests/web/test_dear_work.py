"""What takes long is bounded: one person's dear pages, a hostile file, a busy database keep nobody else waiting."""

import io
import threading
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.exchange import importing, reading, workbook
from scheduler.explanations.visit import explain
from scheduler.rules import nearby
from scheduler.store import Store
from scheduler.store.people import volunteers
from scheduler.store.repository import utc_text
from tests.scheduler.exchange.files import VOLUNTEERS, a_workbook
from tests.web.site import Site
from tests.world import NOW, add_slot, add_volunteer
from web import dear

TOMORROW = NOW + timedelta(days=1, hours=4)


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> dear.Places:
    made = dear.Places()
    monkeypatch.setattr(dear, "_places", made)
    monkeypatch.setattr(dear, "PATIENCE_S", 0.05)
    monkeypatch.setattr(dear, "AT_ONCE", 2)
    monkeypatch.setattr(dear, "WAITING", 2)
    return made


def upload(site: Site, content: bytes, name: str = "week.xlsx") -> str:
    """Sends a file; the address it leads to, empty if the file was refused."""
    browser = site.client("admin")
    answer = browser.post("/exchange/upload", data={"_csrf": browser.csrf, "file": (io.BytesIO(content), name)})
    return answer.location or ""


def a_week(folder: Path) -> bytes:
    """A workbook with two new volunteers of the site's second committee."""
    rows = [[{"长征镇": "长风居委会"}.get(cell, cell) for cell in row] for row in VOLUNTEERS]
    return a_workbook(folder / "week.xlsx", {"志愿者": rows}).read_bytes()


# --- places ----------------------------------------------------------------------------------------------------------


def test_of_one_persons_requests_one_works_one_waits_and_the_others_come_back(places: dear.Places) -> None:
    had: list[bool] = []
    with places.one_for("ann") as first:
        assert first
        asked_at = time.monotonic()
        threads = [threading.Thread(target=lambda: had.append(_held(places, "ann"))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert time.monotonic() - asked_at < 5
    assert had == [False] * 6
    assert _held(places, "ann")


def test_who_waits_gets_the_place_when_it_is_given_back(places: dear.Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dear, "PATIENCE_S", 20.0)
    had: list[bool] = []
    thread = threading.Thread(target=lambda: had.append(_held(places, "ann")))
    with places.one_for("ann"):
        thread.start()
        time.sleep(0.1)
        assert not had
    thread.join()
    assert had == [True]


def test_no_more_than_the_places_work_at_once_however_many_people_ask(places: dear.Places) -> None:
    with ExitStack() as held:
        got = [held.enter_context(places.one_for(f"person {n}")) for n in range(5)]
    assert got == [True, True, False, False, False]


def _held(places: dear.Places, who: str) -> bool:
    with places.one_for(who) as had:
        return had


def test_without_a_place_a_fragment_asks_again_and_a_page_says_when(
    site: Site, store: Store, places: dear.Places
) -> None:
    slot = add_slot(store, TOMORROW)
    with places.one_for("somebody"), places.one_for("somebody else"):
        fragment = site.client("staff").get(
            f"/slots/{slot.id}/why", headers={"HX-Request": "true", "HX-Target": "div#why"}
        )
        assert fragment.status_code == 200
        assert 'id="why" hx-get=' in fragment.text
        page = site.get("staff", f"/slots/{slot.id}/why")
        assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
        assert site.get("staff", f"/slots/{slot.id}").status_code == 200
    assert site.get("staff", f"/slots/{slot.id}/why").status_code == 200


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/exchange/template"),
        ("GET", "/exchange/roster"),
        ("POST", "/exchange/roster"),
        ("POST", "/exchange/upload"),
        ("POST", "/needs/forecast"),
        ("GET", "/slots/SLOT/someone?text=wang"),
    ],
)
def test_everything_dear_asks_for_a_place(
    site: Site, store: Store, places: dear.Places, method: str, address: str
) -> None:
    address = address.replace("SLOT", add_slot(store, TOMORROW).id)
    browser = site.client("admin")
    with places.one_for("somebody"), places.one_for("somebody else"):
        answer = browser.open(address, method=method, data={"_csrf": browser.csrf} if method == "POST" else None)
        assert answer.status_code == 503
    answer = browser.open(address, method=method, data={"_csrf": browser.csrf} if method == "POST" else None)
    assert answer.status_code != 503


# --- the neighbourhood -----------------------------------------------------------------------------------------------


def test_a_visit_is_explained_by_the_people_around_it_and_by_who_can_do_it_from_further_away(
    site: Site, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearby, "TOLD_OF", 3)
    monkeypatch.setattr(nearby, "SKILLED", 2)
    for number in range(30):
        add_volunteer(store, f"near{number}")
    add_volunteer(store, "barber", lat=31.26, lon=121.45, skills=frozenset({"haircut"}))
    slot = add_slot(store, TOMORROW, requires_all=("haircut",))
    found = explain(store, site.config, slot.id, now=NOW)
    assert found.in_horizon
    assert 0 < found.people <= 10
    assert sum(people for _, people in found.stopped) <= found.people
    facts = nearby.facts_to_explain(store, site.config, slot, now=NOW)
    assert "barber" in facts.volunteers


def test_an_explanation_reads_no_more_when_the_district_grows(site: Site, store: Store) -> None:
    slot = add_slot(store, TOMORROW)
    before = explain(store, site.config, slot.id, now=NOW).people
    for number in range(nearby.TOLD_OF + 60):
        add_volunteer(store, f"far{number}", lat=31.40, lon=121.70)
    assert before < explain(store, site.config, slot.id, now=NOW).people <= nearby.TOLD_OF + nearby.SKILLED + before
    assert len(volunteers.where(store)) > nearby.TOLD_OF + 60


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_file_is_read_once_however_often_its_preview_is_opened(
    site: Site, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[object] = []
    plain = importing.read_sheets
    monkeypatch.setattr(importing, "read_sheets", lambda *given: reads.append(given) or plain(*given))
    address = upload(site, a_week(tmp_path))
    pages = {site.client("admin").get(address).status_code for _ in range(8)}
    assert pages == {200}
    assert len(reads) == 1
    assert site.get("staff", address).status_code == 404  # of somebody else


def test_a_preview_that_is_out_of_date_is_shown_anew_before_it_is_written(site: Site, tmp_path, store: Store) -> None:
    address = upload(site, a_week(tmp_path))
    answer = site.send("admin", f"{address}/confirm", fingerprint="of another day")
    assert answer.location == address
    assert not store.value("SELECT COUNT(*) FROM imports")
    page = site.get("admin", address).text
    fingerprint = page.split('name="fingerprint" value="', 1)[1].split('"', 1)[0]
    assert "done=import" in (site.send("admin", f"{address}/confirm", fingerprint=fingerprint).location or "")


def test_the_kept_dry_run_holds_nothing_readable(site: Site, tmp_path, store: Store) -> None:
    upload(site, a_week(tmp_path))
    kept = store.value("SELECT shown FROM dry_runs")
    assert kept
    assert "{" not in kept


@pytest.mark.parametrize("many", [12, 2])
def test_a_workbook_of_far_away_cells_is_refused_and_costs_the_caller_little(site: Site, tmp_path, many: int) -> None:
    book = Workbook()
    for number in range(many):
        book.create_sheet(f"sheet {number}")["BH20000"] = "far"
    book.save(tmp_path / "sparse.xlsx")
    with pytest.raises(reading.FileRefused, match="500000 cells"):
        reading.read_sheets(tmp_path / "sparse.xlsx")
    assert not upload(site, (tmp_path / "sparse.xlsx").read_bytes())


def test_a_csv_of_empty_cells_is_refused_too(tmp_path) -> None:
    (tmp_path / "wide.csv").write_text(("," * 59 + "\n") * 9000)
    with pytest.raises(reading.FileRefused, match="500000 cells"):
        reading.read_sheets(tmp_path / "wide.csv")


def test_a_long_table_is_written_without_looking_for_its_end_at_each_row(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Worksheet, "max_row", property(lambda _: pytest.fail("the end was looked for")), raising=True)
    workbook._write_row(Workbook().active, 7, ["a", "", "b"])  # what every export uses


# --- a busy database -------------------------------------------------------------------------------------------------


def test_reading_does_not_wait_while_somebody_else_writes(site: Site, store: Store) -> None:
    browsers = [site.client(login) for login in ("staff", "ann", "admin")]
    site.clock.now += timedelta(seconds=90)
    asked_at = time.monotonic()
    with store.transaction():
        store.touch()
        pages = [browser.get(address) for browser, address in zip(browsers, ("/today", "/my/", "/health"), strict=True)]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert time.monotonic() - asked_at < 4.0
    assert site.get("staff", "/today").status_code == 200
    browsers[0].get("/today")
    assert store.value("SELECT COUNT(*) FROM logins WHERE seen_at = :now", {"now": utc_text(site.clock.now)})
