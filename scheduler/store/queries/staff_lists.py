"""Lists of people, places and needs for the desk: plain SQL into small rows."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from scheduler.model.reading_rights import Reader
from scheduler.store.database import Store
from scheduler.store.queries.paging import PAGE, Page, clean, in_area, page_of, record_search, search_people, spelled
from scheduler.store.repository import utc_text


@dataclass(frozen=True, slots=True)
class VolunteerRow:
    id: str
    code: str
    name: str
    gender: str
    kinds: tuple[str, ...]
    transport: str
    grid_name: str
    phone: str  # masked by the page
    skills: tuple[str, ...]
    active: bool
    auto_plan: bool
    login: str  # has, invited, none
    upcoming: int  # visits from today on


LOGIN_STATE = """CASE WHEN EXISTS (SELECT 1 FROM accounts c WHERE c.volunteer_id = v.id) THEN 'has'
    WHEN EXISTS (SELECT 1 FROM invitations i WHERE i.volunteer_id = v.id AND i.expires_at > :now) THEN 'invited'
    ELSE 'none' END"""


def volunteers_page(
    store: Store, *, reader: Reader, text: str = "", kind: str = "", skill: str = "", active: str = "1",
    login: str = "", today: date, now: datetime, offset: int = 0, size: int = PAGE,
) -> Page[VolunteerRow]:  # fmt: skip
    """Volunteers of an area by name; `active` is "1", "0" or "" for both.

    `login` is "has", "invited" or "none" (neither), or "" for all.
    """
    search = search_people(store, "volunteers", "v", text, reader)
    conditions = [in_area("v.grid_id"), search.condition]
    conditions += ["EXISTS (SELECT 1 FROM json_each(v.kinds) WHERE value = :kind)"] if kind else []
    conditions += ["EXISTS (SELECT 1 FROM json_each(v.skills) WHERE value = :skill)"] if skill else []
    conditions += ["v.active = :active"] if active in ("0", "1") else []
    conditions += [f"{LOGIN_STATE} = :login"] if login else []
    select = f"""SELECT v.id, v.code, v.name, v.gender, v.kinds, v.transport, g.name AS grid_name, v.phone, v.skills,
                    v.active, v.auto_plan, {LOGIN_STATE} AS login FROM volunteers v JOIN grids g ON g.id = v.grid_id
                 WHERE {" AND ".join(conditions)}"""
    also = """(SELECT count(*) FROM assignments a WHERE a.volunteer_id = p.id AND a.state IN ('proposed', 'accepted')
               AND a.starts_at >= :today) AS upcoming"""
    params = {
        "area": reader.area,
        **search.values,
        "kind": kind,
        "skill": skill,
        "login": login,
        "now": utc_text(now),
        "active": int(active or 0),
        "today": today.isoformat(),
    }

    def make(row: dict[str, Any]) -> VolunteerRow:
        row |= {"kinds": tuple(json.loads(row["kinds"])), "skills": tuple(json.loads(row["skills"]))}
        row |= {"active": bool(row["active"]), "auto_plan": bool(row["auto_plan"])}
        return VolunteerRow(**row | {"phone": store.seal.open(row["phone"], "volunteers.phone")})

    order = f"{search.order}, v.id"
    page = page_of(store, select, params, make, order=order, offset=offset, size=size, also=also)
    record_search(store, search, "volunteer", [row.id for row in page.rows], reader)
    return page


@dataclass(frozen=True, slots=True)
class RecipientRow:
    id: str
    code: str
    name: str
    kind: str
    gender: str
    grid_name: str
    phone: str
    risk_tier: str
    lives_alone: bool
    active: bool
    last_day: date | None  # last visit done
    next_day: date | None  # next visit with somebody on it


def recipients_page(
    store: Store, *, reader: Reader, text: str = "", kind: str = "", risk: str = "", active: str = "1",
    today: date, offset: int = 0, size: int = PAGE,
) -> Page[RecipientRow]:  # fmt: skip
    """Recipients of an area by name; elders, enterprises and places alike."""
    search = search_people(store, "recipients", "r", text, reader)
    conditions = [in_area("r.grid_id"), search.condition]
    conditions += [f"r.{c} = :{c}" for c, value in (("kind", kind), ("risk_tier", risk)) if value]
    conditions += ["r.active = :active"] if active in ("0", "1") else []
    select = f"""SELECT r.id, r.code, r.name, r.kind, r.gender, g.name AS grid_name, r.phone, r.risk_tier,
                    r.lives_alone, r.active FROM recipients r JOIN grids g ON g.id = r.grid_id
                 WHERE {" AND ".join(conditions)}"""
    visits = """SELECT {f}(s.service_date) FROM slots s JOIN assignments a ON a.slot_id = s.id
                WHERE s.recipient_id = p.id AND """
    also = f"""({visits.format(f="max")} a.state = 'done') AS last_day, ({visits.format(f="min")}
               a.state IN ('proposed', 'accepted') AND s.service_date >= :today) AS next_day"""
    params = {
        "area": reader.area,
        **search.values,
        "kind": kind,
        "risk_tier": risk,
        "active": int(active or 0),
        "today": today.isoformat(),
    }

    def make(row: dict[str, Any]) -> RecipientRow:
        row |= {"lives_alone": bool(row["lives_alone"]), "active": bool(row["active"])}
        row |= {n: date.fromisoformat(row[n]) if row[n] else None for n in ("last_day", "next_day")}
        return RecipientRow(**row | {"phone": store.seal.open(row["phone"], "recipients.phone")})

    order = f"{search.order}, r.id"
    page = page_of(store, select, params, make, order=order, offset=offset, size=size, also=also)
    record_search(store, search, "recipient", [row.id for row in page.rows], reader)
    return page


@dataclass(frozen=True, slots=True)
class NeedRow:
    id: str
    code: str
    title: str
    kind: str
    state: str
    from_date: date
    until_date: date | None
    weekdays: tuple[int, ...]
    per_week: int | None
    start: str | None
    end: str | None
    heads: int
    priority: int
    name_zh: str
    name_en: str
    recipient_id: str
    recipient_name: str
    recipient_kind: str
    gender: str
    grid_name: str

    @property
    def name(self) -> str:
        return self.recipient_name


def needs_page(
    store: Store, *, reader: Reader, text: str = "", service: str = "", state: str = "published",
    recipient_id: str = "", offset: int = 0, size: int = PAGE,
) -> Page[NeedRow]:  # fmt: skip
    """Needs of an area, newest first; `text` looks into the recipient's name."""
    search = search_people(store, "recipients", "r", text, reader)
    conditions = [in_area("r.grid_id"), search.condition]
    conditions += [f"n.{c} = :{c}" for c, value in (
        ("service_type", service), ("state", state), ("recipient_id", recipient_id)) if value]  # fmt: skip
    select = f"""SELECT n.id, n.code, n.title, n.kind, n.state, n.from_date, n.until_date, n.weekdays, n.per_week,
                    n.start, n."end", coalesce(n.heads, t.heads) AS heads, coalesce(n.priority, t.priority) AS priority,
                    t.name_zh, t.name_en, r.id AS recipient_id, r.name AS recipient_name, r.kind AS recipient_kind,
                    r.gender, g.name AS grid_name
                 FROM needs n JOIN service_types t ON t.code = n.service_type JOIN recipients r ON r.id = n.recipient_id
                 JOIN grids g ON g.id = r.grid_id WHERE {" AND ".join(conditions)}"""
    params = {
        "area": reader.area,
        **search.values,
        "service_type": service,
        "state": state,
        "recipient_id": recipient_id,
    }

    def make(row: dict[str, Any]) -> NeedRow:
        row |= {n: date.fromisoformat(row[n]) if row[n] else None for n in ("from_date", "until_date")}
        return NeedRow(**row | {"weekdays": tuple(json.loads(row["weekdays"]))})

    order = "n.created_at DESC, n.code, n.id"
    page = page_of(store, select, params, make, order=order, offset=offset, size=size)
    record_search(store, search, "recipient", sorted({row.recipient_id for row in page.rows}), reader)
    return page


