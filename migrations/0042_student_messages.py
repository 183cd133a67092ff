"""What students write to a coach stays with the coach, and the address of a merged student leads to who is left."""

from peewee import CharField, ForeignKeyField, IntegerField, Model

from coaching.db import EncryptedTextField, UtcDateTimeField


def up(migrator, db):
    class Table(Model):
        class Meta:
            database = db

    class Person(Table):
        class Meta:
            table_name = "person"

    class StudentMessage(Table):
        coach = ForeignKeyField(Person, on_delete="CASCADE")
        student = ForeignKeyField(Person, on_delete="CASCADE")
        title = CharField()
        words = EncryptedTextField()
        sent_at = UtcDateTimeField(index=True)
        read_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "student_message"
            indexes = ((("coach", "student"), False),)

    class FormerStudent(Table):
        coach = ForeignKeyField(Person, on_delete="CASCADE")
        number = IntegerField()
        student = ForeignKeyField(Person, on_delete="CASCADE")

        class Meta:
            table_name = "former_student"
            indexes = ((("coach", "number"), True),)

    db.create_tables([StudentMessage, FormerStudent])
