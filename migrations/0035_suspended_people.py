"""People whom an admin has suspended, and what was decided about their coming sessions."""

from peewee import BooleanField, CharField, ForeignKeyField, Model

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class Table(Model):
        class Meta:
            database = db

    class CoachingSession(Table):
        class Meta:
            table_name = "coaching_session"

    class LeftSession(Table):
        coaching_session = ForeignKeyField(CoachingSession, on_delete="CASCADE")
        side = CharField()
        left_at = UtcDateTimeField()

        class Meta:
            table_name = "left_session"
            indexes = ((("coaching_session", "side"), True),)

    db.create_tables([LeftSession])
    migrator.migrate(
        migrator.add_column("person", "suspended_at", UtcDateTimeField(null=True)),
        migrator.add_column("person", "suspended_why", CharField(default="")),
        migrator.add_column("coaching_session", "ended_by_admin", BooleanField(default=False)),
        migrator.add_column("coach", "stopped_with_account", BooleanField(default=False)),
    )
    migrator.migrate(migrator.add_index("person", ("suspended_at",)))
