"""What partners have brought and are owed: of each booking's money the share that was agreed, by month and currency.

A booking counts once it is booked or paid: one that lapsed, was declined or was called off unpaid is none, and what
is paid for it too late goes back in full. It stands in the month in which it was paid, by the clock of its store; one
that is not paid, in which it was booked. Its share is reckoned from what is left of what was paid, so that a refund
takes its part of it back whenever it comes, and so does a dispute that was lost. The share is earned once the call is
over or off, and pending until then.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from peewee import JOIN, Case, fn

from coaching.booking.models import LIVE_STATES, CoachingSession, Seat
from coaching.catalog.models import Store
from coaching.db import UtcDateTimeField
from coaching.money import CURRENCIES
from coaching.payments.models import Dispute, Payment, Refund
from coaching.payments.money_queries import COUNTED
from coaching.payments.share_rules import MonthOfShares, SharedBooking, Shares
from coaching.pricing.models import Partner, Payout

# In these states of its session a booking counts; in those only once something was paid.
COUNTS = ("scheduled", "in_progress", "completed", "no_show")
COUNT_PAID = ("held", "requested", "cancelled")


def totals_of(store: Store, now: datetime) -> dict[int, list[Shares]]:
    """By partner, what all their bookings come to in each currency."""
    return _totals(
        Seat.partner.in_(Partner.select(Partner.id).where(Partner.store == store)), Partner.store == store, now
    )


def totals_of_partner(partner: Partner, now: datetime) -> list[Shares]:
    """What all bookings of one partner come to, in each currency; with none, nothing in the store's own."""
    shares_by_partner = _totals(Seat.partner == partner, Partner.id == partner.id, now)
    return shares_by_partner.get(partner.id) or [Shares(partner.store.currency)]


def months_of(partner: Partner, year: int, now: datetime) -> list[MonthOfShares]:
    """The year's months with bookings, the latest first."""
    months = [month for _, month in _months(Seat.partner == partner, year, partner.store.zone, now)]
    return sorted(months, key=lambda month: (-month.first_on.month, month.shares.currency, month.shares.is_test))


def months_of_store(store: Store, year: int, now: datetime) -> list[tuple[Partner, MonthOfShares]]:
    """The same of all partners of a store, the earliest first, in each month by name."""
    partners = {partner.id: partner for partner in Partner.select().where(Partner.store == store)}
    rows = _months(Seat.partner.in_(list(partners)), year, store.zone, now)
    partner_months = [(partners[partner_id], month) for partner_id, month in rows]
    return sorted(
        partner_months, key=lambda pair: (pair[1].first_on, pair[0].name, pair[0].id, pair[1].shares.currency)
    )


def years_of(partner: Partner, now: datetime) -> list[int]:
    """From the present year back to that of the partner's first booking."""
    zone = ZoneInfo(partner.store.zone)
    seats = Seat.select(fn.MIN(CoachingSession.created_at)).join(CoachingSession).where(Seat.partner == partner)
    first = UtcDateTimeField().python_value(seats.scalar()) or now
    return list(range(now.astimezone(zone).year, min(first, now).astimezone(zone).year - 1, -1))


def shared_bookings(partner: Partner, year: int, now: datetime) -> Iterator[SharedBooking]:
    """The bookings of one year, the earliest first: what the months are the sums of."""
    sent, starts = _bookings(Seat.partner == partner, now), _month_starts(year, partner.store.zone)
    money = (sent.c.currency, sent.c.is_test, sent.c.paid, sent.c.back, sent.c.percent, sent.c.share, sent.c.is_over)
    rows = Seat.select(sent.c.code, sent.c.title, sent.c.counted_at, sent.c.starts_at, *money).from_(sent)
    for row in _rows(rows.where(_within(sent, starts)).order_by(sent.c.counted_at, sent.c.code)):
        code, title, counted_at, starts_at, currency, is_test, paid, back, percent, share, is_over = row
        instants = UtcDateTimeField.parse(counted_at), UtcDateTimeField.parse(starts_at)
        yield SharedBooking(code, title, *instants, currency, bool(is_test), paid, back, percent, share, bool(is_over))


def _months(whose: Any, year: int, zone: str, now: datetime) -> list[tuple[int, MonthOfShares]]:
    sent, starts = _bookings(whose, now), _month_starts(year, zone)
    before = [(sent.c.counted_at < _stored(start), number) for number, start in enumerate(starts)]
    month = Case(None, before, len(starts)).alias("month")
    keys = (sent.c.partner_id, month, sent.c.currency, sent.c.is_test)
    rows = Seat.select(*keys, *_sums(sent)).from_(sent).where(_within(sent, starts)).group_by(*keys)
    return [(row[0], MonthOfShares(date(year, row[1], 1), _shares(*row[2:]))) for row in _rows(rows)]


