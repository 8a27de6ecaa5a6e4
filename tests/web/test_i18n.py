"""Every text in both languages."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from babel.messages import Message

from scheduler.model.people import PairState
from scheduler.model.plan import State
from scheduler.words import vocabulary
from tests.web.site import Site
from tests.world import NOW, add_visit
from web import i18n
from web.i18n import CATALOGUE, is_translated, key_of, read_catalogue, texts_in_use
from web.templating import day

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
HIDDEN = tuple(  # what a reader does not see: notes, statements, expressions, drawings, tags, attributes of blocks
    re.compile(pattern, re.S)
    for pattern in (r"\{#.*?#\}", r"\{\{.*?\}\}", r"\{%.*?%\}", r"<svg.*?</svg>", r"<[^>]*>", r'[\w-]+="[^"]*"')
)
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("i18n"))


def chinese_of(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return [message for message in read_catalogue() if message.id]


def test_every_text_is_in_the_catalogue(messages: list[Message]):
    translated = {key_of(message.id) for message in messages if is_translated(message)}
    assert texts_in_use().keys() - translated == set()


def test_no_text_stays_in_the_catalogue_that_nothing_uses(messages: list[Message]):
    assert {key_of(message.id) for message in messages} - texts_in_use().keys() == set()


def test_a_translation_keeps_the_placeholders_of_its_text(messages: list[Message]):
    wrong = [
        (message.id, chinese)
        for message in messages
        for chinese in chinese_of(message)
        if set(PLACEHOLDER.findall(chinese)) != set(PLACEHOLDER.findall(key_of(message.id)))
    ]
    assert wrong == []


def test_no_text_is_forgotten_in_english_within_the_chinese_catalogue(messages: list[Message]):
    product_names = {"Yidu", "English"}
    english = {key_of(m.id) for m in messages if not HAN.search(str(m.string))} - product_names
    assert [text for text in english if re.search(r"[A-Za-z]{3}", PLACEHOLDER.sub("", text))] == []


def test_updating_the_catalogue_changes_nothing_when_every_text_is_in_it(tmp_path: Path, monkeypatch):
    kept = CATALOGUE.read_bytes()
    monkeypatch.setattr(i18n, "CATALOGUE", tmp_path / "zh.po")
    i18n.CATALOGUE.write_bytes(kept)
    i18n.update_catalogue()
    assert i18n.CATALOGUE.read_bytes() == kept


def test_updating_the_catalogue_adds_what_is_missing_and_names_what_is_unused(
    tmp_path: Path, monkeypatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(i18n, "CATALOGUE", tmp_path / "zh.po")
    i18n.CATALOGUE.write_text('msgid "Nobody asks for this"\nmsgstr "没有人要"\n', "utf-8")
    i18n.update_catalogue()
    said = capsys.readouterr().out
    assert "nothing uses: Nobody asks for this" in said
    assert "to translate: Log in\n" in said
    assert {key_of(message.id) for message in read_catalogue() if message.id} == texts_in_use().keys()


@pytest.mark.parametrize(("language", "shown"), [("zh", "11月23日周一"), ("en", "Mon 23 Nov")])
def test_days_follow_the_language(site: Site, language: str, shown: str):
    with site.app.test_request_context("/", headers={"Cookie": f"lang={language}"}):
        assert day(date(2026, 11, 23)).replace(" ", "") == shown.replace(" ", "")


def test_templates_write_no_text_outside_the_catalogue():
    """Between tags of a staff template stand only signs, numbers and expressions."""
    found = []
    for path in Path("web/templates").rglob("*.html"):
        bare = path.read_text("utf-8")
        for hidden in HIDDEN:
            bare = hidden.sub(" ", bare)
        words = [word for word in re.findall(r"[A-Za-z]{4,}|[\u4e00-\u9fff]+", bare) if word not in {"志愿"}]
        found += [f"{path.name}: {word}" for word in words]
    assert found == []


def test_every_recorded_action_has_words():
    written = [path.read_text("utf-8") for folder in ("scheduler", "web") for path in Path(folder).rglob("*.py")]
    fixed = {name for text in written for name in re.findall(r'action="([a-z_.]+)"', text)}
    assert fixed - vocabulary("action").words.keys() == set()
    assert {f"assignment.{state}" for state in State} - vocabulary("action").words.keys() == set()
    pair_actions = {f"pair.{word}" for word in (*PairState, "pinned", "unpinned")}
    assert pair_actions - vocabulary("action").words.keys() == set()


TEXT_NODE = re.compile(r">\s*([^<>]*?)\s*<")


@pytest.mark.parametrize(("first", "then"), [("zh", "en"), ("en", "zh")])
def test_no_page_keeps_the_language_of_its_first_reader(tmp_path: Path, messages: list[Message], first: str, then: str):
    site = Site(tmp_path)
    with site.store() as store:
        visit = add_visit(store, NOW + timedelta(days=1), state=State.PROPOSED)
    texts = {
        "zh": {chinese for message in messages for chinese in chinese_of(message)},
        "en": {key_of(message.id) for message in messages},
    }
    switches = {"中文", "English", "管理员"}  # the last is the name of a person here
    wrong = {}
    for login, addresses in {
        "admin": ("/today", "/board/timeline", "/board/map", "/volunteers", "/plans/what-if", "/health", "/exchange",
                  f"/slots/{visit.slot_id}", "/account", "/surges"),
        "ann": ("/my/", "/my/free", "/my/data", f"/my/visits/{visit.id}", f"/my/visits/{visit.id}/why"),
    }.items():  # fmt: skip
        browser = site.client(login)
        for address in addresses:
            browser.set_cookie("lang", first)
            browser.get(address)
            browser.set_cookie("lang", then)
            shown = set(TEXT_NODE.findall(browser.get(address).text))
            if kept := shown & (texts[first] - texts[then] - switches):
                wrong[address] = kept
    assert wrong == {}
