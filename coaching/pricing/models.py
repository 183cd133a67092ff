"""Tables of what changes a price or its share: discount codes, and partners with what was paid out to them."""

from coaching.catalog.models import Product, Store
from coaching.db import BaseModel, BoundedIntegerField, UtcDateTimeField
from coaching.fields import BooleanField, CharField, DateField, ForeignKeyField, IntegerField


class DiscountCode(BaseModel):
    """Percent or an amount off, within its limits. `code` is kept in capitals, once a store.

    How often it was used is counted by the seats that name it, unless nothing came of their sessions.
    """

    store = ForeignKeyField(Store, backref="discount_codes", on_delete="CASCADE")
    store_id: int
    code = CharField()
    percent = BoundedIntegerField(1, 100, null=True)  # this, or
    amount_cents = IntegerField(null=True)  # this, in the store's currency
    from_at = UtcDateTimeField(null=True)
    until_at = UtcDateTimeField(null=True)
    most_uses = IntegerField(null=True)
    most_per_person = IntegerField(null=True)
    first_booking_only = BooleanField(default=False)  # of a student with this coach
    is_active = BooleanField(default=True)
    made_at = UtcDateTimeField()

    class Meta:
        indexes = ((("store", "code"), True),)


class DiscountProduct(BaseModel):
    """A product that a code counts for; a code without any counts for all of its store."""

    discount_code = ForeignKeyField(DiscountCode, backref="discount_products", on_delete="CASCADE")
    discount_code_id: int
    product = ForeignKeyField(Product, backref="discount_products", on_delete="CASCADE")
    product_id: int

    class Meta:
        indexes = ((("discount_code", "product"), True),)


class Partner(BaseModel):
    """Somebody who sends students to a store, and is owed a share. `code` is in the links that they hand on."""

    store = ForeignKeyField(Store, backref="partners", on_delete="CASCADE")
    store_id: int
    name = CharField()
    code = CharField()
    share_percent = BoundedIntegerField(0, 100)  # unless a product has its own
    token_sha256 = CharField(null=True, unique=True)  # of the link to their own page
    is_active = BooleanField(default=True)
    made_at = UtcDateTimeField()

    class Meta:
        indexes = ((("store", "code"), True),)


class Payout(BaseModel):
    """What a coach has paid to a partner: recorded, not made."""

    partner = ForeignKeyField(Partner, backref="payouts", on_delete="CASCADE")
    partner_id: int
    amount_cents = IntegerField()
    currency = CharField()
    paid_on = DateField()
    note = CharField(default="")
    made_at = UtcDateTimeField()


MODELS = [DiscountCode, DiscountProduct, Partner, Payout]
