"""Tables of coaches: who is one, what their page says, and how they came to be one."""

from coaching.accounts.models import Person
from coaching.catalog.models import Picture
from coaching.db import BaseModel, BoundedIntegerField, UtcDateTimeField
from coaching.fields import BooleanField, CharField, ForeignKeyField, TextField


class Coach(BaseModel):
    """Somebody who may sell here, with their public page. Approval that was taken back leaves the row."""

    person = ForeignKeyField(Person, unique=True, backref="coaches", on_delete="CASCADE")
    person_id: int
    slug = CharField(unique=True)
    approved_at = UtcDateTimeField()
    # "Approval taken back": no new bookings and no place in the directory; `store.stopped_at` follows it.
    stopped_at = UtcDateTimeField(null=True)
    stopped_with_account = BooleanField(default=False)  # as long as the account is suspended, and no longer
    stopped_why = TextField(default="")
    headline = CharField(default="")
    bio = TextField(default="")
    bio_html = TextField(default="")
    links = TextField(default="")  # one https address a line
    is_listed = BooleanField(default=True)  # in the directory, as they wish
    portrait = ForeignKeyField(Picture, null=True, on_delete="SET NULL")
    portrait_id: int | None
    takes_avatar = BooleanField(default=True)  # Discord's picture of them, while they uploaded none
    avatar = CharField(null=True)  # the hash of Discord's picture that was taken last
    avatar_due_at = UtcDateTimeField(null=True, index=True)  # when the worker is to fetch it
    avatar_attempts = BoundedIntegerField(0, 1000, default=0)
    updated_at = UtcDateTimeField()

    @property
    def may_sell(self) -> bool:
        return self.stopped_at is None


class FormerSlug(BaseModel):
    """An earlier address of a coach's page: it leads to the present one."""

    coach = ForeignKeyField(Coach, backref="former_slugs", on_delete="CASCADE")
    coach_id: int
    slug = CharField(unique=True)


class CoachSpecialty(BaseModel):
    """What they teach, in free words. `key` is how it is compared, searched and suggested."""

    coach = ForeignKeyField(Coach, backref="specialties", on_delete="CASCADE")
    coach_id: int
    key = CharField(index=True)
    words = CharField()
    position = BoundedIntegerField(0, 100, default=0)

    class Meta:
        indexes = ((("coach", "key"), True),)


class CoachLanguage(BaseModel):
    """A language they teach in, by its tag: en, de, pt-BR."""

    coach = ForeignKeyField(Coach, backref="languages", on_delete="CASCADE")
    coach_id: int
    tag = CharField(index=True)
    position = BoundedIntegerField(0, 100, default=0)

    class Meta:
        indexes = ((("coach", "tag"), True),)


class CoachApplication(BaseModel):
    """What somebody wrote who wants to become a coach; at most one of a person is open.

    State: draft, sent, asked (an admin wants to know more), approved, rejected, withdrawn.
    """

    person = ForeignKeyField(Person, backref="applications", on_delete="CASCADE")
    person_id: int
    state = CharField(default="draft", index=True)
    teaches = TextField(default="")
    links = TextField(default="")  # one https address a line
    why = TextField(default="")
    reply = TextField(default="")  # the admin's question, or the reason: the applicant reads it
    made_at = UtcDateTimeField()
    sent_at = UtcDateTimeField(null=True)
    answered_at = UtcDateTimeField(null=True)
    answered_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    answered_by_id: int | None
    revision = BoundedIntegerField(0, 1_000_000, default=0)  # an answer is about the words that were read


class CoachInvitation(BaseModel):
    """A link that makes coaches of those who take it; kept hashed."""

    token_sha256 = CharField(unique=True)
    made_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    made_by_id: int | None
    note = CharField(default="")  # whom it is for, for admins only
    most_uses = BoundedIntegerField(1, 1000, default=1)
    made_at = UtcDateTimeField()
    ends_at = UtcDateTimeField()
    revoked_at = UtcDateTimeField(null=True)


class CoachInvitationUse(BaseModel):
    """Who became a coach by an invitation."""

    invitation = ForeignKeyField(CoachInvitation, backref="invitation_uses", on_delete="CASCADE")
    invitation_id: int
    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    used_at = UtcDateTimeField()

    class Meta:
        indexes = ((("invitation", "person"), True),)


MODELS = [
    Coach,
    FormerSlug,
    CoachSpecialty,
    CoachLanguage,
    CoachApplication,
    CoachInvitation,
    CoachInvitationUse,
]
