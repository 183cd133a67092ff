"""Money: payment accounts, payments, refunds, receipts, objections, disputes; codes, extras, partners."""

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField, Model, SqliteDatabase, TextField

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class Table(Model):
        class Meta:
            database = db

    class Person(Table):
        class Meta:
            table_name = "person"

    class Store(Table):
        class Meta:
            table_name = "store"

    class Product(Table):
        class Meta:
            table_name = "product"

    class Seat(Table):
        class Meta:
            table_name = "seat"

    class Picture(Table):
        class Meta:
            table_name = "picture"

    class DiscountCode(Table):
        store = ForeignKeyField(Store, on_delete="CASCADE")
        code = CharField()
        percent = IntegerField(null=True)
        amount_cents = IntegerField(null=True)
        from_at = UtcDateTimeField(null=True)
        until_at = UtcDateTimeField(null=True)
        most_uses = IntegerField(null=True)
        most_per_person = IntegerField(null=True)
        first_booking_only = BooleanField(default=False)
        is_active = BooleanField(default=True)
        made_at = UtcDateTimeField()

        class Meta:
            table_name = "discount_code"
            indexes = ((("store", "code"), True),)

    class DiscountProduct(Table):
        discount_code = ForeignKeyField(DiscountCode, on_delete="CASCADE")
        product = ForeignKeyField(Product, on_delete="CASCADE")

        class Meta:
            table_name = "discount_product"
            indexes = ((("discount_code", "product"), True),)

    class Partner(Table):
        store = ForeignKeyField(Store, on_delete="CASCADE")
        name = CharField()
        code = CharField()
        share_percent = IntegerField()
        token_sha256 = CharField(null=True, unique=True)
        is_active = BooleanField(default=True)
        made_at = UtcDateTimeField()

        class Meta:
            table_name = "partner"
            indexes = ((("store", "code"), True),)

    class Payout(Table):
        partner = ForeignKeyField(Partner, on_delete="CASCADE")
        amount_cents = IntegerField()
        currency = CharField()
        paid_on = DateField()
        note = CharField(default="")
        made_at = UtcDateTimeField()

        class Meta:
            table_name = "payout"

    class Bump(Table):
        product = ForeignKeyField(Product, on_delete="CASCADE")
        title = CharField()
        words = TextField(default="")
        price_cents = IntegerField()
        picture = ForeignKeyField(Picture, null=True, on_delete="SET NULL")
        position = IntegerField(default=0)
        is_refundable = BooleanField(default=True)
        gives = TextField(default="")
        retired_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "bump"

    class SeatLine(Table):
        seat = ForeignKeyField(Seat, on_delete="CASCADE")
        kind = CharField()
        title = CharField()
        amount_cents = IntegerField()
        position = IntegerField(default=0)
        bump = ForeignKeyField(Bump, null=True, on_delete="SET NULL")
        is_refundable = BooleanField(default=True)
        gives = TextField(default="")

        class Meta:
            table_name = "seat_line"

    class PaymentAccount(Table):
        code = CharField(unique=True)
        store = ForeignKeyField(Store, null=True, on_delete="RESTRICT")
        key = TextField(default="")
        key_last4 = CharField(default="")
        provider_account_id = CharField(default="")
        name = CharField(default="")
        livemode = BooleanField()
        state = CharField(default="current")
        lacks = CharField(default="")
        fault = CharField(default="")
        checked_at = UtcDateTimeField(null=True)
        webhook_id = CharField(default="")
        webhook_secret = TextField(default="")
        webhook_heard_at = UtcDateTimeField(null=True)
        read_since = UtcDateTimeField(null=True)
        refunds_read_at = UtcDateTimeField(null=True)
        refunds_tried_at = UtcDateTimeField(null=True)
        disputes_read_at = UtcDateTimeField(null=True)
        added_at = UtcDateTimeField()
        removed_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "payment_account"

    class Payment(Table):
        seat = ForeignKeyField(Seat, null=True, on_delete="RESTRICT")
        payment_account = ForeignKeyField(PaymentAccount, null=True, on_delete="RESTRICT", index=False)
        provider = CharField()
        state = CharField(default="begun")
        amount_cents = IntegerField()
        currency = CharField()
        livemode = BooleanField(default=False)
        key = CharField(unique=True)
        reference = CharField(null=True, unique=True)
        charge_reference = CharField(null=True, index=True)
        page_url = TextField(default="")
        begun_at = UtcDateTimeField()
        expires_at = UtcDateTimeField(null=True)
        paid_at = UtcDateTimeField(null=True)
        next_ask_at = UtcDateTimeField(null=True, index=True)
        claimed_until = UtcDateTimeField(null=True)
        tries = IntegerField(default=0)
        fault = CharField(default="")
        facts = TextField(default="{}")
        has_receipt = BooleanField(default=False)
        outcome_seen = CharField(default="")
        final_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "payment"
            indexes = (
                (("has_receipt", "state"), False),
                (("state", "final_at"), False),
                (("payment_account", "state", "paid_at"), False),
            )

    class Refund(Table):
        payment = ForeignKeyField(Payment, on_delete="RESTRICT")
        key = CharField(unique=True)
        cause = CharField()
        amount_cents = IntegerField()
        state = CharField(default="owed", index=True)
        reference = CharField(null=True, unique=True)
        person = ForeignKeyField(Person, null=True, on_delete="SET NULL")
        reason = TextField(default="")
        owed_at = UtcDateTimeField()
        due_at = UtcDateTimeField()
        asked_at = UtcDateTimeField(null=True)
        settled_at = UtcDateTimeField(null=True)
        next_ask_at = UtcDateTimeField(null=True, index=True)
        claimed_until = UtcDateTimeField(null=True)
        tries = IntegerField(default=0)
        fault = CharField(default="")
        has_receipt = BooleanField(default=False)

        class Meta:
            table_name = "refund"
            indexes = ((("has_receipt", "state"), False),)

    class ProviderEvent(Table):
        event_id = CharField(unique=True)
        kind = CharField()
        payment_account = ForeignKeyField(PaymentAccount, null=True, on_delete="CASCADE")
        heard_at = UtcDateTimeField(index=True)

        class Meta:
            table_name = "provider_event"

    class Dispute(Table):
        payment = ForeignKeyField(Payment, on_delete="RESTRICT")
        reference = CharField(unique=True)
        state = CharField()
        reason = CharField(default="")
        amount_cents = IntegerField()
        opened_at = UtcDateTimeField()
        closed_at = UtcDateTimeField(null=True)
        evidence_due_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "dispute"

    class Objection(Table):
        seat = ForeignKeyField(Seat, unique=True, on_delete="CASCADE")
        sentence = TextField()
        made_at = UtcDateTimeField()
        reply = TextField(default="")
        replied_at = UtcDateTimeField(null=True)
        decided_at = UtcDateTimeField(null=True)
        decided_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
        decision = TextField(default="")
        refund = ForeignKeyField(Refund, null=True, on_delete="SET NULL")

        class Meta:
            table_name = "objection"

    class ReceiptSeries(Table):
        store = ForeignKeyField(Store, on_delete="RESTRICT")
        year = IntegerField()
        last_number = IntegerField(default=0)

        class Meta:
            table_name = "receipt_series"
            indexes = ((("store", "year"), True),)

    class Receipt(Table):
        store = ForeignKeyField(Store, on_delete="RESTRICT")
        year = IntegerField()
        number = IntegerField()
        payment = ForeignKeyField(Payment, on_delete="RESTRICT")
        refund = ForeignKeyField(Refund, null=True, on_delete="RESTRICT")
        reverses = ForeignKeyField("self", null=True, unique=True, on_delete="RESTRICT")
        code = CharField(unique=True)
        issued_on = DateField()
        issued_at = UtcDateTimeField()
        amount_cents = IntegerField()
        currency = CharField()
        seller = TextField()
        buyer = TextField()
        printed = TextField()
        tax_note = TextField(default="")

        class Meta:
            table_name = "receipt"
            indexes = (
                (("store", "year", "number"), True),
                (("store", "issued_on"), False),
            )

    migrator.migrate(
        migrator.add_column("room", "let_in", TextField(default="[]")),
        migrator.add_column("room", "let_in_since", UtcDateTimeField(null=True)),
        migrator.add_column("store", "seller_name", CharField(default="")),
        migrator.add_column("store", "seller_address", TextField(default="")),
        migrator.add_column("store", "tax_note", TextField(default="")),
        migrator.add_column("store", "may_use_site_account", BooleanField(default=False)),
        migrator.add_column("product", "refund_tiers", CharField(default="")),
        migrator.add_column("product", "absent_percent", IntegerField(default=0)),
        migrator.add_column("product", "share_percent", IntegerField(null=True)),
        migrator.add_column("seat", "refund_tiers", CharField(default="")),
        migrator.add_column("seat", "absent_percent", IntegerField(default=0)),
        migrator.add_column("seat", "most_percent", IntegerField(default=100)),
        migrator.add_column("seat", "settle_from", UtcDateTimeField(null=True)),
        migrator.add_column("seat", "share_percent", IntegerField(null=True)),
    )
    # Of the rooms there were it was not kept: nobody is to be told that one of them never let its student in.
    db.execute_sql("UPDATE room SET let_in = '[[0, 4102444800]]'")
    for table in ("product", "seat"):
        # A notice is the one tier that there was.
        db.execute_sql(f"UPDATE {table} SET refund_tiers = CAST(cancel_notice_minutes AS TEXT) || ':100'")
    migrator.migrate(
        migrator.drop_column("product", "cancel_notice_minutes"),
        migrator.drop_column("seat", "cancel_notice_minutes"),
        migrator.add_index("seat", ("settle_from",), False),
        migrator.add_index("seat", ("ends_at", "id"), False),
    )
    db.create_tables(
        [
            DiscountCode,
            DiscountProduct,
            Partner,
            Payout,
            Bump,
            SeatLine,
            PaymentAccount,
            Payment,
            Refund,
            ProviderEvent,
            Dispute,
            Objection,
            ReceiptSeries,
            Receipt,
        ]
    )
    migrator.migrate(
        migrator.add_column(
            "seat",
            "discount_code_id",
            ForeignKeyField(DiscountCode, DiscountCode.id, null=True, on_delete="RESTRICT"),
        ),
        migrator.add_column(
            "seat", "partner_id", ForeignKeyField(Partner, Partner.id, null=True, on_delete="RESTRICT")
        ),
    )
    if not isinstance(db, SqliteDatabase):
        # Nearly all that is paid has a receipt and is final: taken by itself each of these leaves half of the table,
        # and PostgreSQL would go through all of it each minute.
        for table, columns in (
            ("payment", "has_receipt, state"),
            ("payment", "state, final_at"),
            ("refund", "has_receipt, state"),
        ):
            name = f"{table}_{columns.replace(', ', '_')}"
            db.execute_sql(f"CREATE STATISTICS {name}_together (mcv) ON {columns} FROM {table}")
