"""Whoever has no time zone gets the one they were shown so far: that of their store, or of their first session."""

OF_THE_STORE = "SELECT zone FROM store WHERE owner_id = person.id ORDER BY id LIMIT 1"
OF_THE_SESSION = (
    "SELECT coaching_session.zone FROM seat JOIN coaching_session ON coaching_session.id = seat.coaching_session_id "
    "WHERE seat.student_id = person.id ORDER BY seat.id LIMIT 1"
)


def up(migrator, db):
    for zone in (OF_THE_STORE, OF_THE_SESSION):
        db.execute_sql(f"UPDATE person SET zone = ({zone}) WHERE zone IS NULL")
