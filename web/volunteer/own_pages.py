"""My history and hours, my data, what was decided about me and why, who saw my address, my calendar."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduler.exchange import calendar_feed
from scheduler.explanations.why_me import why_me
from scheduler.localtime import local_date
from scheduler.people.own_data import PURPOSES, own_data, set_auto_plan, set_consent, visits_csv
from scheduler.people.privacy import openings_of
from scheduler.promises import refusals
from scheduler.records import hours
from scheduler.store.queries.volunteer_lists import visit, visits
from scheduler.store.refusals import refusals_of
from scheduler.store.tokens import feed_since
from web import asked, words
from web.context import actor, get_store, now, settings, site_address
from web.security import action
from web.volunteer.me import my_assignment, my_id, myself

bp = Blueprint("own", __name__, url_prefix="/my")

YES_NO = ("yes", "no")
FIRST_DAY = date(2000, 1, 1)
A_YEAR = timedelta(days=366)
LATELY, AHEAD = timedelta(days=56), timedelta(days=60)


@bp.get("/me")
@action("my.read")
def me() -> str:
    return render_template("volunteer/me.html", person=myself(), **hours_so_far())


@bp.get("/history")
@action("my.read")
def history() -> str:
    rows = visits(get_store(), my_id(), now() - A_YEAR, now())
    return render_template("volunteer/history.html", rows=rows[::-1], **hours_so_far())


@bp.get("/certificate")
@action("my.read")
def certificate() -> str:
    """A sheet to print: who served how long, from the ledger, without a word about whom."""
    today = local_date(now())
    served = hours.total(get_store(), my_id(), FIRST_DAY, today)
    span = hours.span(get_store(), my_id(), today)
    return render_template("volunteer/certificate.html", person=myself(), served=served, span=span, today=today)


def hours_so_far() -> dict[str, Any]:
    """The ledger's sums of this year and of all time, and the stars they are worth."""
    today = local_date(now())
    everything = hours.total(get_store(), my_id(), FIRST_DAY, today)
    this_year = hours.total(get_store(), my_id(), today.replace(month=1, day=1), today)
    return {"year": this_year, "all": everything, "stars": hours.stars(everything.credited_min)}


@bp.get("/decisions")
@action("my.read")
def decisions() -> str:
    rows = visits(get_store(), my_id(), now() - LATELY, now() + AHEAD)
    mine = refusals_of(get_store(), my_id())
    return render_template("volunteer/decisions.html", rows=rows[::-1], person=myself(), refusals=mine)


@bp.post("/decisions/ask-again")
@action("my.write")
def ask_again() -> Response:
    refusals.take_back(get_store(), request.form.get("need", ""), my_id(), by=actor(), now=now())
    return redirect(url_for("own.decisions"), 303)


@bp.get("/visits/<assignment_id>/why")
@action("my.read")
def why(assignment_id: str) -> str:
    reasons = why_me(get_store(), settings(), my_assignment(assignment_id))
    return render_template("volunteer/why.html", row=visit(get_store(), assignment_id), reasons=reasons)


@bp.get("/data")
@action("my.read")
def data() -> str:
    return data_page()


def data_page(feed_address: str = "") -> str:
    return render_template(
        "volunteer/data.html",
        person=myself(),
        purposes=PURPOSES,
        openings=openings_of(get_store(), "volunteer", my_id()),
        feed_since=feed_since(get_store(), my_id()),
        feed_address=feed_address,
    )


@bp.get("/data.json")
@action("my.read")
def as_json() -> Response:
    response = jsonify(own_data(get_store(), my_id(), now=now()))
    response.headers["Content-Disposition"] = 'attachment; filename="yidu-my-data.json"'
    return response


@bp.get("/data.csv")
@action("my.read")
def as_csv() -> Response:
    headers = {"Content-Disposition": 'attachment; filename="yidu-my-visits.csv"'}
    return Response(visits_csv(get_store(), my_id(), now=now()), mimetype="text/csv", headers=headers)


@bp.post("/data/proposals")
@action("my.write")
def proposals() -> Response:
    set_auto_plan(get_store(), my_id(), wanted=asked.choice("wanted", YES_NO) == "yes", by=actor(), now=now())
    return redirect(url_for("own.data"), 303)


@bp.post("/data/consent")
@action("my.write")
def consent() -> Response:
    purpose, given = asked.choice("purpose", PURPOSES), asked.choice("given", YES_NO) == "yes"
    set_consent(get_store(), my_id(), purpose, given=given, by=actor(), now=now())
    return redirect(url_for("own.data"), 303)


@bp.post("/calendar")
@action("my.write")
def open_feed() -> str:
    token = calendar_feed.open_feed(get_store(), my_id(), now=now())
    return data_page(site_address() + url_for("link.feed", token=token, locale=words.language()))


@bp.post("/calendar/close")
@action("my.write")
def close_feed() -> Response:
    calendar_feed.close_feed(get_store(), my_id())
    return redirect(url_for("own.data"), 303)
