"""Figures equal to those that a model counts, call by call, over clock changes and month ends in three zones."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from coaching.booking.events import EventKind, FromTo, KeptOut, OutBecause
from coaching.booking.models import CoachingSession, Seat, SessionEvent
from coaching.booking.record_mutations import record_event
from coaching.catalog.models import Product, Store
from coaching.db import new_code
from coaching.figures.calendar import Days
from coaching.figures.models import DayFigure, FiguredMonth, FigureMark, SiteFigure
from coaching.figures.month_mutations import want_month
from coaching.figures.queries import site_sheet, store_sheet
from coaching.figures.refresh_mutations import finish_figures, rebuild_figures
from coaching.log_lines import Event
from coaching.now import Now
from coaching.payments.models import Payment, Receipt, Refund
from coaching.reviews.models import Review
from coaching.rooms.models import Presence, Room
from tests import factories

pytestmark = pytest.mark.usefixtures("db")
# Clocks go forward in New York on 14 March 2027, in Berlin on 28 March; back by half an hour in Lord Howe on 4 April.
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
NOW = datetime(2027, 4, 10, 15, 0, tzinfo=UTC)
BEGIN = datetime(2027, 2, 24, 0, 0, tzinfo=UTC)
MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)
STATES = ("completed", "completed", "completed", "cancelled", "no_show", "declined", "expired", "scheduled")
FIRST, LAST = date(2027, 1, 1), date(2027, 4, 10)
# The instants around which days begin or clocks change.
EDGES = [
    datetime(2027, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for zone in ZONES
    for month, day in ((2, 28), (3, 1), (3, 14), (3, 28), (3, 31), (4, 1), (4, 4))
    for hour, minute in ((0, 0), (1, 59), (2, 30), (23, 59))
]

Counts = Counter[tuple[int, str, str, str]]


def make_stores() -> list[Product]:
    """Two products in a store in each zone."""
    products = []
    for number, zone in enumerate(ZONES):
        coach = factories.make_person(f"Coach {number}", linked_as=str(8100 + number))
        store, schedule = factories.make_store(coach, zone=zone), factories.make_schedule(coach)
        products += [factories.make_product(store, schedule=schedule) for _ in range(2)]
    return products


class Life:
    """Random calls with all that is recorded of them; `counts` is what anybody would count on their fingers."""

    def __init__(self, seed: int, products: list[Product]) -> None:
        self.random, self.products, self.counts = random.Random(seed), products, Counter[tuple[int, str, str, str]]()
        self.number = 0
        self.student = factories.make_person("Student", linked_as="5100")

    def add(self, product: Product, at: str, name: str, label: str = "", amount: int = 1) -> None:
        if amount and FIRST.isoformat() <= at <= LAST.isoformat():
            self.counts[product.id, at, name, label] += amount

    def day(self, product: Product, at: datetime) -> str:
        return at.astimezone(ZoneInfo(product.store.zone)).strftime("%Y-%m-%d")

    def instant(self) -> datetime:
        if self.random.random() < 0.5:
            return self.random.choice(EDGES) + self.random.randint(-2, 2) * MINUTE
        return BEGIN + self.random.randint(0, 45 * 24 * 60) * MINUTE

    def live_one(self) -> CoachingSession:
        """One call: booked, become of, paid, reviewed."""
        roll, product = self.random.random, self.random.choice(self.products)
        starts_at, minutes = self.instant(), self.random.choice((15, 30, 45))
        created_at, state = starts_at - self.random.randint(0, 12 * 24 * 60) * MINUTE, self.random.choice(STATES)
        source = self.random.choice(("directory", "page", "link", "invitation", None))
        day, made_on = self.day(product, starts_at), self.day(product, created_at)
        call = factories.make_coaching_session(
            product, self.student, starts_at=starts_at, minutes=minutes, state="declined", created_at=created_at
        )
        values: dict[str, Any] = {"state": state}
        Seat.update(source=source, is_live=False).where(Seat.coaching_session == call).execute()
        self.add(product, made_on, "created", source or "unknown")
        match state:
            case "cancelled":
                values["ended_by"] = self.random.choice(("student", "coach"))
                # An admin for somebody suspended: on nobody's side, whichever it is written down for.
                values["ended_by_admin"] = self.random.random() < 0.3
                self.add(product, day, "cancelled", "site" if values["ended_by_admin"] else values["ended_by"])
            case "no_show":
                values["absent"] = self.random.choice(("student", "coach", "both", "unknown"))
                self.add(product, day, "no_show", values["absent"])
            case "completed":
                self.add(product, day, "completed")
                self.add(product, day, "planned_minutes", amount=minutes)
            case "scheduled":
                values["coach"] = factories.make_person()  # two calls of one coach do not overlap
                self.add(product, day, "coming")
            case _:
                self.add(product, day, "came_to_nothing", state)
        if state in ("completed", "no_show", "scheduled"):
            self.add(product, day, "booked_minutes", amount=minutes)
        CoachingSession.update(**values).where(CoachingSession.id == call.id).execute()
        call = CoachingSession.get_by_id(call.id)
        if state in ("completed", "no_show"):
            self.live_room(call, product, day)
        if roll() < 0.5:
            self.pay(call, product, created_at)
        if state == "completed" and roll() < 0.4:
            self.review(call, product)
        return call

    def live_room(self, call: CoachingSession, product: Product, day: str) -> None:
        opens_at = call.starts_at - 15 * MINUTE
        late = self.random.choice((0, 3, 60, 61, 600, None))
        let_in = () if late is None else ((opens_at + timedelta(seconds=late), call.ends_at),)
        thresholds = " ".join(f"{at:%Y-%m-%dT%H:%M:%S}" for at in (opens_at - 15 * MINUTE, opens_at, call.ends_at))
        room = Room.create(
            coaching_session=call,
            code=call.code,
            discord_guild_id="1",
            created_at=opens_at,
            let_in=let_in,
            thresholds=thresholds,
        )
        if late is None:
            because = self.random.choice((OutBecause.NO_ROOM, OutBecause.LEFT))
            record_event(call, Event(EventKind.KEPT_OUT, KeptOut(because)), None, call.ends_at)
            self.add(product, day, "room_never", amount=int(because == OutBecause.NO_ROOM))
        else:
            # A booking at short notice is waited for.
            late = max(late - max((call.created_at - opens_at) // timedelta(seconds=1), 0), 0)
            self.add(product, day, "room_in_time" if late <= 60 else "room_late")
            self.add(product, day, "room_delay", amount=late)
        if call.state == "completed" and self.random.random() < 0.7:
            stays = [self.random.randint(0, call.minutes * 60) for _ in range(2)]
            for person, seconds in zip((call.coach, self.student), stays, strict=True):
                Presence.create(room=room, person=person, seconds=seconds, looked_at=call.ends_at, looks=())
            self.add(product, day, "recorded_minutes", amount=call.minutes)
            self.add(product, day, "spent_seconds", amount=min(stays))

    def pay(self, call: CoachingSession, product: Product, at: datetime) -> None:
        currency, is_live = self.random.choice(("EUR", "USD")), self.random.random() < 0.7
        label = currency if is_live else f"{currency} test"
        self.number += 1
        payment = Payment.create(
            seat=call.seats.get(),
            provider="stripe",
            state="paid",
            amount_cents=4900,
            currency=currency,
            livemode=is_live,
            key=f"p{self.number}",
            begun_at=at,
        )
        paid_on = self.day(product, at)
        self.receipt(product, payment, None, paid_on, 4900)
        self.add(product, paid_on, "income", label, 4900)
        if self.random.random() < 0.4:
            back_on = self.day(product, at + 9 * A_DAY)
            refund = Refund.create(
                payment=payment, key=f"r{self.number}", cause="late", amount_cents=1000, owed_at=at, due_at=at
            )
            self.receipt(product, payment, refund, back_on, -1000)
            self.add(product, back_on, "refunded", label, 1000)

    def receipt(self, product: Product, payment: Payment, refund: Refund | None, on: str, cents: int) -> None:
        day = date.fromisoformat(on)
        Receipt.create(
            store=product.store,
            year=day.year,
            number=self.number * 2 + (refund is not None),
            payment=payment,
            refund=refund,
            code=new_code(),
            issued_on=day,
            issued_at=NOW,
            amount_cents=cents,
            currency=payment.currency,
            seller="",
            buyer="",
            printed="",
        )

    def review(self, call: CoachingSession, product: Product) -> None:
        made_at, is_hidden = call.ends_at + self.random.randint(0, 3000) * MINUTE, self.random.random() < 0.2
        review = factories.make_review(call, made_at=made_at, hidden_at=NOW if is_hidden else None)
        if not is_hidden:
            self.add(product, self.day(product, made_at), "reviews")
            self.add(product, self.day(product, made_at), "stars", amount=review.stars)


def counts_of(products: list[Product], now: datetime = NOW) -> Counts:
    """What pages of figures say of the same days, store by store."""
    counts: Counts = Counter()
    for store in {product.store for product in products}:
        sheet = store_sheet(store, "day", Days(FIRST, LAST), now)
        counts.update(
            {
                (cell.product_id, cell.first_on.isoformat(), cell.name, cell.label): amount
                for cell, amount in sheet.cells.items()
                if cell.name not in ("offered", "store_offered")
            }
        )
    return counts


def by_period(counts: Counts, unit: str) -> Counter[tuple[str, str, str]]:
    """The model's counts of the whole site by week or month."""
    by_key: Counter[tuple[str, str, str]] = Counter()
    for (_, day, name, label), amount in counts.items():
        at = date.fromisoformat(day)
        period = f"{day[:7]}-01" if unit == "month" else (at - at.weekday() * A_DAY).isoformat()
        by_key[period, name, label] += amount
    return by_key


