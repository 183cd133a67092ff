"""Of a bucket only what is asked for is kept.

When it may be forgotten follows from its window and its hold, and what Discord calls it can cover several limits.
"""


def up(migrator, db):
    migrator.migrate(
        migrator.drop_index("call_bucket", "callbucket_forget_at"),
        migrator.drop_column("call_bucket", "forget_at"),
        migrator.drop_column("call_bucket", "discord_bucket"),
    )
