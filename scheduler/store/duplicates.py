"""Rows that may be the same person, and moving everything that refers to one person to another."""

from datetime import datetime

from scheduler.errors import IllegalMove
from scheduler.localized import LocalizedText
from scheduler.store.database import Store
from scheduler.store.repository import utc_text
from scheduler.store.sqlite import sqlite3

BIRTH = {"volunteers": "birth_month", "recipients": "COALESCE(birth_year || grid_id, '')"}


def alike(store: Store, table: str) -> list[tuple[str, str, str]]:
    """(first id, second id, why) of active people with equal phones ("phone"), or equal names and births ("birth").

    For recipients the year of birth is not enough: they must live in the same grid too.
    Phones are compared by their blind index, so nothing is unsealed.
    """
    birth = BIRTH[table]
    sql = f"""
        WITH people AS (SELECT id, code, replace(name, ' ', '') AS name, phone_index AS phone, {birth} AS birth
                        FROM {table} WHERE active)
        SELECT a.id AS first, b.id AS second, 'phone' AS why, a.code AS one, b.code AS two
        FROM people a JOIN people b ON a.phone = b.phone AND a.code < b.code WHERE a.phone <> ''
        UNION ALL
        SELECT a.id, b.id, 'birth', a.code, b.code
        FROM people a JOIN people b ON a.name = b.name AND a.birth = b.birth AND a.code < b.code
        WHERE a.birth <> '' AND (a.phone = '' OR a.phone <> b.phone)
        ORDER BY one, two"""
    return [(row["first"], row["second"], row["why"]) for row in store.rows(sql)]


LIVE = "('proposed', 'accepted', 'checked_in')"
MOVE, STAYS = "move", "stays"  # every row moves; where both have one, that of the person who stays
REFERENCES = {
    ("accounts", "volunteer_id"): MOVE,
    ("asked_again", "volunteer_id"): STAYS,
    ("assignments", "volunteer_id"): MOVE,
    ("availability_exceptions", "volunteer_id"): MOVE,
    ("availability_rules", "volunteer_id"): MOVE,
    ("calendar_feeds", "volunteer_id"): STAYS,
    ("contact_points", "volunteer_id"): MOVE,
    ("hours_entries", "volunteer_id"): MOVE,
    ("invitations", "volunteer_id"): STAYS,
    ("needs", "recipient_id"): MOVE,
    ("pairs", "recipient_id"): MOVE,
    ("pairs", "volunteer_id"): MOVE,
    ("seats", "volunteer_id"): STAYS,
    ("slots", "recipient_id"): MOVE,
    ("standbys", "volunteer_id"): STAYS,
    ("swaps", "to_volunteer_id"): MOVE,
}


def overlapping_visits(store: Store, first_id: str, second_id: str) -> tuple[datetime, datetime] | None:
    """The starts of two live visits of two volunteers that overlap or are the same visit, earliest first."""
    rows = store.rows(
        f"""SELECT a.starts_at AS one, b.starts_at AS two
            FROM assignments a JOIN slots s ON s.id = a.slot_id, assignments b JOIN slots t ON t.id = b.slot_id
            WHERE a.volunteer_id = :first AND b.volunteer_id = :second AND a.state IN {LIVE} AND b.state IN {LIVE}
                AND a.slot_id <> b.slot_id
                AND unixepoch(a.starts_at) < unixepoch(b.starts_at) + 60 * t.minutes
                AND unixepoch(b.starts_at) < unixepoch(a.starts_at) + 60 * s.minutes
            ORDER BY min(a.starts_at, b.starts_at) LIMIT 1""",
        {"first": first_id, "second": second_id},
    )
    return (datetime.fromisoformat(rows[0]["one"]), datetime.fromisoformat(rows[0]["two"])) if rows else None


def move_references(store: Store, table: str, from_id: str, to_id: str, *, now: datetime) -> None:
    """Whatever points to one row of a table points to another one afterwards; call inside a transaction.

    Raises IllegalMove if both are on the same visit, or have visits that begin at the same moment.
    """
    move = {"from": from_id, "to": to_id}
    if table == "volunteers":
        _keep_newest_taking_back(store, move)
    for owner, column in references(store, table):
        if REFERENCES[owner, column] == STAYS:
            store.execute(f"UPDATE OR IGNORE {owner} SET {column} = :to WHERE {column} = :from", move)
            store.execute(f"DELETE FROM {owner} WHERE {column} = :from", move)
            continue
        try:
            store.execute(f"UPDATE {owner} SET {column} = :to WHERE {column} = :from", move)
        except sqlite3.IntegrityError as error:
            raise IllegalMove(
                LocalizedText("both are on the same visit, or on two at the same time: take one of them off first")
            ) from error
    if table == "volunteers":
        _settle_what_meets(store, move, now)


def _keep_newest_taking_back(store: Store, move: dict[str, str]) -> None:
    """Of two refusals taken back for one need the newer one counts."""
    store.execute(
        """UPDATE asked_again SET since_at = max(since_at, coalesce((SELECT d.since_at FROM asked_again d
               WHERE d.need_id = asked_again.need_id AND d.volunteer_id = :from), since_at))
           WHERE volunteer_id = :to""",
        move,
    )


def _settle_what_meets(store: Store, move: dict[str, str], now: datetime) -> None:
    """What named the two people to each other names one person to themselves now, and lists them twice."""
    for table, columns in (
        ("availability_rules", 'weekdays, start, "end", from_date, until_date'),
        ("availability_exceptions", 'kind, start, "end", from_date, until_date'),
    ):
        store.execute(
            f"""DELETE FROM {table} WHERE volunteer_id = :to AND rowid NOT IN
                (SELECT min(rowid) FROM {table} WHERE volunteer_id = :to GROUP BY {columns})""",
            move,
        )
    mine = f"(SELECT {{what}} FROM assignments WHERE volunteer_id = :to AND state IN {LIVE})"
    store.execute(f"DELETE FROM standbys WHERE volunteer_id = :to AND slot_id IN {mine.format(what='slot_id')}", move)
    store.execute(
        f"""UPDATE swaps SET state = 'taken_back', answered_at = :now, revision = revision + 1
            WHERE state = 'asked' AND to_volunteer_id = :to AND assignment_id IN {mine.format(what="id")}""",
        move | {"now": utc_text(now)},
    )
    store.execute("UPDATE outbox SET addressee = 'volunteer:' || :to WHERE addressee = 'volunteer:' || :from", move)
    store.execute(
        """UPDATE recipients SET revision = revision + 1, blocked = (SELECT json_group_array(DISTINCT
               CASE value WHEN :from THEN :to ELSE value END) FROM json_each(recipients.blocked))
           WHERE EXISTS (SELECT 1 FROM json_each(recipients.blocked) WHERE value = :from)""",
        move,
    )


def references(store: Store, table: str) -> list[tuple[str, str]]:
    """(table, column) of every foreign key to a table."""
    sql = """SELECT m.name AS owner, f."from" AS column FROM sqlite_master m, pragma_foreign_key_list(m.name) f
             WHERE m.type = 'table' AND f."table" = :table ORDER BY m.name, f."from" """
    return [(row["owner"], row["column"]) for row in store.rows(sql, {"table": table})]
