"""Small workbooks for the tests of the exchange."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from scheduler.config import load_config

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
CONFIG = load_config()
HOME = "长征镇"

VOLUNTEERS = [
    ["编号", "姓名", "类别", "性别", "电话", "所在居委或楼宇", "技能", "已签同意书", "已投保"],
    ["V1", "王志强", "骑手", "男", "13800138000", HOME, "陪伴聊天", "是", "是"],
    ["V2", "李敏", "党员", "女", "13900139000", HOME, "陪伴聊天、接待", "是", "是"],
]
FREE_TIMES = [
    ["志愿者编号", "类型", "星期", "开始", "结束", "起始日期", "截止日期"],
    ["V1", "每周空闲", "每天", "14:00", "16:30", "", ""],
    ["V2", "每周空闲", "周一、周三", "09:00", "11:00", "", ""],
    ["V2", "外出", "", "", "", "2026-12-01", "2026-12-03"],
]
RECIPIENTS = [
    ["编号", "姓名", "类别", "所在居委或楼宇", "性别", "出生年份", "独居", "风险等级", "免打扰时段", "不派的志愿者"],
    ["E1", "陈桂兰", "老人", HOME, "女", "1940", "是", "重点", "12:00-14:00", ""],
    ["E2", "赵德明", "老人", HOME, "男", "1938", "是", "一般", "", "V2"],
]
NEEDS = [
    ["编号", "服务类型", "服务对象编号", "方式", "开始日期", "星期", "每周次数", "最早开始", "最晚结束"],
    ["N1", "E01", "E1", "每周次数", "2026-11-23", "", "1", "14:00", "16:30"],
    ["N2", "电话关怀", "E2", "固定星期", "2026-11-23", "周二", "", "14:00", "16:00"],
]
PAIRS = [["服务对象编号", "志愿者编号", "主副"], ["E1", "V1", "主"], ["E1", "V2", "副"]]
GOOD = {"志愿者": VOLUNTEERS, "空闲时间": FREE_TIMES, "服务对象": RECIPIENTS, "需求": NEEDS, "结对": PAIRS}


def a_copy(**changes: list[list[Any]]) -> dict[str, list[list[Any]]]:
    """The good workbook, every row a list of its own."""
    return {name: [list(row) for row in rows] for name, rows in (GOOD | changes).items()}


def a_workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    """Saves rows of plain values as an .xlsx."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        work = book.create_sheet(name)
        for row in rows:
            work.append(row)
    book.save(path)
    return path
