"""Importing workbooks and CSV files: dry run, confirmation, undo."""

import csv
import io
from dataclasses import replace
from datetime import date

import pytest

from scheduler.errors import IllegalMove, InputError, StaleWrite
from scheduler.exchange import importing
from scheduler.exchange.compare import text_of
from scheduler.exchange.tables import importable
from scheduler.exchange.workbook import forms, write_template
from scheduler.forms.references import Directory
from scheduler.model.people import AvailabilityRule, RiskTier
from scheduler.model.services import NeedKind
from scheduler.people.person_form import save_volunteer
from scheduler.store.audit import history
from scheduler.store.imports import find_import
from scheduler.store.people import (
    availability_exceptions,
    availability_rules,
    organisations,
    pairs,
    recipients,
    volunteers,
)
from scheduler.store.services import needs
from tests.scheduler.exchange.files import CONFIG, NOW, VOLUNTEERS, a_copy, a_workbook

HOME_CODE = "310107102"
TABLES = (volunteers, availability_rules, availability_exceptions, recipients, needs, pairs, organisations)


def look(store, path, **options):
    return importing.preview(path, store, CONFIG, now=NOW, **options)


def bring(store, path):
    return importing.confirm(store, look(store, path), by="staff", now=NOW)


def everything(store):
    return [table.where(store, "1 ORDER BY id") for table in TABLES]


def told(preview):
    return [error.to("zh") for error in preview.errors]


def test_a_dry_run_writes_nothing(store, tmp_path):
    before = everything(store), store.revision()
    found = look(store, a_workbook(tmp_path / "a.xlsx", a_copy()))
    assert told(found) == []
    assert {name: kinds["new"] for name, kinds in found.counts.items()} == {
        "volunteers": 2,
        "free_times": 3,
        "recipients": 2,
        "needs": 2,
        "pairs": 2,
    }
    assert (everything(store), store.revision()) == before


def test_confirming_writes_what_was_shown(store, tmp_path):
    import_id = bring(store, a_workbook(tmp_path / "a.xlsx", a_copy()))
    first, second = volunteers.where(store, "1 ORDER BY code")
    assert (first.name, first.phone, first.skills, first.insured) == (
        "王志强",
        "13800138000",
        frozenset({"companion"}),
        True,
    )
    elder, other = recipients.where(store, "1 ORDER BY code")
    assert (elder.risk_tier, elder.quiet_hours, elder.birth_year) == (RiskTier.KEY, (("12:00", "14:00"),), 1940)
    assert other.blocked == frozenset({second.id})
    assert [need.kind for need in needs.where(store, "1 ORDER BY code")] == [NeedKind.CADENCE, NeedKind.RECURRING]
    assert {(pair.volunteer_id, pair.rank) for pair in pairs.where(store)} == {(first.id, 1), (second.id, 2)}
    (away,) = availability_exceptions.where(store)
    assert (away.from_date, away.until_date, away.start) == (date(2026, 12, 1), date(2026, 12, 3), "00:00")
    assert [row.action for row in history(store, "import", import_id)] == ["import.confirm"]
    assert [row.action for row in history(store, "volunteer", first.id)] == ["volunteer.import"]


def test_the_same_file_twice_changes_nothing(store, tmp_path):
    path = a_workbook(tmp_path / "a.xlsx", a_copy())
    bring(store, path)
    before = everything(store)
    again = look(store, path)
    assert again.writes == []
    assert not again.can_confirm
    assert all(kinds["new"] == kinds["changed"] == 0 for kinds in again.counts.values())
    importing.confirm(store, again, by="staff", now=NOW)
    assert everything(store) == before


def test_rows_without_code_are_recognised_again(store, tmp_path):
    sheets = {"志愿者": [row[1:] for row in VOLUNTEERS]}
    path = a_workbook(tmp_path / "a.xlsx", sheets)
    bring(store, path)
    assert look(store, path).counts["volunteers"]["unchanged"] == 2
    sheets["志愿者"][1][1] = "骑手、党员"
    assert look(store, a_workbook(path, sheets)).counts["volunteers"] == {
        "new": 0,
        "changed": 1,
        "unchanged": 1,
        "refused": 0,
    }


