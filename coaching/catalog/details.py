"""What each form hands to its mutation: plain typed values, with the limits they keep. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from coaching.catalog.reminders import DEFAULT_REMINDERS
from coaching.catalog.timing import DEFAULT, RoomTiming
from coaching.catalog.web_pictures import WebPicture
from coaching.hours.week import DAY, DaySpan
from coaching.money import HIGHEST_CHARGE

HUES = range(24)

MOST_STORES = 3
MOST_PRODUCTS = 100
MOST_PICTURES = 100
MOST_OFFERS = 20
MOST_QUESTIONS = 30
MOST_BUMPS = 3
MOST_CHOICES = 20
SHORTEST_OFFER, LONGEST_OFFER = 5, 480
HIGHEST_PRICE_CENTS = HIGHEST_CHARGE  # in the smallest unit of its currency, whatever that is
LONGEST_NOTICE = 7 * DAY
LONGEST_HORIZON_DAYS = 365
LONGEST_BREAK = 60
SHORTEST_GRID, LONGEST_GRID = 5, LONGEST_OFFER  # calls may start one after the other
HIGHEST_DAILY_CAP = 50
# How often a student may move a call by themselves, and until how long before it starts.
DEFAULT_MOST_MOVES, HIGHEST_MOST_MOVES = 3, 20
DEFAULT_MOVE_NOTICE = 12 * 60
DEFAULT_REFUND_TIERS = "1440:100"  # as booking/refund_tiers.py reads them: cancelled free of charge until a day before
HIGHEST_WEEKLY_CAP = 200
HIGHEST_PER_STUDENT = 50  # sessions to come at a time
# In minutes, least and most: so long a time is held until it is paid, or a request until it is answered.
HELD_FOR = (30, DAY)
ANSWERED_WITHIN = (60, DAY)
LONGEST_TITLE = 80
LONGEST_DESCRIPTION = 10_000


@dataclass(frozen=True)
class StoreDetails:
    """`cover` is a new one; without it the old one stays, unless it is to go."""

    name: str
    slug: str
    currency: str
    zone: str
    hue: int
    line: str = ""
    cover: WebPicture | None = None
    removes_cover: bool = False


@dataclass(frozen=True)
class ThumbnailDetails:
    """`picture` is a new one; without it the old one stays, unless it is to go."""

    display_style: str = "cover"
    picture: WebPicture | None = None
    removes_picture: bool = False


@dataclass(frozen=True)
class OfferDetails:
    minutes: int
    price_cents: int


@dataclass(frozen=True)
class QuestionDetails:
    """`id` is that of the question which this one rewords or leaves as it is; a new one has none.

    One that `depends_on` an earlier one, by its place among the questions, is asked only of whoever answers
    `depends_answer` there.
    """

    label: str
    kind: str = "text"
    is_required: bool = False
    choices: tuple[str, ...] = ()
    id: int | None = None
    depends_on: int | None = None
    depends_answer: str = ""


@dataclass(frozen=True)
class CheckoutDetails:
    title: str
    description: str
    session_type: str
    offers: tuple[OfferDetails, ...]
    questions: tuple[QuestionDetails, ...] = ()

    @property
    def costs_money(self) -> bool:
        """True when at least one length has a price above zero."""
        return any(offer.price_cents for offer in self.offers)


@dataclass(frozen=True)
class BumpDetails:
    """An extra; what it `gives` is told once it is paid. A new `picture` takes the place of the old one."""

    title: str
    price_cents: int
    words: str = ""
    is_refundable: bool = True
    gives: str = ""
    picture: WebPicture | None = None
    removes_picture: bool = False


@dataclass(frozen=True)
class ScheduleDetails:
    """The schedule a product uses; without a `code` it is a new one, which the same form sent twice makes once."""

    code: str | None
    name: str
    zone: str
    week: Mapping[int, Sequence[DaySpan]]
    closed_on: tuple[date, ...] = ()
    form_key: str | None = None


@dataclass(frozen=True)
class BookingRules:
    """How close to its start, how far ahead and how densely a product may be booked."""

    notice_minutes: int = 720
    horizon_days: int = 60
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    grid_minutes: int = 15
    daily_cap: int | None = None
    most_moves: int = DEFAULT_MOST_MOVES
    move_notice_minutes: int = DEFAULT_MOVE_NOTICE
    weekly_cap: int | None = None
    most_per_student: int | None = None
    refund_tiers: str = DEFAULT_REFUND_TIERS
    absent_percent: int = 0


@dataclass(frozen=True)
class AvailabilityDetails:
    schedule: ScheduleDetails
    rules: BookingRules = field(default_factory=BookingRules)
    timing: RoomTiming = DEFAULT


@dataclass(frozen=True)
class OptionsDetails:
    """How a call becomes a student's, how they pay, and what they hear.

    `reminders` are minutes before the start, `message_words` the coach's.
    """

    payment: str
    pay_text: str = ""
    reminders: tuple[int, ...] = DEFAULT_REMINDERS
    says_when_open: bool = True
    message_words: str = ""
    pays_first: bool = False  # a time is held until it is paid
    hold_minutes: int = HELD_FOR[-1]
    needs_approval: bool = False  # the coach accepts or declines each call
    approval_minutes: int = ANSWERED_WITHIN[-1]
    share_percent: int | None = None  # a partner's of this call, instead of their own
    takes_reviews: bool = True
    asks_for_reviews: bool = True  # of its students, once after each call
    refuses_absent: bool = False  # whoever was absent twice of late cannot book it
