"""People whose accounts were deleted."""

from peewee import IntegerField, Model

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class ErasedPerson(Model):
        person_id = IntegerField()
        person_created_at = UtcDateTimeField()
        erased_at = UtcDateTimeField(index=True)
        finished_at = UtcDateTimeField(null=True)

        class Meta:
            database = db
            table_name = "erased_person"
            indexes = ((("person_id", "person_created_at"), True),)

    db.create_tables([ErasedPerson])
    migrator.migrate(migrator.add_column("person", "erased_at", UtcDateTimeField(null=True)))
