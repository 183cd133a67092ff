"""Who has seen what lies in a folder, and which addresses stay suspended without an account."""

from peewee import CharField, ForeignKeyField, Model

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class Table(Model):
        class Meta:
            database = db

    class Person(Table):
        class Meta:
            table_name = "person"

    class Folder(Table):
        class Meta:
            table_name = "folder"

    class FolderVisit(Table):
        folder = ForeignKeyField(Folder, on_delete="CASCADE")
        person = ForeignKeyField(Person, on_delete="CASCADE")
        seen_at = UtcDateTimeField()

        class Meta:
            table_name = "folder_visit"
            indexes = ((("folder", "person"), True),)

    class BarredIdentity(Table):
        digest = CharField(unique=True)
        barred_at = UtcDateTimeField()

        class Meta:
            table_name = "barred_identity"

    db.create_tables([FolderVisit, BarredIdentity])
