"""Tables of what is sold: stores with their guild, coaching products, offers, questions, pictures."""

from coaching.accounts.models import Person
from coaching.catalog.details import (
    ANSWERED_WITHIN,
    HELD_FOR,
    HIGHEST_DAILY_CAP,
    HIGHEST_MOST_MOVES,
    HIGHEST_PER_STUDENT,
    HIGHEST_PRICE_CENTS,
    HIGHEST_WEEKLY_CAP,
    HUES,
    LONGEST_BREAK,
    LONGEST_GRID,
    LONGEST_HORIZON_DAYS,
    LONGEST_NOTICE,
    LONGEST_OFFER,
    SHORTEST_GRID,
    SHORTEST_OFFER,
    BookingRules,
)
from coaching.catalog.reminders import DEFAULT_REMINDERS
from coaching.catalog.timing import DEFAULT, LONGEST_LEAD, RoomTiming
from coaching.db import BaseModel, BoundedIntegerField, UtcDateTimeField
from coaching.fields import (
    BlobField,
    BooleanField,
    CharField,
    ForeignKeyField,
    IntegerField,
    MinutesField,
    TextField,
)
from coaching.hours.models import Schedule

_RULES = BookingRules()


class Guild(BaseModel):
    """A Discord server the bot has been shown; every store verifies it for itself."""

    discord_guild_id = CharField(unique=True)
    name = CharField(default="")
    seen_at = UtcDateTimeField()


class Picture(BaseModel):
    """A re-encoded WebP of at most 300 KB."""

    code = CharField(unique=True)
    owner = ForeignKeyField(Person, backref="pictures", on_delete="CASCADE")
    owner_id: int
    sha256 = CharField()
    width = IntegerField()
    height = IntegerField()
    webp = BlobField()
    made_at = UtcDateTimeField()

    class Meta:
        indexes = ((("owner", "sha256"), True),)


class SharePicture(BaseModel):
    """A picture as previews of links show it: a JPEG of 1200 × 630."""

    picture = ForeignKeyField(Picture, unique=True, backref="share_pictures", on_delete="CASCADE")
    picture_id: int
    jpeg = BlobField()
    made_at = UtcDateTimeField()


class Store(BaseModel):
    owner = ForeignKeyField(Person, backref="stores", on_delete="RESTRICT")
    owner_id: int
    slug = CharField(unique=True)
    name = CharField()
    currency = CharField()
    zone = CharField()
    hue = BoundedIntegerField(HUES[0], HUES[-1], default=10)  # one of the 24 hue classes of app.css
    guild = ForeignKeyField(Guild, null=True, backref="stores", on_delete="SET NULL")
    guild_id: int | None
    guild_verified_at = UtcDateTimeField(null=True)
    guild_recheck_at = UtcDateTimeField(null=True)
    guild_asked_at = UtcDateTimeField(null=True)  # waits for an admin to let it use the site's guild
    guild_approved_at = UtcDateTimeField(null=True)  # instead of a verification, and only for the site's guild
    access_mode = CharField(default="members")  # members, session_role, shared_role
    created_at = UtcDateTimeField()
    seller_name = CharField(default="")  # on receipts; its own name where nothing is said
    seller_address = TextField(default="")
    tax_note = TextField(default="")
    may_use_site_account = BooleanField(default=False)  # an admin lets students pay on the site's own account
    line = CharField(default="")  # under its name, on its own page and in previews of links
    cover = ForeignKeyField(Picture, null=True, on_delete="SET NULL")
    cover_id: int | None
    stopped_at = UtcDateTimeField(null=True)  # its owner may not sell for now: what is booked stays, nothing new

    @property
    def shares_rooms(self) -> bool:
        """True where one role lets all students into the coach's own channels, and no rooms are made."""
        return bool(self.access_mode == "shared_role")

    @property
    def may_open_rooms(self) -> bool:
        """False without a server, and while Discord does not say that the owner may manage it."""
        return self.guild_id is not None and self.guild_verified_at is not None


