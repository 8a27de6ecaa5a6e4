"""Thirty planted mistakes: thirty sentences, each naming sheet, row, column, value and what was expected; no change."""

from openpyxl import Workbook, load_workbook

from scheduler.exchange import importing
from tests.scheduler.exchange.files import CONFIG, HOME, NOW, a_copy, a_workbook

# sheet, row (as Excel counts), column header, what is written there, a part of what is expected
PLANTED = [
    ("志愿者", 4, "姓名", "", "文字"),
    ("志愿者", 5, "类别", "超人", "骑手"),
    ("志愿者", 6, "性别", "不详", "女、男"),
    ("志愿者", 7, "电话", "1380013800", "11位手机号"),
    ("志愿者", 8, "所在居委或楼宇", "火星居委会", "系统中已有的居委"),
    ("志愿者", 9, "技能", "陪伴聊天、唱歌", "顿号"),
    ("志愿者", 10, "已签同意书", "可能", "是 或 否"),
    ("志愿者", 11, "已投保", "2026", "是 或 否"),
    ("志愿者", 12, "编号", "V1", "不重复的编号(与第2行相同)"),
    ("空闲时间", 5, "志愿者编号", "V404", "志愿者编号"),
    ("空闲时间", 6, "类型", "有时", "每周空闲"),
    ("空闲时间", 7, "星期", "周八", "周一至周五"),
    ("空闲时间", 8, "开始", "25:00", "14:30"),
    ("空闲时间", 9, "结束", "13:00", "晚于开始14:00"),
    ("空闲时间", 10, "起始日期", "2026-02-30", "2026-11-23"),
    ("空闲时间", 11, "截止日期", "2026-11-01", "不早于起始日期2026-12-01"),
    ("服务对象", 4, "类别", "外星人", "老人"),
    ("服务对象", 5, "出生年份", "2050", "不晚于2026"),
    ("服务对象", 6, "独居", "半", "是 或 否"),
    ("服务对象", 7, "风险等级", "特高", "高、重点、一般"),
    ("服务对象", 8, "免打扰时段", "14:00-12:00", "12:00-14:00"),
    ("服务对象", 9, "不派的志愿者", "V404", "志愿者编号"),
    ("需求", 4, "服务类型", "Z99", "如 E01"),
    ("需求", 5, "服务对象编号", "E404", "服务对象编号"),
    ("需求", 6, "方式", "偶尔", "一次"),
    ("需求", 7, "开始日期", "下周", "2026-11-23"),
    ("需求", 8, "星期", "", "固定星期的需求要填星期"),
    ("需求", 9, "最晚结束", "14:30", "至少45分钟"),
    ("结对", 4, "主副", "第三", "主、副"),
    ("结对", 5, "服务对象编号", "E404", "服务对象编号"),
]


def planted():
    """The good workbook with a further row, wrong in one cell, for each planted mistake."""
    sheets = a_copy()
    for sheet, row, column, text, _ in PLANTED:
        rows = sheets[sheet]
        assert row == len(rows) + 1
        model = list(rows[3] if (sheet, column) == ("空闲时间", "截止日期") else rows[1])
        if sheet == "需求" and column == "星期":
            model = list(rows[2])
        if sheet in ("志愿者", "服务对象", "需求"):
            model[0] = f"{sheet}{row}"
        model[rows[0].index(column)] = text
        rows.append(model)
    return sheets


def test_thirty_planted_mistakes_give_thirty_sentences_and_no_change(store, tmp_path):
    assert len(PLANTED) == 30
    before = store.revision()
    found = importing.preview(a_workbook(tmp_path / "a.xlsx", planted()), store, CONFIG, now=NOW)
    assert [(e.sheet, e.row, e.column, e.value) for e in found.errors] == sorted(
        (entry[:4] for entry in PLANTED), key=lambda entry: (entry[0], entry[1])
    )
    expected = {entry[:3]: entry[4] for entry in PLANTED}
    for error in found.errors:
        assert expected[error.sheet, error.row, error.column] in error.expected.zh
        sentence = error.to("zh")
        for part in (error.sheet, f"第{error.row}行", error.column, error.value, "应为"):
            assert part in sentence
        assert f"row {error.row}" in error.to("en")
    assert not found.can_confirm
    assert store.revision() == before
    assert store.value("SELECT COUNT(*) FROM volunteers") == 0


