"""How are we doing: the figures of the last weeks, on a page, on paper and as a workbook."""

from typing import Any

from flask import Blueprint, Response, render_template

from scheduler.exchange.figures_book import write_figures
from scheduler.records.figures import OF_GROUPS, OF_SEATS, OF_WEEKS, Overview, overview
from web import asked, chart
from web.context import get_store, now, settings
from web.dear import dear
from web.security import action
from web.staff.exchange import workbook_file
from web.templating import number, percent
from web.words import language

bp = Blueprint("figures", __name__)

WEEKS, MOST_WEEKS, SHOWN_GROUPS = 8, 26, 30
NIGHTLY = ("fill_planned", "fill_attended", "cadence", "coc", "gini")
SHARES = {"fill_planned", "fill_attended", "cadence"}


@bp.get("/figures")
@action("figures.read")
@dear
def page() -> str:
    return render_template(
        "staff/figures.html", found=found(), of_weeks=OF_WEEKS, of_groups=OF_GROUPS, of_seats=OF_SEATS, said=said,
        plot=chart.plot, nightly=NIGHTLY, shares=SHARES, shown=SHOWN_GROUPS,
    )  # fmt: skip


@bp.get("/figures.xlsx")
@action("figures.read")
@dear
def workbook() -> Response:
    return workbook_file(f"yidu-figures-{asked.today()}.xlsx", lambda path: write_figures(path, found(), language()))


def found() -> Overview:
    weeks = asked.whole("weeks", WEEKS, most=MOST_WEEKS)
    return overview(get_store(), settings(), area=asked.grid(), weeks=max(1, weeks), now=now())


def said(value: Any, unit: str) -> str:
    """A figure as text; a dash where it has no denominator."""
    if value is None:
        return "–"
    return percent(value) if unit == "share" else number(round(value, 2 if unit == "index" else 0))
