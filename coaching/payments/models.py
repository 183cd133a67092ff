"""Tables of money: on whose account, what was paid for a seat, what goes back, receipts, objections, disputes.

Amounts are whole numbers of the currency's smallest unit (`coaching/money.py`).
"""

from coaching.accounts.models import Person
from coaching.booking.models import Seat
from coaching.catalog.models import Store
from coaching.db import BaseModel, EncryptedTextField, UtcDateTimeField
from coaching.fields import BooleanField, CharField, DateField, ForeignKeyField, IntegerField, TextField


class PaymentAccount(BaseModel):
    """An account with a payment provider, as one key opens it. A payment keeps the one that it was made on.

    Without a store it is the site's own, whose key comes from the environment.
    """

    code = CharField(unique=True)  # in the address of its webhook
    store = ForeignKeyField(Store, null=True, backref="payment_accounts", on_delete="RESTRICT")
    store_id: int | None
    key = EncryptedTextField(default="")  # gone once removed
    key_last4 = CharField(default="")
    provider_account_id = CharField(default="")  # acct_…, as far as the provider tells it
    name = CharField(default="")  # as the provider calls it
    livemode = BooleanField()
    state = CharField(default="current")  # current; older: only to look up and refund; removed
    lacks = CharField(default="")  # rights that the key lacked when it was last tried, separated by commas
    fault = CharField(default="")  # why it could not be used last, by kind; empty while it works
    checked_at = UtcDateTimeField(null=True)
    webhook_id = CharField(default="")  # we_…, where we made it ourselves
    webhook_secret = EncryptedTextField(default="")
    webhook_heard_at = UtcDateTimeField(null=True)
    read_since = UtcDateTimeField(null=True)  # after a restore: nothing is refunded until all since then has been read
    refunds_read_at = UtcDateTimeField(null=True)  # up to when those made in its provider's own pages are known
    refunds_tried_at = UtcDateTimeField(null=True)
    disputes_read_at = UtcDateTimeField(null=True)  # when its disputes were last read
    added_at = UtcDateTimeField()
    removed_at = UtcDateTimeField(null=True)


class Payment(BaseModel):
    """One try to pay for a seat. Without a seat it is one that a restore knows of from its provider alone."""

    seat = ForeignKeyField(Seat, null=True, backref="payments", on_delete="RESTRICT")
    seat_id: int | None
    payment_account = ForeignKeyField(PaymentAccount, null=True, backref="payments", on_delete="RESTRICT", index=False)
    payment_account_id: int | None  # none: paid outside
    provider = CharField()  # stripe, outside
    # begun: meant, perhaps not yet known to the provider; open: can be paid; pending: complete and not yet paid;
    # paid; expired; failed: a delayed method, or a beginning that the provider refused
    state = CharField(default="begun")
    amount_cents = IntegerField()
    currency = CharField()
    livemode = BooleanField(default=False)
    key = CharField(unique=True)  # for idempotency
    reference = CharField(null=True, unique=True)  # cs_…
    charge_reference = CharField(null=True, index=True)  # pi_…, what is refunded
    page_url = TextField(default="")  # where it is paid
    begun_at = UtcDateTimeField()
    expires_at = UtcDateTimeField(null=True)  # when we end it
    paid_at = UtcDateTimeField(null=True)
    next_ask_at = UtcDateTimeField(null=True, index=True)  # None: nothing is left to ask the provider
    claimed_until = UtcDateTimeField(null=True)
    tries = IntegerField(default=0)
    fault = CharField(default="")  # why the last question failed, by kind
    facts = TextField(default="{}")  # JSON: of one without a seat, what its provider keeps of it; why it did not begin
    has_receipt = BooleanField(default=False)  # one that holds: written by receipt_mutations alone
    outcome_seen = CharField(default="")  # what had become of its call when that was last looked at
    final_at = UtcDateTimeField(null=True)  # since when that changes its money no more

    class Meta:
        indexes = (
            (("has_receipt", "state"), False),
            (("state", "final_at"), False),
            (("payment_account", "state", "paid_at"), False),
        )

    @property
    def is_test(self) -> bool:
        """True where no money moved: it was paid with a test key."""
        return self.provider != "outside" and not self.livemode