def all_rows() -> list[Any]:
    rows: Any = DayFigure.select(DayFigure.day_on, DayFigure.product, DayFigure.name, DayFigure.label, DayFigure.amount)
    return sorted(rows.tuples(), key=str)


def settle(now: datetime = NOW) -> None:
    finish_figures(Now(now, now))


def test_figures_are_those_that_a_model_counts() -> None:
    products = make_stores()
    life = Life(7, products)
    for _ in range(80):
        life.live_one()

    # Before the worker has been there, all is counted from what is recorded.
    assert counts_of(products) == life.counts
    settle()
    assert counts_of(products) == life.counts
    for unit in ("week", "month"):
        cells = site_sheet(unit, Days(date(2026, 12, 28), LAST), NOW).cells.items()
        amounts = {(cell.first_on.isoformat(), cell.name, cell.label): amount for cell, amount in cells}
        amounts = {
            key: amount for key, amount in amounts.items() if key[1] not in ("store_offered", "runs", "channels")
        }
        assert amounts == by_period(life.counts, unit)

    # Lost, they are made anew; and the sums alone say it, without what is counted live.
    for model in (DayFigure, SiteFigure, FiguredMonth, FigureMark):
        model.delete().execute()
    settle()
    summed = Counter(
        {
            (day_figure.product_id, day_figure.day_on.isoformat(), day_figure.name, day_figure.label): day_figure.amount
            for day_figure in DayFigure.select().where(DayFigure.day_on <= LAST, DayFigure.product.is_null(False))
            if day_figure.name != "offered"
        }
    )
    assert summed == life.counts
    before = all_rows()
    rebuild_figures(Now(NOW, NOW))
    assert all_rows() == before


