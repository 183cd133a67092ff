"""When people were looked for in a room, by the session's own clock, and what of a session's history they have seen.

What was written into a session's history before this is no news any more.
"""

from peewee import ForeignKeyField, Model, TextField

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = "person"

    class CoachingSession(Model):
        class Meta:
            database = db
            table_name = "coaching_session"

    class SessionEvent(Model):
        class Meta:
            database = db
            table_name = "session_event"

    class NewsSeen(Model):
        person = ForeignKeyField(Person, on_delete="CASCADE")
        coaching_session = ForeignKeyField(CoachingSession, on_delete="CASCADE")
        event = ForeignKeyField(SessionEvent, on_delete="CASCADE")

        class Meta:
            database = db
            table_name = "news_seen"
            indexes = ((("person", "coaching_session"), True),)

    migrator.migrate(
        migrator.add_column("presence", "looks", TextField(null=True)),
        migrator.add_column("presence", "present_at", UtcDateTimeField(null=True)),
    )
    # Outside of a demo both clocks are one.
    db.execute_sql("UPDATE presence SET present_at = last_seen_at")
    db.create_tables([NewsSeen])
    db.execute_sql(
        """
        INSERT INTO news_seen (person_id, coaching_session_id, event_id)
        SELECT people.person_id, session_event.coaching_session_id, MAX(session_event.id)
        FROM session_event
        JOIN (
            SELECT coach_id AS person_id, id AS coaching_session_id FROM coaching_session
            UNION SELECT student_id, coaching_session_id FROM seat
        ) AS people ON people.coaching_session_id = session_event.coaching_session_id
        WHERE session_event.what = 'cancelled' OR SUBSTR(session_event.what, 1, 12) = 'corrected to'
        GROUP BY people.person_id, session_event.coaching_session_id
        """
    )
