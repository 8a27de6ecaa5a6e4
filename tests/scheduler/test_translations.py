"""Every sentence that the code says, it says in both languages, with the same values in both."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from babel.messages.pofile import read_po

from scheduler.exchange.findings import CellError, Shown
from scheduler.localized import Bilingual, Listing, LocalizedText, Moment, Word
from scheduler.messages.texts import TEXTS
from scheduler.model.plan import State
from scheduler.rules.eligibility import Reason
from scheduler.translations import CATALOGUE, chinese
from scheduler.translations.__main__ import sentences
from scheduler.words import vocabulary
from solver.model.check import RULES
from tests.world import NOW

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for package in ("scheduler", "web") for path in (ROOT / package).rglob("*.py"))
HAN = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
SPOKEN_OF_DATA = {  # files with Chinese in their code, and why it is no sentence of ours
    "availability/free_time_text.py": "each language puts a week together in its own order",
    "demo/load.py": "the made-up district",
    "demo/names.py": "the made-up district",
    "demo/places.py": "the made-up district",
    "exchange/read_child.py": "a cell that holds yes or no, as a person would type it",
    "exchange/tables.py": "how spreadsheets name a sheet that nobody named",
    "exchange/workbook.py": "names of sheets in the Chinese workbook",
    "forms/fields.py": "units and words that people type",
    "forms/month_days.py": "the many ways to type a day of the month",
    "forms/references.py": "how names of places end",
    "forms/sheets.py": "names of sheets in the Chinese workbook",
    "forms/time_fields.py": "the many ways to type a day or a time",
    "messages/groups.py": "the name that a message bears as its title",
    "messages/mail.py": "the name that a message bears as its title",
    "model/people.py": "stands for a value that cannot be read, in both languages at once",
    "model/phone_numbers.py": "what people type around a number",
    "model/reading_rights.py": "surnames of two characters, and titles",
    "needs/catalogue.py": "the name of the district",
    "needs/need_form.py": "units that people type",
    "people/person_form.py": "units that people type",
    "people/privacy.py": "how names of streets end",
    "store/queries/paging.py": "surnames that are sorted by another reading",
    "words.py": "letters that look alike",
}


def calls(path: Path, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def at(path: Path, node: ast.expr) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def test_the_catalogue_holds_exactly_what_the_code_says() -> None:
    assert "a visit that is open and has not begun" in sentences()
    assert set(TEXTS.values()) <= sentences()
    assert sentences() - chinese().keys() == set(), "run python -m scheduler.translations and fill in the Chinese"
    assert chinese().keys() - sentences() == set(), "run python -m scheduler.translations: nothing says these"


def test_no_translation_waits_for_somebody_to_look_at_it() -> None:
    with CATALOGUE.open("rb") as file:
        assert [message.id for message in read_po(file, locale="zh") if message.id and message.fuzzy] == []


def test_both_languages_hold_the_same_values() -> None:
    for said, zh in chinese().items():
        assert set(PLACEHOLDER.findall(said)) == set(PLACEHOLDER.findall(zh)), said
        assert said.count("%") == len(PLACEHOLDER.findall(said)) + 2 * said.count("%%"), said
        assert zh.count("%") == len(PLACEHOLDER.findall(zh)) + 2 * zh.count("%%"), zh


def test_the_code_says_english_and_the_catalogue_chinese() -> None:
    assert [said for said in chinese() if HAN.search(said)] == []
    assert [said for said, zh in chinese().items() if re.search(r"[a-z]{3}", PLACEHOLDER.sub("", said))
            and not HAN.search(PLACEHOLDER.sub("", zh))] == []  # fmt: skip


def test_a_sentence_gets_the_values_that_it_names() -> None:
    wrong = []
    for path in SOURCES:
        for call in calls(path, "LocalizedText", "Refused"):
            if not isinstance(call.args[0], ast.Constant):
                continue
            said, given = str(call.args[0].value), {keyword.arg for keyword in call.keywords}
            if set(PLACEHOLDER.findall(said)) != given and None not in given:
                wrong.append(at(path, call))
    assert wrong == []


def test_a_sentence_is_written_where_it_is_said() -> None:
    """A sentence made of pieces is in no catalogue."""
    kept_elsewhere = {"scheduler/exchange/reading.py", "scheduler/messages/texts.py"}  # from the child; TEXTS
    sources = [path for path in SOURCES if str(path.relative_to(ROOT)) not in kept_elsewhere]
    wrong = [call for path in sources for call in calls(path, "LocalizedText", "Refused", "msgid")
             if not isinstance(call.args[0], ast.Constant)]  # fmt: skip
    assert [ast.unparse(call) for call in wrong] == []


def test_no_sentence_is_left_in_one_language() -> None:
    found = set()
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
        documents = {n.body[0].value for n in ast.walk(tree) if isinstance(n, documented) and ast.get_docstring(n)}
        texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node not in documents]
        if path.is_relative_to(ROOT / "scheduler") and any(HAN.search(str(text.value)) for text in texts):
            found.add(str(path.relative_to(ROOT / "scheduler")))
    assert found == set(SPOKEN_OF_DATA), "into the catalogue with it, or say above why it is data"


GROUPS = yaml.safe_load(Path("scheduler/data/words.yaml").read_text("utf-8"))


@pytest.mark.parametrize("group", GROUPS)
def test_words_are_there_in_both_languages(group: str) -> None:
    for value, (zh, en, *_) in vocabulary(group).words.items():
        assert (bool(HAN.search(zh)), bool(HAN.search(en))) == (True, False), value


def test_every_group_of_words_is_said_somewhere() -> None:
    sources = [*SOURCES, *(ROOT / "web" / "templates").rglob("*.html")]
    said = set(re.findall(r"""["'](\w+)["']""", "".join(path.read_text("utf-8") for path in sources)))
    assert GROUPS.keys() - said == set()


def test_every_code_that_is_said_has_a_word() -> None:
    assert {rule.__name__ for rule in RULES} == vocabulary("rules").words.keys()
    assert set(Reason) <= vocabulary("reasons").words.keys()
    assert set(State) <= vocabulary("assignment_states").words.keys()


def test_a_sentence_is_put_into_words_for_its_reader() -> None:
    said = LocalizedText(
        "the records differ in %(title)s (%(words)s): make them agree first",
        title=Bilingual("性别", "gender"),
        words=[Word("genders", "female"), Word("genders", "male")],
    )
    assert said.to("en") == "the records differ in gender (female, male): make them agree first"
    assert said.to("zh-Hans") == "两条记录的“性别”不同(女、男)：请先改成一致，再合并"


def test_moments_and_lists_are_read_in_the_readers_language() -> None:
    assert (Moment(NOW).zh, Moment(NOW).en) == ("11月23日 周一 10:00", "Mon 23 Nov 10:00")
    assert (Listing(("a", "b"), "；", "; ").zh, Listing(("a", "b"), "；", "; ").en) == ("a；b", "a; b")


def test_a_value_is_never_read_as_a_sentence() -> None:
    assert LocalizedText("login '%(login)s' is taken: choose another one", login="100 %(x)s").en.startswith(
        "login '100 %(x)s' is taken"
    )


def test_a_dry_run_is_stored_with_both_texts() -> None:
    """The sentence may be worded otherwise when somebody reads it."""
    error = CellError("志愿者", 2, "电话", LocalizedText("an error value"), LocalizedText("yes or no"))
    kept = Shown.from_json(Shown("week.xlsx", "", {}, [error], 1, [], [], 0, changes_anything=False).to_json())
    assert kept.errors[0].expected == Bilingual("是 或 否", "yes or no")
    assert kept.sentences("zh") == ["工作表“志愿者”第2行“电话”列：填写的是“错误值”，应为是 或 否"]
    assert kept.sentences("en") == ["sheet '志愿者', row 2, column '电话': found 'an error value', expected yes or no"]
