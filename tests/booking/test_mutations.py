"""Booking, cancelling, ticking off, on a real database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coaching.accounts.models import FormKey, GuildMember
from coaching.booking import mutations, queries
from coaching.booking.changes import SeenTerms
from coaching.booking.details import BookingDetails
from coaching.booking.history_queries import history_of
from coaching.booking.models import Answer, CoachingSession, Seat
from coaching.catalog.models import Offer, Product, Question
from coaching.db import database
from coaching.errors import (
    AnswersMissing,
    DiscordNotLinked,
    NotAMember,
    NotFound,
    NotPublished,
    OwnProduct,
    PhoneMissing,
    SlotTaken,
    StudentBusy,
    TermsChanged,
    TooLate,
)
from coaching.hours.mutations import close_day, save_weekly_hours
from tests import factories

# A Monday; the factories' schedule is every day from 9 to 17 in Berlin, which is 8 to 16 UTC.
NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def product(alice):
    return factories.make_product(coach=alice)


def details(product, starts_at=TEN, **differences):
    return BookingDetails(offer_id=product.offers.get().id, starts_at=starts_at, **differences)


def book(product, student, starts_at=TEN, now=NOW, **differences):
    return mutations.book_session(product, student, details(product, starts_at, **differences), now)


# --- Booking


def test_a_booking_copies_what_was_agreed(alice, bob):
    product = factories.make_product(
        coach=alice, offers=((45, 3900),), buffer_before_minutes=10, buffer_after_minutes=20
    )
    booked = book(product, bob, goals="Make the low end work.")
    Offer.update(price_cents=1).execute()
    Product.update(title="Other", pay_text="").execute()
    booked = queries.get_session_for(bob, booked.code).coaching_session
    assert (booked.state, booked.title, booked.minutes) == ("scheduled", "Mixing call", 45)
    assert (booked.starts_at, booked.ends_at) == (TEN, TEN + 45 * MINUTE)
    assert (booked.busy_from, booked.busy_until) == (TEN - 10 * MINUTE, TEN + 65 * MINUTE)
    assert (booked.coach, booked.zone, booked.created_at) == (alice, "Europe/Berlin", NOW)
    (seat,) = booked.seats
    assert (seat.student, seat.starts_at, seat.ends_at, seat.is_live) == (bob, TEN, TEN + 45 * MINUTE, True)
    assert (seat.price_cents, seat.currency, seat.payment) == (3900, "EUR", "outside")
    assert (seat.pay_text, seat.paid_at) == ("Pay me by bank transfer.", None)
    assert (seat.goals, seat.phone) == ("Make the low end work.", None)
    assert [(event.kind, event.person) for event in history_of(booked)] == [("booked", bob)]


def test_a_free_product_costs_nothing(alice, bob):
    product = factories.make_product(coach=alice, payment="free")
    (seat,) = book(product, bob).seats
    assert (seat.price_cents, seat.payment, seat.pay_text) == (0, "free", "")


def test_an_offer_without_a_price_needs_no_payment(alice, bob):
    product = factories.make_product(coach=alice, offers=((30, 0),))
    assert book(product, bob).seats.get().payment == "free"


def test_answers_are_kept_with_the_questions_words(product, bob):
    genre = Question.create(product=product, label="Genre", is_required=True)
    software = Question.create(product=product, label="Software", kind="choice", choices="Ableton\nLogic", position=1)
    silent = Question.create(product=product, label="Links", position=2)
    booked = book(product, bob, answers={genre.id: " Techno ", software.id: "Logic", silent.id: " ", 999: "x"})
    Question.delete().execute()
    view = queries.get_session_for(bob, booked.code)
    assert [(a.label, a.kind, a.text) for a in queries.answers_of(view, NOW)] == [
        ("Genre", "text", "Techno"),
        ("Software", "choice", "Logic"),
    ]


def test_a_missing_answer_stops_the_booking(product, bob):
    genre = Question.create(product=product, label="Genre", is_required=True)
    with pytest.raises(AnswersMissing) as caught:
        book(product, bob)
    assert list(caught.value.faults) == [genre.id]
    assert not CoachingSession.select().exists()


def test_a_phone_session_needs_a_number_and_no_discord(alice):
    product = factories.make_product(coach=alice, session_type="phone")
    caller = factories.make_person("Caller")
    with pytest.raises(PhoneMissing):
        book(product, caller)
    assert book(product, caller, phone="+49 30 123456").seats.get().phone == "+49 30 123456"


def test_what_a_student_writes_is_not_readable_in_the_tables(product, bob):
    book(product, bob, goals="Make the low end work.")
    ((stored,),) = database.execute_sql("SELECT goals FROM seat").fetchall()
    assert "low end" not in stored


def test_other_sessions_keep_no_phone_number(product, bob):
    assert book(product, bob, phone="+49 30 123456").seats.get().phone is None


def test_who_has_no_discord_is_told_to_connect(product):
    with pytest.raises(DiscordNotLinked):
        book(product, factories.make_person("Unlinked"))


@pytest.mark.parametrize("state", ["unknown", "left", "banned"])
def test_who_is_not_in_the_stores_server_is_told_to_join(product, bob, state):
    GuildMember.update(state=state).execute()
    with pytest.raises(NotAMember):
        book(product, bob)


def test_a_member_of_another_server_is_told_to_join(product, bob):
    GuildMember.update(discord_guild_id="42").execute()
    with pytest.raises(NotAMember):
        book(product, bob)


def test_nobody_books_their_own_product(product, alice):
    with pytest.raises(OwnProduct):
        book(product, alice)


@pytest.mark.parametrize("state", ["draft", "archived"])
def test_a_product_withdrawn_while_the_form_was_filled_in_is_not_booked(product, bob, state):
    Product.update(state=state).execute()
    with pytest.raises(NotPublished):
        book(product, bob)


def test_an_offer_that_is_retired_or_anothers_is_not_booked(product, bob):
    foreign = factories.make_product().offers.get()
    with pytest.raises(SlotTaken):
        mutations.book_session(product, bob, BookingDetails(foreign.id, TEN), NOW)
    Offer.update(is_retired=True).execute()
    with pytest.raises(SlotTaken):
        book(product, bob)


# --- What the coach saves while a student types


def retire(question, successor=None, at=NOW - HOUR):
    Question.update(retired_at=at, successor=successor).where(Question.id == question.id).execute()


def test_answers_are_kept_with_the_words_that_were_read(product, bob):
    old, gone = Question.create(product=product, label="Gerne?"), Question.create(product=product, label="Why?")
    retire(old, Question.create(product=product, label="Genre?", is_required=True))
    retire(gone)
    booked = book(product, bob, answers={old.id: "Techno", gone.id: "For fun"})
    assert [(answer.label, answer.text) for answer in Answer.select().order_by(Answer.position)] == [
        ("Gerne?", "Techno"),
        ("Why?", "For fun"),
    ]
    assert book(product, bob, answers={}) == booked


def test_a_question_added_meanwhile_is_asked_for_if_it_is_required(product, bob):
    old = Question.create(product=product, label="Genre?")
    added = Question.create(product=product, label="Link?", is_required=True)
    with pytest.raises(AnswersMissing) as caught:
        book(product, bob, answers={old.id: "Techno"})
    assert list(caught.value.faults) == [added.id]


def test_another_products_retired_question_is_not_answered(product, bob):
    foreign = Question.create(product=factories.make_product(), label="Secret?")
    retire(foreign)
    book(product, bob, answers={foreign.id: "x"})
    assert not Answer.select().exists()


SEEN = SeenTerms("Mixing call", "video", "outside", "EUR", {})


@pytest.mark.parametrize(
    "change",
    [{"title": "Other"}, {"session_type": "audio"}, {"payment": "free"}],
    ids=lambda change: next(iter(change)),
)
def test_other_terms_than_were_seen_are_not_booked(product, bob, change):
    Product.update(**change).where(Product.id == product.id).execute()
    with pytest.raises(TermsChanged):
        book(product, bob, seen=SEEN)
    assert not CoachingSession.select().exists()


def test_a_changed_price_is_not_booked_at_either_price(product, bob):
    old = product.offers.get()
    Offer.update(is_retired=True).execute()
    new = Offer.create(product=product, minutes=60, price_cents=5500)
    with pytest.raises(TermsChanged):
        mutations.book_session(product, bob, BookingDetails(old.id, TEN), NOW)
    assert not Seat.select().exists()
    new.price_cents = old.price_cents
    new.save()
    mutations.book_session(product, bob, BookingDetails(old.id, TEN), NOW)
    assert Seat.get().price_cents == 4900


def test_a_booked_form_leads_to_its_session_whatever_has_changed_since(product, bob):
    booked = book(product, bob, form_key="a form", seen=SEEN)
    Product.update(title="Other").execute()
    assert book(product, bob, form_key="a form", seen=SEEN) == booked


@pytest.mark.parametrize(
    "starts_at",
    [
        pytest.param(NOW - 24 * HOUR + 4 * HOUR, id="past"),
        pytest.param(TEN - 3 * HOUR, id="before the hours"),
        pytest.param(TEN + 7 * MINUTE, id="off the grid"),
        pytest.param(TEN + timedelta(seconds=30), id="between two minutes"),
        pytest.param(TEN + timedelta(days=61), id="beyond the horizon"),
        pytest.param(datetime(9999, 12, 31, 23, 59, tzinfo=UTC), id="end of time"),
        pytest.param(datetime(1, 1, 1, tzinfo=UTC), id="beginning of time"),
    ],
)
def test_a_time_that_is_not_on_offer_is_not_booked(product, bob, starts_at):
    with pytest.raises(SlotTaken):
        book(product, bob, starts_at)
    assert not CoachingSession.select().exists()


def test_hours_changed_while_the_form_was_filled_in_count(product, bob):
    close_day(product.schedule, TEN.date())
    with pytest.raises(SlotTaken):
        book(product, bob)


def test_notice_counts_at_the_moment_of_booking(alice, bob):
    product = factories.make_product(coach=alice, notice_minutes=60)
    with pytest.raises(SlotTaken):
        book(product, bob, now=TEN - 59 * MINUTE)
    assert book(product, bob, now=TEN - 60 * MINUTE)


def test_a_taken_time_is_told_so(product, bob, mallory):
    book(product, bob)
    for minutes in (0, 15, -45):
        with pytest.raises(SlotTaken):
            book(product, mallory, TEN + minutes * MINUTE)
    assert book(product, mallory, TEN + HOUR)


def test_a_coachs_other_product_takes_the_time_too(product, bob, mallory):
    other = factories.make_product(product.store)
    book(product, bob)
    with pytest.raises(SlotTaken):
        book(other, mallory)


def test_a_student_busy_elsewhere_is_told_so(product, bob):
    elsewhere = factories.make_product()
    book(elsewhere, bob)
    with pytest.raises(StudentBusy):
        book(product, bob, TEN + HOUR / 2)
    assert book(product, bob, TEN + HOUR)


def test_buffers_of_a_coach_do_not_make_the_student_busy(alice, bob):
    wide: dict[str, Any] = {"buffer_before_minutes": 60, "buffer_after_minutes": 60}
    book(factories.make_product(**wide), bob)
    assert book(factories.make_product(coach=alice, **wide), bob, TEN + HOUR)


def test_nobody_sits_in_two_calls_as_coach_and_student(product, alice, bob):
    elsewhere = factories.make_product(coach=bob)
    book(elsewhere, alice)
    with pytest.raises(StudentBusy):
        book(product, bob)
    mallory = factories.make_person("Third", linked_as="77")
    with pytest.raises(SlotTaken):
        book(product, mallory)


def test_a_full_day_takes_no_more(alice, bob):
    product = factories.make_product(coach=alice, daily_cap=1)
    book(product, bob)
    with pytest.raises(SlotTaken):
        book(product, bob, TEN + 3 * HOUR)
    assert book(product, bob, TEN + 24 * HOUR)


def test_a_guard_that_fires_means_the_slot_is_taken(product, bob, mallory):
    # A row no check of ours can see: its coach is busy, but with a buffer that was never there.
    booked = book(product, bob, TEN + 3 * HOUR)
    CoachingSession.update(busy_from=TEN + HOUR / 2).where(CoachingSession.id == booked.id).execute()
    with pytest.raises(SlotTaken):
        book(product, mallory)
    assert CoachingSession.select().count() == Seat.select().count() == 1


# --- The same form again


def test_a_double_click_gives_the_first_session_again(product, bob):
    first = book(product, bob, form_key="k1")
    assert book(product, bob, form_key="k1") == first
    assert CoachingSession.select().count() == Seat.select().count() == FormKey.select().count() == 1


def test_the_back_button_gives_the_first_session_again_whatever_was_chosen(product, bob):
    first = book(product, bob, form_key="k1")
    assert book(product, bob, TEN + 2 * HOUR, form_key="k1") == first
    mutations.cancel_session(first, bob, NOW)
    assert book(product, bob, form_key="k1") == first


def test_a_retry_with_a_fresh_form_gives_the_first_session_again(product, bob):
    first = book(product, bob, form_key="k1")
    assert book(product, bob, form_key="k2") == first
    mutations.cancel_session(first, bob, NOW)
    assert book(product, bob, form_key="k3") != first


def test_anothers_form_key_says_nothing(product, bob, mallory):
    first = book(product, bob, form_key="k1")
    assert book(product, mallory, TEN + HOUR, form_key="k1") != first


def test_a_refused_form_can_be_sent_again(product, bob, mallory):
    book(product, mallory)
    with pytest.raises(SlotTaken):
        book(product, bob, form_key="k1")
    assert book(product, bob, TEN + HOUR, form_key="k1").starts_at == TEN + HOUR


# --- Cancelling


def test_a_cancelled_time_is_free_again(product, bob, mallory):
    booked = book(product, bob)
    cancelled = mutations.cancel_session(booked, bob, NOW + MINUTE)
    assert (cancelled.state, cancelled.ended_by, cancelled.ended_at) == ("cancelled", "student", NOW + MINUTE)
    assert cancelled.revision == booked.revision + 1
    assert not booked.seats.get().is_live
    assert book(product, mallory)
    assert book(factories.make_product(), bob)


def test_cancelling_twice_does_no_harm(product, bob, alice):
    booked = book(product, bob)
    once = mutations.cancel_session(booked, bob, NOW)
    twice = mutations.cancel_session(booked, alice, TEN + 5 * HOUR)
    assert (twice.ended_by, twice.revision) == ("student", once.revision)
    assert [event.kind for event in history_of(booked)] == ["booked", "cancelled"]


def test_the_student_cancels_until_the_start_and_the_coach_until_the_end(product, bob, alice):
    booked = book(product, bob)
    with pytest.raises(TooLate):
        mutations.cancel_session(booked, bob, TEN)
    with pytest.raises(TooLate):
        mutations.cancel_session(booked, alice, TEN + HOUR)
    assert mutations.cancel_session(booked, alice, TEN + HOUR - MINUTE).ended_by == "coach"


def test_the_student_cancels_a_minute_before_the_start(product, bob):
    booked = book(product, bob)
    assert mutations.cancel_session(booked, bob, TEN - MINUTE).state == "cancelled"


def test_a_completed_session_is_not_cancelled(product, bob, alice):
    booked = book(product, bob)
    mutations.record_outcome(booked, "completed", TEN + HOUR / 2)
    with pytest.raises(TooLate):
        mutations.cancel_session(booked, alice, TEN + HOUR / 2)


def test_mallory_cannot_cancel(product, bob, mallory):
    booked = book(product, bob)
    with pytest.raises(NotFound):
        mutations.cancel_session(booked, mallory, NOW)


# --- Payment and outcome


def test_the_coach_ticks_a_payment_off_and_takes_it_back(product, bob, alice, mallory):
    booked = book(product, bob)
    mutations.mark_paid(booked, alice, True, NOW)
    mutations.mark_paid(booked, alice, True, NOW + MINUTE)
    assert booked.seats.get().paid_at == NOW
    mutations.mark_paid(booked, alice, False, NOW)
    assert booked.seats.get().paid_at is None
    assert [event.kind for event in history_of(booked)] == ["booked", "paid", "unpaid"]
    for person in (bob, mallory):
        with pytest.raises(NotFound):
            mutations.mark_paid(booked, person, True, NOW)


def test_a_free_session_has_nothing_to_tick_off(alice, bob):
    booked = book(factories.make_product(coach=alice, payment="free"), bob)
    mutations.mark_paid(booked, alice, True, NOW)
    assert booked.seats.get().paid_at is None


def test_an_outcome_is_recorded_once(product, bob):
    booked = book(product, bob)
    assert mutations.record_outcome(booked, "in_progress", TEN)
    assert not mutations.record_outcome(booked, "in_progress", TEN)
    assert booked.seats.get().is_live
    assert mutations.record_outcome(booked, "completed", TEN + HOUR)
    assert not mutations.record_outcome(booked, "no_show", TEN + HOUR)
    assert not booked.seats.get().is_live
    kept = CoachingSession.get()
    assert (kept.state, kept.ended_at) == ("completed", TEN + HOUR)


def test_a_cancelled_session_has_no_outcome(product, bob):
    booked = book(product, bob)
    mutations.cancel_session(booked, bob, NOW)
    assert not mutations.record_outcome(booked, "completed", TEN + HOUR)


def test_sessions_stay_when_the_hours_change(product, bob, alice):
    booked = book(product, bob)
    save_weekly_hours(product.schedule, {})
    assert [view.coaching_session for view in queries.upcoming_sessions(alice, "coach", NOW)] == [booked]
    assert not Answer.select().exists()
