"""Those who are to be disconnected are called so, and what was made on trial has one column for its id."""


def up(migrator, db):
    migrator.migrate(
        migrator.rename_column("room", "to_put_out", "to_disconnect"),
        migrator.rename_column("trial_room", "discord_channel_id", "discord_id"),
    )
    db.execute_sql("UPDATE trial_room SET discord_id = discord_role_id WHERE discord_role_id IS NOT NULL")
    migrator.migrate(migrator.drop_column("trial_room", "discord_role_id"))
