"""Chinese and English: which one a reader gets, and the catalogue behind `_()`.

Texts are written in English in the code, and that is what an English reader gets; web/translations/zh.po says each of
them in Chinese. It is read at start-up, so no compiled file can be out of date. `python -m web.i18n` adds new texts to
it (the Chinese left empty for you) and removes those that nothing uses any more.
"""

from io import BytesIO
from pathlib import Path
from typing import cast

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, request
from flask_babel import Babel, Domain, get_locale

from scheduler.localtime import LOCAL
from web.context import settings

HERE = Path(__file__).parent
CATALOGUE = HERE / "translations" / "zh.po"
HEADER = 'msgid ""\nmsgstr "Language: zh\\nContent-Type: text/plain; charset=utf-8\\n"\n\n'
LANGUAGE_COOKIE = "lang"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "_l": None}
MessageId = str | tuple[str, ...] | list[str]  # a text, or its singular and its plural
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]


def chosen_language() -> str:
    """The reader's language: the cookie set by the language switch, the account's, the browser's, the first offered."""
    offered = settings().web.languages
    wished = request.cookies.get(LANGUAGE_COOKIE) or (g.account.locale if g.get("account") else "")
    if wished in offered:
        return wished
    return request.accept_languages.best_match(offered) or offered[0]


def read_catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh")


def write_catalogue(catalogue: Catalog) -> None:
    with CATALOGUE.open("wb") as file:
        file.write(HEADER.encode())
        write_po(file, catalogue, width=0, sort_output=True, no_location=True, omit_header=True)


class Texts(Domain):
    """Flask-Babel's source of texts: the catalogue for Chinese, the texts themselves for English."""

    def __init__(self) -> None:
        super().__init__()
        compiled = BytesIO()
        write_mo(compiled, read_catalogue())
        compiled.seek(0)
        self._chinese, self._english = Translations(compiled), NullTranslations()

    def get_translations(self) -> NullTranslations:
        return self._english if str(get_locale()).startswith("en") else self._chinese


def install(app: Flask) -> None:
    babel = Babel(app, default_locale="zh", default_timezone=LOCAL.key, locale_selector=chosen_language)
    texts_of = babel.domain_instance = Texts()

    def texts() -> NullTranslations:
        """The reader's texts, looked up once a request: a page asks for some forty of them."""
        if "texts" not in g:
            g.texts = texts_of.get_translations()
        return cast(NullTranslations, g.texts)

    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by jinja2.ext.i18n
        lambda text: texts().ugettext(text), lambda one, many, n: texts().ungettext(one, many, n), newstyle=True
    )
    app.jinja_env.globals["language"] = lambda: str(get_locale())[:2]


def texts_in_use() -> dict[str, MessageId]:
    """Every text that code or templates ask for, by its singular form."""
    options = {"**/templates/**.html": {"extensions": "jinja2.ext.do"}}
    found = (message for _file, _line, message, *_ in extract_from_dir(HERE, METHODS, options, KEYWORDS))
    return {key_of(message): message for message in found}


def update_catalogue() -> None:
    """Adds the texts in use that the catalogue lacks, removes those that nothing uses, prints both."""
    used, catalogue = texts_in_use(), read_catalogue()
    for message in [message for message in catalogue if message.id and key_of(message.id) not in used]:
        catalogue.delete(message.id)
        print(f"nothing uses: {key_of(message.id)}")
    for text in used.values():
        if text not in catalogue:
            catalogue.add(text)
    for message in catalogue:
        if message.id and not is_translated(message):
            print(f"to translate: {key_of(message.id)}")
    write_catalogue(catalogue)


def is_translated(message: Message) -> bool:
    return all(message.string or ("",))


def key_of(message_id: MessageId) -> str:
    """The singular form, by which a text is known."""
    return message_id if isinstance(message_id, str) else message_id[0]


if __name__ == "__main__":
    update_catalogue()
