"""What Discord refuses is owed in the outbox at once, and no longer waits a minute in a table of its own.

A row that waits now is not carried over: whatever is still refused is tried again, and owes its message then.
"""


def up(migrator, db):
    db.execute_sql('DROP TABLE "alert"')
