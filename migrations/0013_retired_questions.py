"""A question that is reworded or removed stays for those who are answering it, and knows what took its place."""

from peewee import ForeignKeyField, Model

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class Question(Model):
        class Meta:
            database = db
            table_name = "question"

    migrator.migrate(
        migrator.add_column("question", "retired_at", UtcDateTimeField(null=True)),
        migrator.add_column(
            "question", "successor_id", ForeignKeyField(Question, Question.id, null=True, on_delete="SET NULL")
        ),
    )
