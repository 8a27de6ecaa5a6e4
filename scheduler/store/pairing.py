"""Pairs and the steps they went through."""

from dataclasses import dataclass
from datetime import datetime

from scheduler.model.people import Pair
from scheduler.store.database import Store
from scheduler.store.people import pairs
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


def elders_wanting_companions(store: Store) -> list[str]:
    """Ids of active elders with a published need for a paired service."""
    rows = store.rows(
        """SELECT DISTINCT r.id FROM recipients r JOIN needs n ON n.recipient_id = r.id
                  JOIN service_types t ON t.code = n.service_type
           WHERE r.active AND r.kind = 'elder' AND n.state = 'published' AND t.continuity = 'paired' ORDER BY r.id"""
    )
    return [row["id"] for row in rows]
