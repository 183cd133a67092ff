"""What a look at a server made on trial is told by its name, and needs no table."""


def up(migrator, db):
    db.execute_sql("DROP TABLE probe_room")
