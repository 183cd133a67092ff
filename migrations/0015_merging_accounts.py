"""Accounts that one browser has shown to be another account of the same person, so that the two can be merged."""

from peewee import CharField, ForeignKeyField, Model

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class SignIn(Model):
        class Meta:
            database = db
            table_name = "sign_in"

    class Person(Model):
        class Meta:
            database = db
            table_name = "person"

    class MergeClaim(Model):
        sign_in = ForeignKeyField(SignIn, unique=True, on_delete="CASCADE")
        other = ForeignKeyField(Person, on_delete="CASCADE")
        way = CharField()
        basis = CharField()
        token_sha256 = CharField(null=True, unique=True)
        shown_at = UtcDateTimeField(null=True)
        ends_at = UtcDateTimeField()
        back = CharField(default="")

        class Meta:
            database = db
            table_name = "merge_claim"

    db.create_tables([MergeClaim])
