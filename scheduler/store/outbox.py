"""Rows of the outbox: messages wait here until a channel has taken them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from scheduler.model.ids import new_id
from scheduler.store.database import Store
from scheduler.store.repository import utc_text

STATES = ("waiting", "sent", "delivered", "failed", "no_channel", "dropped")


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message to one addressee, and what is known of it.

    States: waiting → sent (a channel has taken it) → delivered (that channel says so), or failed (every channel refused
    it: see `error`), no_channel (there is nobody to hand it to) or dropped (over or settled: see `error`). `sent_to`
    names the channels that have taken it, `refused_by` those that never will; `digest` is the key under which it was
    tried together with others, `receipt` what the channel calls it. `call_outcome` is what came of
    the last phone call about it.
    """

    id: str
    key: str
    addressee: str
    template: str
    payload: dict[str, Any]
    state: str
    urgent: bool
    attempts: int
    created_at: datetime
    next_at: datetime
    sent_to: tuple[str, ...]
    sent_at: datetime | None
    acknowledged_at: datetime | None
    error: str
    refused_by: tuple[str, ...] = ()
    digest: str = ""
    receipt: str = ""
    call_outcome: str = ""
    called_at: datetime | None = None
    called_by: str = ""

    @property
    def items(self) -> list[dict[str, Any]]:
        """What it says, piece by piece: each with the template of its sentence."""
        return list(self.payload.get("items") or [{"template": self.template, **self.payload}])


def row_of(raw: dict[str, Any]) -> OutboxRow:
    """A row as it is stored."""

    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(raw[name]) if raw[name] else None

    return OutboxRow(
        id=raw["id"],
        key=raw["key"],
        addressee=raw["addressee"],
        template=raw["template"],
        payload=json.loads(raw["payload"]),
        state=raw["state"],
        urgent=bool(raw["urgent"]),
        attempts=raw["attempts"],
        created_at=datetime.fromisoformat(raw["created_at"]),
        next_at=datetime.fromisoformat(raw["next_at"]),
        sent_to=tuple(json.loads(raw["sent_to"])),
        sent_at=moment("sent_at"),
        acknowledged_at=moment("acknowledged_at"),
        error=raw["error"],
        refused_by=tuple(json.loads(raw["refused_by"])),
        digest=raw["digest"],
        receipt=raw["receipt"],
        call_outcome=raw["call_outcome"],
        called_at=moment("called_at"),
        called_by=raw["called_by"],
    )


def json_of(payload: dict[str, Any]) -> str:
    """The text in which a payload is stored."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True)


def insert_once(store: Store, row: dict[str, Any]) -> bool:
    """Adds a row unless its key is there already; True if it was added."""
    columns = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    return bool(store.execute(f"INSERT INTO outbox ({columns}) VALUES ({values}) ON CONFLICT (key) DO NOTHING", row))


# A claim that ends later than a clock a little ahead could have set it is from before the clock was set back: lapsed.
DUE = """state = 'waiting' AND next_at <= :now AND (urgent >= :urgent_only OR begins_at < :rings_before)
         AND (claimed_until IS NULL OR claimed_until <= :now OR claimed_until > :far)"""

CLAIM = f"""
UPDATE outbox SET claimed_by = :by, claimed_until = :until
WHERE {DUE} AND (addressee, digest) =
    (SELECT addressee, digest FROM outbox WHERE {DUE} ORDER BY urgent DESC, next_at, rowid LIMIT 1)
