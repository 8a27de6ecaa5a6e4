"""The roster goes out, comes back without loss, and edits in it become moves by staff."""

from datetime import date, datetime, timedelta

import pytest
from openpyxl import load_workbook

from scheduler.errors import IllegalMove
from scheduler.exchange import importing, roster
from scheduler.exchange.reading import read_sheets
from scheduler.localtime import at_local
from scheduler.model.plan import Assignment, State
from scheduler.needs.expand import expand
from scheduler.store.audit import history
from scheduler.store.people import recipients, volunteers
from scheduler.store.plans import assignments
from scheduler.store.services import needs, service_types, slots
from tests.scheduler.exchange.files import CONFIG, NOW, a_copy, a_workbook

MONDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 29)


@pytest.fixture
def week(store, tmp_path):
    """Two elders and two people; 李敏 has accepted the Tuesday call to 赵德明's neighbour, the visit is still free."""
    sheets = a_copy()
    sheets["服务对象"][2][9] = ""
    path = a_workbook(tmp_path / "people.xlsx", sheets)
    importing.confirm(store, importing.preview(path, store, CONFIG, now=NOW), by="staff", now=NOW)
    for need in needs.where(store, "1 ORDER BY code"):
        slots.add_all(
            store,
            expand(
                need,
                service_types.get(store, need.service_type),
                recipients.get(store, need.recipient_id),
                MONDAY,
                SUNDAY,
                CONFIG,
            ),
        )
    call = slots.where(store, "service_type = 'E03'")[0]
    person = volunteers.by(store, code="V1")[0]
    assignments.add(
        store, Assignment("held", call.id, person.id, call.earliest_at, State.ACCEPTED, proposed_at=NOW, replied_at=NOW)
    )
    return store


def export(store, tmp_path, **options):
    path = tmp_path / "roster.xlsx"
    roster.export(store, path, MONDAY, SUNDAY, **options)
    return path


def cells(path):
    """Field of a line by service code and header."""
    (sheet,) = read_sheets(path)
    header, *rows = sheet.rows
    return {row[header.index("服务")].split()[0]: dict(zip(header, row, strict=False)) for row in rows}


def edited(path, service, **changes):
    book = load_workbook(path)
    work = book["排班表"]
    header = [cell.value for cell in work[1]]
    for row in work.iter_rows(min_row=2):
        if str(row[header.index("服务")].value).startswith(service):
            for title, text in changes.items():
                row[header.index(title)].value = text
    book.save(path)
    return path


def look(store, path):
    return importing.preview(path, store, CONFIG, now=NOW)


def carry_out(store, path):
    found = look(store, path)
    assert [error.to("zh") for error in found.errors] == []
    return importing.confirm(store, found, by="staff", now=NOW)


def test_a_line_for_every_seat_taken_or_free(week, tmp_path):
    lines = cells(export(week, tmp_path))
    assert (lines["E03"]["志愿者编号"], lines["E03"]["状态"], lines["E03"]["开始"], lines["E03"]["结束"]) == (
        "V1",
        "已接受",
        "14:00",
        "14:10",
    )
    assert (lines["E01"]["志愿者编号"], lines["E01"]["状态"], lines["E01"]["锁定"]) == ("", "空缺", "")


def test_two_free_seats_are_two_lines(week, tmp_path):
    visit = slots.where(week, "service_type = 'E01'")[0]
    week.execute("UPDATE slots SET heads = 3 WHERE id = :id", {"id": visit.id})
    path = tmp_path / "roster.csv"
    assert roster.export(week, path, MONDAY, SUNDAY) == 4
    week.execute("UPDATE slots SET heads = 3 WHERE service_type = 'E03'")
    assert roster.export(week, path, MONDAY, SUNDAY) == 6


def test_phones_and_addresses_only_on_request(week, tmp_path):
    week.execute("UPDATE slots SET lat = lat")
    for suffix in ("xlsx", "csv"):
        path = tmp_path / f"roster.{suffix}"
        roster.export(week, path, MONDAY, SUNDAY)
        assert "13800138000" not in repr(read_sheets(path))
        roster.export(week, path, MONDAY, SUNDAY, private=True)
        assert "13800138000" in repr(read_sheets(path))


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_an_unchanged_roster_comes_back_as_nothing(week, tmp_path, suffix):
    path = tmp_path / f"roster.{suffix}"
    roster.export(week, path, MONDAY, SUNDAY, private=True)
    before = assignments.where(week)
    found = look(week, path)
    assert ([error.to("zh") for error in found.errors], found.writes, found.warnings) == ([], [], [])
    assert found.counts["roster"]["unchanged"] == 2
    assert assignments.where(week) == before


