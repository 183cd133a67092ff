"""Tables of people, their sign-ins, their Discord link and what they typed before signing in."""

from coaching.db import BaseModel, EncryptedTextField, UtcDateTimeField
from coaching.fields import BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, TextField


class Person(BaseModel):
    email_key = CharField(unique=True, null=True)
    email = CharField(null=True)
    email_verified_at = UtcDateTimeField(null=True)
    password_hash = CharField(null=True)
    name = CharField()
    zone = CharField(null=True)
    language = CharField(default="en")
    clock = CharField(default="")  # how they want times written: "12" or "24" hours; empty: as their browser has it
    browser_clock = CharField(default="")  # what their browser's language had when they were here last; empty: unknown
    is_admin = BooleanField(default=False)
    created_at = UtcDateTimeField()
    suspended_at = UtcDateTimeField(null=True, index=True)  # since when an admin lets them in nowhere
    suspended_why = CharField(default="")  # as they read it themselves
    erased_at = UtcDateTimeField(null=True)  # when the account was deleted: the row has no name any more

    @property
    def has_twelve_hours(self) -> bool | None:
        """Whether their clocks go from 1 to 12 twice a day; None where nothing says it."""
        hours = self.clock or self.browser_clock
        return hours == "12" if hours else None


class SignIn(BaseModel):
    """One browser's sign-in; the cookie holds the token, this row only its hash."""

    token_sha256 = CharField(unique=True)
    person = ForeignKeyField(Person, backref="sign_ins", on_delete="CASCADE")
    person_id: int
    made_at = UtcDateTimeField()
    seen_at = UtcDateTimeField()
    verified_at = UtcDateTimeField()
    factor_at = UtcDateTimeField(null=True)  # when a second factor was last given; empty for whoever has none
    ends_at = UtcDateTimeField()
    browser = CharField(default="")


class MailLink(BaseModel):
    """A single-use link sent by mail; kept hashed."""

    token_sha256 = CharField(unique=True)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    purpose = CharField()  # verify, reset, and those of data_link_queries.py
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


class SavedForm(BaseModel):
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


class SecondFactor(BaseModel):
    """The app of a person that shows codes. It counts: there is a row only once a code of it was given."""

    person = ForeignKeyField(Person, unique=True, on_delete="CASCADE")
    person_id: int
    secret = EncryptedTextField()
    last_step = BigIntegerField()  # the half minute of the last code that was used: none of it or before counts again
    set_up_at = UtcDateTimeField()


class RecoveryCode(BaseModel):
    """A code that takes the place of the app once; kept hashed, gone when it was used."""

    factor = ForeignKeyField(SecondFactor, on_delete="CASCADE")
    code_sha256 = CharField(unique=True)


class NewSecret(BaseModel):
    """A secret that is shown in one browser until a code of it was given there; only then it counts."""

    holder_sha256 = CharField(unique=True)  # of the token of that browser's sign-in, or of its half
    person = ForeignKeyField(Person, on_delete="CASCADE")
    secret = EncryptedTextField()
    ends_at = UtcDateTimeField()


class HalfSignIn(BaseModel):
    """Somebody who has given their password, or Discord's word, and no code yet: to every page still nobody.

    The token is in the browser's cookie. It holds for minutes, and only as long as what it rests on does.
    """

    token_sha256 = CharField(unique=True)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    way = CharField()  # password, discord
    basis = CharField()  # as in MergeClaim
    back = TextField(default="")  # the page to go on to
    zone = CharField(null=True)
    ends_at = UtcDateTimeField()


class WrongCode(BaseModel):
    """A code that did not fit: counted for the person, and for the browser's sign-in or its half."""

    person = ForeignKeyField(Person, on_delete="CASCADE")
    holder_sha256 = CharField()
    at = UtcDateTimeField()


class FormKey(BaseModel):
    """One sent form of one person and what came of it, so that a second sending gives the first result."""

    person = ForeignKeyField(Person, on_delete="CASCADE")
    key = CharField()
    result = CharField()
    made_at = UtcDateTimeField()

    class Meta:
        indexes = ((("person", "key"), True),)


class SecurityEvent(BaseModel):
    """Append-only: what happened around accounts, links, guilds and secrets (event_mutations.py)."""

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


MODELS = [
    Person,
    SignIn,
    MailLink,
    DiscordLink,
    GuildMember,
    MergeClaim,
    SavedForm,
    SecondFactor,
    RecoveryCode,
    NewSecret,
    HalfSignIn,
    WrongCode,
    FormKey,
    SecurityEvent,
]
