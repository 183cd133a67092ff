"""Folders: the notes, links and tasks that coach and student of a call share."""

from peewee import CharField, ForeignKeyField, IntegerField, Model

from coaching.db import EncryptedTextField, UtcDateTimeField


def up(migrator, db):
    class Table(Model):
        class Meta:
            database = db

    class Person(Table):
        class Meta:
            table_name = "person"

    class Seat(Table):
        class Meta:
            table_name = "seat"

    class Folder(Table):
        seat = ForeignKeyField(Seat, unique=True, on_delete="CASCADE")
        kept_until = UtcDateTimeField(index=True)

        class Meta:
            table_name = "folder"

    class FolderEntry(Table):
        code = CharField(unique=True)
        folder = ForeignKeyField(Folder, on_delete="CASCADE")
        kind = CharField()
        words = EncryptedTextField()
        address = EncryptedTextField(default="")
        writer = ForeignKeyField(Person, null=True, on_delete="SET NULL")
        written_at = UtcDateTimeField()
        changed_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
        changed_at = UtcDateTimeField(null=True)
        as_written = EncryptedTextField(default="")
        done_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
        done_at = UtcDateTimeField(null=True)
        revision = IntegerField(default=0)

        class Meta:
            table_name = "folder_entry"

    db.create_tables([Folder, FolderEntry])
