"""The standby list of each published slot."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from scheduler.store.database import Store
from scheduler.store.repository import Repository, utc_text


@dataclass(frozen=True, slots=True)
class Standby:
    """Who could take a slot's seat. People of one rank are equals; the changes are those of the plan's figures."""

    slot_id: str
    volunteer_id: str
    rank: int
    starts_at: datetime
    coverage_change: int
    cost_change: int
    built_at: datetime
    valid_until: datetime


_standbys = Repository("standbys", Standby, key="slot_id")


def replace_standbys(store: Store, slot_ids: Iterable[str], standbys: Iterable[Standby]) -> None:
    """New lists for these slots, in place of what they had; call inside a transaction."""
    for slot_id in slot_ids:
        store.execute("DELETE FROM standbys WHERE slot_id = :slot", {"slot": slot_id})
    _standbys.add_all(store, standbys)


def standbys_of(store: Store, slot_id: str, *, now: datetime | None = None) -> list[Standby]:
    """The standbys of a slot, best first; only those whose time has not ended where `now` is given."""
    until = utc_text(now) if now else ""
    return _standbys.where(
        store,
        "slot_id = :slot AND valid_until > :until ORDER BY rank, cost_change, volunteer_id",
        {"slot": slot_id, "until": until},
    )


def forget_past(store: Store, *, now: datetime) -> int:
    """Removes lists of slots that have begun; the number of rows."""
    return store.execute("DELETE FROM standbys WHERE valid_until <= :now", {"now": utc_text(now)})


def built_at(store: Store) -> datetime | None:
    """When all lists were last built."""
    found = store.value("SELECT value FROM counters WHERE name = 'ladders_built_at'")
    return datetime.fromtimestamp(found, tz=UTC) if found is not None else None


def note_built(store: Store, *, now: datetime) -> None:
    """Remembers that all lists were built now."""
    sql = "INSERT INTO counters VALUES ('ladders_built_at', :at) ON CONFLICT (name) DO UPDATE SET value = :at"
    store.execute(sql, {"at": int(now.timestamp())})
