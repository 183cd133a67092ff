"""What the words of a message are made from, as plain values. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class SessionMessage:
    """One session as one of its two people is told of it. Instants are UTC, amounts in the currency's cents."""

    kind: str
    fields: Mapping[str, Any]
    now: datetime
    is_to_coach: bool
    recipient: "MessageRecipient"
    other_zone: str  # the other side's
    call: "MessageCall"
    seat: "MessageSeat"
    terms: "MessageTerms"
    room: "MessageRoom"
    coach_name: str
    student_name: str
    store_name: str
    store_slug: str
    product_slug: str
    own_words: str  # the coach's, for their students
    reminders: tuple[int, ...]
    other_late: int = 0  # by how many minutes the other side has said last that they will be late
    reply_to: str | None = None  # the other side's address, where they allow it
    says_when_open: bool = True
    money: "MessageMoney | None" = None  # what a message about money is about, and what goes back of a call that is off
    review: "MessageReview | None" = None  # what a message about a review is about

    @property
    def other_name(self) -> str:
        return self.student_name if self.is_to_coach else self.coach_name


@dataclass(frozen=True)
class MessageRecipient:
    """Who reads it, and how they read times."""

    name: str
    zone: str
    address: str | None = None
    language: str = "en"
    has_12_hours: bool | None = None  # None: as their language has it
    off: frozenset[str] = frozenset()  # the kinds of message that they have turned off


@dataclass(frozen=True)
class MessageCall:
    """The session: when and what it is, and what has become of it."""

    code: str
    title: str
    state: str
    starts_at: datetime
    ends_at: datetime
    minutes: int
    session_type: str  # video, audio, phone
    revision: int
    created_at: datetime
    ended_by: str | None
    ended_by_admin: bool = False  # in the place of whoever `ended_by` says
    held_until: datetime | None = None  # while it is asked for or held, and of what never became more than that
    proposed: tuple[datetime, ...] = ()  # other starts, by the coach
    note: str = ""  # of an invitation: what its coach wrote with it
    end_reason: str = ""  # why, in the words of whoever cancelled or declined it
    move_reason: str = ""  # why it was moved last, in the words of whoever did


@dataclass(frozen=True)
class MessageSeat:
    """The student's place in it: what it costs, how far it is paid, and what they wrote."""

    id: int
    price_cents: int
    currency: str
    payment: str  # free, outside, stripe
    pay_text: str
    is_paid: bool
    is_coming: bool
    has_said_paid: bool = False
    pays_first: bool = False  # the time is theirs once it is paid
    goals: str = ""  # these two only for a coach who wants them in messages
    answers: tuple[tuple[str, str], ...] = ()
    extras: tuple[tuple[str, str], ...] = ()  # booked beside the call; behind each what it gives its student by now


@dataclass(frozen=True)
class MessageTerms:
    """Until when the recipient may move and the student cancel, and what is owed of a call that is off."""

    can_move: bool
    moves_left: int
    move_until: datetime | None  # None: no rule binds them
    cancel_until: datetime | None  # so long the student owes nothing when they cancel; None: it always costs something
    cancel_clause: str = ""  # what goes back when they cancel, where that is not all or nothing
    due_cents: int = 0  # of a session that is off: cancelled so late that the coach may have so much of the price

    @property
    def is_owed(self) -> bool:
        return bool(self.due_cents)


@dataclass(frozen=True)
class MessageRoom:
    """Where the call takes place on Discord; all None for one by phone."""

    opens_at: datetime | None
    closes_at: datetime | None
    room_url: str | None  # while the room is open
    server_url: str | None
    is_shared: bool = False  # a role lets them into the store's voice channels: there is no room for this call alone


@dataclass(frozen=True)
class MessageMoney:
    """A payment for the session, or a refund of it; amounts in the smallest unit of its own currency."""

    amount_cents: int  # of the one that the message is about
    currency: str
    by_card: bool
    goes_back_cents: int = 0  # in all, of all that was paid
    cause: str | None = None  # of a refund
    reason: str = ""  # of a refund by hand: why, in the words of whoever gave it
    is_by_hand: bool = False  # of a refund: the coach sends it
    paper_code: str | None = None  # of the receipt, or of the refund's credit note
    paper_number: str = ""


@dataclass(frozen=True)
class MessageReview:
    """A review of the session as it is now, and why an admin hid it."""

    stars: int
    words: str
    answer: str = ""
    hidden_why: str = ""


@dataclass(frozen=True)
class DayMessage:
    """The calls of one day of one coach."""

    zone: str
    now: datetime
    calls: tuple["DayCall", ...] = field(default=())
    language: str = "en"
    has_12_hours: bool | None = None


@dataclass(frozen=True)
class DayCall:
    code: str
    revision: int
    title: str
    student_name: str
    starts_at: datetime
    ends_at: datetime
    is_coming: bool