def test_what_changes_late_changes_its_own_day() -> None:
    product = make_stores()[0]
    life = Life(3, [product])
    life.student = student = factories.make_person("Bob", linked_as="5200")
    starts_at = datetime(2027, 3, 2, 9, 0, tzinfo=UTC)
    call = factories.make_coaching_session(
        product, student, starts_at=starts_at, state="completed", created_at=starts_at - 30 * A_DAY
    )
    review = factories.make_review(call, made_at=starts_at + A_DAY)
    settle()

    def figures() -> dict[str, dict[str, int]]:
        by_day: dict[str, dict[str, int]] = {}
        for (_, day, name, _), amount in counts_of([product]).items():
            if name in ("created", "completed", "no_show", "reviews"):
                by_day.setdefault(day, {})[name] = amount
        return by_day

    assert figures() == {"2027-01-31": {"created": 1}, "2027-03-02": {"completed": 1}, "2027-03-03": {"reviews": 1}}
    # Corrected by its coach, and moved to another month before; an admin hides the review.
    moved_to = starts_at - 5 * A_DAY
    CoachingSession.update(state="no_show", absent="student", starts_at=moved_to, busy_from=moved_to).execute()
    record_event(call, Event(EventKind.MOVED, FromTo(starts_at.isoformat(), moved_to.isoformat())), None, NOW)
    Review.update(hidden_at=NOW).where(Review.id == review.id).execute()
    want_month(product, review.made_at, NOW)
    settle(NOW + MINUTE)
    assert figures() == {"2027-01-31": {"created": 1}, "2027-02-25": {"no_show": 1}}
    # What nothing tells of is found within a day, or within an hour where it is not long ago.
    Review.update(hidden_at=None).execute()
    settle(NOW + timedelta(minutes=30))
    assert "2027-03-03" not in figures()
    settle(NOW + timedelta(hours=2))
    assert figures()["2027-03-03"] == {"reviews": 1}
    # A clock that is put back has nothing to wait for.
    Review.delete().execute()
    settle(NOW - 20 * A_DAY)
    assert "2027-03-03" not in figures()


