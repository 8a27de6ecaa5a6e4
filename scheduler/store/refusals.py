"""Noes and their taking back: who is not asked for what, and since when somebody may be asked again."""

from dataclasses import dataclass
from datetime import datetime

from scheduler.store.database import Store
from scheduler.store.queries.paging import in_area
from scheduler.store.repository import utc_text


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """A need that a volunteer is not asked for, with what its line on a page needs."""

    need_id: str
    need_code: str
    name_zh: str
    name_en: str
    recipient_kind: str
    recipient_name: str
    recipient_gender: str
    area: str
    said_at: datetime
    reason: str

    @property
    def name(self) -> str:
        return self.recipient_name

    @property
    def gender(self) -> str:
        return self.recipient_gender


def refusals_of(store: Store, volunteer_id: str, *, area: str | None = None) -> list[RefusalRow]:
    """The volunteer's standing refusals to needs of an area that are still in force, newest first."""
    rows = store.rows(
        f"""SELECT o.need_id, n.code AS need_code, t.name_zh, t.name_en, r.kind AS recipient_kind,
               r.name AS recipient_name, r.gender AS recipient_gender, g.name AS area,
               MAX(o.replied_at) AS said_at, o.reason
           FROM standing_noes o JOIN needs n ON n.id = o.need_id JOIN service_types t ON t.code = n.service_type
               JOIN recipients r ON r.id = n.recipient_id JOIN grids g ON g.id = r.grid_id
           WHERE o.volunteer_id = :volunteer AND n.state = 'published' AND {in_area("r.grid_id")}
           GROUP BY o.need_id ORDER BY said_at DESC, o.need_id""",
        {"volunteer": volunteer_id, "area": area},
    )
    return [RefusalRow(**{**row, "said_at": datetime.fromisoformat(row["said_at"])}) for row in rows]


def allow_again(store: Store, need_id: str, volunteer_id: str, *, since_at: datetime) -> None:
    """Noes said until that moment no longer keep the person from being asked for the need."""
    store.execute(
        """INSERT INTO asked_again (need_id, volunteer_id, since_at) VALUES (:need, :volunteer, :since)
           ON CONFLICT (need_id, volunteer_id) DO UPDATE SET since_at = :since""",
        {"need": need_id, "volunteer": volunteer_id, "since": utc_text(since_at)},
    )
