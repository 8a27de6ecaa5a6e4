"""The template: Chinese headers, lists to pick from, advice, and no sheet too many."""

import pytest
from openpyxl import load_workbook

from scheduler.exchange.tables import importable
from scheduler.exchange.workbook import FILLABLE_ROWS, forms, write_template
from scheduler.forms.references import Directory
from scheduler.forms.sheets import sheets, spelt


@pytest.fixture
def template(store, tmp_path):
    write_template(tmp_path / "template.xlsx", store)
    return load_workbook(tmp_path / "template.xlsx")


def lists_of(book, sheet):
    """Header → words to pick from."""
    work = book[sheet]
    found = {}
    for rule in work.data_validations.dataValidation:
        (area,) = rule.sqref.ranges
        assert (area.min_row, area.max_row) == (2, FILLABLE_ROWS)
        cells = book["选项"][rule.formula1.split("!")[1].replace("$", "")]
        found[work.cell(1, area.min_col).value] = [row[0].value for row in cells]
    return found


def test_one_sheet_for_each_kind_of_row_and_one_of_advice(template):
    assert template.sheetnames == ["说明", "区域", "组织", "志愿者", "空闲时间", "服务对象", "需求", "结对", "选项"]
    assert template["选项"].sheet_state == "hidden"
    assert [cell.value for cell in template["结对"][1]] == [
        "服务对象编号*",
        "志愿者编号*",
        "主副*",
        "状态",
        "锁定",
        "结对日期",
    ]


def test_the_lists_hold_the_committees_services_and_words(template):
    volunteers, needs = lists_of(template, "志愿者"), lists_of(template, "需求")
    assert volunteers["性别"] == ["女", "男"]
    assert volunteers["已投保"] == ["是", "否"]
    assert len(volunteers["所在居委或楼宇*"]) == 295  # ten streets, 285 committees
    assert len(needs["服务类型*"]) == 30
    assert needs["服务类型*"][0] == "E01 结对陪伴聊天"
    assert needs["方式*"] == ["一次", "固定星期", "每周次数"]


def test_every_word_of_a_list_is_understood(store, template):
    made = forms(Directory.of(store))
    for name, sheet in importable().items():
        fields = {column.title.zh: column.field for column in sheet.columns}
        for header, words in lists_of(template, sheet.title.zh).items():
            for word in words:
                made[name].fields[fields[header.rstrip("*")]].read(word)


def test_every_example_of_the_template_is_understood(store):
    made = forms(Directory.of(store))
    refers = ("volunteer_id", "recipient_id", "blocked")
    for name, sheet in importable().items():
        for column in sheet.columns:
            if column.example and column.field not in refers:
                made[name].fields[column.field].read(column.example)


def test_every_field_of_a_form_has_its_column_and_no_header_is_ambiguous(store):
    for name, form in forms(Directory.of(store)).items():
        sheet = sheets()[name]
        assert {column.field for column in sheet.columns} == set(form.fields)
        headers = [spelt(text) for column in sheet.columns for text in (column.title.zh, column.title.en)]
        assert len(set(headers)) == len(headers)
        for column in sheet.columns:
            assert sheet.column_of(column.title.zh) == column
            assert sheet.column_of(f" {column.title.en.upper()} *") == column


def test_cells_of_the_template_are_texts(template):
    for name in ("志愿者", "需求"):
        assert {dimension.number_format for dimension in template[name].column_dimensions.values()} == {"@"}
