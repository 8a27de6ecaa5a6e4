"""What reading with care needs of the schema."""

from scheduler.store.sqlite import Database


def m0011_hours_to_confirm(db: Database) -> None:
    """Finds the few visits that earned nothing among all that did, for the page of today."""
    db.conn.execute(
        "CREATE INDEX IF NOT EXISTS hours_uncredited ON hours_entries(assignment_id) WHERE credited_min = 0"
    )