def _totals(whose_seats: Any, whose: Any, now: datetime) -> dict[int, list[Shares]]:
    sent = _bookings(whose_seats, now)
    keys = (sent.c.partner_id, sent.c.currency, sent.c.is_test)
    sums_by_key = {
        tuple(row[:3]): row[1:] for row in _rows(Seat.select(*keys, *_sums(sent)).from_(sent).group_by(*keys))
    }
    payouts = Payout.select(Payout.partner, Payout.currency, fn.SUM(Payout.amount_cents)).join(Partner).where(whose)
    paid_out = {(row[0], row[1], 0): row[2] for row in _rows(payouts.group_by(Payout.partner, Payout.currency))}
    shares: dict[int, list[Shares]] = {}
    for key in sorted({*sums_by_key, *paid_out}):
        sums = sums_by_key.get(key, (*key[1:], 0, 0, 0, 0, 0))
        shares.setdefault(key[0], []).append(_shares(*sums, paid_out.get(key, 0)))
    return shares


def _shares(currency: str, is_test: int, *sums: int) -> Shares:
    return Shares(currency, bool(is_test), *map(int, sums))  # PostgreSQL adds up to decimals


def _sums(sent: Any) -> Sequence[Any]:
    """For each group: how many, paid, given back, earned, pending."""
    earned = Case(None, [(sent.c.is_over == 1, sent.c.share)], 0)
    pending = Case(None, [(sent.c.is_over == 1, 0)], sent.c.share)
    return (fn.COUNT(sent.c.code), fn.SUM(sent.c.paid), fn.SUM(sent.c.back), fn.SUM(earned), fn.SUM(pending))


def _bookings(whose: Any, now: datetime) -> Any:
    """The bookings that count, each with its money and share, as a table to read from."""
    paid = _paid_by_seat(whose).alias("paid")
    back = _gone_by_seat(Refund, whose, Refund.state.in_(COUNTED)).alias("back")
    lost = _gone_by_seat(Dispute, whose, Dispute.state == "lost").alias("lost")
    paid_cents = fn.COALESCE(paid.c.amount, 0)
    # A dispute may be about all of a payment of which a part had gone back before.
    gone_cents = fn.COALESCE(back.c.amount, 0) + fn.COALESCE(lost.c.amount, 0)
    back_cents = Case(None, [(gone_cents > paid_cents, paid_cents)], gone_cents)
    percent = fn.COALESCE(Seat.share_percent, 0)
    is_over = CoachingSession.state.not_in(LIVE_STATES) | (CoachingSession.ends_at <= now)
    return (
        Seat.select(
            Seat.partner,
            Seat.currency,
            CoachingSession.code,
            CoachingSession.title,
            CoachingSession.starts_at,
            fn.COALESCE(paid.c.first_at, CoachingSession.created_at).alias("counted_at"),
            fn.COALESCE(paid.c.is_test, 0).alias("is_test"),
            paid_cents.alias("paid"),
            back_cents.alias("back"),
            percent.alias("percent"),
            _share(percent, paid_cents - back_cents).alias("share"),
            Case(None, [(is_over, 1)], 0).alias("is_over"),
        )
        .join(CoachingSession)
        .join(paid, JOIN.LEFT_OUTER, on=(paid.c.seat_id == Seat.id))
        .join(back, JOIN.LEFT_OUTER, on=(back.c.seat_id == Seat.id))
        .join(lost, JOIN.LEFT_OUTER, on=(lost.c.seat_id == Seat.id))
        .where(whose, CoachingSession.state.in_(COUNTS) | (CoachingSession.state.in_(COUNT_PAID) & (paid.c.amount > 0)))
        .alias("sent")
    )


def _paid_by_seat(whose: Any) -> Any:
    is_test = Case(None, [((Payment.provider == "stripe") & ~Payment.livemode, 1)], 0)
    payments = Payment.select(
        Payment.seat,
        fn.SUM(Payment.amount_cents).alias("amount"),
        fn.MIN(Payment.paid_at).alias("first_at"),
        fn.MAX(is_test).alias("is_test"),
    )
    return payments.join(Seat).where(whose, Payment.state == "paid").group_by(Payment.seat)


def _gone_by_seat(model: type[Refund] | type[Dispute], whose: Any, counts: Any) -> Any:
    """What the seats' refunds, or their disputes, that count have taken back."""
    rows = model.select(Payment.seat, fn.SUM(model.amount_cents).alias("amount")).join(Payment).join(Seat)
    return rows.where(whose, counts).group_by(Payment.seat)


def _share(percent: Any, kept_cents: Any) -> Any:
    """partner_rules.share_of, in the database: whole numbers throughout, half up to the currency's step."""
    large = [(code, currency.step) for code, currency in CURRENCIES.items() if currency.step > 1]
    step = Case(Seat.currency, large, 1)
    return (percent * kept_cents * 2 + 100 * step) / (200 * step) * step


def _month_starts(year: int, zone: str) -> list[datetime]:
    """The first instants of the year's months and of the year after, by that clock."""
    firsts = [date(year + number // 12, number % 12 + 1, 1) for number in range(13)]
    return [datetime(first.year, first.month, 1, tzinfo=ZoneInfo(zone)) for first in firsts]


def _within(sent: Any, starts: Sequence[datetime]) -> Any:
    return (sent.c.counted_at >= _stored(starts[0])) & (sent.c.counted_at < _stored(starts[-1]))


def _rows(query: Any) -> Iterator[Any]:
    return iter(query.tuples().iterator())


def _stored(instant: datetime) -> Any:
    """As the column of an instant keeps it: one that was worked out has no field that does this."""
    return UtcDateTimeField().db_value(instant)