@dataclass(frozen=True, slots=True)
class PairRow:
    id: str
    rank: int
    state: str
    pinned: bool
    since: date | None
    recipient_id: str
    recipient_name: str
    recipient_kind: str
    gender: str
    volunteer_id: str
    volunteer_name: str
    grid_name: str

    @property
    def name(self) -> str:
        return self.recipient_name


def pairs_page(
    store: Store, *, reader: Reader, text: str = "", state: str = "", recipient_id: str = "", volunteer_id: str = "",
    offset: int = 0, size: int = PAGE,
) -> Page[PairRow]:  # fmt: skip
    """Pairs of an area; `text` looks into the recipient's name."""
    search = search_people(store, "recipients", "r", text, reader)
    conditions = [in_area("r.grid_id"), search.condition]
    conditions += [f"p.{c} = :{c}" for c, value in (
        ("state", state), ("recipient_id", recipient_id), ("volunteer_id", volunteer_id)) if value]  # fmt: skip
    select = f"""SELECT p.id, p.rank, p.state, p.pinned, p.since, r.id AS recipient_id, r.name AS recipient_name,
                    r.gender AS gender, r.kind AS recipient_kind, v.id AS volunteer_id, v.name AS volunteer_name,
                    g.name AS grid_name
                 FROM pairs p JOIN recipients r ON r.id = p.recipient_id JOIN volunteers v ON v.id = p.volunteer_id
                 JOIN grids g ON g.id = r.grid_id WHERE {" AND ".join(conditions)}"""
    params = {
        "area": reader.area,
        **search.values,
        "state": state,
        "recipient_id": recipient_id,
        "volunteer_id": volunteer_id,
    }

    def make(row: dict[str, Any]) -> PairRow:
        since = date.fromisoformat(row["since"]) if row["since"] else None
        return PairRow(**row | {"since": since, "pinned": bool(row["pinned"])})

    order = f"{search.order}, p.rank, p.id"
    page = page_of(store, select, params, make, order=order, offset=offset, size=size)
    record_search(store, search, "recipient", sorted({row.recipient_id for row in page.rows}), reader)
    return page


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    id: str
    code: str
    name: str
    kind: str
    grid_name: str
    volunteers: int
    recipients: int


