"""Tables of what was booked: coaching sessions, seats, answers, and what happened to them."""

from playhouse.hybrid import hybrid_property

from coaching.accounts.models import Person
from coaching.booking.events import EventKind
from coaching.catalog.details import DEFAULT_MOST_MOVES, DEFAULT_MOVE_NOTICE, DEFAULT_REFUND_TIERS, HELD_FOR
from coaching.catalog.models import Bump, Product
from coaching.db import BaseModel, EncryptedTextField, UtcDateTimeField
from coaching.fields import BooleanField, CharField, ForeignKeyField, IntegerField, TextField
from coaching.log_lines import Event, event_of
from coaching.pricing.models import DiscountCode, Partner

# In these states a coaching session takes up its coach's time. The overlap guards name them too.
LIVE_STATES = ("held", "requested", "scheduled", "in_progress")
# In these it is agreed on, and not over.
BOOKED_STATES = ("scheduled", "in_progress")
STATES = (*LIVE_STATES, "completed", "no_show", "cancelled", "declined", "expired")


class CoachingSession(BaseModel):
    """A time: who coaches what, from when to when. Its stored span includes the buffers."""

    code = CharField(unique=True)
    product = ForeignKeyField(Product, backref="coaching_sessions", on_delete="RESTRICT")
    coach = ForeignKeyField(Person, backref="coached_sessions", on_delete="RESTRICT")
    coach_id: int
    title = CharField()
    session_type = CharField()
    minutes = IntegerField()
    starts_at = UtcDateTimeField()
    ends_at = UtcDateTimeField()
    busy_from = UtcDateTimeField()
    busy_until = UtcDateTimeField()
    zone = CharField()  # of the coach
    wall_time = CharField(default="")  # the start as promised, on the wall of that zone, with its offset then
    state = CharField(default="scheduled")
    absent = CharField(null=True)  # at a no-show: student, coach, both, unknown
    held_until = UtcDateTimeField(null=True)  # when a hold, a request or an invitation lapses
    revision = IntegerField(default=0)
    created_at = UtcDateTimeField()
    timed_at = UtcDateTimeField(null=True)  # when its present times were set, where that was after the booking
    next_look_at = UtcDateTimeField(null=True, index=True)  # when a message about it may be owed next
    ended_by = CharField(null=True)  # who cancelled: student or coach
    ended_by_admin = BooleanField(default=False)  # in their place, since they are suspended
    end_reason = EncryptedTextField(default="")  # why, in the words of whoever cancelled or declined
    ended_at = UtcDateTimeField(null=True)

    @hybrid_property  # type: ignore[untyped-decorator]
    def needs_room(self) -> bool:
        """Whether it is held in a room of its own, and not on the phone; in a query, that."""
        return self.session_type != "phone"

    class Meta:
        indexes = (
            (("coach", "busy_until"), False),
            (("state", "starts_at"), False),
            # For figures and the lists behind them.
            (("product", "starts_at"), False),
            (("product", "created_at"), False),
            (("created_at",), False),
        )


class Seat(BaseModel):
    """One student's place in a coaching session, with the price and terms as they were at booking."""

    coaching_session = ForeignKeyField(CoachingSession, backref="seats", on_delete="CASCADE")
    coaching_session_id: int
    student = ForeignKeyField(Person, backref="seats", on_delete="RESTRICT")
    student_id: int
    starts_at = UtcDateTimeField()
    ends_at = UtcDateTimeField()
    is_live = BooleanField(default=True)
    price_cents = IntegerField()  # all that is to be paid: the sum of its lines
    currency = CharField()
    payment = CharField(default="free")  # free, outside, stripe
    pay_text = TextField(default="")
    paid_at = UtcDateTimeField(null=True)
    said_paid_at = UtcDateTimeField(null=True)  # when the student said so
    pays_first = BooleanField(default=False)  # the time is theirs once it is paid
    hold_minutes = IntegerField(default=HELD_FOR[-1])  # to pay in
    coming_at = UtcDateTimeField(null=True)  # when the student said that they are coming
    most_moves = IntegerField(default=DEFAULT_MOST_MOVES)  # as its product had it at booking
    move_notice_minutes = IntegerField(default=DEFAULT_MOVE_NOTICE)  # before the start, as its product had it
    refund_tiers = CharField(default=DEFAULT_REFUND_TIERS)  # as its product had them at booking
    absent_percent = IntegerField(default=0)  # as its product had it
    most_percent = IntegerField(default=100)  # whatever the tiers say: a move brings none back that was over
    # Since when what its session came to is still to be worked out for its money; None where nothing is.
    settle_from = UtcDateTimeField(null=True, index=True)
    discount_code = ForeignKeyField(DiscountCode, null=True, backref="seats", on_delete="RESTRICT")
    discount_code_id: int | None
    partner = ForeignKeyField(Partner, null=True, backref="seats", on_delete="RESTRICT")
    partner_id: int | None
    share_percent = IntegerField(null=True)  # the partner's of what is paid and stays paid
    source = CharField(null=True)  # by which way they came (booking/sources.py); none: booked before that was kept
    moves = IntegerField(default=0)  # how often its student has moved it
    goals = EncryptedTextField(default="")
    phone = EncryptedTextField(null=True)
    zone = CharField(default="")  # in which its student was shown the time
    wall_time = CharField(default="")  # the start as they were shown it, with its offset then

    class Meta:
        indexes = (
            (("student", "ends_at"), False),
            (("ends_at", "id"), False),
        )