def test_a_code_in_a_free_seat_proposes_the_visit_and_pins_it(week, tmp_path):
    path = edited(export(week, tmp_path), "E01", 志愿者编号="V1", 开始="14:30")
    carry_out(week, path)
    visit = slots.where(week, "service_type = 'E01'")[0]
    (placed,) = assignments.by(week, slot_id=visit.id)
    assert (placed.state, placed.source, placed.pinned) == (State.PROPOSED, "staff", True)
    assert placed.starts_at == at_local(visit.service_date, "14:30")
    assert [row.action for row in history(week, "assignment", placed.id)] == ["pin", "assign"]
    assert look(week, path).writes == []


def test_another_code_replaces_the_person(week, tmp_path):
    path = edited(export(week, tmp_path), "E03", 志愿者编号="V2")
    found = look(week, path)
    assert [change.kind for change in found.changes] == ["changed"]
    assert any("那时没空" in warning.zh for warning in found.warnings)
    importing.confirm(week, found, by="staff", now=NOW)
    assert assignments.get(week, "held").state is State.CANCELLED
    assert {a.volunteer_id for a in assignments.where(week, "state = 'proposed'")} == {
        volunteers.by(week, code="V2")[0].id
    }
    assert look(week, path).writes == []


def test_an_emptied_code_takes_the_person_off(week, tmp_path):
    path = edited(export(week, tmp_path), "E03", 志愿者编号=None)
    carry_out(week, path)
    assert assignments.get(week, "held").state is State.CANCELLED
    assert look(week, path).writes == []


def test_a_yes_under_pinned_pins(week, tmp_path):
    carry_out(week, edited(export(week, tmp_path), "E03", 锁定="是"))
    held = assignments.get(week, "held")
    assert (held.pinned, held.state) == (True, State.ACCEPTED)


@pytest.mark.parametrize(
    ("service", "changes", "column", "expected"),
    [
        ("E01", {"志愿者编号": "V1", "开始": "14:32"}, "开始", "5分钟一格"),
        ("E01", {"志愿者编号": "V1", "开始": "16:00"}, "开始", "14:00到15:45之间"),
        ("E01", {"志愿者编号": "V404"}, "志愿者编号", "志愿者编号"),
        ("E01", {"班次编号": "x"}, "班次编号", "导出时的班次编号"),
        ("E01", {"指派编号": "held", "志愿者编号": "V1"}, "指派编号", "导出时的指派编号"),
        ("E03", {"锁定": "也许"}, "锁定", "是 或 否"),
    ],
)
def test_a_wrong_edit_is_named(week, tmp_path, service, changes, column, expected):
    found = look(week, edited(export(week, tmp_path), service, **changes))
    (error,) = found.errors
    assert error.column == column
    assert expected in error.to("zh")


def test_a_legal_gate_stops_staff_too(week, tmp_path):
    week.execute("UPDATE volunteers SET insured = 0 WHERE code = 'V1'")
    (error,) = look(week, edited(export(week, tmp_path), "E01", 志愿者编号="V1")).errors
    assert "未投保" in error.to("zh")


def test_what_has_begun_is_not_edited(week, tmp_path):
    path = edited(export(week, tmp_path), "E03", 志愿者编号=None)
    later = datetime.combine(SUNDAY, datetime.min.time(), tzinfo=NOW.tzinfo) + timedelta(days=1)
    (error,) = importing.preview(path, week, CONFIG, now=later).errors
    assert "未开始" in error.to("zh")


def test_a_roster_import_is_not_undone(week, tmp_path):
    import_id = carry_out(week, edited(export(week, tmp_path), "E03", 锁定="是"))
    with pytest.raises(IllegalMove, match="told"):
        importing.undo(week, import_id, by="staff", now=NOW)
