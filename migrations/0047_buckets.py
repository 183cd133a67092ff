"""When what is known of a bucket may be forgotten follows from its window and its hold."""


def up(migrator, db):
    migrator.migrate(
        migrator.drop_index("call_bucket", "callbucket_forget_at"),
        migrator.drop_column("call_bucket", "forget_at"),
    )
