"""People: coaches with their page, applications, invitations, reviews, the directory; how a store looks and is shared.

Whoever has a store is an approved coach.
"""

import re
import unicodedata
from datetime import UTC, datetime

from peewee import BigIntegerField, BlobField, BooleanField, CharField, ForeignKeyField, IntegerField, Model, TextField

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class Table(Model):
        class Meta:
            database = db

    class Person(Table):
        name = CharField()

        class Meta:
            table_name = "person"

    class Picture(Table):
        class Meta:
            table_name = "picture"

    class Store(Table):
        owner = ForeignKeyField(Person)
        created_at = UtcDateTimeField()

        class Meta:
            table_name = "store"

    class Product(Table):
        class Meta:
            table_name = "product"

    class Seat(Table):
        class Meta:
            table_name = "seat"

    class SharePicture(Table):
        picture = ForeignKeyField(Picture, unique=True, on_delete="CASCADE")
        jpeg = BlobField()
        made_at = UtcDateTimeField()

        class Meta:
            table_name = "share_picture"

    class Coach(Table):
        person = ForeignKeyField(Person, unique=True, on_delete="CASCADE")
        slug = CharField(unique=True)
        approved_at = UtcDateTimeField()
        stopped_at = UtcDateTimeField(null=True)
        stopped_why = TextField(default="")
        headline = CharField(default="")
        bio = TextField(default="")
        bio_html = TextField(default="")
        links = TextField(default="")
        is_listed = BooleanField(default=True)
        portrait = ForeignKeyField(Picture, null=True, on_delete="SET NULL")
        takes_avatar = BooleanField(default=True)
        avatar = CharField(null=True)
        avatar_due_at = UtcDateTimeField(null=True, index=True)
        avatar_attempts = IntegerField(default=0)
        updated_at = UtcDateTimeField()

        class Meta:
            table_name = "coach"

    class FormerSlug(Table):
        coach = ForeignKeyField(Coach, on_delete="CASCADE")
        slug = CharField(unique=True)

        class Meta:
            table_name = "former_slug"

    class CoachSpecialty(Table):
        coach = ForeignKeyField(Coach, on_delete="CASCADE")
        key = CharField(index=True)
        words = CharField()
        position = IntegerField(default=0)

        class Meta:
            table_name = "coach_specialty"
            indexes = ((("coach", "key"), True),)

    class CoachLanguage(Table):
        coach = ForeignKeyField(Coach, on_delete="CASCADE")
        tag = CharField(index=True)
        position = IntegerField(default=0)

        class Meta:
            table_name = "coach_language"
            indexes = ((("coach", "tag"), True),)

    class CoachApplication(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE")
        state = CharField(default="draft", index=True)
        teaches = TextField(default="")
        links = TextField(default="")
        why = TextField(default="")
        reply = TextField(default="")
        made_at = UtcDateTimeField()
        sent_at = UtcDateTimeField(null=True)
        answered_at = UtcDateTimeField(null=True)
        answered_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
        revision = IntegerField(default=0)

        class Meta:
            table_name = "coach_application"

    class CoachInvitation(Table):
        token_sha256 = CharField(unique=True)
        made_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
        note = CharField(default="")
        most_uses = IntegerField(default=1)
        made_at = UtcDateTimeField()
        ends_at = UtcDateTimeField()
        revoked_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "coach_invitation"

    class CoachInvitationUse(Table):
        invitation = ForeignKeyField(CoachInvitation, on_delete="CASCADE")
        person = ForeignKeyField(Person, on_delete="CASCADE")
        used_at = UtcDateTimeField()

        class Meta:
            table_name = "coach_invitation_use"
            indexes = ((("invitation", "person"), True),)

    class Review(Table):
        code = CharField(unique=True)
        seat = ForeignKeyField(Seat, unique=True, on_delete="CASCADE")
        coach = ForeignKeyField(Person, on_delete="CASCADE")
        product = ForeignKeyField(Product, on_delete="CASCADE")
        student = ForeignKeyField(Person, null=True, on_delete="SET NULL")
        stars = IntegerField()
        words = TextField(default="")
        is_verified = BooleanField(default=False)
        held_at = UtcDateTimeField()
        made_at = UtcDateTimeField()
        edited_at = UtcDateTimeField(null=True)
        answer = TextField(default="")
        answered_at = UtcDateTimeField(null=True)
        hidden_at = UtcDateTimeField(null=True)
        hidden_why = TextField(default="")
        hidden_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")

        class Meta:
            table_name = "review"
            indexes = ((("coach", "hidden_at", "made_at"), False), (("product", "hidden_at", "made_at"), False))

    class ReviewReport(Table):
        review = ForeignKeyField(Review, on_delete="CASCADE")
        person = ForeignKeyField(Person, null=True, on_delete="SET NULL")
        words = TextField(default="")
        made_at = UtcDateTimeField()
        settled_at = UtcDateTimeField(null=True, index=True)
        outcome = CharField(default="")

        class Meta:
            table_name = "review_report"
            indexes = ((("review", "person"), True),)

    class NextFree(Table):
        product = ForeignKeyField(Product, unique=True, on_delete="CASCADE")
        starts_at = UtcDateTimeField(null=True)
        looked_at = UtcDateTimeField()
        due_at = UtcDateTimeField(index=True)
        basis = BigIntegerField(default=0)

        class Meta:
            table_name = "next_free"

    class CoachSummary(Table):
        coach = ForeignKeyField(Coach, unique=True, on_delete="CASCADE")
        is_shown = BooleanField(default=False)
        next_free_at = UtcDateTimeField(null=True)
        from_price_cents = IntegerField(null=True)
        currency = CharField(default="")
        reviews = IntegerField(default=0)
        stars = IntegerField(default=0)
        calls_held = IntegerField(default=0)
        answers_minutes = IntegerField(null=True)
        looked_at = UtcDateTimeField()
        due_at = UtcDateTimeField(index=True)

        class Meta:
            table_name = "coach_summary"
            indexes = ((("is_shown", "next_free_at"), False),)

    db.create_tables(
        [
            SharePicture,
            Coach,
            FormerSlug,
            CoachSpecialty,
            CoachLanguage,
            CoachApplication,
            CoachInvitation,
            CoachInvitationUse,
            Review,
            ReviewReport,
            NextFree,
            CoachSummary,
        ]
    )
    migrator.migrate(
        migrator.add_column("store", "line", CharField(default="")),
        migrator.add_column("store", "stopped_at", UtcDateTimeField(null=True)),
        migrator.add_column("store", "cover_id", ForeignKeyField(Picture, Picture.id, null=True, on_delete="SET NULL")),
        migrator.add_column("product", "position", IntegerField(default=0)),
        migrator.add_column("product", "is_unlisted", BooleanField(default=False)),
        migrator.add_column("product", "takes_reviews", BooleanField(default=True)),
        migrator.add_column("product", "asks_for_reviews", BooleanField(default=True)),
    )
    now = datetime.now(UTC)
    taken: set[str] = set()
    owners = Person.select(Person.id, Person.name).join(Store).distinct().order_by(Person.id)
    for owner in owners:
        plain = unicodedata.normalize("NFKD", owner.name.casefold()).encode("ascii", "ignore").decode()
        slug = first = re.sub(r"[^a-z0-9]+", "-", plain)[:55].strip("-") or "coach"
        if len(first) < 2:
            slug = first = f"coach-{first}"
        number = 2
        while slug in taken:
            slug, number = f"{first}-{number}", number + 1
        taken.add(slug)
        Coach.create(person=owner, slug=slug, approved_at=now, avatar_due_at=now, updated_at=now)
