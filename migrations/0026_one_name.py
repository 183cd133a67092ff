"""One name for one column: those to be disconnected, the id of what was made on trial, the number of a place.

A place was a text like "category 1100 0" or "shared 7 1100": its guild and its store stand in columns of their own.
"""

from peewee import IntegerField


def up(migrator, db):
    migrator.migrate(
        migrator.rename_column("room", "to_put_out", "to_disconnect"),
        migrator.rename_column("trial_room", "discord_channel_id", "discord_id"),
        migrator.add_column("room", "number", IntegerField(null=True)),
    )
    db.execute_sql("UPDATE trial_room SET discord_id = discord_role_id WHERE discord_role_id IS NOT NULL")
    places = db.execute_sql("SELECT id, kind, place, store_id FROM room WHERE place IS NOT NULL").fetchall()
    for room_id, kind, place, store_id in places:
        last = place.split()[-1]
        number = store_id if kind == "shared" else int(last) if last.isdigit() else room_id
        db.execute_sql(f"UPDATE room SET number = {db.param} WHERE id = {db.param}", (number, room_id))
    migrator.migrate(
        migrator.drop_column("trial_room", "discord_role_id"),
        migrator.drop_index("room", "room_place"),
        migrator.drop_column("room", "place"),
        migrator.add_index("room", ("kind", "discord_guild_id", "number"), True),
    )
