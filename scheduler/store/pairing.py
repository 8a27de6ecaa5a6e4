"""Pairs and the steps they went through."""

import json
from dataclasses import dataclass
from datetime import datetime

from scheduler.model.people import Pair
from scheduler.store.database import Store
from scheduler.store.people import pairs
from scheduler.store.queries.paging import in_area
from scheduler.store.repository import utc_text

TAKES_ROOM = "state IN ('proposed', 'trial', 'active', 'paused')"


@dataclass(frozen=True, slots=True)
class PairStep:
    """One step of a pair's life: proposed, yes or no of a side, trial, active, paused, ended, succeeds:ID…"""

    pair_id: str
    step: str
    at: datetime
    actor: str
    reason: str


def add_step(store: Store, pair_id: str, step: str, *, actor: str, reason: str = "", now: datetime) -> None:
    """Adds a step to the history of a pair."""
    store.db.table("pair_steps").insert(
        {"pair_id": pair_id, "step": step, "at": utc_text(now), "actor": actor, "reason": reason}
    )


def steps_of(store: Store, pair_id: str) -> list[PairStep]:
    """The history of a pair, oldest first."""
    rows = store.rows(
        "SELECT pair_id, step, at, actor, reason FROM pair_steps WHERE pair_id = :pair ORDER BY number",
        {"pair": pair_id},
    )
    return [PairStep(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in rows]


def open_pairs(store: Store) -> list[Pair]:
    """Pairs that are not ended."""
    return pairs.where(store, f"{TAKES_ROOM} ORDER BY recipient_id, rank, id")


def pairs_of_volunteer(store: Store, volunteer_id: str) -> list[Pair]:
    """A person's pairs that are not ended."""
    return pairs.where(store, f"volunteer_id = :id AND {TAKES_ROOM} ORDER BY rank, id", {"id": volunteer_id})


def pairs_of_recipient(store: Store, recipient_id: str) -> list[Pair]:
    """An elder's pairs that are not ended, first companion first."""
    return pairs.where(store, f"recipient_id = :id AND {TAKES_ROOM} ORDER BY rank, id", {"id": recipient_id})


def refused_pairs(store: Store) -> set[tuple[str, str]]:
    """(recipient, volunteer) of pairs that one side refused: they are not proposed again."""
    rows = store.rows(
        """SELECT DISTINCT p.recipient_id, p.volunteer_id FROM pairs p JOIN pair_steps s ON s.pair_id = p.id
           WHERE p.state = 'ended' AND s.step IN ('no:volunteer', 'no:recipient')"""
    )
    return {(row["recipient_id"], row["volunteer_id"]) for row in rows}


def visits_together(store: Store) -> dict[tuple[str, str], int]:
    """(recipient, volunteer) → finished visits in person."""
    rows = store.rows(
        """SELECT s.recipient_id, a.volunteer_id, COUNT(*) AS visits FROM assignments a JOIN slots s ON s.id = a.slot_id
           WHERE a.state = 'done' AND s.place = 'at_recipient' GROUP BY 1, 2"""
    )
    return {(row["recipient_id"], row["volunteer_id"]): int(row["visits"]) for row in rows}


def visits_since_step(store: Store, pair: Pair, step: str) -> tuple[int, int]:
    """(visits in person, those by two people) that the two had since the pair's step; (0, 0) before it."""
    row = store.rows(
        """SELECT COUNT(*) AS visits, COALESCE(SUM(s.heads > 1), 0) AS double
           FROM assignments a JOIN slots s ON s.id = a.slot_id
           WHERE a.state = 'done' AND s.place = 'at_recipient' AND a.volunteer_id = :volunteer
             AND s.recipient_id = :recipient
             AND a.starts_at >= (SELECT MAX(at) FROM pair_steps WHERE pair_id = :pair AND step = :step)""",
        {"volunteer": pair.volunteer_id, "recipient": pair.recipient_id, "pair": pair.id, "step": step},
    )[0]
    return int(row["visits"]), int(row["double"])


@dataclass(frozen=True, slots=True)
class WithoutCompanion:
    """An elder with a need for companion visits: the ranks that nobody holds or is asked for, and the area."""

    id: str
    name: str
    gender: str
    kind: str
    risk_tier: str
    grid_name: str
    missing: str  # "1", "2" or "12"

    @property
    def recipient_kind(self) -> str:
        return self.kind


def without_companion(store: Store, *, area: str | None) -> list[WithoutCompanion]:
    """Elders of an area who miss a first or second companion, those without any first, then by their risk."""
    rows = store.rows(
        f"""SELECT r.id, r.name, r.gender, r.kind, r.risk_tier, g.name AS grid_name,
                   iif(EXISTS (SELECT 1 FROM pairs WHERE recipient_id = r.id AND rank = 1 AND {TAKES_ROOM}), '', '1') ||
                   iif(EXISTS (SELECT 1 FROM pairs WHERE recipient_id = r.id AND rank = 2 AND {TAKES_ROOM}), '', '2')
                       AS missing
            FROM recipients r JOIN grids g ON g.id = r.grid_id
            WHERE r.id IN (SELECT value FROM json_each(:elders)) AND {in_area("r.grid_id")} AND missing <> ''
            ORDER BY missing LIKE '1%' DESC, r.risk_tier = 'high' DESC, r.risk_tier = 'key' DESC, g.code, r.code""",
        {"elders": json.dumps(elders_wanting_companions(store)), "area": area},
    )
    return [WithoutCompanion(**row) for row in rows]


def held_pairs(store: Store, *, area: str | None) -> dict[str, int]:
    """Volunteer id → pairs held, of volunteers who live in an area."""
    rows = store.rows(
        f"""SELECT volunteer_id, count(*) AS held FROM pairs JOIN volunteers v ON v.id = volunteer_id
            WHERE {TAKES_ROOM} AND {in_area("v.grid_id")} GROUP BY volunteer_id""",
        {"area": area},
    )
    return {row["volunteer_id"]: row["held"] for row in rows}


def elders_wanting_companions(store: Store) -> list[str]:
    """Ids of active elders with a published need for a paired service."""
    rows = store.rows(
        """SELECT DISTINCT r.id FROM recipients r JOIN needs n ON n.recipient_id = r.id
                  JOIN service_types t ON t.code = n.service_type
           WHERE r.active AND r.kind = 'elder' AND n.state = 'published' AND t.continuity = 'paired' ORDER BY r.id"""
    )
    return [row["id"] for row in rows]