def organisations_page(
    store: Store, *, reader: Reader, text: str = "", offset: int = 0, size: int = PAGE
) -> Page[OrganisationRow]:
    """Organisations of an area with their numbers of volunteers and recipients."""
    store.db.conn.create_function("spelled", 1, spelled, deterministic=True)
    named = "instr(spelled(o.name), :text) > 0" if clean(text) else "1"
    select = f"""SELECT o.id, o.code, o.name, o.kind, g.name AS grid_name,
                    (SELECT count(*) FROM volunteers v WHERE v.organisation_id = o.id) AS volunteers,
                    (SELECT count(*) FROM recipients r WHERE r.organisation_id = o.id) AS recipients
                 FROM organisations o JOIN grids g ON g.id = o.grid_id WHERE {in_area("o.grid_id")} AND {named}"""
    params = {"area": reader.area, "text": clean(text)}
    return page_of(
        store, select, params, lambda row: OrganisationRow(**row), order="o.name, o.id", offset=offset, size=size
    )


@dataclass(frozen=True, slots=True)
class VisitOfVolunteer:
    """One assignment in a volunteer's history."""

    assignment_id: str
    slot_id: str
    starts_at: datetime
    minutes: int
    state: str
    source: str
    reason: str
    name_zh: str
    name_en: str
    recipient_id: str
    recipient_kind: str
    name: str
    gender: str
    grid_name: str


def visits_of_volunteer(store: Store, volunteer_id: str, *, reader: Reader, limit: int = 60) -> list[VisitOfVolunteer]:
    """The newest assignments of a volunteer inside an area, latest start first."""
    sql = f"""SELECT a.id AS assignment_id, a.slot_id, a.starts_at, s.minutes, a.state, a.source, a.reason, t.name_zh,
                 t.name_en, r.id AS recipient_id, r.kind AS recipient_kind, r.name, r.gender, g.name AS grid_name
              FROM assignments a JOIN slots s ON s.id = a.slot_id JOIN service_types t ON t.code = s.service_type
              JOIN recipients r ON r.id = s.recipient_id JOIN grids g ON g.id = s.grid_id
              WHERE a.volunteer_id = :volunteer AND {in_area("s.grid_id")}
              ORDER BY a.starts_at DESC LIMIT {int(limit)}"""
    rows = store.rows(sql, {"volunteer": volunteer_id, "area": reader.area})
    return [VisitOfVolunteer(**row | {"starts_at": datetime.fromisoformat(row["starts_at"])}) for row in rows]
