"""A room that opens at the booking says so by its column's name."""


def up(migrator, db):
    migrator.migrate(migrator.rename_column("product", "stands", "opens_at_booking"))