def test_a_row_without_code_finds_the_person_by_name_and_phone(store, tmp_path):
    bring(store, a_workbook(tmp_path / "a.xlsx", a_copy()))
    found = look(store, a_workbook(tmp_path / "b.xlsx", {"志愿者": [row[1:] for row in VOLUNTEERS]}))
    assert found.counts["volunteers"]["unchanged"] == 2


def test_one_phone_under_two_codes_is_told_and_not_refused(store, tmp_path):
    bring(store, a_workbook(tmp_path / "a.xlsx", a_copy()))
    rows = [VOLUNTEERS[0], ["V3", "王强", "骑手", "", "13800138000", "长征镇", "", "", ""]]
    found = look(store, a_workbook(tmp_path / "b.xlsx", {"志愿者": rows}))
    assert [warning.zh for warning in found.warnings] == ["工作表“志愿者”第2行：V3 与 V1 电话相同，可能是同一个人"]
    assert found.can_confirm


def test_a_change_is_shown_with_before_and_after(store, tmp_path):
    bring(store, a_workbook(tmp_path / "a.xlsx", a_copy()))
    sheets = a_copy()
    sheets["志愿者"][1][6] = "接待"
    sheets["志愿者"][2][4] = "13700137000"
    found = look(store, a_workbook(tmp_path / "b.xlsx", sheets))
    skill, phone = found.changes
    assert [(c.title.zh, c.before, c.after) for c in skill.fields] == [("技能", "陪伴聊天", "接待")]
    assert "13700137000" not in repr(phone)
    assert phone.fields[0].title.zh == "电话"


def test_a_missing_column_keeps_and_an_empty_cell_clears(store, tmp_path):
    bring(store, a_workbook(tmp_path / "a.xlsx", a_copy()))
    bring(store, a_workbook(tmp_path / "b.xlsx", {"志愿者": [["编号", "技能"], ["V1", ""]]}))
    changed = volunteers.by(store, code="V1")[0]
    assert (changed.skills, changed.phone, changed.name) == (frozenset(), "13800138000", "王志强")


def test_free_times_of_named_people_are_replaced(store, tmp_path):
    bring(store, a_workbook(tmp_path / "a.xlsx", a_copy()))
    sheets = {"空闲时间": [["志愿者", "类型", "星期", "开始", "结束"], ["李敏", "每周空闲", "周五", "09:00", "11:00"]]}
    found = look(store, a_workbook(tmp_path / "b.xlsx", sheets))
    assert (found.counts["free_times"]["new"], found.counts["free_times"]["removed"]) == (1, 2)
    importing.confirm(store, found, by="staff", now=NOW)
    assert sorted((rule.weekdays, rule.start) for rule in availability_rules.where(store)) == [
        ((1, 2, 3, 4, 5, 6, 7), "14:00"),
        ((5,), "09:00"),
    ]
    assert availability_exceptions.where(store) == []


def test_a_painted_free_time_of_equal_content_stays_as_it_is(store, tmp_path):
    bring(store, a_workbook(tmp_path / "a.xlsx", {"志愿者": VOLUNTEERS}))
    person = volunteers.by(store, code="V1")[0]
    availability_rules.add(store, AvailabilityRule("painted", person.id, (1, 2, 3, 4, 5, 6, 7), "14:00", "16:30"))
    found = look(store, a_workbook(tmp_path / "b.xlsx", a_copy()))
    assert (found.counts["free_times"]["unchanged"], found.counts["free_times"]["new"]) == (1, 2)


def test_a_new_organisation_is_stored_once(store, tmp_path):
    rows = [[*row, unit] for row, unit in zip(VOLUNTEERS, ["单位", "示例骑手站", "示例骑手站"], strict=True)]
    bring(store, a_workbook(tmp_path / "a.xlsx", {"志愿者": rows}))
    (made,) = organisations.where(store)
    assert {person.organisation_id for person in volunteers.where(store)} == {made.id}