class SeatLine(BaseModel):
    """One line of what a seat costs; a discount's amount is below zero. What is free has none."""

    seat = ForeignKeyField(Seat, backref="seat_lines", on_delete="CASCADE")
    seat_id: int
    kind = CharField()  # session, bump, discount
    title = CharField()
    amount_cents = IntegerField()
    position = IntegerField(default=0)
    bump = ForeignKeyField(Bump, null=True, on_delete="SET NULL")
    bump_id: int | None
    is_refundable = BooleanField(default=True)  # as it was sold
    gives = EncryptedTextField(default="")  # to its student, once it is paid


class Answer(BaseModel):
    seat = ForeignKeyField(Seat, backref="answers", on_delete="CASCADE")
    label = CharField()
    kind = CharField()
    text = EncryptedTextField()
    position = IntegerField(default=0)


class SessionEvent(BaseModel):
    """One line of a coaching session's history."""

    coaching_session = ForeignKeyField(CoachingSession, backref="events", on_delete="CASCADE")
    coaching_session_id: int
    person = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    person_id: int | None
    kind = CharField()  # one of events.EventKind
    fields = TextField(default="{}")  # JSON, of the kind's own shape
    words = EncryptedTextField(default="")  # why, in the words of whoever did it
    at = UtcDateTimeField()

    @property
    def event(self) -> Event[EventKind]:
        """What happened, as a value."""
        return event_of(EventKind, self.kind, self.fields)


class NewsSeen(BaseModel):
    """Up to which line of a session's history one of its people has said that they saw it."""

    person = ForeignKeyField(Person, backref="news_seen", on_delete="CASCADE")
    coaching_session = ForeignKeyField(CoachingSession, on_delete="CASCADE")
    coaching_session_id: int
    event = ForeignKeyField(SessionEvent, on_delete="CASCADE")
    event_id: int

    class Meta:
        indexes = ((("person", "coaching_session"), True),)


class Proposal(BaseModel):
    """Another time that the coach proposes for a session. It holds nothing."""

    coaching_session = ForeignKeyField(CoachingSession, backref="proposals", on_delete="CASCADE")
    coaching_session_id: int
    starts_at = UtcDateTimeField()
    made_at = UtcDateTimeField()

    class Meta:
        indexes = ((("coaching_session", "starts_at"), True),)


class Invitation(BaseModel):
    """A time that a coach holds for somebody: a session without a seat, until its link has been followed."""

    coaching_session = ForeignKeyField(CoachingSession, unique=True, backref="invitations", on_delete="CASCADE")
    coaching_session_id: int
    token_sha256 = CharField(unique=True)
    student = ForeignKeyField(Person, null=True, on_delete="SET NULL", backref="invitations")
    student_id: int | None
    price_cents = IntegerField()
    note = EncryptedTextField(default="")
    made_at = UtcDateTimeField()
    used_at = UtcDateTimeField(null=True)


MODELS = [CoachingSession, Seat, SeatLine, Answer, SessionEvent, NewsSeen, Proposal, Invitation]
