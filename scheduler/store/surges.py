"""Surges of care visits as the desk lists them: what was declared, for whom, and how far it is filled."""

from dataclasses import dataclass
from datetime import date

from scheduler.store.database import Store


@dataclass(frozen=True, slots=True)
class SurgeRow:
    """One surge: its kind, its local days, its elders, and how many of its visits have somebody."""

    kind: str
    from_date: date
    until_date: date
    elders: int
    visits: int
    filled: int


def surges(store: Store, *, limit: int = 20) -> list[SurgeRow]:
    """The newest surges that still ask for visits or did, latest first."""
    rows = store.rows(
        f"""WITH asked AS (SELECT id, title, from_date, until_date, recipient_id FROM needs
                          WHERE title LIKE 'surge:%' AND state = 'published'),
                visits AS (SELECT s.need_id, count(*) AS visits,
                               sum(EXISTS (SELECT 1 FROM assignments a WHERE a.slot_id = s.id
                                   AND a.state IN ('proposed', 'accepted', 'checked_in', 'done'))) AS filled
                           FROM slots s WHERE s.state = 'open' AND s.need_id IN (SELECT id FROM asked)
                           GROUP BY s.need_id)
            SELECT n.title, min(n.from_date) AS from_date, max(n.until_date) AS until_date,
                count(DISTINCT n.recipient_id) AS elders, coalesce(sum(v.visits), 0) AS visits,
                coalesce(sum(v.filled), 0) AS filled
            FROM asked n LEFT JOIN visits v ON v.need_id = n.id
            GROUP BY n.title ORDER BY from_date DESC, n.title LIMIT {int(limit)}"""
    )
    return [
        SurgeRow(
            row["title"].split(":")[1], date.fromisoformat(row["from_date"]), date.fromisoformat(row["until_date"]),
            row["elders"], row["visits"], row["filled"],
        )
        for row in rows
    ]  # fmt: skip