class Product(BaseModel):
    code = CharField(unique=True)
    store = ForeignKeyField(Store, backref="products", on_delete="RESTRICT")
    slug = CharField()
    state = CharField(default="draft")  # draft, published, archived
    title = CharField(default="")
    description = TextField(default="")
    description_html = TextField(default="")
    picture = ForeignKeyField(Picture, null=True, on_delete="SET NULL")
    picture_id: int | None
    display_style = CharField(default="cover")  # cover, card, minimal
    session_type = CharField(default="video")  # video, audio, phone
    schedule = ForeignKeyField(Schedule, null=True, backref="products", on_delete="RESTRICT")
    schedule_id: int | None
    notice_minutes = BoundedIntegerField(0, LONGEST_NOTICE, default=_RULES.notice_minutes)
    horizon_days = BoundedIntegerField(1, LONGEST_HORIZON_DAYS, default=_RULES.horizon_days)
    buffer_before_minutes = BoundedIntegerField(0, LONGEST_BREAK, default=_RULES.buffer_before_minutes)
    buffer_after_minutes = BoundedIntegerField(0, LONGEST_BREAK, default=_RULES.buffer_after_minutes)
    grid_minutes = BoundedIntegerField(SHORTEST_GRID, LONGEST_GRID, default=_RULES.grid_minutes)
    daily_cap = BoundedIntegerField(1, HIGHEST_DAILY_CAP, null=True)
    weekly_cap = BoundedIntegerField(1, HIGHEST_WEEKLY_CAP, null=True)
    most_per_student = BoundedIntegerField(1, HIGHEST_PER_STUDENT, null=True)  # sessions to come at a time
    most_moves = BoundedIntegerField(0, HIGHEST_MOST_MOVES, default=_RULES.most_moves)
    move_notice_minutes = BoundedIntegerField(0, LONGEST_NOTICE, default=_RULES.move_notice_minutes)
    needs_approval = BooleanField(default=False)
    refuses_absent = BooleanField(default=False)  # whoever was absent twice of late (booking/absence_rules.py)
    approval_minutes = BoundedIntegerField(*ANSWERED_WITHIN, default=ANSWERED_WITHIN[-1])
    make_minutes = BoundedIntegerField(0, LONGEST_LEAD, default=DEFAULT.make_minutes)
    open_minutes = BoundedIntegerField(0, LONGEST_LEAD, default=DEFAULT.open_minutes)
    close_minutes = BoundedIntegerField(0, LONGEST_LEAD, default=DEFAULT.close_minutes)
    remove_minutes = BoundedIntegerField(0, LONGEST_LEAD, default=DEFAULT.remove_minutes)
    overrun_minutes = BoundedIntegerField(0, LONGEST_LEAD, default=DEFAULT.overrun_minutes)
    opens_at_booking = BooleanField(default=DEFAULT.opens_at_booking)  # with a shared role only
    payment = CharField(default="free")  # free, outside, stripe
    pay_text = TextField(default="")
    pays_first = BooleanField(default=False)  # the time is held until it is paid
    hold_minutes = BoundedIntegerField(*HELD_FOR, default=HELD_FOR[-1])
    refund_tiers = CharField(default=_RULES.refund_tiers)  # as booking/refund_tiers.py writes them
    absent_percent = BoundedIntegerField(0, 100, default=_RULES.absent_percent)  # back to a student who did not come
    share_percent = BoundedIntegerField(0, 100, null=True)  # a partner's, instead of their own
    reminders = MinutesField(default=DEFAULT_REMINDERS)  # how many minutes before the start
    says_when_open = BooleanField(default=True)  # students get a message as the room opens
    message_words = TextField(default="")  # the coach's own, in confirmation, reminders and the room
    position = IntegerField(default=0)  # in its store's list
    is_unlisted = BooleanField(default=False)  # in no list; who has the link books it
    takes_reviews = BooleanField(default=True)
    asks_for_reviews = BooleanField(default=True)  # students are asked once, by a message
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    published_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("store", "slug"), True),)

    @property
    def needs_room(self) -> bool:
        """True for what is held on Discord."""
        return bool(self.session_type != "phone")

    @property
    def timing(self) -> RoomTiming:
        """When its rooms come and go, as a value."""
        return RoomTiming(**{name: getattr(self, name) for name in vars(DEFAULT)})

    @property
    def is_stopped(self) -> bool:
        """True while its coach may not sell: nothing new can be booked, what is booked stays."""
        return self.store.stopped_at is not None

    @property
    def lacks_server(self) -> bool:
        """True while no room can be opened for it, so that it cannot be booked."""
        return self.needs_room and not self.store.may_open_rooms


class Offer(BaseModel):
    """A length with its price; retired ones stay for the sessions that copied them."""

    product = ForeignKeyField(Product, backref="offers", on_delete="CASCADE")
    product_id: int
    minutes = BoundedIntegerField(SHORTEST_OFFER, LONGEST_OFFER)
    price_cents = BoundedIntegerField(0, HIGHEST_PRICE_CENTS)
    position = IntegerField(default=0)
    is_retired = BooleanField(default=False)


class Question(BaseModel):
    """Asked at booking: text, long or choice. `choices` is one per line. Its words never change.

    Reworded or removed it is retired, for those who are answering it; `successor` is asked in its place now, if one is.
    """

    product = ForeignKeyField(Product, backref="questions", on_delete="CASCADE")
    kind = CharField(default="text")
    label = CharField()
    choices = TextField(default="")
    is_required = BooleanField(default=False)
    position = IntegerField(default=0)
    retired_at = UtcDateTimeField(null=True)
    successor = ForeignKeyField("self", null=True, on_delete="SET NULL")
    successor_id: int | None
    # Asked only of whoever gives this answer to that earlier question.
    depends_on = ForeignKeyField("self", null=True, on_delete="SET NULL", backref="dependants")
    depends_on_id: int | None
    depends_answer = CharField(default="")

    @property
    def words(self) -> tuple[str, str, str]:
        """What a student reads and may answer."""
        return self.kind, self.label, self.choices


class Bump(BaseModel):
    """Something extra that is sold with a product. Retired ones stay for the seats that bought them."""

    product = ForeignKeyField(Product, backref="bumps", on_delete="CASCADE")
    product_id: int
    title = CharField()
    words = TextField(default="")
    price_cents = BoundedIntegerField(0, HIGHEST_PRICE_CENTS)
    picture = ForeignKeyField(Picture, null=True, on_delete="SET NULL")
    picture_id: int | None
    position = IntegerField(default=0)
    is_refundable = BooleanField(default=True)  # by the same rule as the call, or not at all
    gives = TextField(default="")  # a link or words that are given once it is paid
    retired_at = UtcDateTimeField(null=True)


MODELS = [Guild, Picture, SharePicture, Store, Product, Offer, Question, Bump]