def test_an_import_is_undone_as_a_whole(store, tmp_path):
    before = everything(store)
    import_id = bring(store, a_workbook(tmp_path / "a.xlsx", a_copy()))
    importing.undo(store, import_id, by="staff", now=NOW)
    assert everything(store) == before
    assert find_import(store, import_id)[0].state == "undone"
    with pytest.raises(IllegalMove, match="already"):
        importing.undo(store, import_id, by="staff", now=NOW)


def test_undo_brings_back_what_was_changed_and_removed(store, tmp_path):
    bring(store, a_workbook(tmp_path / "a.xlsx", a_copy()))
    before = everything(store)
    sheets = a_copy()
    sheets["志愿者"][1][1] = "王强"
    sheets["空闲时间"][2][3] = "08:30"
    sheets["结对"][1][2], sheets["结对"][2][2] = "副", "主"
    import_id = bring(store, a_workbook(tmp_path / "b.xlsx", sheets))
    assert {(pair.rank, volunteers.get(store, pair.volunteer_id).code) for pair in pairs.where(store)} == {
        (1, "V2"),
        (2, "V1"),
    }
    importing.undo(store, import_id, by="staff", now=NOW)
    restored = [[replace(item, revision=0) if hasattr(item, "revision") else item for item in rows] for rows in before]
    after = everything(store)
    assert [
        [replace(item, revision=0) if hasattr(item, "revision") else item for item in rows] for rows in after
    ] == restored


def test_undo_is_refused_once_something_was_changed_since(store, tmp_path):
    import_id = bring(store, a_workbook(tmp_path / "a.xlsx", a_copy()))
    person = volunteers.by(store, code="V1")[0]
    save_volunteer(store, {"notes": "新"}, volunteer_id=person.id, by="staff", now=NOW)
    before = everything(store)
    with pytest.raises(IllegalMove, match="V1 was changed"):
        importing.undo(store, import_id, by="staff", now=NOW)
    assert everything(store) == before


def test_a_preview_goes_stale_when_its_object_changes(store, tmp_path):
    bring(store, a_workbook(tmp_path / "a.xlsx", a_copy()))
    sheets = a_copy()
    sheets["志愿者"][1][1] = "王强"
    found = look(store, a_workbook(tmp_path / "b.xlsx", sheets))
    person = volunteers.by(store, code="V1")[0]
    save_volunteer(store, {"notes": "新"}, volunteer_id=person.id, by="staff", now=NOW)
    with pytest.raises(StaleWrite):
        importing.confirm(store, found, by="staff", now=NOW)


def test_equal_previews_have_equal_fingerprints(store, tmp_path):
    path = a_workbook(tmp_path / "a.xlsx", a_copy())
    assert look(store, path).fingerprint == look(store, path).fingerprint
    sheets = a_copy()
    sheets["志愿者"][1][1] = "王强"
    assert look(store, a_workbook(tmp_path / "b.xlsx", sheets)).fingerprint != look(store, path).fingerprint


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_in_each_usual_encoding(store, tmp_path, encoding, delimiter):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(VOLUNTEERS)
    path = tmp_path / "名单.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    found = look(store, path)
    assert told(found) == []
    assert [write.after.name for write in found.writes] == ["王志强", "李敏"]


