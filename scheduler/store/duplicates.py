"""Rows that may be the same person, and moving everything that refers to one person to another."""

from scheduler.errors import IllegalMove
from scheduler.store.database import Store
from scheduler.store.sqlite import sqlite3
from scheduler.words import Said

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


def move_references(store: Store, table: str, from_id: str, to_id: str) -> None:
    """Whatever points to one row of a table points to another one afterwards; call inside a transaction.

    Raises IllegalMove if both are on the same visit, or have visits that begin at the same moment.
    """
    move = {"from": from_id, "to": to_id}
    for owner, column in _references(store, table):
        if owner == "pairs":
            _end_double_bonds(store, column, from_id, to_id)
        if owner == "assignments":
            try:
                store.execute(f"UPDATE assignments SET {column} = :to WHERE {column} = :from", move)
            except sqlite3.IntegrityError as error:
                raise IllegalMove(
                    Said(
                        "两人在同一次服务，或同一时间各有一次：请先换下一位",
                        "both are on the same visit, or on two at the same time: take one of them off first",
                    )
                ) from error
        else:
            store.execute(f"UPDATE OR IGNORE {owner} SET {column} = :to WHERE {column} = :from", move)
            store.execute(f"DELETE FROM {owner} WHERE {column} = :from", move)
    if table == "volunteers":
        store.execute(
            """UPDATE recipients SET revision = revision + 1, blocked = (SELECT json_group_array(DISTINCT
                   CASE value WHEN :from THEN :to ELSE value END) FROM json_each(recipients.blocked))
               WHERE EXISTS (SELECT 1 FROM json_each(recipients.blocked) WHERE value = :from)""",
            move,
        )


def _references(store: Store, table: str) -> list[tuple[str, str]]:
    """(table, column) of every foreign key to a table."""
    sql = """SELECT m.name AS owner, f."from" AS column FROM sqlite_master m, pragma_foreign_key_list(m.name) f
             WHERE m.type = 'table' AND f."table" = :table ORDER BY m.name, f."from" """
    return [(row["owner"], row["column"]) for row in store.rows(sql, {"table": table})]


def _end_double_bonds(store: Store, column: str, from_id: str, to_id: str) -> None:
    """Bonds that both people have with the same third one, or two faces of equal rank: those of the first end."""
    other = "volunteer_id" if column == "recipient_id" else "recipient_id"
    store.execute(
        f"""UPDATE pairs SET state = 'ended', revision = revision + 1 WHERE {column} = :from AND state <> 'ended'
            AND EXISTS (SELECT 1 FROM pairs kept WHERE kept.{column} = :to AND kept.state <> 'ended'
                AND (kept.{other} = pairs.{other} OR ('{column}' = 'recipient_id' AND kept.rank = pairs.rank)))""",
        {"from": from_id, "to": to_id},
    )
