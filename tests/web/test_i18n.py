"""Every text in both languages."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from scheduler.model.people import PairState
from scheduler.model.plan import State
from tests.web.site import Site
from tests.world import NOW, add_visit
from web.i18n import CATALOGUES, LANGUAGES, catalogue_of, key_of, texts_in_use
from web.templating import day
from web.words import WORDS

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
HIDDEN = tuple(  # what a reader does not see: notes, statements, expressions, drawings, tags, attributes of blocks
    re.compile(pattern, re.S)
    for pattern in (r"\{#.*?#\}", r"\{\{.*?\}\}", r"\{%.*?%\}", r"<svg.*?</svg>", r"<[^>]*>", r'[\w-]+="[^"]*"')
)
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("i18n"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_in_the_catalogue(language: str):
    known = {key_of(m.id): m.string for m in catalogue_of(language) if m.id}
    missing = [text for text in texts_in_use() if not known.get(text)]
    assert missing == []


def test_a_translation_keeps_the_placeholders_of_its_text():
    wrong = []
    for language in LANGUAGES:
        for message in catalogue_of(language):
            strings = (message.string,) if isinstance(message.string, str) else message.string
            for string in strings if message.id else ():
                if set(PLACEHOLDER.findall(string)) != set(PLACEHOLDER.findall(key_of(message.id))):
                    wrong.append((language, message.id, string))
    assert wrong == []


def test_no_text_is_forgotten_in_english_within_the_chinese_catalogue():
    product_names = {"Yidu", "English"}
    english = [m.id for m in catalogue_of("zh") if m.id and not HAN.search(str(m.string)) and m.id not in product_names]
    assert [text for text in english if re.search(r"[A-Za-z]{3}", PLACEHOLDER.sub("", key_of(text)))] == []


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


def test_no_text_is_translated_twice():
    for language in LANGUAGES:
        texts: dict[str, str] = {}
        for path in sorted((CATALOGUES / language).glob("*.po")):
            with path.open("rb") as file:
                for message in read_po(file, locale=language):
                    if message.id:
                        key = key_of(message.id)
                        assert key not in texts, f"{key!r} stands in {texts[key]} and in {path.name}"
                        texts[key] = path.name


def test_every_recorded_action_has_words():
    written = [path.read_text("utf-8") for folder in ("scheduler", "web") for path in Path(folder).rglob("*.py")]
    fixed = {name for text in written for name in re.findall(r'action="([a-z_.]+)"', text)}
    assert fixed - set(WORDS["action"]) == set()
    assert {f"assignment.{state}" for state in State} - set(WORDS["action"]) == set()
    pair_actions = {f"pair.{word}" for word in (*PairState, "pinned", "unpinned")}
    assert pair_actions - set(WORDS["action"]) == set()


TEXT_NODE = re.compile(r">\s*([^<>]*?)\s*<")


@pytest.mark.parametrize(("first", "then"), [("zh", "en"), ("en", "zh")])
def test_no_page_keeps_the_language_of_its_first_reader(tmp_path: Path, first: str, then: str):
    site = Site(tmp_path)
    with site.store() as store:
        visit = add_visit(store, NOW + timedelta(days=1), state=State.PROPOSED)
    foreign = {str(m.string) for m in catalogue_of(first) if m.id and isinstance(m.string, str)}
    own = {str(m.string) for m in catalogue_of(then) if m.id and isinstance(m.string, str)}
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
            if kept := shown & (foreign - own - switches):
                wrong[address] = kept
    assert wrong == {}
