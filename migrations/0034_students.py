"""A coach's students: notes and labels that only the coach sees, and a product that refuses who was absent twice."""

from peewee import BooleanField, CharField, ForeignKeyField, Model

from coaching.db import EncryptedTextField, UtcDateTimeField


def up(migrator, db):
    class Table(Model):
        class Meta:
            database = db

    class Person(Table):
        class Meta:
            table_name = "person"

    class CoachingSession(Table):
        class Meta:
            table_name = "coaching_session"

    class StudentNote(Table):
        code = CharField(unique=True)
        coach = ForeignKeyField(Person, on_delete="CASCADE")
        student = ForeignKeyField(Person, on_delete="CASCADE")
        coaching_session = ForeignKeyField(CoachingSession, null=True, on_delete="CASCADE")
        words = EncryptedTextField()
        made_at = UtcDateTimeField()
        edited_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "student_note"
            indexes = ((("coach", "student"), False),)

    class StudentLabel(Table):
        coach = ForeignKeyField(Person, on_delete="CASCADE")
        student = ForeignKeyField(Person, on_delete="CASCADE")
        key = CharField()
        words = CharField()

        class Meta:
            table_name = "student_label"
            indexes = ((("coach", "student", "key"), True),)

    db.create_tables([StudentNote, StudentLabel])
    migrator.migrate(migrator.add_column("product", "refuses_absent", BooleanField(default=False)))
