"""What a coach's download holds of what they sell: page, stores, calls, codes, partners, hours."""

from typing import Any

from coaching.accounts.models import Person
from coaching.calendars.models import Feed, OutsideBusy
from coaching.catalog.models import Bump, Offer, Product, Question, Store
from coaching.coaches.models import Coach, CoachLanguage, CoachSpecialty, FormerSlug
from coaching.hours.models import DateOverride, Schedule, TimeOff, Travel, WeeklySpan
from coaching.own_data.section_queries import Section
from coaching.payments.models import PaymentAccount
from coaching.pricing.models import DiscountCode, Partner, Payout


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


STORE = {"store": Store.slug}
PRODUCT = {"product": Product.code}

SELLING_SECTIONS = (
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
)
