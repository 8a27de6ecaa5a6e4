"""What people write into fields, and what is said when it cannot be read."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.errors import Unfit
from scheduler.forms.fields import Degrees, ManyOf, Name, OneOf, Phone, Team, Text, Trainings, Whole, YesNo
from scheduler.forms.time_fields import Clock, Day, Month, Spans, Weekdays
from scheduler.model.phone_numbers import first_number
from scheduler.model.services import TeamRule
from scheduler.words import Vocabulary, plain_signs, vocabulary

TAGS = vocabulary("tags")
CLOCKS = st.builds(lambda m: f"{m // 60:02d}:{m % 60:02d}", st.integers(0, 1440))
SPANS = st.tuples(CLOCKS, CLOCKS).filter(lambda s: s[0] < s[1])


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (Day(), "2026-11-23", date(2026, 11, 23)),
        (Day(), "2026年11月3日", date(2026, 11, 3)),
        (Day(), "２０２６/１１/３", date(2026, 11, 3)),
        (Day(), "2026.1.5", date(2026, 1, 5)),
        (Day(), "20261123", date(2026, 11, 23)),
        (Day(), "2026-11-23 00:00:00", date(2026, 11, 23)),
        (Month(), "1958-03", "1958-03"),
        (Month(), "1958年3月", "1958-03"),
        (Month(), "195803", "1958-03"),
        (Month(), "1958-03-12", "1958-03"),
        (Clock(), "9:05", "09:05"),
        (Clock(), "１４：３０", "14:30"),
        (Clock(), "14点30分", "14:30"),
        (Clock(), "14点半", "14:30"),
        (Clock(), "9时", "09:00"),
        (Clock(), "24:00", "24:00"),
        (Clock(), "14:30:00", "14:30"),
        (Weekdays(), "周一、周三", (1, 3)),
        (Weekdays(), "一三五", (1, 3, 5)),
        (Weekdays(), "星期一至星期五", (1, 2, 3, 4, 5)),
        (Weekdays(), "1-5", (1, 2, 3, 4, 5)),
        (Weekdays(), "周六,周日", (6, 7)),
        (Weekdays(), "周末", (6, 7)),
        (Weekdays(), "每天", (1, 2, 3, 4, 5, 6, 7)),
        (Weekdays(), "Mon-Wed, Friday", (1, 2, 3, 5)),
        (Weekdays(), "周日、周一", (1, 7)),
        (Spans(), "12:00-14:00、20:00～24:00", (("12:00", "14:00"), ("20:00", "24:00"))),
        (Phone(), "１３８ 0013-8000", "13800138000"),
        (Phone(), "+86 13800138000", "13800138000"),
        (Phone(), "021-62345678", "02162345678"),
        (Whole(1, 5), "3.0", 3),
        (Degrees(30, 32), "31.2384", 31.2384),
        (YesNo(), "是", True),
        (YesNo(), "×", False),
        (OneOf(vocabulary("genders")), "女性", "female"),
        (OneOf(vocabulary("genders")), "MALE", "male"),
        (ManyOf(TAGS), "陪伴聊天，急救证", frozenset({"companion", "first_aid"})),
        (ManyOf(TAGS, collect=tuple), "急救证、陪伴聊天、急救", ("first_aid", "companion")),
        (Trainings(TAGS), "急救证 2027-05-01、陪诊", {"first_aid": date(2027, 5, 1), "escort": None}),
        (Trainings(TAGS), "健康证(2027/5/1)", {"food_health_cert": date(2027, 5, 1)}),
        (Team(TAGS), "党员1、骑手×2", (TeamRule("party_member", 1), TeamRule("courier", 2))),
        (Text(10), " 王\u3000秀英 ", "王 秀英"),
        (Text(10), "A\u200b座—\u202d801\u202c", "A座—801"),
        (Name(10), " 王\u3000 芳 ", "王芳"),
        (Name(20), "阿卜杜•热西提", "阿卜杜·热西提"),
        (Name(20), "Jean\u00a0 Dupont", "Jean Dupont"),
        (Name(20), "上海 ABC 公司", "上海 ABC 公司"),
        (Day(), "2026年12月5日（周六）", date(2026, 12, 5)),
        (Day(), "2026/12/5 星期六", date(2026, 12, 5)),
        (Day(), "2026\u201112\u201105 Sat", date(2026, 12, 5)),
        (Day(), "2026。12。5", date(2026, 12, 5)),
        (Day(), "2026-11-23T00:00:00Z", date(2026, 11, 23)),
        (Month(), "1954.5", "1954-05"),
        (Month(), "1954年5月", "1954-05"),
        (Month(), "1954－05", "1954-05"),
        (Month(), "1954/5/7 0:00:00", "1954-05"),
        (Month(), "1954.10", "1954-10"),
        (Month(), "198501", "1985-01"),
        (Month(), "19540507", "1954-05"),
        (Clock(), "下午2:00", "14:00"),
        (Clock(), "下午2点半", "14:30"),
        (Clock(), "下午14:00", "14:00"),
        (Clock(), "中午12点", "12:00"),
        (Clock(), "上午 9点", "09:00"),
        (Clock(), "晚上8:30", "20:30"),
        (Clock(), "晚上12点", "24:00"),
        (Clock(), "凌晨12:30", "00:30"),
        (Clock(), "2:30 PM", "14:30"),
        (Clock(), "12:15 a.m.", "00:15"),
        (Clock(), "14∶30", "14:30"),
        (Weekdays(), "周一—周五", (1, 2, 3, 4, 5)),
        (Weekdays(), "周一――周五", (1, 2, 3, 4, 5)),
        (Weekdays(), "周一〜五", (1, 2, 3, 4, 5)),
        (Weekdays(), "周五至周一", (1, 5, 6, 7)),
        (Weekdays(), "Sat to Tue", (1, 2, 6, 7)),
        (Weekdays(), "双休日", (6, 7)),
        (Weekdays(), "工作日和周六", (6, 8)),
        (Weekdays(), "每周一、三", (1, 3)),
        (Weekdays(), "天天", (1, 2, 3, 4, 5, 6, 7)),
        *((Spans(), f"12:00{mark}14:00", (("12:00", "14:00"),)) for mark in "-‐‑‒–—―−﹘－〜～~∼至到"),
        (Spans(), "下午2点-4点半", (("14:00", "16:30"),)),
        (Spans(), "上午9点到下午2点", (("09:00", "14:00"),)),
        (Spans(), "2:00–4:00 pm", (("14:00", "16:00"),)),
        (Phone(), "\u202d13800138000\u202c", "13800138000"),
        (Phone(), "\ufeff138\u00ad00138000", "13800138000"),
        *((Phone(), f"138{mark}0013{mark}8000", "13800138000") for mark in "‐‑‒–—―−﹘－.·•\u00a0\u3000"),
        *(
            (Phone(), f"{code}13800138000", "13800138000")
            for code in ("86 ", "86", "0086", "(+86)", "+86-", "＋８６ ", "0")
        ),
        (Phone(), "+86 21 6234 5678", "02162345678"),
        (Phone(), "86-021-62345678", "02162345678"),
        (Phone(), "13800138000.0", "13800138000"),
        (Phone(), "400-820-8820", "4008208820"),
        (Phone(), "电话：13800138000", "13800138000"),
        (Phone(), "Tel. 021-62345678、", "02162345678"),
        (Day(), "2026/12/5 (六)", date(2026, 12, 5)),
        (Weekdays(), "周五到下周一", (1, 5, 6, 7)),
        (ManyOf(TAGS), "陪伴\u3000聊天、急\u200b救证", frozenset({"companion", "first_aid"})),
        (Trainings(TAGS), "急救证（有效期至2027年5月1日）", {"first_aid": date(2027, 5, 1)}),
    ],
)
def test_what_people_write_is_understood(field, text, value):
    assert field.read(text) == value


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        (Day(), "2026-02-30", "2026-11-23"),
        (Day(), "下周二", "2026-11-23"),
        (Day(), "46349", "2026-11-23"),
        (Day(), "46349", "可能是2026-11-23"),
        (Day(), "12.5", "带年份"),
        (Day(), "12月5日", "带年份"),
        (Day(), "2026年12月5日（周五）", "2026-12-05 是周六"),
        (Month(), "1958-13", "1958-03"),
        (Month(), "19851", "可能是1954-05-07"),
        (Month(), "19207.0", "可能是1952-08-01"),
        (Month(), "1954.1", "1954-01 或 1954-10"),
        (Month(), "1958112", "1958-03"),
        (Month(), "1958", "1958-03"),
        (Clock(), "25:00", "14:30"),
        (Clock(), "24:01", "14:30"),
        (Clock(), "9:60", "14:30"),
        (Clock(), "下午", "14:30"),
        (Clock(), "上午14:00", "14:30"),
        (Clock(), "晚上3点", "14:30"),
        (Clock(), "12.5", "14:30"),
        (Spans(), "、", "12:00-14:00"),
        (Weekdays(), "周八", "周一至周五"),
        (Spans(), "14:00-12:00", "12:00-14:00"),
        (Spans(), "14:00", "12:00-14:00"),
        (Phone(), "1380013800", "11位手机号"),
        (Phone(), "12800138000", "11位手机号"),
        (Phone(), "6234567 8901", "11位手机号"),
        (Phone(), "62345678转801", "写在备注里"),
        (Phone(), "13800138000、13900139000", "写在备注里"),
        (Whole(1, 5), "6", "1到5的整数"),
        (Whole(1, 5), "三", "1到5的整数"),
        (Whole(0, 5), "-1", "0到5的整数"),
        (Degrees(30, 32), "121.4", "经纬度不要填反"),
        (Degrees(30, 32), "nan", "经纬度不要填反"),
        (YesNo(), "也许", "是 或 否"),
        (OneOf(vocabulary("genders")), "妇", "女、男"),
        (ManyOf(TAGS), "陪伴聊天、唱歌", "顿号"),
        (Trainings(TAGS), "急救证 明年", "急救证 2027-05-01"),
        (Team(TAGS), "党员0", "党员1、骑手1"),
        (Text(3), "四个字呢", "最多3个字"),
        (Text(9), "一\x07二", "控制字符"),
    ],
)
def test_what_cannot_be_read_names_what_was_expected(field, text, expected):
    with pytest.raises(Unfit) as caught:
        field.read(text)
    assert expected in caught.value.expected.zh
    assert caught.value.expected.en


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("62345678转801", "62345678"),
        ("021-62345678-801", "02162345678"),
        ("021–62345678 ext. 801", "02162345678"),
        ("62345678（分机801）", "62345678"),
        ("13800138000、13900139000", "13800138000"),
        ("13800138000/021-62345678", "13800138000"),
        ("138 0013 8000 139 0013 9000", "13800138000"),
        ("13800138000（女儿）", "13800138000"),
        ("13800138000 或 62345678转801", "13800138000"),
    ],
)
def test_of_a_cell_that_says_more_than_a_number_the_first_number_is_taken_and_nothing_is_lost(text, number):
    found, whole = first_number(text)
    assert found == number
    assert whole == plain_signs(text)


@pytest.mark.parametrize("text", ["13800138000", "021-62345678", "+86 138 0013 8000"])
def test_of_a_cell_with_one_number_nothing_is_left_over(text):
    assert first_number(text)[1] == ""


@pytest.mark.parametrize("text", ["6234567 8901", "1380013 8000 1", "13800138000、1390013", "转801", "女儿"])
def test_digits_that_are_no_number_are_never_left_out(text):
    assert first_number(text)[0] == ""


WRITTEN = [
    (Day(), st.dates(date(1900, 1, 1), date(2199, 12, 31))),
    (Clock(), CLOCKS),
    (Weekdays(), st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days)))),
    (Spans(), st.sets(SPANS, min_size=1, max_size=4).map(lambda spans: tuple(sorted(spans)))),
    (Whole(0, 999), st.integers(0, 999)),
    (Degrees(30, 32), st.floats(30, 32)),
    (YesNo(), st.booleans()),
    (OneOf(vocabulary("risk_tiers")), st.sampled_from(["high", "key", "general"])),
    (ManyOf(TAGS), st.sets(st.sampled_from(sorted(TAGS.words)), min_size=1).map(frozenset)),
    (
        Trainings(TAGS),
        st.dictionaries(
            st.sampled_from(sorted(TAGS.words)),
            st.none() | st.dates(date(1900, 1, 1), date(2199, 12, 31)),
            min_size=1,
        ),
    ),
    (
        Team(TAGS),
        st.lists(
            st.builds(TeamRule, st.sampled_from(sorted(TAGS.words)), st.integers(1, 99)), min_size=1, max_size=3
        ).map(tuple),
    ),
]


@given(st.data())
def test_what_a_field_writes_it_reads_back(data):
    field, values = data.draw(st.sampled_from(WRITTEN))
    value = data.draw(values)
    assert field.read(field.write(value)) == value


@given(st.text(max_size=20))
def test_no_text_breaks_a_field(text):
    for field in (*(field for field, _ in WRITTEN), Month(), Phone(), Text(5)):
        with contextlib.suppress(Unfit):
            field.read(text)


@pytest.mark.parametrize("group", ["kinds", "genders", "transports", "recipient_kinds", "tags", "languages"])
def test_every_word_is_unique_in_its_group(group):
    words: Vocabulary = vocabulary(group)
    for value in words.words:
        assert words.value(words.word(value, "zh")) == value
        assert words.value(words.word(value, "en")) == value
