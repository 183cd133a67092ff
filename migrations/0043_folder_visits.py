"""Who has seen what lies in a folder, which addresses stay suspended without an account, and since when a review stood
that was taken back.
"""

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

    class Seat(Table):
        class Meta:
            table_name = "seat"

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

    class TakenBackReview(Table):
        seat = ForeignKeyField(Seat, unique=True, on_delete="CASCADE")
        made_at = UtcDateTimeField()

        class Meta:
            table_name = "taken_back_review"

    db.create_tables([FolderVisit, BarredIdentity, TakenBackReview])