RETURNING *, rowid AS number"""


def claim_batch(
    store: Store, *, by: str, now: datetime, lease: timedelta, urgent_only: bool, rings_before: datetime | None = None
) -> list[OutboxRow]:
    """Everything due for the addressee who has waited longest, claimed with one conditional write; oldest first.

    What was tried together before is tried together again, and alone: a channel may have taken it without saying so.
    Empty if nothing is due. The claim lapses after `lease`, so a sender that died delays a message, but loses none.
    With `urgent_only` only what is urgent, or is about a visit that begins before `rings_before`.
    """
    values = {
        "by": by,
        "now": utc_text(now),
        "until": utc_text(now + lease),
        "far": utc_text(now + 2 * lease),
        "urgent_only": int(urgent_only),
        "rings_before": utc_text(rings_before) if rings_before else "",
    }
    return [row_of(raw) for raw in sorted(store.rows(CLAIM, values), key=lambda raw: raw["number"])]


def mark_sent(store: Store, ids: list[str], *, sent_to: list[str], receipt: str = "", now: datetime) -> None:
    """A channel, for staff the last of them, has taken these rows."""
    change = {"state": "sent", "sent_at": utc_text(now), "sent_to": json.dumps(sent_to), "receipt": receipt}
    change["next_at"] = utc_text(now)
    _settle(store, ids, {**change, "error": ""})


def mark_no_channel(store: Store, ids: list[str], *, now: datetime) -> None:
    """There is nobody to hand these rows to."""
    _settle(store, ids, {"state": "no_channel", "sent_at": utc_text(now), "error": ""})


def mark_failed(store: Store, ids: list[str], *, error: str, refused_by: Sequence[str] = (), now: datetime) -> None:
    """No channel takes these rows, or they cannot be put into words: staff see them."""
    change = {"state": "failed", "sent_at": utc_text(now), "refused_by": json.dumps(list(refused_by))}
    _settle(store, ids, {**change, "error": error[:500]})


def try_later(store: Store, row: OutboxRow, *, next_at: datetime, error: str, digest: str, sent_to: list[str]) -> None:
    """One attempt failed: the row waits, and is tried again with those that it was tried with."""
    change = {"next_at": utc_text(next_at), "digest": digest, "sent_to": json.dumps(sent_to)}
    _settle(store, [row.id], {**change, "error": error[:500]})


def try_the_next(store: Store, row: OutboxRow, *, refused_by: list[str], error: str, now: datetime) -> None:
    """A channel refused the row for good: it goes to the person's next one at once."""
    change = {"next_at": utc_text(now), "digest": "", "refused_by": json.dumps(list(refused_by))}
    _settle(store, [row.id], {**change, "attempts": 0, "error": error[:500]})


def to_ask_about(store: Store, channels: list[str], *, since: datetime, now: datetime) -> list[OutboxRow]:
    """Rows that were given a receipt by one of these channels, and about which it is time to ask."""
    sql = """SELECT * FROM outbox WHERE state = 'sent' AND receipt <> '' AND next_at <= :now AND sent_at > :since
             AND json_extract(sent_to, '$[#-1]') IN (SELECT value FROM json_each(:channels))
             ORDER BY next_at LIMIT 20"""
    asked = {"now": utc_text(now), "since": utc_text(since), "channels": json.dumps(channels)}
    return [row_of(raw) for raw in store.rows(sql, asked)]


def mark_delivered(store: Store, row: OutboxRow) -> None:
    """The channel says that it has arrived."""
    store.execute("UPDATE outbox SET state = 'delivered' WHERE id = :id AND state = 'sent'", {"id": row.id})


def ask_later(store: Store, row: OutboxRow, *, next_at: datetime) -> None:
    sql = "UPDATE outbox SET next_at = :at WHERE id = :id AND state = 'sent'"
    store.execute(sql, {"id": row.id, "at": utc_text(next_at)})


def came_back(store: Store, row: OutboxRow, *, refused_by: list[str], error: str, now: datetime) -> None:
    """What a channel had taken has not arrived: the row waits for the person's next channel."""
    store.execute(
        """UPDATE outbox SET state = 'waiting', sent_at = NULL, next_at = :now, attempts = 0, digest = '', receipt = '',
           refused_by = :refused, error = :error WHERE id = :id AND state = 'sent'""",
        {"id": row.id, "now": utc_text(now), "refused": json.dumps(refused_by), "error": error[:500]},
    )


def say_instead(store: Store, row: OutboxRow, items: list[dict[str, Any]]) -> OutboxRow:
    """The row with other words, which a waiting message gets when its facts have changed since it was filed."""
    changed = replace(row, template=items[0]["template"], payload={"items": items})
    store.execute(
        "UPDATE outbox SET template = :template, payload = :payload WHERE id = :id AND state = 'waiting'",
        {"id": row.id, "template": changed.template, "payload": json_of(changed.payload)},
    )
    return changed


def drop(store: Store, row: OutboxRow, *, why: str) -> None:
    """The row is never sent; `why` stands where staff look for it."""
    sql = """UPDATE outbox SET state = 'dropped', error = :why, claimed_by = '', claimed_until = NULL
             WHERE id = :id AND state = 'waiting'"""
    store.execute(sql, {"id": row.id, "why": why})


def drop_apart(store: Store, row: OutboxRow, items: list[dict[str, Any]], *, why: str, number: int) -> None:
    """Pieces of a row that are never sent while the rest of it is: kept as a row of their own."""
    insert_once(
        store,
        {
            "id": new_id(),
            "key": f"{row.key}:dropped:{number}",
            "addressee": row.addressee,
            "template": items[0]["template"],
            "payload": json_of({"items": items}),
            "state": "dropped",
            "created_at": utc_text(row.created_at),
            "next_at": utc_text(row.next_at),
            "attempts": row.attempts,
            "claimed_by": "",
            "error": why,
        },
    )


