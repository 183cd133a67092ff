"""Tables of what is kept worked out for public lists: each can be made anew from the others."""

from coaching.catalog.models import Product
from coaching.coaches.models import Coach
from coaching.db import BaseModel, BoundedIntegerField, UtcDateTimeField
from coaching.fields import BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField


class NextFree(BaseModel):
    """The next free instant of a published product, as the worker last saw it."""

    product = ForeignKeyField(Product, unique=True, backref="next_free", on_delete="CASCADE")
    product_id: int
    starts_at = UtcDateTimeField(null=True)  # empty: nothing is free
    looked_at = UtcDateTimeField()
    due_at = UtcDateTimeField(index=True)  # when it must be worked out again at the latest
    basis = BigIntegerField(default=0)  # which state of the coach's calendar and of the product it was worked out from


class CoachSummary(BaseModel):
    """What the directory filters and sorts by, and what a card says: one row a coach."""

    coach = ForeignKeyField(Coach, unique=True, backref="summaries", on_delete="CASCADE")
    coach_id: int
    is_shown = BooleanField(default=False)  # approved, listed, with something published
    next_free_at = UtcDateTimeField(null=True)
    from_price_cents = IntegerField(null=True)
    currency = CharField(default="")
    reviews = BoundedIntegerField(0, 1_000_000_000, default=0)
    stars = BoundedIntegerField(0, 1_000_000_000, default=0)  # the sum; 0 without reviews
    calls_held = BoundedIntegerField(0, 1_000_000_000, default=0)
    answers_minutes = IntegerField(null=True)  # how long half of the requests waited for an answer at most
    looked_at = UtcDateTimeField()
    due_at = UtcDateTimeField(index=True)

    class Meta:
        indexes = ((("is_shown", "next_free_at"), False),)


MODELS = [NextFree, CoachSummary]
