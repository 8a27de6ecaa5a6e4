"""The schema, step by step. A released step never changes; a new step is added below."""

from collections.abc import Iterator
from pathlib import Path

from scheduler.store.sqlite import Database, Migrations, sqlite3

FIRST_RELEASE = Path(__file__).with_name("first_release.sql")

# Steps that databases from before the first release have taken: the first step of today makes one of them.
BEFORE_IT = frozenset(
    {
        "m0001_people_needs_plans",
        "m0002_promises",
        "m0003_web",
        "m0004_phone",
        "m0007_scenarios",
        "m0008_noes",
        "m0009_page_indexes",
        "m0010_messages_in_chinese",
        "m0011_hours_to_confirm",
        "m0011_settle",
        "m0011_anchors",
        "m0011_dropped_messages",
        "m0012_dry_runs",
        "m0012_kept_answers",
    }
)

schema = Migrations("yidu")


@schema()
def m0001_first_release(db: Database) -> None:
    """The tables of the first release; a database that was used before it brings its rows along.

    Nothing is committed here (`executescript` would): the step belongs to the transaction of whoever migrates.
    """
    earlier = _set_aside(db)
    for statement in statements(FIRST_RELEASE.read_text(encoding="utf-8")):
        db.conn.execute(statement)
    if earlier:
        _bring_along(db, earlier)
        for (table, column), statement in WHAT_EARLIER_ROWS_MEANT.items():
            if column not in earlier.get(table, ()):
                db.conn.execute(statement)
        db.conn.execute("DELETE FROM _sqlite_migrations WHERE migration_set = 'yidu'")


def statements(script: str) -> Iterator[str]:
    """The statements of an SQL text, one by one."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


# By the column that was missing. Whoever staff had taken off a visit was not told apart. For whose visit a volunteer
# opened an address stood in the reason, where staff may write anything. Waiting uploads were not sealed: they are sent
# again.
WHAT_EARLIER_ROWS_MEANT = {
    ("assignments", "taken_off"): "UPDATE assignments SET taken_off = 1 WHERE state = 'cancelled'",
    ("audit", "opened_for"): """
        UPDATE audit SET opened_for = substr(reason, 7)
        WHERE action = 'reveal' AND object_kind = 'recipient' AND reason LIKE 'visit %' AND EXISTS (
            SELECT 1 FROM accounts c JOIN assignments a ON a.volunteer_id = c.volunteer_id
            WHERE c.login = audit.actor AND a.id = substr(audit.reason, 7))""",
    ("anchors", "value"): "DELETE FROM uploads",
}


# Values with a new name, by their column. A line in the log was called sent: it had reached nobody.
HOW_EARLIER_VALUES_READ = {
    ("outbox", "state"): """CASE WHEN state = 'dead' THEN 'failed'
        WHEN state = 'sent' AND NOT EXISTS (SELECT 1 FROM json_each(sent_to) WHERE value <> 'log') THEN 'no_channel'
        ELSE state END""",
}


def _set_aside(db: Database) -> dict[str, list[str]]:
    """Renames the tables that are there and drops what hangs on them; each table with its columns."""
    tables = {name: list(db[name].columns_dict) for name in db.table_names() if not name.startswith(("_", "sqlite_"))}
    if not tables:
        return {}
    db.conn.execute("PRAGMA defer_foreign_keys=ON")
    db.conn.execute("PRAGMA legacy_alter_table=ON")  # or foreign keys would follow the tables set aside
    for kind, name in db.conn.execute(
        "SELECT type, name FROM sqlite_schema "
        "WHERE sql IS NOT NULL AND type IN ('view', 'index') AND substr(tbl_name, 1, 1) <> '_'"
    ).fetchall():
        db.conn.execute(f'DROP {kind} "{name}"')
    for name in tables:
        db.conn.execute(f'ALTER TABLE "{name}" RENAME TO "earlier_{name}"')
    return tables


def _bring_along(db: Database, earlier: dict[str, list[str]]) -> None:
    """Copies rows in their order into the columns of the same name, and drops the tables they came from."""
    for name, columns in earlier.items():
        common = [column for column in columns if column in db[name].columns_dict]
        kept = ", ".join(f'"{column}"' for column in common)
        read = ", ".join(HOW_EARLIER_VALUES_READ.get((name, column), f'"{column}"') for column in common)
        db.conn.execute(f'DELETE FROM "{name}"')
        db.conn.execute(f'INSERT INTO "{name}" ({kept}) SELECT {read} FROM "earlier_{name}" ORDER BY rowid')
    for name in earlier:
        db.conn.execute(f'DROP TABLE "earlier_{name}"')
    db.conn.execute("PRAGMA legacy_alter_table=OFF")
