"""Tables of people, their sign-ins, their Discord link and what they typed before signing in."""

from coaching.db import BaseModel, EncryptedTextField, UtcDateTimeField
from coaching.fields import BooleanField, CharField, ForeignKeyField, IntegerField, TextField


class Person(BaseModel):
    email_key = CharField(unique=True, null=True)
    email = CharField(null=True)
    email_verified_at = UtcDateTimeField(null=True)
    password_hash = CharField(null=True)
    name = CharField()
    zone = CharField(null=True)
    language = CharField(default="en")
    is_admin = BooleanField(default=False)
    created_at = UtcDateTimeField()


class SignIn(BaseModel):
    """One browser's sign-in; the cookie holds the token, this row only its hash."""

    token_sha256 = CharField(unique=True)
    person = ForeignKeyField(Person, backref="sign_ins", on_delete="CASCADE")
    person_id: int
    made_at = UtcDateTimeField()
    seen_at = UtcDateTimeField()
    proved_at = UtcDateTimeField()
    ends_at = UtcDateTimeField()
    browser = CharField(default="")


class MailLink(BaseModel):
    """A single-use link sent by mail; kept hashed."""

    token_sha256 = CharField(unique=True)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    purpose = CharField()  # verify, reset
    email = CharField()
    made_at = UtcDateTimeField()
    ends_at = UtcDateTimeField()


class DiscordLink(BaseModel):
    person = ForeignKeyField(Person, unique=True, backref="discord_links", on_delete="CASCADE")
    person_id: int
    discord_user_id = CharField(unique=True)
    username = CharField()
    avatar = CharField(null=True)
    linked_at = UtcDateTimeField()


class GuildMember(BaseModel):
    """What Discord last said about a linked person in one guild: unknown, joined, left or banned."""

    link = ForeignKeyField(DiscordLink, backref="memberships", on_delete="CASCADE")
    link_id: int
    discord_guild_id = CharField()
    state = CharField(default="unknown")
    checked_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("link", "discord_guild_id"), True),)


class MergeClaim(BaseModel):
    """Another account shown to be the same person's. It counts for one sign-in, so in one browser, and not for long."""

    sign_in = ForeignKeyField(SignIn, unique=True, on_delete="CASCADE")
    other = ForeignKeyField(Person, on_delete="CASCADE")
    other_id: int
    way = CharField()  # password, discord, mail
    basis = CharField()  # what it rests on: it counts only as long as the other account still has that
    token_sha256 = CharField(null=True, unique=True)  # of the link by mail that has not been used yet
    shown_at = UtcDateTimeField(null=True)  # empty until that link was used
    ends_at = UtcDateTimeField()
    back = CharField(default="")  # the page on this site from which the person came


class ParkedForm(BaseModel):
    """What somebody typed before they had to sign up, sign in or link; given back to nobody else.

    The key is in their browser's cookie; with a person, only that person's sign-in gets it back.
    """

    key_sha256 = CharField()
    person = ForeignKeyField(Person, null=True, on_delete="CASCADE")
    address = TextField()
    fields = EncryptedTextField()
    size = IntegerField(default=0)  # how many bytes that takes, about
    expires_at = UtcDateTimeField(index=True)

    class Meta:
        indexes = ((("key_sha256", "address"), True), (("person", "size"), False))


class FormKey(BaseModel):
    """One sent form of one person and what came of it, so that a second sending gives the first result."""

    person = ForeignKeyField(Person, on_delete="CASCADE")
    key = CharField()
    result = CharField()
    made_at = UtcDateTimeField()

    class Meta:
        indexes = ((("person", "key"), True),)


class SecurityEvent(BaseModel):
    """Append-only: what happened around accounts, links, guilds and secrets (events.py)."""

    at = UtcDateTimeField(index=True)
    person = ForeignKeyField(Person, null=True, on_delete="SET NULL", backref="security_events")
    person_id: int | None
    actor = ForeignKeyField(Person, null=True, on_delete="SET NULL", backref="security_acts")  # another one who did it
    actor_id: int | None
    kind = CharField(index=True)
    detail = CharField(default="")
    address = CharField(default="")
    request = CharField(default="")
    times = IntegerField(default=1)  # within its minute


MODELS = [Person, SignIn, MailLink, DiscordLink, GuildMember, MergeClaim, ParkedForm, FormKey, SecurityEvent]
