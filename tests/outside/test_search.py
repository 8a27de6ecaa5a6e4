"""The search boxes of the pages find people as they are called and as their numbers are written."""

import urllib.parse

from tests.outside.street import Street


def test_surnames_are_found_by_their_own_reading_and_by_initials(street: Street) -> None:
    names = {
        "shan": "单小芳",
        "zgq": "曾国强",
        "qiu": "仇英",
        "xie": "解晓东",
        "piao": "朴智星",
        "yuchi": "尉迟恭",
        "lumei": "吕梅",
    }
    person = {"类别": "居民", "所在居委或楼宇": "长征镇"}
    street.bring({"志愿者": [{"编号": f"V{n}", "姓名": name, **person} for n, name in enumerate(names.values())]})
    browser = street.browser()
    for text, name in names.items():
        page = browser.get(f"/volunteers?text={text}")[1]
        assert name in page, text
        assert [other for other in names.values() if other in page] == [name], text


def test_a_whole_phone_is_found_however_it_is_typed(street: Street) -> None:
    street.bring(street.people("V1", "V2"))
    browser = street.browser()
    for text in ("138-0000-0001", "138 0000 0001", "+86 13800000001", "138–0000–0001", "\u202d13800000001\u202c"):
        page = browser.get(f"/volunteers?text={urllib.parse.quote(text)}")[1]
        assert "志愿者V1" in page, ascii(text)
        assert "志愿者V2" not in page, ascii(text)


def test_a_padded_name_and_a_code_in_any_spelling_find_the_person(street: Street) -> None:
    street.bring({"服务对象": [{"编号": "E-7", "姓名": "王芳", "类别": "老人", "所在居委或楼宇": "长征镇"}]})
    browser = street.browser()
    for text in ("王　芳", "王 芳", "ｅ－7", "e‑7", "Wang Fang"):
        assert "王芳" in browser.get(f"/recipients?text={urllib.parse.quote(text)}")[1], text
