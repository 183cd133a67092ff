"""Tables of figures: sums by day, and what is worked out anew when.

All but the figures of `names.KEPT`, which nothing else remembers, can be made anew from the other tables.
"""

from coaching.catalog.models import Product, Store
from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import BigIntegerField, CharField, DateField, ForeignKeyField, IntegerField


class DayFigure(BaseModel):
    """One figure (`names.py`) of one day by the store's calendar; without a product, of the whole store."""

    store = ForeignKeyField(Store, backref="day_figures", on_delete="CASCADE", index=False)
    store_id: int
    product = ForeignKeyField(Product, null=True, backref="day_figures", on_delete="CASCADE", index=False)
    product_id: int | None
    day_on = DateField()
    week_on = DateField()  # its Monday
    month_on = DateField()  # its first day
    name = CharField()
    label = CharField(default="")  # by whom, which currency, from where
    amount = BigIntegerField()

    class Meta:
        indexes = ((("store", "day_on"), False), (("product", "day_on"), False), (("day_on", "name"), False))


class SiteFigure(BaseModel):
    """One figure of one day over all stores, each by its own calendar; of the worker by UTC's."""

    day_on = DateField(index=True)
    week_on = DateField()
    month_on = DateField()
    name = CharField()
    label = CharField(default="")
    amount = BigIntegerField()


class FiguredMonth(BaseModel):
    """A month of a store, by its calendar, in which something happened; and when it is worked out anew."""

    store = ForeignKeyField(Store, backref="figured_months", on_delete="CASCADE", index=False)
    store_id: int
    month_on = DateField()
    due_at = UtcDateTimeField(index=True)

    class Meta:
        indexes = ((("store", "month_on"), True),)


class FiguredStore(BaseModel):
    """By which zone a store's days were told apart, and up to which day its hours on offer are written down."""

    store = ForeignKeyField(Store, unique=True, on_delete="CASCADE")
    store_id: int
    zone = CharField()
    offered_until = DateField()
    due_at = UtcDateTimeField(index=True)


class FigureMark(BaseModel):
    """One row: up to which line of the sessions' histories changes are known."""

    event_id = IntegerField(default=0)
    searched_at = UtcDateTimeField()  # when all months with something in them were last looked for
    complete_at = UtcDateTimeField(null=True)  # when no month was due; none: not all of them have been worked out yet


MODELS = [DayFigure, SiteFigure, FiguredMonth, FiguredStore, FigureMark]