def test_what_is_forgotten_stays_counted() -> None:
    product = make_stores()[0]
    life = Life(5, [product])
    while not life.counts.keys() & {key for key in life.counts if key[2] == "spent_seconds"}:
        life.live_one()
    settle()
    kept = {key: amount for key, amount in life.counts.items() if key[2] in ("spent_seconds", "room_in_time")}
    later = NOW + 120 * A_DAY
    Presence.delete().execute()
    Room.delete().execute()
    rebuild_figures(Now(later, later))
    counts = counts_of([product], later)
    assert {key: counts[key] for key in kept} == kept


def test_another_zone_makes_other_days() -> None:
    product = make_stores()[0]
    late = datetime(2027, 3, 31, 22, 30, tzinfo=UTC)  # 1 April in Berlin
    factories.make_coaching_session(product, starts_at=late, state="completed", created_at=late)
    settle()
    Store.update(zone="America/New_York").where(Store.id == product.store_id).execute()
    settle(NOW + MINUTE)
    settle(NOW + MINUTE)
    product = Product.get_by_id(product.id)
    assert {day for _, day, name, _ in counts_of([product]) if name == "completed"} == {"2027-03-31"}


def test_an_older_backup_knows_its_own_figures_only() -> None:
    product = make_stores()[0]
    call = factories.make_coaching_session(product, starts_at=NOW - 40 * A_DAY, state="completed", created_at=BEGIN)
    record_event(call, Event(EventKind.STARTED), None, NOW)
    settle()
    # As after a restore, in which the histories end earlier than the mark says.
    FigureMark.update(event_id=SessionEvent.select().count() + 500).execute()
    CoachingSession.update(state="cancelled").execute()
    settle(NOW + MINUTE)
    assert [name for _, _, name, _ in counts_of([product])].count("cancelled") == 1
