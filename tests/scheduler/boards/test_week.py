"""The board counts people per part and day; lists page, search and stay inside their area."""

from datetime import date, timedelta

import pytest

from scheduler.boards.week import week_board
from scheduler.model.accounts import Role
from scheduler.model.plan import State
from scheduler.model.reading_rights import Reader
from scheduler.store import Store
from scheduler.store.queries.board_lists import slots_page
from scheduler.store.queries.paging import clean, spelled
from scheduler.store.queries.staff_lists import recipients_page, volunteers_page
from tests.world import NOW, add_elder, add_slot, add_visit, add_world

MONDAY = date(2026, 11, 23)
START = NOW + timedelta(days=1, hours=4)


@pytest.fixture
def town(store: Store) -> Store:
    """Two visits of Ann's elder (one promised, one with nobody), one declined visit in the other street."""
    add_world(store)
    add_elder(store, "far", name="赵桂芳", grid_id="c2", lat=31.2302, lon=121.4002, phone="13800001234")
    add_visit(store, START)
    add_slot(store, START + timedelta(days=1))
    add_visit(store, START, recipient_id="far", state=State.DECLINED)
    return store


def test_a_declined_visit_counts_as_nobody(town: Store):
    board = week_board(town, MONDAY, area=None)
    assert (board.total.slots, board.total.taken, board.total.filled, board.total.empty) == (3, 1, 1, 2)
    assert {line.area.name: line.total.empty for line in board.lines} == {"真如镇街道": 1, "长风新村街道": 1}
    assert board.sums[MONDAY + timedelta(days=1)].slots == 2


def test_the_board_goes_down_to_the_only_part_that_has_visits(town: Store):
    board = week_board(town, MONDAY, area="s1")
    assert [line.area.id for line in board.lines] == ["c1"]
    assert [step.id for step in board.path] == ["d", "s1"]


def test_lists_stay_inside_the_area(town: Store):
    day = MONDAY + timedelta(days=1)
    assert {row.grid_id for row in slots_page(town, day, day, area="s2").rows} == {"c2"}
    assert [row.id for row in volunteers_page(town, reader=Reader(Role.STAFF, "s1"), today=MONDAY, now=NOW).rows] == [
        "ann"
    ]


@pytest.mark.parametrize(("state", "count"), [("filled", 1), ("empty", 2), ("partly", 0)])
def test_visits_are_found_by_how_full_they_are(town: Store, state: str, count: int):
    page = slots_page(town, MONDAY, MONDAY + timedelta(days=6), area=None, states=(state,))
    assert page.total == count


@pytest.mark.parametrize("text", ["赵桂", "zhaogui", "zgf", "1234", " Zhao Gui "])
def test_people_are_found_by_name_pinyin_initials_and_phone_tail(town: Store, text: str):
    assert [row.name for row in recipients_page(town, reader=Reader(Role.STAFF), text=text, today=MONDAY).rows] == [
        "赵桂芳"
    ]


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", "123", "zz"])
def test_a_strange_search_finds_nobody(town: Store, text: str):
    assert recipients_page(town, reader=Reader(Role.STAFF), text=text, today=MONDAY).rows == []


def test_pages_follow_each_other_without_gap(town: Store):
    pages = [slots_page(town, MONDAY, MONDAY + timedelta(days=6), area=None, offset=n, size=2) for n in (0, 2)]
    assert [len(page.rows) for page in pages] == [2, 1]
    assert len({row.id for page in pages for row in page.rows}) == 3
    beyond = slots_page(town, MONDAY, MONDAY + timedelta(days=6), area=None, offset=500, size=2)
    assert beyond.offset == 2, "an offset behind the end shows the last page"


def test_a_name_is_spelled_in_three_ways():
    assert {"王建国", "wangjianguo", "wjg"} <= set(spelled("王建国").split("|"))


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("单小芳", ("shan", "shanxiaofang", "sxf", "dan", "dxf")),
        ("单于飞", ("shan", "chanyu")),
        ("曾国强", ("zeng", "zgq", "ceng")),
        ("仇英", ("qiuying", "qy", "chou")),
        ("解晓东", ("xie", "xxd", "jie")),
        ("朴智星", ("piao", "pu")),
        ("查良镛", ("zha", "cha")),
        ("区永光", ("ou", "qu")),
        ("盖叫天", ("ge", "gai")),
        ("尉迟恭", ("yuchi", "ycg", "wei")),
        ("万俟卨", ("moqi", "wansi")),
        ("长孙无忌", ("zhangsun", "changsun", "zswj")),
        ("乐嘉", ("yue", "le")),
        ("翟天临", ("zhai", "di")),
        ("缪国庆", ("miao",)),
        ("冼星海", ("xian",)),
        ("覃梅", ("qin", "tan")),
        ("黑明", ("he", "hei")),
        ("谌龙", ("chen", "shen")),
        ("吕梅", ("lvmei", "lumei", "lyumei")),
        ("任重", ("renzhong", "renchong")),
        ("王行", ("wangxing", "wanghang")),
        ("陈 桂兰", ("陈桂兰", "chenguilan", "cgl")),
        ("阿卜杜·热西提", ("阿卜杜热西提",)),
    ],
)
def test_a_name_is_found_by_every_reading_of_its_characters(name: str, texts: tuple[str, ...]):
    assert [text for text in texts if clean(text) not in spelled(name)] == []


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        ("138-0013 8000", "13800138000"),
        ("+86 138–0013–8000", "13800138000"),
        ("\u202d13800138000\u202c", "13800138000"),
        ("021-62345678", "02162345678"),
        ("８０００", "8000"),
        ("王　芳", "王芳"),
        ("Lü Mei", "lvmei"),
        ("xi'an", "xian"),
        ("V－00001", "v00001"),
        ("%", "%"),
    ],
)
def test_a_search_text_is_read_as_it_was_meant(typed: str, sought: str):
    assert clean(typed) == sought
