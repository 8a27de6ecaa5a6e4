"""What every template may use: dates and numbers in the reader's language, words for codes, rights."""

import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.dates import get_day_names
from flask import Flask, g, request, url_for
from flask_babel import format_date, format_datetime, format_decimal, format_percent, get_locale
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

from scheduler.forms.month_days import month_days_said
from scheduler.localtime import LOCAL, local_date
from scheduler.model.reading_rights import masked_name, masked_phone
from scheduler.rules.workdays import WORKDAY
from web import sentences, words
from web.context import is_practice_copy, now, settings
from web.security import can, reader

INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


def clock(moment_at: datetime | None) -> str:
    """Local "14:05"; a dash where there is no moment."""
    return moment_at.astimezone(LOCAL).strftime("%H:%M") if moment_at else "–"


def day(value: date | datetime | None, style: str = "short") -> str:
    """A day with its weekday in the reader's language: "11月23日 周一", "Mon 23 Nov".

    Style "long" adds the year, "bare" leaves the weekday out.
    """
    if value is None:
        return "–"
    local = local_date(value) if isinstance(value, datetime) else value
    patterns = {
        "zh": {"bare": "M月d日", "short": "M月d日 EEE", "long": "y年M月d日 EEEE"},
        "en": {"bare": "d MMM", "short": "EEE d MMM", "long": "EEEE d MMMM y"},
    }
    return str(format_date(local, patterns[words.language()][style]))


def moment(value: datetime | None) -> str:
    """Day and clock: "11月23日 周一 14:05"."""
    return f"{day(value)} {clock(value)}" if value else "–"


def weekday(value: date) -> str:
    return str(format_date(value, "EEE"))


def percent(value: float | None) -> str:
    return str(format_percent(value, "0.0%")) if value is not None else "–"


def number(value: float | None) -> str:
    return str(format_decimal(value)) if value is not None else "–"


def with_args(**changes: Any) -> str:
    """This page's address with some query values changed; None removes one."""
    args = {**request.args.to_dict(), **changes}
    query = urlencode({name: value for name, value in args.items() if value not in (None, "")})
    return url_for(request.endpoint or "", **(request.view_args or {})) + (f"?{query}" if query else "")


def place_name(row: Any) -> str:
    """Whom a visit is for, as far as the reader may know: auditors read only surname and title of a person."""
    kind = str(getattr(row, "recipient_kind", "") or getattr(row, "kind", ""))
    return reader().recipient_name(row.name, row.gender, kind, words.language()) if g.account else str(row.name)


def weekday_names(numbers: Iterable[int]) -> str:
    """Weekdays (1 = Monday; see scheduler/rules/workdays.py) in the reader's language, in order."""
    names = get_day_names("abbreviated", locale=get_locale())
    said = (_("working days") if n == WORKDAY else names[n - 1] for n in sorted(numbers))
    return ("、" if words.language() == "zh" else ", ").join(said)


def for_this_reader(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as a filter that is asked anew for each reader.

    Jinja works out a filter of a constant once, while it compiles a template: in the language of its first reader.
    A filter that takes the context is left alone.
    """

    @pass_context
    def asked_anew(_context: Context, *values: Any) -> Any:
        return function(*values)

    return asked_anew


class Unindented(Extension):
    """Leaves the indentation of templates in their files: it is for who reads them, and phones need not fetch it."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return super().preprocess(INDENTATION.sub("", source), name, filename)


def install(app: Flask) -> None:
    env = app.jinja_env
    env.trim_blocks = True
    env.add_extension("jinja2.ext.do")
    env.add_extension(Unindented)
    for name, function in (
        ("clock", clock),
        ("day", day),
        ("moment", moment),
        ("day_text", lambda text: day(date.fromisoformat(text))),
        ("weekday", weekday),
        ("percent", percent),
        ("number", number),
        ("phone", masked_phone),
        ("word", words.word),
        ("who", words.who),
        ("why", words.why),
        ("pair_word", lambda code, kind: (code, words.word(code, kind))),
        ("service_pair", lambda service: (service.code, words.service_name(service))),
        ("area_pair", lambda area: (area.id, area.name)),
        ("scenario_name", sentences.scenario_name),
        ("found_of", sentences.found_of),
        ("proof_in_words", sentences.proof_in_words),
        ("change_sentence", sentences.change_sentence),
        ("easing_sentence", sentences.easing_sentence),
        ("need_title", sentences.need_title),
        ("pair_reason", sentences.pair_reason),
        ("import_counts", sentences.import_counts),
        ("place_name", place_name),
        ("weekdays", weekday_names),
        ("month_days", lambda codes: month_days_said(codes).to(words.language())),
        ("why_sentence", sentences.why_sentence),
        ("of_figure", lambda week, figure: figure.of(week)),
        ("format_datetime", format_datetime),
    ):
        env.filters[name] = for_this_reader(function)
    env.filters["masked"] = lambda person: masked_name(person.name, person.gender, words.language())
    env.globals["weekday_choices"] = lambda: [(str(n), weekday_names([n])) for n in (*range(1, 8), WORKDAY)]
    env.globals["views"] = app.view_functions
    env.globals["asset_version"] = _asset_version(app)
    env.globals.update(
        can=can,
        now=now,
        settings=settings,
        with_args=with_args,
        theme=theme,
        is_practice_copy=is_practice_copy,
        service_name=words.service_name,
        url_for=address,
    )


@lru_cache(maxsize=10_000)
def address(endpoint: str, **values: Any) -> str:
    """Flask's url_for for templates, worked out once for each address: a page names some forty."""
    return url_for(endpoint, **values)


def theme() -> str:
    """ "light", "dark" or "" (as the device says)."""
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in ("light", "dark") else ""


def _asset_version(app: Flask) -> str:
    """Changes with every change of our own assets, so browsers fetch them anew."""
    own = sorted(path for path in Path(app.static_folder or "").glob("*.*"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in own)).hexdigest()[:8]
