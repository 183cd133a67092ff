"""What a coach's download holds beside everybody's: page, stores, calls, hours, and the sessions they gave.

Of their students it has the name that they are shown by and what the coach noted, and nothing of what these wrote to
book.
"""

from typing import Any

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Invitation, Proposal, Seat
from coaching.calendars.models import Feed, OutsideBusy
from coaching.catalog.models import Bump, Offer, Product, Question, Store
from coaching.coaches.models import Coach, CoachLanguage, CoachSpecialty, FormerSlug
from coaching.hours.models import DateOverride, Schedule, TimeOff, Travel, WeeklySpan
from coaching.own_data.own_section_queries import PAID, RECEIPT, SESSION, WENT_BACK, receipt_words
from coaching.own_data.section_queries import Section
from coaching.payments.models import Objection, Payment, PaymentAccount, Receipt, Refund
from coaching.pricing.models import DiscountCode, Partner, Payout
from coaching.reviews.models import Review
from coaching.students.models import StudentLabel, StudentNote

Student = Person.alias()


def _stores(person: Person) -> Any:
    return Store.select().where(Store.owner == person)


def _of_store(model: Any, person: Person) -> Any:
    return model.select().join(Store).where(Store.owner == person)


def _of_product(model: Any, person: Person) -> Any:
    return model.select().join(Product).join(Store).where(Store.owner == person)


def _of_coach(model: Any, person: Person) -> Any:
    return model.select().join(Coach).where(Coach.person == person)


def _of_schedule(model: Any, person: Person) -> Any:
    return model.select().join(Schedule).where(Schedule.coach == person)


def _given(person: Person) -> Any:
    seats = Seat.select().join(CoachingSession).switch(Seat).join(Student, on=(Seat.student == Student.id))
    return seats.where(CoachingSession.coach == person)


def _notes(person: Person) -> Any:
    found = StudentNote.select().join(Student, on=(StudentNote.student == Student.id)).switch(StudentNote)
    return found.join(CoachingSession, JOIN.LEFT_OUTER).where(StudentNote.coach == person)


def _labels(person: Person) -> Any:
    found = StudentLabel.select().join(Student, on=(StudentLabel.student == Student.id))
    return found.where(StudentLabel.coach == person)


def _received(person: Person) -> Any:
    return Payment.select().join(Seat).join(CoachingSession).where(CoachingSession.coach == person)


def _given_back(person: Person) -> Any:
    seats = Refund.select().join(Payment).join(Seat).join(CoachingSession)
    return seats.where(CoachingSession.coach == person)


def _issued(person: Person) -> Any:
    receipts = Receipt.select().join(Store).switch(Receipt).join(Payment).join(Seat).join(CoachingSession)
    return receipts.where(Store.owner == person)


def _reviewed(person: Person) -> Any:
    return Review.select().join(Seat).join(CoachingSession).where(Review.coach == person)


def _kept(person: Person) -> Any:
    return Invitation.select().join(CoachingSession).where(CoachingSession.coach == person)


STORE = {"store": Store.slug}
PRODUCT = {"product": Product.code}

