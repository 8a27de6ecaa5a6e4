"""Chinese and English: which one a reader gets, and the catalogues behind `_()`.

Texts are written in English in the code; web/translations/<language>/*.po hold both languages, one file per part of
the site. They are read at start-up, so no compiled file can be out of date. `python -m web.i18n` adds new texts to
the catalogues (English filled in, Chinese left empty for you) and names those that nothing uses any more.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import cast

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.support import Translations
from flask import Flask, g, request
from flask_babel import Babel, Domain, get_locale

from scheduler.localtime import LOCAL
from web.context import settings

HERE = Path(__file__).parent
CATALOGUES = HERE / "translations"
LANGUAGES = ("zh", "en")
LANGUAGE_COOKIE = "lang"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "_l": None}
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
VOLUNTEER_PARTS = ("volunteer/", "templates/volunteer/", "api/", "templates/api/")


def chosen_language() -> str:
    """The reader's language: the cookie set by the language switch, the account's, the browser's, the first offered."""
    offered = settings().web.languages
    wished = request.cookies.get(LANGUAGE_COOKIE) or (g.account.locale if g.get("account") else "")
    if wished in offered:
        return wished
    return request.accept_languages.best_match(offered) or offered[0]


def catalogue_of(language: str) -> Catalog:
    """Every text of a language, the files of all parts merged."""
    merged = Catalog(locale=language)
    for path in sorted((CATALOGUES / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    merged[message.id] = message
    return merged


class Catalogues(Domain):
    """Flask-Babel's source of texts, read from the .po files."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: dict[str, Translations] = {}

    def get_translations(self) -> Translations:
        language = str(get_locale() or LANGUAGES[0])[:2]
        if language not in self._texts:
            compiled = BytesIO()
            write_mo(compiled, catalogue_of(language))
            compiled.seek(0)
            self._texts[language] = Translations(compiled)
        return self._texts[language]


def install(app: Flask) -> None:
    babel = Babel(app, default_locale="zh", default_timezone=LOCAL.key, locale_selector=chosen_language)
    catalogues = babel.domain_instance = Catalogues()

    def texts() -> Translations:
        """The reader's texts, looked up once a request: a page asks for some forty of them."""
        if "texts" not in g:
            g.texts = catalogues.get_translations()
        return cast(Translations, g.texts)

    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by jinja2.ext.i18n
        lambda text: texts().ugettext(text), lambda one, many, n: texts().ungettext(one, many, n), newstyle=True
    )
    app.jinja_env.globals["language"] = lambda: str(get_locale())[:2]


def texts_in_use() -> dict[str, tuple[str | tuple[str, ...], set[str]]]:
    """Every text that code or templates ask for: key → (message id, the files that use it)."""
    found: dict[str, tuple[str | tuple[str, ...], set[str]]] = {}
    options = {"**/templates/**.html": {"extensions": "jinja2.ext.do"}}
    for name, _line, message, _comments, _context in extract_from_dir(HERE, METHODS, options, KEYWORDS):
        key = message if isinstance(message, str) else message[0]
        found.setdefault(key, (message, set()))[1].add(name)
    return found


def update_catalogues() -> None:
    """Adds the texts in use that a catalogue lacks, removes those that nothing uses, prints what is to translate."""
    used = texts_in_use()
    for language in LANGUAGES:
        for part in ("messages", "volunteer"):
            path = CATALOGUES / language / f"{part}.po"
            catalogue = Catalog(locale=language)
            if path.exists():
                with path.open("rb") as file:
                    catalogue = read_po(file, locale=language)
            others = {key_of(m.id) for m in catalogue_of(language) if m.id} - {key_of(m.id) for m in catalogue if m.id}
            for key in [key_of(m.id) for m in catalogue if m.id and key_of(m.id) not in used]:
                catalogue.delete(key)
            for key, (message, files) in sorted(used.items()):
                is_volunteers = all(f.startswith(VOLUNTEER_PARTS) for f in files)
                if is_volunteers == (part == "volunteer") and key not in others and catalogue.get(key) is None:
                    catalogue.add(message, message if language == "en" else None)
            with path.open("wb") as file:
                write_po(file, catalogue, width=0, sort_output=True, no_location=True)
            for entry in catalogue:
                if entry.id and not (entry.string if isinstance(entry.string, str) else all(entry.string or ("",))):
                    print(f"{path.relative_to(HERE)}: {key_of(entry.id)}")


def key_of(message_id: str | Sequence[str]) -> str:
    """The singular form, by which a text is known."""
    return message_id if isinstance(message_id, str) else message_id[0]


if __name__ == "__main__":
    update_catalogues()
