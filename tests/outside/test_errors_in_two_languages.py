"""Every sentence that an error says is there in Chinese and in English."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import scheduler
import web
from scheduler import errors
from scheduler.errors import StaleWrite, YiduError
from scheduler.forms.form import InvalidFields, Mistake
from scheduler.localized import Bilingual
from scheduler.store.people import recipients
from tests.outside.street import Street

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for package in ("scheduler", "web") for path in (ROOT / package).rglob("*.py"))


def kinds_of(error: type[YiduError]) -> Iterator[str]:
    yield error.__name__
    for kind in error.__subclasses__():
        yield from kinds_of(kind)


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node


def words(node: ast.expr) -> str | None:
    """The fixed words of a text in the source, None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value for part in node.values if isinstance(part, ast.Constant))
    if isinstance(node, ast.BinOp):
        return (words(node.left) or "") + (words(node.right) or "")
    return None


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def in_one_language(said: ast.expr) -> bool:
    return words(said) is not None or (isinstance(said, ast.Call) and name_of(said) in ("_", "gettext", "str"))


def test_no_error_is_raised_with_a_text_in_one_language() -> None:
    for package in (scheduler, web):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(("read_child", "__main__")):
                importlib.import_module(module.name)
    kinds = set(kinds_of(YiduError)) - {"InvalidFields"}  # takes fields with what was expected, in both languages
    assert {"StaleWrite", "FileRefused"} <= kinds
    found = [f"{path.relative_to(ROOT)}:{call.lineno}" for path in SOURCES for call in calls(path)
             if name_of(call) in kinds and call.args and in_one_language(call.args[0])]  # fmt: skip
    assert found == []


@pytest.mark.parametrize("kind", sorted(set(kinds_of(errors.YiduError)) & vars(errors).keys()))
def test_an_error_cannot_be_made_of_a_text_in_one_language(kind: str) -> None:
    with pytest.raises(AttributeError):
        vars(errors)[kind]("only in English")


@pytest.mark.parametrize(("kind", "code"), [("volunteers", "V1"), ("recipients", "E1")])
def test_of_two_editors_the_later_one_is_told_in_the_language_of_the_page(street: Street, kind: str, code: str) -> None:
    street.bring({**street.people("V1"), **street.elders("E1")})
    person = street.volunteer("V1") if kind == "volunteers" else street.recipient("E1")
    browser = street.browser()
    path = f"/{kind}/{person.id}/edit"
    browser.get(path)
    fields = {"code": code, "name": "王芳", "grid_id": "长征镇", "kinds": "居民", "kind": "老人"}
    fields |= {"revision": person.revision}
    assert browser.post(path, fields)[0] == 200
    browser.get(path)
    status, page = browser.post(path, fields)
    assert status == 409
    assert "王芳的资料刚被别人修改：请重新打开后再改" in page
    assert "somebody" not in page


def test_a_stale_write_of_anything_names_it_in_both_languages(street: Street) -> None:
    street.bring(street.elders("E1"))
    elder = street.recipient("E1")
    recipients.save(street.store, elder)
    with pytest.raises(StaleWrite) as caught:
        recipients.save(street.store, elder)
    assert caught.value.said.zh == "这条服务对象刚被别人修改：请重新打开后再改"
    assert "changed by somebody else" in caught.value.said.en


def test_wrong_fields_are_told_in_both_languages() -> None:
    wrong = InvalidFields(
        [Mistake("phone", "12", Bilingual("电话", "a phone")), Mistake("name", "", Bilingual("文字", "a text"))]
    )
    assert wrong.said.zh == "phone: 填写的是“12”，应为电话；name: 没有填写，应为文字"
    assert wrong.said.en == "phone: found '12', expected a phone; name: is empty, expected a text"