COACH_SECTIONS = (
    Section(
        "coach_page",
        "your page as a coach",
        Coach,
        lambda person: Coach.select().where(Coach.person == person),
        {
            "address": Coach.slug,
            "headline": Coach.headline,
            "bio": Coach.bio,
            "links": Coach.links,
            "is_in_the_list": Coach.is_listed,
            "takes_discord_picture": Coach.takes_avatar,
            "approved_at": Coach.approved_at,
            "stopped_at": Coach.stopped_at,
            "stopped_because": Coach.stopped_why,
            "changed_at": Coach.updated_at,
        },
        is_one=True,
    ),
    Section(
        "coach_page_former_addresses",
        "earlier addresses of your page",
        FormerSlug,
        lambda person: _of_coach(FormerSlug, person),
        {"address": FormerSlug.slug},
    ),
    Section(
        "coach_specialties",
        "what you teach",
        CoachSpecialty,
        lambda person: _of_coach(CoachSpecialty, person),
        {"words": CoachSpecialty.words},
    ),
    Section(
        "coach_languages",
        "in which languages",
        CoachLanguage,
        lambda person: _of_coach(CoachLanguage, person),
        {"language": CoachLanguage.tag},
    ),
    Section(
        "stores",
        "your stores",
        Store,
        _stores,
        STORE
        | {
            "name": Store.name,
            "line": Store.line,
            "currency": Store.currency,
            "zone": Store.zone,
            "way_into_rooms": Store.access_mode,
            "stopped_at": Store.stopped_at,
            "seller_name": Store.seller_name,
            "seller_address": Store.seller_address,
            "tax_note": Store.tax_note,
            "made_at": Store.created_at,
        },
    ),
    Section(
        "products",
        "the calls that you sell",
        Product,
        lambda person: _of_store(Product, person),
        PRODUCT
        | STORE
        | {
            "address": Product.slug,
            "state": Product.state,
            "title": Product.title,
            "description": Product.description,
            "how": Product.session_type,
            "paid_by": Product.payment,
            "how_to_pay": Product.pay_text,
            "refunds": Product.refund_tiers,
            "words_in_messages": Product.message_words,
            "needs_approval": Product.needs_approval,
            "made_at": Product.created_at,
            "changed_at": Product.updated_at,
            "published_at": Product.published_at,
        },
    ),
    Section(
        "product_prices",
        "lengths and prices of your calls",
        Offer,
        lambda person: _of_product(Offer, person),
        PRODUCT
        | {
            "minutes": Offer.minutes,
            "price_cents": Offer.price_cents,
            "currency": Store.currency,
            "is_retired": Offer.is_retired,
        },
    ),
    Section(
        "product_questions",
        "what you ask students",
        Question,
        lambda person: _of_product(Question, person),
        PRODUCT
        | {
            "question": Question.label,
            "kind": Question.kind,
            "choices": Question.choices,
            "is_required": Question.is_required,
            "retired_at": Question.retired_at,
        },
    ),
    Section(
        "product_extras",
        "extras that you sell with your calls",
        Bump,
        lambda person: _of_product(Bump, person),
        PRODUCT
        | {
            "title": Bump.title,
            "words": Bump.words,
            "price_cents": Bump.price_cents,
            "currency": Store.currency,
            "gives": Bump.gives,
            "retired_at": Bump.retired_at,
        },
    ),
    Section(
        "discount_codes",
        "your codes",
        DiscountCode,
        lambda person: _of_store(DiscountCode, person),
        STORE
        | {
            "code": DiscountCode.code,
            "percent": DiscountCode.percent,
            "amount_cents": DiscountCode.amount_cents,
            "currency": Store.currency,
            "from_at": DiscountCode.from_at,
            "until_at": DiscountCode.until_at,
            "most_uses": DiscountCode.most_uses,
            "most_uses_of_one_person": DiscountCode.most_per_person,
            "is_active": DiscountCode.is_active,
            "made_at": DiscountCode.made_at,
        },
    ),
    Section(
        "partners",
        "who sends you students",
        Partner,
        lambda person: _of_store(Partner, person),
        STORE
        | {
            "name": Partner.name,
            "code": Partner.code,
            "share_percent": Partner.share_percent,
            "is_active": Partner.is_active,
            "made_at": Partner.made_at,
        },
    ),
    Section(
        "partner_payouts",
        "what you paid to them",
        Payout,
        lambda person: Payout.select().join(Partner).join(Store).where(Store.owner == person),
        {
            "partner": Partner.name,
            "amount_cents": Payout.amount_cents,
            "currency": Payout.currency,
            "paid_on": Payout.paid_on,
            "note": Payout.note,
            "made_at": Payout.made_at,
        },
    ),
    Section(
        "payment_accounts",
        "accounts on which students pay you by card; keys are left out",
        PaymentAccount,
        lambda person: _of_store(PaymentAccount, person),
        STORE
        | {
            "name": PaymentAccount.name,
            "is_live": PaymentAccount.livemode,
            "state": PaymentAccount.state,
            "added_at": PaymentAccount.added_at,
            "removed_at": PaymentAccount.removed_at,
        },
    ),
    Section(
        "schedules",
        "your schedules",
        Schedule,
        lambda person: Schedule.select().where(Schedule.coach == person),
        {"schedule": Schedule.code, "name": Schedule.name, "zone": Schedule.zone, "made_at": Schedule.created_at},
    ),
    Section(
        "weekly_hours",
        "your weekly hours; weekday 0 is Monday",
        WeeklySpan,
        lambda person: _of_schedule(WeeklySpan, person),
        {
            "schedule": Schedule.code,
            "weekday": WeeklySpan.weekday,
            "start_minute": WeeklySpan.start_minute,
            "length_minutes": WeeklySpan.length_minutes,
        },
    ),
    Section(
        "single_days",
        "days with hours of their own, or none",
        DateOverride,
        lambda person: _of_schedule(DateOverride, person),
        {
            "schedule": Schedule.code,
            "day_on": DateOverride.day_on,
            "start_and_length_minutes": DateOverride.spans,
            "note": DateOverride.note,
        },
    ),
    Section(
        "time_off",
        "when you are away",
        TimeOff,
        lambda person: TimeOff.select().where(TimeOff.coach == person),
        {"starts_at": TimeOff.starts_at, "ends_at": TimeOff.ends_at, "note": TimeOff.note},
    ),
    Section(
        "travel",
        "when your hours are meant in another zone",
        Travel,
        lambda person: _of_schedule(Travel, person),
        {
            "schedule": Schedule.code,
            "zone": Travel.zone,
            "from_on": Travel.from_on,
            "until_on": Travel.until_on,
        },
    ),
    Section(
        "outside_calendars",
        "calendars whose events keep your time busy; their addresses are secret and left out",
        Feed,
        lambda person: Feed.select().where(Feed.coach == person),
        {
            "name": Feed.name,
            "added_at": Feed.made_at,
            "last_read_at": Feed.fetched_at,
            "too_old_after_minutes": Feed.stale_after_minutes,
            "trouble": Feed.fault,
        },
    ),
    Section(
        "outside_busy_times",
        "when they say that you are busy",
        OutsideBusy,
        lambda person: OutsideBusy.select().join(Feed).where(Feed.coach == person),
        {"calendar": Feed.name, "starts_at": OutsideBusy.starts_at, "ends_at": OutsideBusy.ends_at},
    ),
    Section(
        "sessions_given",
        "the calls that students booked with you",
        Seat,
        _given,
        SESSION
        | {
            "title": CoachingSession.title,
            "student": Student.name,
            "how": CoachingSession.session_type,
            "starts_at": CoachingSession.starts_at,
            "ends_at": CoachingSession.ends_at,
            "minutes": CoachingSession.minutes,
            "zone": CoachingSession.zone,
            "time_as_promised": CoachingSession.wall_time,
            "state": CoachingSession.state,
            "absent": CoachingSession.absent,
            "ended_by": CoachingSession.ended_by,
            "ended_because": CoachingSession.end_reason,
            "ended_at": CoachingSession.ended_at,
            "price_cents": Seat.price_cents,
            "currency": Seat.currency,
            "paid_by": Seat.payment,
            "paid_at": Seat.paid_at,
            "booked_at": CoachingSession.created_at,
            "came_from": Seat.source,
        },
    ),
    Section(
        "notes_on_students",
        "what you noted for yourself about students and their calls; they cannot read it",
        StudentNote,
        _notes,
        SESSION
        | {
            "student": Student.name,
            "words": StudentNote.words,
            "written_at": StudentNote.made_at,
            "changed_at": StudentNote.edited_at,
        },
    ),
    Section(
        "labels_of_students",
        "the labels that you gave to students",
        StudentLabel,
        _labels,
        {"student": Student.name, "label": StudentLabel.words},
    ),
    Section(
        "times_proposed",
        "other times that you proposed",
        Proposal,
        lambda person: Proposal.select().join(CoachingSession).where(CoachingSession.coach == person),
        SESSION | {"starts_at": Proposal.starts_at, "made_at": Proposal.made_at},
    ),
    Section(
        "invitations_made",
        "times that you kept for somebody",
        Invitation,
        _kept,
        SESSION
        | {
            "title": CoachingSession.title,
            "starts_at": CoachingSession.starts_at,
            "price_cents": Invitation.price_cents,
            "note": Invitation.note,
            "made_at": Invitation.made_at,
            "taken_at": Invitation.used_at,
        },
    ),
    Section(
        "payments_received",
        "what students paid for calls with you",
        Payment,
        _received,
        SESSION | PAID | {"by": Payment.provider, "state": Payment.state, "paid_at": Payment.paid_at},
    ),
    Section("refunds_given", "what students got back", Refund, _given_back, SESSION | WENT_BACK),
    Section(
        "objections_of_students",
        "where students disagreed about their money, your side of it, and what was decided",
        Objection,
        lambda person: Objection.select().join(Seat).join(CoachingSession).where(CoachingSession.coach == person),
        SESSION
        | {
            "made_at": Objection.made_at,
            "your_words": Objection.reply,
            "replied_at": Objection.replied_at,
            "decision": Objection.decision,
            "decided_at": Objection.decided_at,
        },
    ),
    Section(
        "receipts_issued",
        "receipts and credit notes of your stores, as they were written",
        Receipt,
        _issued,
        STORE | SESSION | RECEIPT,
        receipt_words,
    ),
    Section(
        "reviews_received",
        "reviews of calls with you, and your answers",
        Review,
        _reviewed,
        SESSION
        | {
            "stars": Review.stars,
            "words": Review.words,
            "held_at": Review.held_at,
            "made_at": Review.made_at,
            "your_answer": Review.answer,
            "answered_at": Review.answered_at,
            "hidden_at": Review.hidden_at,
        },
    ),
)
