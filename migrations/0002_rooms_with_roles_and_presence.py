"""Rooms with roles and categories, and who was in them: three ways of access, talks that run over, outcomes."""

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, Model, TextField

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class Store(Model):
        class Meta:
            database = db
            table_name = "store"

    class Person(Model):
        class Meta:
            database = db
            table_name = "person"

    class Room(Model):
        class Meta:
            database = db
            table_name = "room"

    class Presence(Model):
        room = ForeignKeyField(Room, on_delete="CASCADE")
        person = ForeignKeyField(Person, on_delete="CASCADE")
        seconds = IntegerField(default=0)
        is_inside = BooleanField(default=False)
        last_seen_at = UtcDateTimeField(null=True)
        looked_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "presence"
            indexes = ((("room", "person"), True),)

    of_a_store = ForeignKeyField(Store, Store.id, null=True, on_delete="RESTRICT")
    migrator.migrate(
        migrator.drop_not_null("room", "coaching_session_id"),
        migrator.add_column("room", "kind", CharField(default="session")),
        migrator.add_column("room", "place", CharField(null=True, unique=True)),
        migrator.add_column("room", "store_id", of_a_store),
        migrator.add_column("room", "asked_mode", CharField(default="members")),
        migrator.add_column("room", "discord_role_id", CharField(null=True)),
        migrator.add_column("room", "parent_id", CharField(null=True)),
        migrator.add_column("room", "is_full", BooleanField(default=False)),
        migrator.add_column("room", "holders", TextField(default="[]")),
        migrator.add_column("room", "warned_at", UtcDateTimeField(null=True)),
        migrator.add_column("room", "opened_by_hand_at", UtcDateTimeField(null=True)),
        migrator.add_column("room", "closed_by_hand_at", UtcDateTimeField(null=True)),
        migrator.add_column("room", "extra_minutes", IntegerField(default=0)),
        migrator.add_column("room", "intent", CharField(default="channel")),
        migrator.add_column("product", "overrun_minutes", IntegerField(default=60)),
        migrator.add_column("product", "stands", BooleanField(default=False)),
        migrator.add_column("coaching_session", "absent", CharField(null=True)),
    )
    migrator.migrate(migrator.add_index("room", ("kind",)))
    db.create_tables([Presence])
