"""Tables of reviews and of what is reported about them."""

from coaching.accounts.models import Person
from coaching.booking.models import Seat
from coaching.catalog.models import Product
from coaching.db import BaseModel, BoundedIntegerField, UtcDateTimeField
from coaching.fields import BooleanField, CharField, ForeignKeyField, TextField


class Review(BaseModel):
    """A student's stars and words about one call: one a seat."""

    code = CharField(unique=True)
    seat = ForeignKeyField(Seat, unique=True, backref="reviews", on_delete="CASCADE")
    seat_id: int
    coach = ForeignKeyField(Person, backref="reviews_received", on_delete="CASCADE")
    coach_id: int
    product = ForeignKeyField(Product, backref="reviews", on_delete="CASCADE")
    product_id: int
    student = ForeignKeyField(Person, null=True, backref="reviews", on_delete="SET NULL")  # empty: a former student
    student_id: int | None
    stars = BoundedIntegerField(1, 5)
    words = TextField(default="")
    is_verified = BooleanField(default=False)  # the record of who was there shows the student: a verified call
    held_at = UtcDateTimeField()  # when the call began
    made_at = UtcDateTimeField()
    edited_at = UtcDateTimeField(null=True)
    answer = TextField(default="")
    answered_at = UtcDateTimeField(null=True)
    hidden_at = UtcDateTimeField(null=True)
    hidden_why = TextField(default="")
    hidden_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    hidden_by_id: int | None

    class Meta:
        indexes = ((("coach", "hidden_at", "made_at"), False), (("product", "hidden_at", "made_at"), False))


class ReviewReport(BaseModel):
    """Somebody thinks that a review should not stand; an admin settles it."""

    review = ForeignKeyField(Review, backref="reports", on_delete="CASCADE")
    review_id: int
    person = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    person_id: int | None
    words = TextField(default="")
    made_at = UtcDateTimeField()
    settled_at = UtcDateTimeField(null=True, index=True)
    outcome = CharField(default="")  # hidden, kept

    class Meta:
        indexes = ((("review", "person"), True),)


class TakenBackReview(BaseModel):
    """When a review was first written that its student took back: one written anew can be changed no longer than it."""

    seat = ForeignKeyField(Seat, unique=True, backref="taken_back", on_delete="CASCADE")
    made_at = UtcDateTimeField()


MODELS = [Review, ReviewReport, TakenBackReview]
