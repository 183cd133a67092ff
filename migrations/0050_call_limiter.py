"""What holds for all calls to Discord is a rate limiter, and what a bucket counts are consecutive 429s."""


def up(migrator, db):
    migrator.migrate(
        migrator.rename_table("call_pace", "call_limiter"),
        migrator.rename_column("call_bucket", "strikes", "consecutive_429s"),
    )
