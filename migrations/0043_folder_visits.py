"""Who has seen what lies in a folder, so that nobody is told of what they have seen."""

from peewee import ForeignKeyField, Model

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

    db.create_tables([FolderVisit])
