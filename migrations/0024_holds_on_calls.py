"""What holds calls back belongs to the call budget; what was a lane says only when a guild is next searched."""

from peewee import CharField, IntegerField, Model

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class CallHold(Model):
        name = CharField(unique=True)
        reason = CharField()
        until = UtcDateTimeField()
        hung = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "call_hold"

    class GuildSweep(Model):
        discord_guild_id = CharField(unique=True)
        due_at = UtcDateTimeField(null=True)

        class Meta:
            database = db
            table_name = "guild_sweep"

    db.create_tables([CallHold, GuildSweep])
    db.execute_sql(
        "INSERT INTO call_hold (name, reason, until, hung) SELECT name, stopped_reason, until, hung FROM lane"
        " WHERE until IS NOT NULL AND stopped_reason IS NOT NULL"
    )
    db.execute_sql(
        "INSERT INTO guild_sweep (discord_guild_id, due_at) SELECT name, sweep_due_at FROM lane"
        " WHERE sweep_due_at IS NOT NULL"
    )
    db.execute_sql("DROP TABLE lane")