def test_duplicate_headers_are_refused(store, tmp_path):
    rows = [
        ["编号", "姓名", "电话", "手机", "类别", "居委"],
        ["V1", "王志强", "13800138000", "13900139000", "骑手", HOME],
    ]
    found = importing.preview(a_workbook(tmp_path / "a.xlsx", {"志愿者": rows}), store, CONFIG, now=NOW)
    assert [error.to("zh") for error in found.errors] == [
        "工作表“志愿者”第1行“手机”列：填写的是“手机”，应为只有一列“电话”"
    ]


def test_an_ambiguous_name_asks_for_the_code(store, tmp_path):
    sheets = a_copy()
    sheets["志愿者"][2][1] = "王志强"
    sheets["结对"][1][1] = "王志强"
    found = importing.preview(a_workbook(tmp_path / "a.xlsx", sheets), store, CONFIG, now=NOW)
    assert [error.expected.zh for error in found.errors] == ["编号(同名的有 V1、V2)"]


def test_two_first_companions_for_one_elder_are_refused(store, tmp_path):
    sheets = a_copy()
    sheets["结对"][2][2] = "主"
    found = importing.preview(a_workbook(tmp_path / "a.xlsx", sheets), store, CONFIG, now=NOW)
    (error,) = found.errors
    assert "E1 主：V1、V2" in error.to("zh")


def test_an_error_value_and_a_formula_without_result_are_named(store, tmp_path):
    book = Workbook()
    work = book.active
    work.title = "志愿者"
    work.append(["编号", "姓名", "类别", "所在居委或楼宇", "电话"])
    work.append(["V1", "王志强", "骑手", HOME, "=B2"])
    work.append(["V2", "李敏", "骑手", HOME, "#REF!"])
    book.save(tmp_path / "a.xlsx")
    found = importing.preview(tmp_path / "a.xlsx", store, CONFIG, now=NOW)
    assert [error.to("zh") for error in found.errors] == [
        "工作表“志愿者”第2行“电话”列：填写的是“没有结果的公式”，应为一个值",
        "工作表“志愿者”第3行“电话”列：填写的是“错误值”，应为一个值",
    ]


def test_dates_times_and_numbers_of_excel_are_read_in_both_epochs(store, tmp_path):
    from datetime import date, time

    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

    for epoch in (CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904):
        sheets = a_copy()
        sheets["志愿者"][1][4] = 13800138000
        sheets["空闲时间"][3][5:] = [date(2026, 12, 1), date(2026, 12, 3)]
        sheets["空闲时间"][1][3:5] = [time(14, 0), time(16, 30)]
        path = a_workbook(tmp_path / "a.xlsx", sheets)
        book = load_workbook(path)
        book.epoch = epoch
        book.save(path)
        found = importing.preview(path, store, CONFIG, now=NOW)
        assert [error.to("zh") for error in found.errors] == []
        written = [write.after for write in found.writes]
        assert written[0].phone == "13800138000"
        assert [item.from_date for item in written if hasattr(item, "kind") and hasattr(item, "volunteer_id")] == [
            date(2026, 12, 1)
        ]


def test_a_merged_cell_counts_for_each_of_its_rows(store, tmp_path):
    sheets = a_copy()
    sheets["空闲时间"] = [
        sheets["空闲时间"][0],
        ["V1", "每周空闲", "周一", "14:00", "15:00"],
        ["", "每周空闲", "周三", "14:00", "15:00"],
    ]
    path = a_workbook(tmp_path / "a.xlsx", sheets)
    book = load_workbook(path)
    book["空闲时间"].merge_cells("A2:A3")
    book.save(path)
    found = importing.preview(path, store, CONFIG, now=NOW)
    assert [error.to("zh") for error in found.errors] == []
    assert found.counts["free_times"]["new"] == 2


def test_a_file_without_any_known_sheet_says_so(store, tmp_path):
    found = importing.preview(a_workbook(tmp_path / "a.xlsx", {"菜单": [["菜", "价"]]}), store, CONFIG, now=NOW)
    assert "至少一张工作表" in found.errors[0].to("zh")


def test_a_minor_is_imported_with_a_warning(store, tmp_path):
    rows = [["编号", "姓名", "类别", "居委", "出生年月"], ["V1", "王小小", "居民", HOME, "2008-12"]]
    found = importing.preview(a_workbook(tmp_path / "a.xlsx", {"志愿者": rows}), store, CONFIG, now=NOW)
    assert "未成年" in found.warnings[0].zh
    rows[1][4] = "2008-11"
    assert importing.preview(a_workbook(tmp_path / "a.xlsx", {"志愿者": rows}), store, CONFIG, now=NOW).warnings == []
