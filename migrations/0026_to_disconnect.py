"""Those who are to be disconnected are called so."""


def up(migrator, db):
    migrator.migrate(migrator.rename_column("room", "to_put_out", "to_disconnect"))


def down(migrator, db):
    migrator.migrate(migrator.rename_column("room", "to_disconnect", "to_put_out"))