class Refund(BaseModel):
    """Money that goes back, or has gone back. `key` says for what, so that the same thing is never paid back twice."""

    payment = ForeignKeyField(Payment, backref="refunds", on_delete="RESTRICT")
    payment_id: int
    key = CharField(unique=True)
    cause = CharField()  # one of refund_rules.Cause
    amount_cents = IntegerField()
    # owed: from due_at on; asked: perhaps not yet known to the provider; pending; succeeded; failed: as the provider
    # says; by_hand: the coach sends it themselves and ticks it; ticked; dropped: owed no more before it was asked for
    state = CharField(default="owed", index=True)
    reference = CharField(null=True, unique=True)  # re_…
    person = ForeignKeyField(Person, null=True, on_delete="SET NULL")  # who set it off by hand
    person_id: int | None
    reason = EncryptedTextField(default="")
    owed_at = UtcDateTimeField()
    due_at = UtcDateTimeField()
    asked_at = UtcDateTimeField(null=True)
    settled_at = UtcDateTimeField(null=True)
    next_ask_at = UtcDateTimeField(null=True, index=True)
    claimed_until = UtcDateTimeField(null=True)
    tries = IntegerField(default=0)
    fault = CharField(default="")
    has_receipt = BooleanField(default=False)  # a credit note that holds: written by receipt_mutations alone

    class Meta:
        indexes = ((("has_receipt", "state"), False),)


class ProviderEvent(BaseModel):
    """An event that a provider has told us of, by its id: twice is once."""

    event_id = CharField(unique=True)
    kind = CharField()
    payment_account = ForeignKeyField(PaymentAccount, null=True, on_delete="CASCADE")
    payment_account_id: int | None
    heard_at = UtcDateTimeField(index=True)


class Dispute(BaseModel):
    """A student's bank has taken the money back for now."""

    payment = ForeignKeyField(Payment, backref="disputes", on_delete="RESTRICT")
    payment_id: int
    reference = CharField(unique=True)  # dp_…
    state = CharField()  # as the provider calls it
    reason = CharField(default="")
    amount_cents = IntegerField()
    opened_at = UtcDateTimeField()
    closed_at = UtcDateTimeField(null=True)
    evidence_due_at = UtcDateTimeField(null=True)


class Objection(BaseModel):
    """A student disagrees with what became of their money: once, in a sentence. An admin decides."""

    seat = ForeignKeyField(Seat, unique=True, backref="objections", on_delete="CASCADE")
    seat_id: int
    sentence = EncryptedTextField()
    made_at = UtcDateTimeField()
    reply = EncryptedTextField(default="")  # the coach's side
    replied_at = UtcDateTimeField(null=True)
    decided_at = UtcDateTimeField(null=True)
    decided_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    decided_by_id: int | None
    decision = EncryptedTextField(default="")
    refund = ForeignKeyField(Refund, null=True, on_delete="SET NULL")
    refund_id: int | None


class ReceiptSeries(BaseModel):
    """The last number given in a store's year."""

    store = ForeignKeyField(Store, on_delete="RESTRICT")
    store_id: int
    year = IntegerField()
    last_number = IntegerField(default=0)

    class Meta:
        indexes = ((("store", "year"), True),)


class Receipt(BaseModel):
    """What was paid or given back, as it was written: it never changes. A credit note is one below zero.

    What turns out not to hold (a refund that failed later, a payment that had not come) is reversed by another one.
    """

    store = ForeignKeyField(Store, backref="receipts", on_delete="RESTRICT")
    store_id: int
    year = IntegerField()
    number = IntegerField()
    payment = ForeignKeyField(Payment, backref="receipts", on_delete="RESTRICT")
    payment_id: int
    refund = ForeignKeyField(Refund, null=True, backref="receipts", on_delete="RESTRICT")  # that it is about
    refund_id: int | None
    reverses = ForeignKeyField("self", null=True, unique=True, on_delete="RESTRICT")
    reverses_id: int | None
    code = CharField(unique=True)
    issued_on = DateField()  # in the store's zone
    issued_at = UtcDateTimeField()
    amount_cents = IntegerField()  # what it adds to what was paid
    currency = CharField()
    seller = EncryptedTextField()  # name and address, as they were then
    buyer = EncryptedTextField()
    printed = EncryptedTextField()  # JSON of receipt_rules.Printed: all that stands on it beside these
    tax_note = TextField(default="")

    class Meta:
        indexes = (
            (("store", "year", "number"), True),
            (("store", "issued_on"), False),
        )


MODELS = [
    *(PaymentAccount, Payment, Refund, ProviderEvent, Dispute, Objection, ReceiptSeries, Receipt),
]
