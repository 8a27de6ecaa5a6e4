"""Two thousand volunteers and five thousand needs in one workbook."""

from scheduler.exchange import importing
from tests.scheduler.exchange.files import CONFIG, HOME, NOW, a_workbook


def large(volunteers, needs):
    """Sheets of so many rows; every volunteer has one free time, every fourth need its own elder."""
    return {
        "志愿者": [["编号", "姓名", "类别", "电话", "居委", "技能", "已投保"]]
        + [[f"V{n}", "王志强", "骑手", str(13_000_000_000 + n), HOME, "陪伴聊天", "是"] for n in range(volunteers)],
        "空闲时间": [["志愿者编号", "类型", "星期", "开始", "结束"]]
        + [[f"V{n}", "每周空闲", "周一至周五", "14:00", "16:30"] for n in range(volunteers)],
        "服务对象": [["编号", "姓名", "类别", "居委"]] + [[f"E{n}", "陈桂兰", "老人", HOME] for n in range(needs // 4)],
        "需求": [["编号", "服务类型", "服务对象编号", "方式", "开始日期", "每周次数"]]
        + [[f"N{n}", "E01", f"E{n // 4}", "每周次数", "2026-11-23", "1"] for n in range(needs)],
    }


def test_two_thousand_volunteers_and_five_thousand_needs_come_in(store, tmp_path):
    path = a_workbook(tmp_path / "large.xlsx", large(2000, 5000))
    shares = []
    found = importing.preview(path, store, CONFIG, now=NOW, on_progress=lambda _, share: shares.append(share))
    assert found.errors == []
    importing.confirm(store, found, by="staff", now=NOW)
    assert store.value("SELECT COUNT(*) FROM volunteers") == 2000
    assert store.value("SELECT COUNT(*) FROM needs") == 5000
    assert len(shares) > 8
