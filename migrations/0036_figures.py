"""Figures: sums by day, which month of which store is counted when, and by which way a student came to a booking."""

from peewee import BigIntegerField, CharField, DateField, ForeignKeyField, IntegerField, Model

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class Table(Model):
        class Meta:
            database = db

    class Store(Table):
        class Meta:
            table_name = "store"

    class Product(Table):
        class Meta:
            table_name = "product"

    class DayFigure(Table):
        store = ForeignKeyField(Store, on_delete="CASCADE", index=False)
        product = ForeignKeyField(Product, null=True, on_delete="CASCADE", index=False)
        day_on = DateField()
        week_on = DateField()
        month_on = DateField()
        name = CharField()
        label = CharField(default="")
        amount = BigIntegerField()

        class Meta:
            table_name = "day_figure"
            indexes = ((("store", "day_on"), False), (("product", "day_on"), False), (("day_on", "name"), False))

    class SiteFigure(Table):
        day_on = DateField(index=True)
        week_on = DateField()
        month_on = DateField()
        name = CharField()
        label = CharField(default="")
        amount = BigIntegerField()

        class Meta:
            table_name = "site_figure"

    class FiguredMonth(Table):
        store = ForeignKeyField(Store, on_delete="CASCADE", index=False)
        month_on = DateField()
        due_at = UtcDateTimeField(index=True)

        class Meta:
            table_name = "figured_month"
            indexes = ((("store", "month_on"), True),)

    class FiguredStore(Table):
        store = ForeignKeyField(Store, unique=True, on_delete="CASCADE")
        zone = CharField()
        offered_until = DateField()
        due_at = UtcDateTimeField(index=True)

        class Meta:
            table_name = "figured_store"

    class FigureMark(Table):
        event_id = IntegerField(default=0)
        searched_at = UtcDateTimeField()
        complete_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "figure_mark"

    db.create_tables([DayFigure, SiteFigure, FiguredMonth, FiguredStore, FigureMark])
    migrator.migrate(
        migrator.add_column("seat", "source", CharField(null=True)),
        migrator.add_index("coaching_session", ("product_id", "starts_at")),
        migrator.add_index("coaching_session", ("product_id", "created_at")),
        migrator.add_index("coaching_session", ("created_at",)),
    )
