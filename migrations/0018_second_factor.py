"""Second factors: people's apps, their recovery codes, sign-ins that wait for a code, and codes that did not fit."""

from peewee import BigIntegerField, CharField, ForeignKeyField, Model, TextField

from coaching.db import EncryptedTextField, UtcDateTimeField


def up(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = "person"

    class SecondFactor(Model):
        person = ForeignKeyField(Person, unique=True, on_delete="CASCADE")
        secret = EncryptedTextField()
        last_step = BigIntegerField()
        set_up_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "second_factor"

    class RecoveryCode(Model):
        factor = ForeignKeyField(SecondFactor, on_delete="CASCADE")
        code_sha256 = CharField(unique=True)

        class Meta:
            database = db
            table_name = "recovery_code"

    class NewSecret(Model):
        holder_sha256 = CharField(unique=True)
        person = ForeignKeyField(Person, on_delete="CASCADE")
        secret = EncryptedTextField()
        ends_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "new_secret"

    class HalfSignIn(Model):
        token_sha256 = CharField(unique=True)
        person = ForeignKeyField(Person, on_delete="CASCADE")
        way = CharField()
        basis = CharField()
        back = TextField(default="")
        zone = CharField(null=True)
        ends_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "half_sign_in"

    class WrongCode(Model):
        person = ForeignKeyField(Person, on_delete="CASCADE")
        holder_sha256 = CharField()
        at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "wrong_code"

    migrator.migrate(migrator.add_column("sign_in", "factor_at", UtcDateTimeField(null=True)))
    db.create_tables([SecondFactor, RecoveryCode, NewSecret, HalfSignIn, WrongCode])
