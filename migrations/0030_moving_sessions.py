"""A session can move to another time: how often, and until when, its product says and its seat keeps."""

from peewee import IntegerField


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("product", "most_moves", IntegerField(default=3)),
        migrator.add_column("product", "move_notice_minutes", IntegerField(default=720)),
        migrator.add_column("seat", "most_moves", IntegerField(default=3)),
        migrator.add_column("seat", "move_notice_minutes", IntegerField(default=720)),
        migrator.add_column("seat", "moves", IntegerField(default=0)),
    )
