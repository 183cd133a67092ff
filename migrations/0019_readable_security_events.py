"""Security events say in which request they happened, who did it to another person, and how often within a minute."""

from peewee import CharField, ForeignKeyField, IntegerField, Model


def up(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = "person"

    by_another = ForeignKeyField(Person, Person.id, null=True, on_delete="SET NULL")
    migrator.migrate(
        migrator.add_column("security_event", "actor_id", by_another),
        migrator.add_column("security_event", "request", CharField(default="")),
        migrator.add_column("security_event", "times", IntegerField(default=1)),
        migrator.add_index("security_event", ("kind",), False),
    )