def test_a_rare_character_survives_gb18030(store, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("姓名,类别,居委\n㐀𠮷,居民,长征镇\n".encode("gb18030"))
    assert look(store, path).writes[0].after.name == "㐀𠮷"


def test_a_title_above_the_header_and_empty_rows_do_not_matter(store, tmp_path):
    rows = [["二〇二六年志愿者名单"], [], *VOLUNTEERS[:2], [], ["", ""], VOLUNTEERS[2]]
    found = look(store, a_workbook(tmp_path / "a.xlsx", {"志愿者": rows}))
    assert told(found) == []
    assert [change.row for change in found.changes] == [4, 7]


def test_headers_are_understood_in_many_spellings(store, tmp_path):
    rows = [
        ["Code", "志愿者姓名 *", "身份", "手机号（必填）", "所属居委"],
        ["V1", "王志强", "外卖小哥", 13800138000, HOME_CODE],
    ]
    found = look(store, a_workbook(tmp_path / "a.xlsx", {"volunteers": rows}))
    assert told(found) == []
    assert found.writes[0].after.phone == "13800138000"


def test_full_width_digits_are_digits(store, tmp_path):
    sheets = a_copy()
    sheets["志愿者"][1][4] = "１３８００１３８０００"
    sheets["空闲时间"][1][3] = "１４：００"
    found = look(store, a_workbook(tmp_path / "a.xlsx", sheets))
    assert told(found) == []
    assert found.writes[0].after.phone == "13800138000"


def test_unknown_columns_and_sheets_are_named_and_not_stored(store, tmp_path):
    sheets = a_copy(天气=[["晴"]])
    sheets["志愿者"] = [[*row, extra] for row, extra in zip(sheets["志愿者"], ["身份证号", "310…", ""], strict=True)]
    found = look(store, a_workbook(tmp_path / "a.xlsx", sheets))
    words = " ".join(warning.zh for warning in found.warnings)
    assert "身份证号" in words
    assert "天气" in words
    importing.confirm(store, found, by="staff", now=NOW)
    assert "310…" not in repr(everything(store))


def test_a_required_column_that_is_missing_is_told_once(store, tmp_path):
    rows = [[row[0], row[1], row[5]] for row in VOLUNTEERS]
    found = look(store, a_workbook(tmp_path / "a.xlsx", {"志愿者": rows}))
    assert told(found) == ["工作表“志愿者”第1行“类别”列：空白，应为有“类别”这一列(新增的行必填)"]
    assert found.counts["volunteers"]["refused"] == 2


def test_a_file_with_mistakes_cannot_be_confirmed(store, tmp_path):
    sheets = a_copy()
    sheets["志愿者"][1][4] = "123"
    found = look(store, a_workbook(tmp_path / "a.xlsx", sheets))
    with pytest.raises(InputError, match="1 mistakes"):
        importing.confirm(store, found, by="staff", now=NOW)


def test_the_template_comes_back_without_a_mistake(store, tmp_path):
    for known in (store, None):
        write_template(tmp_path / "template.xlsx", known)
        found = look(store, tmp_path / "template.xlsx")
        assert (told(found), found.warnings, found.writes) == ([], [], [])


def stored_rows(store, *, private):
    """What the store holds in the words of the sheets, under their headers."""
    made, found = forms(Directory.of(store)), {}
    held = {
        "volunteers": volunteers.where(store),
        "free_times": [*availability_rules.where(store), *availability_exceptions.where(store)],
        "recipients": recipients.where(store),
        "needs": needs.where(store),
        "pairs": pairs.where(store),
    }
    for name, items in held.items():
        columns = [c for c in importable()[name].columns if private or not c.private]
        rows = [[text_of(made[name], column, item) for column in columns] for item in items]
        for row, item in zip(rows, items, strict=True):
            if isinstance(item, AvailabilityRule):
                row[[c.field for c in columns].index("kind")] = "每周空闲"
        found[importable()[name].title.zh] = [[c.title.zh for c in columns], *rows]
    return found


def test_what_the_store_holds_comes_back_unchanged(store, tmp_path):
    bring(store, a_workbook(tmp_path / "a.xlsx", a_copy()))
    for private in (True, False):
        found = look(store, a_workbook(tmp_path / "all.xlsx", stored_rows(store, private=private)))
        assert (told(found), found.changes) == ([], [])
        assert sum(kinds["unchanged"] for kinds in found.counts.values()) == 11


def test_progress_is_told_to_the_end(store, tmp_path):
    seen = []
    look(store, a_workbook(tmp_path / "a.xlsx", a_copy()), on_progress=lambda _, share: seen.append(share))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
