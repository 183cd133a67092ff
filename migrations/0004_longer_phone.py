"""Room for a phone number that is encrypted: sealed, it is longer than it looks.

What stands in the tables is encrypted after the migrations, by `flask db migrate` itself: a migration has no keys.
"""

from peewee import TextField


def up(migrator, db):
    migrator.migrate(migrator.alter_column_type("seat", "phone", TextField(null=True)))