def _settle(store: Store, ids: list[str], change: dict[str, Any]) -> None:
    """Writes what became of rows that wait, and gives up the claim on them."""
    counted = "" if "attempts" in change else ", attempts = attempts + 1"
    columns = ", ".join(f"{name} = :{name}" for name in change) + counted
    for row_id in ids:
        store.execute(
            f"""UPDATE outbox SET {columns}, claimed_by = '', claimed_until = NULL
                WHERE id = :id AND state = 'waiting'""",
            {"id": row_id, **change},
        )


def rows_in_state(store: Store, state: str, *, limit: int = 200) -> list[OutboxRow]:
    """The newest rows in a state."""
    sql = "SELECT * FROM outbox WHERE state = :state ORDER BY created_at DESC, rowid DESC LIMIT :limit"
    return [row_of(raw) for raw in store.rows(sql, {"state": state, "limit": limit})]


def rows_for(store: Store, addressee: str, *, limit: int = 50) -> list[OutboxRow]:
    """What an addressee was or will be told, newest first: the inbox on the phone page."""
    sql = """SELECT * FROM outbox WHERE addressee = :addressee AND state <> 'dropped'
             ORDER BY created_at DESC, rowid DESC LIMIT :limit"""
    return [row_of(raw) for raw in store.rows(sql, {"addressee": addressee, "limit": limit})]


def alerts(store: Store, grids: set[str], *, since: datetime) -> list[OutboxRow]:
    """What staff of these areas were told lately and nobody has said to have seen, newest first."""
    sql = """SELECT * FROM outbox WHERE acknowledged_at IS NULL AND state <> 'dropped' AND created_at >= :since
             AND (addressee = 'staff' OR (addressee LIKE 'staff:%'
                  AND substr(addressee, 7) IN (SELECT value FROM json_each(:grids))))
             ORDER BY created_at DESC, rowid DESC LIMIT 50"""
    values = {"since": utc_text(since), "grids": json.dumps(sorted(grids))}
    return [row_of(raw) for raw in store.rows(sql, values)]


def waiting_rows(store: Store, addressee: str = "") -> list[OutboxRow]:
    """Everything that nobody was told yet, of one addressee where one is named; oldest first."""
    mine = "AND addressee = :addressee" if addressee else ""
    sql = f"SELECT * FROM outbox WHERE state = 'waiting' {mine} ORDER BY rowid"
    return [row_of(raw) for raw in store.rows(sql, {"addressee": addressee} if addressee else {})]


def try_again(store: Store, row_id: str, *, now: datetime) -> bool:
    """A message that reached nobody waits once more, for every channel; False if it is none."""
    sql = """UPDATE outbox SET state = 'waiting', attempts = 0, next_at = :now, refused_by = '[]', digest = '',
             sent_at = NULL WHERE id = :id AND state IN ('failed', 'no_channel')"""
    return bool(store.execute(sql, {"id": row_id, "now": utc_text(now)}))


def acknowledge(store: Store, row_id: str, addressee: str, *, now: datetime) -> bool:
    """The addressee has seen the message; False if it is not theirs or was acknowledged before."""
    sql = """UPDATE outbox SET acknowledged_at = :now
             WHERE id = :id AND addressee = :addressee AND acknowledged_at IS NULL"""
    return bool(store.execute(sql, {"id": row_id, "addressee": addressee, "now": utc_text(now)}))


def unseen(store: Store, templates: tuple[str, ...], *, limit: int = 200) -> list[OutboxRow]:
    """Messages of these templates that nobody has acknowledged yet, oldest first."""
    names = ", ".join(f":t{n}" for n in range(len(templates)))
    sql = f"""SELECT * FROM outbox WHERE acknowledged_at IS NULL AND state <> 'dropped' AND template IN ({names})
              ORDER BY created_at, rowid LIMIT :limit"""
    return [row_of(raw) for raw in store.rows(sql, {"limit": limit, **{f"t{n}": t for n, t in enumerate(templates)}})]


def counts(store: Store) -> dict[str, int]:
    """How many rows are in each state."""
    found = store.rows("SELECT state, COUNT(*) AS n FROM outbox GROUP BY state")
    return dict.fromkeys(STATES, 0) | {row["state"]: row["n"] for row in found}
