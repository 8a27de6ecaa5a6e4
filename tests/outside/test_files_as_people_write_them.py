"""Lists come from many hands: the same person is found, what looks right is read, nothing is guessed silently."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from scheduler.exchange import importing
from scheduler.model.people import Recipient, Volunteer
from tests.outside.street import ONE_VISIT, Row, Street

PERSON: Row = {"类别": "居民", "性别": "女", "所在居委或楼宇": "长征镇"}
ELDER: Row = {"类别": "老人", "所在居委或楼宇": "长征镇"}


def found_in(street: Street, sheet: str, *rows: Row) -> Any:
    return street.preview(street.book({sheet: list(rows)}))


def read(preview: Any) -> list[Volunteer | Recipient]:
    assert not preview.errors, preview.shown_errors("zh")
    return [write.after for write in preview.writes]


# Who is who -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["王　芳", "王 芳", " 王\u00a0芳", "王\u200b芳", "\u202d王芳\u202c"])
@pytest.mark.parametrize(
    "phone", ["13800138000", "138-0013-8000", "138–0013–8000", "+86 138 0013 8000", "0086138.0013.8000"]
)
def test_a_person_without_a_code_is_found_by_name_and_phone_however_both_are_written(
    street: Street, name: str, phone: str
) -> None:
    street.bring({"志愿者": [{"姓名": "王芳", "电话": "13800138000", **PERSON}]})
    again = found_in(street, "志愿者", {"姓名": name, "电话": phone, **PERSON})
    assert not again.errors
    assert not again.warnings
    assert again.counts["volunteers"] == {"new": 0, "changed": 0, "unchanged": 1, "refused": 0}


@pytest.mark.parametrize("name", ["阿卜杜·热西提", "阿卜杜•热西提", "阿卜杜・热西提", "阿卜杜.热西提", "阿卜杜 热西提"])
def test_the_dot_between_names_may_be_any_dot(street: Street, name: str) -> None:
    street.bring({"服务对象": [{"名称": "阿卜杜‧热西提", "电话": "62345678", **ELDER}]})
    again = found_in(street, "服务对象", {"名称": name, "电话": "6234 5678", **ELDER})
    assert again.counts["recipients"]["new"] == 0


def test_rows_without_phone_and_code_are_the_same_people_next_time_however_they_are_written(street: Street) -> None:
    street.bring({"志愿者": [{"姓名": "王芳", "出生年月": "1954-05", **PERSON}]})
    again = found_in(street, "志愿者", {"姓名": "王　芳", "出生年月": "1954年5月", **PERSON})
    assert again.counts["volunteers"]["unchanged"] == 1


def test_two_rows_of_one_file_that_are_one_person_are_told(street: Street) -> None:
    rows = [
        {"姓名": name, "电话": phone, **PERSON}
        for name, phone in (("王芳", "13800138000"), ("王　芳", "138-0013-8000"))
    ]
    (error,) = found_in(street, "志愿者", *rows).errors
    assert "与第2行相同" in error.to("zh")


def test_a_code_written_otherwise_is_the_same_code(street: Street) -> None:
    street.bring({"志愿者": [{"编号": "V-01", "姓名": "王芳", **PERSON}]})
    for code in ("ｖ－01", "v‑01", "V- 01", "V\u200b-01"):
        again = found_in(street, "志愿者", {"编号": code, "姓名": "王芳", **PERSON})
        assert again.counts["volunteers"]["unchanged"] == 1, code


def test_free_times_pairs_and_blocks_find_people_by_a_padded_name(street: Street) -> None:
    street.bring(
        {"志愿者": [{"编号": "V1", "姓名": "王芳", **PERSON}], "服务对象": [{"编号": "E1", "姓名": "李　明", **ELDER}]}
    )
    free = {"姓名": "王　芳", "类型": "每周空闲", "星期": "周一—周五", "开始": "上午9:00", "结束": "下午2点半"}
    street.bring({"空闲时间": [free]})
    pair = {"服务对象编号": "李 明", "志愿者编号": "王 芳", "主副": "主"}
    street.bring({"结对": [pair]})
    street.bring({"服务对象": [{"编号": "E1", "姓名": "李明", "不派的志愿者": "王　芳", **ELDER}]})
    assert street.recipient("E1").blocked == {street.volunteer("V1").id}


def test_where_several_could_be_meant_the_codes_to_choose_from_are_named(street: Street) -> None:
    same = [
        {"编号": code, "姓名": name, "电话": "13800138000", **PERSON}
        for code, name in (("V1", "王芳"), ("V2", "王　芳"))
    ]
    street.bring({"志愿者": same})
    (error,) = found_in(street, "志愿者", {"姓名": "王芳", "电话": "138 0013 8000", **PERSON}).errors
    assert "V1、V2" in error.to("zh")
    assert "V1, V2" in error.to("en")
    row = {"姓名": "王 芳", "类型": "每周空闲", "星期": "周一", "开始": "9:00", "结束": "11:00"}
    (error,) = found_in(street, "空闲时间", row).errors
    assert "V1、V2" in error.to("zh")
    street.bring({"志愿者": [{"编号": "V2", "姓名": "王芳", "在册": "否", **PERSON}]})
    assert (
        found_in(street, "志愿者", {"姓名": "王芳", "电话": "13800138000", **PERSON}).counts["volunteers"]["unchanged"]
        == 1
    )


def test_a_hyphen_between_numbers_tells_two_places_apart(street: Street) -> None:
    street.bring(
        {"服务对象": [{"编号": code, "名称": name, **ELDER} for code, name in (("E1", "1-1号楼"), ("E2", "11号楼"))]}
    )
    need = {"服务类型": "E01", "服务对象编号": "1–1 号楼", "方式": "一次", "开始日期": "2026年12月5日（周六）"}
    (need_read,) = read(found_in(street, "需求", need))
    assert need_read.recipient_id == street.recipient("E1").id


# Days and months ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("serial", "meant"), [(19851, "1954-05-07"), (19207, "1952-08-01"), (31048, "1985-01-01")])
@pytest.mark.parametrize("typed", [int, str, float])
def test_a_day_given_as_a_serial_number_is_refused_with_what_to_do(
    street: Street, serial: int, meant: str, typed: Any
) -> None:
    (error,) = found_in(street, "志愿者", {"编号": "V1", "姓名": "某", **PERSON, "出生年月": typed(serial)}).errors
    assert meant in error.to("zh")
    assert "格式设为日期" in error.to("zh")
    assert "date format" in error.to("en")


@pytest.mark.parametrize(
    ("cell", "month"),
    [
        (date(1954, 5, 7), "1954-05"),
        (datetime.combine(date(1954, 5, 1), time.min), "1954-05"),
        (1954.5, "1954-05"),
        (198501, "1985-01"),
        ("1954年5月", "1954-05"),
        ("1954.10", "1954-10"),
        ("1954–05", "1954-05"),
    ],
)
def test_months_of_birth_are_read_from_date_cells_numbers_and_texts(street: Street, cell: Any, month: str) -> None:
    (person,) = read(found_in(street, "志愿者", {"编号": "V1", "姓名": "某", **PERSON, "出生年月": cell}))
    assert person.birth_month == month


def test_a_number_cell_that_may_be_january_or_october_is_asked_about(street: Street) -> None:
    (error,) = found_in(street, "志愿者", {"编号": "V1", "姓名": "某", **PERSON, "出生年月": 1954.10}).errors
    assert "1954-01 或 1954-10" in error.to("zh")


@pytest.mark.parametrize(
    "number_format", ["yyyy-mm-dd", 'yyyy"年"m"月"', "[$-804]yyyy\\年m\\月;@", "mmm-yy", "m/d/yyyy"]
)
@pytest.mark.parametrize("from_1904", [False, True])
def test_real_date_cells_are_read_in_both_calendars_and_any_format(
    street: Street, number_format: str, from_1904: bool
) -> None:
    book = Workbook()
    if from_1904:
        book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    sheet.title = "志愿者"
    row = {"编号": "V1", "姓名": "某", **PERSON, "出生年月": date(1954, 5, 7)}
    sheet.append(list(row))
    sheet.append(list(row.values()))
    sheet.cell(2, len(row)).number_format = number_format
    book.save(street.folder / "dates.xlsx")
    (person,) = read(street.preview(street.folder / "dates.xlsx"))
    assert person.birth_month == "1954-05"


@pytest.mark.parametrize("cell", [1940, "1940年", "1940.0", date(1940, 5, 7), "1940年5月", "１９４０"])
def test_a_year_of_birth_may_be_a_whole_date(street: Street, cell: Any) -> None:
    (elder,) = read(found_in(street, "服务对象", {"编号": "E1", "姓名": "某", **ELDER, "出生年份": cell}))
    assert elder.birth_year == 1940


# What looks right -----------------------------------------------------------------------------------------------------


def test_marks_that_nobody_sees_do_not_refuse_a_phone(street: Street) -> None:
    for mark in "\u00ad\u200b\u200c\u200e\u200f\u202a\u202c\u202d\u202e\u2060\u2066\u2068\u2069\ufeff":
        row = {"编号": "V1", "姓名": f"某{mark}人", **PERSON, "电话": f"{mark}138{mark}0013 8000{mark}"}
        (person,) = read(found_in(street, "志愿者", row))
        assert (person.name, person.phone) == ("某人", "13800138000"), ascii(mark)


@pytest.mark.parametrize("quiet", ["12:00–14:00", "12:00—14:00", "12:00〜14:00", "12:00～14:00", "12：00﹣14：00",
                                   "中午12点到下午2点", "12点 至 14点"])  # fmt: skip
def test_every_dash_between_two_times_is_a_span(street: Street, quiet: str) -> None:
    (elder,) = read(found_in(street, "服务对象", {"编号": "E1", "姓名": "某", **ELDER, "免打扰时段": quiet}))
    assert elder.quiet_hours == (("12:00", "14:00"),)


def test_an_extension_or_a_second_number_stays_in_the_notes_and_is_told(street: Street) -> None:
    rows = [
        {"编号": "E1", "姓名": "甲", **ELDER, "电话": "62345678转801", "备注": "按门铃"},
        {"编号": "E2", "姓名": "乙", **ELDER, "电话": "13800138000、021–62345678"},
    ]
    preview = found_in(street, "服务对象", *rows)
    assert [warning.zh.split("：")[0] for warning in preview.warnings] == [
        "工作表“服务对象”第2行",
        "工作表“服务对象”第3行",
    ]
    first, second = read(preview)
    assert (first.phone, first.notes) == ("62345678", "按门铃\n☎ 62345678转801")
    assert (second.phone, second.notes) == ("13800138000", "☎ 13800138000、021-62345678")
    importing.confirm(street.store, preview, by="boss", now=street.clock())
    again = found_in(street, "服务对象", *rows)
    assert again.counts["recipients"] == {"new": 0, "changed": 0, "unchanged": 2, "refused": 0}


HEADER, LINE = ("编号", "姓名", "类别", "性别", "所在居委或楼宇"), ("V1", "王芳", "居民", "女", "长征镇")


@pytest.mark.parametrize(
    "title",
    [
        "长征镇志愿者名单，2026年12月，内部使用，勿外传，谢谢",
        "志愿者；名单；12月；内部；一；二",
        "名单;12月;内部;;;;",
        "甲、乙、丙、丁、戊、己",
        "a\tb\tc\td\te\tf",
        "1,2,3,4,5,6,7",
        "编号,姓名如下",
        "sep=;",
        "",
    ],
)
@pytest.mark.parametrize("mark", [",", ";", "\t", "，", "；", "、"])
def test_a_csv_is_divided_as_its_header_line_is_whatever_stands_above(street: Street, title: str, mark: str) -> None:
    path = street.folder / "list.csv"
    path.write_text("\r\n".join((title, mark.join(HEADER), mark.join(LINE))) + "\r\n", "utf-8", newline="")
    (person,) = read(street.preview(path))
    assert (person.code, person.name) == ("V1", "王芳")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_a_csv_is_read_in_every_usual_encoding(street: Street, encoding: str) -> None:
    path: Path = street.folder / "list.csv"
    path.write_bytes(f"名单，内部\r\n{','.join(HEADER)}\r\n{','.join(LINE)}\r\n".encode(encoding))
    (person,) = read(street.preview(path))
    assert person.name == "王芳"


def test_a_form_of_the_pages_reads_what_a_file_may_say(street: Street) -> None:
    street.bring(street.people("V1"))
    browser = street.browser()
    me = street.volunteer("V1")
    browser.get(f"/volunteers/{me.id}/edit")
    fields = {"code": "V1", "name": "王　芳", "kinds": "resident", "grid_id": "长征镇", "revision": me.revision}
    fields |= {"phone": "\u202d138–0013–8000\u202c、62345678转801", "birth_month": "1954年5月", "notes": "早上方便"}
    status, page = browser.post(f"/volunteers/{me.id}/edit", fields)
    assert status == 200, page
    me = street.volunteer("V1")
    assert (me.name, me.phone, me.birth_month) == ("王芳", "13800138000", "1954-05")
    assert me.notes == "早上方便\n☎ 138-0013-8000、62345678转801"
    browser.get(f"/volunteers/{me.id}/edit")
    status, page = browser.post(f"/volunteers/{me.id}/edit", fields | {"birth_month": "19851", "revision": me.revision})
    assert status == 422
    assert "格式设为日期" in page
    assert "早上方便" in page  # nothing typed is lost


# What hands write besides -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stored", "given"), [("00123", 123), ("00123", "123"), ("123", "00123"), ("0012", "１２")])
def test_a_code_whose_zeros_a_number_cell_has_lost_is_the_same_code(street: Street, stored: str, given: Any) -> None:
    street.bring({"志愿者": [{"编号": stored, "姓名": "王芳", **PERSON}]})
    again = found_in(street, "志愿者", {"编号": given, "姓名": "王芳", **PERSON})
    assert again.counts["volunteers"] == {"new": 0, "changed": 0, "unchanged": 1, "refused": 0}
    free = {"志愿者编号": given, "类型": "每周空闲", "星期": "周一", "开始": "9:00", "结束": "11:00"}
    assert read(found_in(street, "空闲时间", free))[0].volunteer_id == street.volunteer(stored).id


@pytest.mark.parametrize(("stored", "given"), [("021-62345678", "62345678"), ("62345678", "(021) 6234 5678")])
def test_a_landline_with_and_without_its_area_code_is_the_same_persons(street: Street, stored: str, given: str) -> None:
    street.bring({"服务对象": [{"姓名": "李明", "电话": stored, **ELDER}]})
    assert found_in(street, "服务对象", {"姓名": "李明", "电话": given, **ELDER}).counts["recipients"]["new"] == 0
    other = found_in(street, "服务对象", {"姓名": "李明", "电话": "62345679", **ELDER})
    assert other.counts["recipients"]["new"] == 1


@pytest.mark.parametrize(
    "phone",
    ["女儿13800138000", "女儿：138-0013-8000", "（女儿）13800138000", "13800138000(女儿)", "138 0013 8000 微信同号"],
)
def test_whose_phone_it_is_stays_in_the_notes(street: Street, phone: str) -> None:
    (elder,) = read(found_in(street, "服务对象", {"编号": "E1", "姓名": "某", **ELDER, "电话": phone}))
    assert elder.phone == "13800138000"
    assert elder.notes.startswith("☎ ")


@pytest.mark.parametrize(
    "phone", ["手机号码13800138000", "“13800138000”", "【13800138000】", "`13800138000", "M: 13800138000"]
)
def test_labels_and_quotes_around_a_phone_say_nothing(street: Street, phone: str) -> None:
    (elder,) = read(found_in(street, "服务对象", {"编号": "E1", "姓名": "某", **ELDER, "电话": phone}))
    assert (elder.phone, elder.notes) == ("13800138000", "")


@pytest.mark.parametrize("phone", ["尾号8000", "工号12345678", "13800138", "1.3800138E+10", "13800138000，801"])
def test_what_is_no_whole_phone_is_still_refused(street: Street, phone: str) -> None:
    (error,) = found_in(street, "服务对象", {"编号": "E1", "姓名": "某", **ELDER, "电话": phone}).errors
    assert error.column == "电话"


@pytest.mark.parametrize(
    ("quiet", "spans"),
    [
        ("22:00-6:00", (("00:00", "06:00"), ("22:00", "24:00"))),
        ("晚上九点半—第二天早上8点", (("00:00", "08:00"), ("21:30", "24:00"))),
        ("每天从12点到14点之间。", (("12:00", "14:00"),)),
        ("12-14点", (("12:00", "14:00"),)),
        ("12:00-14:00 20:00-24:00", (("12:00", "14:00"), ("20:00", "24:00"))),
        ("（12:00→14:00）", (("12:00", "14:00"),)),
    ],
)
def test_spans_are_read_as_they_are_spoken_and_a_night_has_two_ends(street: Street, quiet: str, spans: Any) -> None:
    (elder,) = read(found_in(street, "服务对象", {"编号": "E1", "姓名": "某", **ELDER, "免打扰时段": quiet}))
    assert elder.quiet_hours == spans


@pytest.mark.parametrize("quiet", ["14:00-12:00", "19:00-18:00", "12:00,14:00", "12:00-次日14:00"])
def test_spans_that_end_before_they_begin_are_no_night(street: Street, quiet: str) -> None:
    assert found_in(street, "服务对象", {"编号": "E1", "姓名": "某", **ELDER, "免打扰时段": quiet}).errors


@pytest.mark.parametrize(
    "day", ["2026年12月5日，星期六", "周六 2026-12-05", "2026.12.5【周六】", "二〇二六年十二月五日", "2026年12月5日。",
            "2026-12-05T00:00:00+08:00", "2026年12月5日禮拜六"],
)  # fmt: skip
def test_a_day_is_read_with_its_weekday_on_either_side(street: Street, day: str) -> None:
    street.bring(street.elders("E1"))
    need = {**ONE_VISIT, "编号": "N1", "开始日期": day}
    assert read(found_in(street, "需求", need))[0].from_date == date(2026, 12, 5)
    assert found_in(street, "需求", need | {"开始日期": "周五 2026-12-05"}).errors


@pytest.mark.parametrize(
    ("days", "start", "end"),
    [
        ("（周一至周五）。", "上午八点半", "下午两点"),
        ("週一至週五", "8点30分", "14时"),
        ("禮拜一→禮拜五", "早8:30", "午后2点"),
    ],
)
def test_weekdays_and_times_in_chinese_numerals_and_old_characters(
    street: Street, days: str, start: str, end: str
) -> None:
    street.bring({"志愿者": [{"编号": "V1", "姓名": "某", **PERSON}]})
    row = {"志愿者编号": "V1", "类型": "每周空闲", "星期": days, "开始": start, "结束": end}
    (rule,) = read(found_in(street, "空闲时间", row))
    assert (rule.weekdays, rule.start, rule.end) == ((1, 2, 3, 4, 5), "08:30", "14:00")


def test_numbers_may_have_their_unit_but_no_other_one(street: Street) -> None:
    person = {"编号": "V1", "姓名": "某", **PERSON}
    limits = {"每天最多次数": "2次", "每周期望分钟": "120 分钟", "最多结对人数": "2人"}
    (made,) = read(found_in(street, "志愿者", person | limits))
    assert (made.max_visits_per_day, made.wished_minutes, made.max_pairs) == (2, 120, 2)
    for wrong in ({"每周期望分钟": "2小时"}, {"每天最多次数": "2天"}):
        assert found_in(street, "志愿者", person | wrong).errors


@pytest.mark.parametrize(("word", "signed"), [("已签", True), ("☑", True), ("✔️", True), ("未签", False), ("✗", False)])
def test_a_tick_and_a_cross_are_yes_and_no(street: Street, word: str, signed: bool) -> None:
    (made,) = read(found_in(street, "志愿者", {"编号": "V1", "姓名": "某", **PERSON, "已签同意书": word}))
    assert bool(made.consents) is signed


@pytest.mark.parametrize("title", ["Sheet1", "工作表1", "志愿者 (2)", "志愿者表", "志愿者名册", "志愿者（2026年12月）"])
def test_a_sheet_is_known_by_its_name_but_for_remarks_or_alone_by_its_headers(street: Street, title: str) -> None:
    (person,) = read(found_in(street, title, {"姓名": "王芳", "电话号码": "13800138000", **PERSON}))
    assert (person.name, person.phone) == ("王芳", "13800138000")


def test_of_a_sheet_and_its_older_copy_the_one_with_the_plain_name_is_read(street: Street) -> None:
    row = {"编号": "V1", **PERSON}
    book = street.book({"志愿者（旧）": [row | {"姓名": "旧"}], "志愿者": [row | {"姓名": "新"}]})
    preview = street.preview(book)
    assert [person.name for person in read(preview)] == ["新"]
    assert "志愿者（旧）" in preview.warnings[0].zh
