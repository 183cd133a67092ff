"""What a demo contains: six people, two stores, products to book, and sessions before and after today."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from coaching.accounts.mail_link_mutations import LinkTo
from coaching.accounts.models import Person
from coaching.booking.details import BookingDetails
from coaching.booking.models import CoachingSession
from coaching.booking.mutations import book_session, mark_paid, record_outcome
from coaching.booking.sources import DIRECTORY, LINK, PAGE
from coaching.catalog import mutations as catalog
from coaching.catalog.bump_mutations import add_bump
from coaching.catalog.details import (
    AvailabilityDetails,
    BookingRules,
    CheckoutDetails,
    OptionsDetails,
    ScheduleDetails,
    StoreDetails,
    ThumbnailDetails,
)
from coaching.catalog.guild_mutations import record_guild_verification
from coaching.catalog.models import Product, Store
from coaching.catalog.pictures import encode_picture
from coaching.catalog.queries import get_store, has_store, offers_of, published_products
from coaching.catalog.seller import SellerDetails
from coaching.catalog.seller_mutations import save_seller
from coaching.catalog.store_mutations import save_store
from coaching.catalog.timing import DEFAULT, EARLY_DOORS
from coaching.coaches.application_mutations import send_application
from coaching.coaches.signup import CoachSignup
from coaching.coaches.store_mutations import open_store
from coaching.db import database, new_code
from coaching.figures.calendar import Days, day_of
from coaching.figures.day_mutations import write_offered
from coaching.figures.day_queries import store_hours
from coaching.figures.offered import offered_on
from coaching.hours.queries import schedules_of
from coaching.hours.week import DaySpan
from coaching.notices.late_mutations import forget_made_up_past
from coaching.payments.account_keys import KeyResult
from coaching.payments.account_mutations import save_store_key
from coaching.payments.receipt_mutations import write_receipts
from coaching.payments.settling_mutations import owe_due_refunds
from coaching.pricing.code_mutations import add_code
from coaching.pricing.details import CodeDetails
from coaching.pricing.partner_mutations import make_partner
from commands.demo_covers import cover
from commands.demo_folders import plant_folder
from commands.demo_people import PEOPLE, add_person
from commands.demo_products import (
    APPLICATION,
    CHECK,
    LENA,
    MIXING,
    NOTES,
    PAY_TEXT,
    RECORD,
    REPLAYS,
    SELLER_TAX_NOTE,
    STRATEGY,
    VOCALS,
)
from commands.demo_profiles import plant_profiles
from commands.demo_reviews import plant_reviewed
from commands.demo_students import plant_students
from commands.demo_suspended import plant_suspended
from commands.demo_waiting import plant_waiting

GUILD_NAME = "Greenroom demo"  # as the sandbox calls it


def product_path() -> str:
    """The address of the product to try first; of its store while nothing is on sale, of all coaches without it."""
    if not has_store("nova"):
        return "/coaches"
    store = get_store("nova")
    return "/".join(["/s", store.slug, *[product.slug for product in published_products(store)[:1]]])


def plant(
    passwords: Mapping[str, str],
    guild_id: str,
    site_url: str,
    calendar: str,
    verify_link: LinkTo,
    now: datetime,
) -> None:
    """The demo exists, all of it or nothing; `calendar` is the address of one that its coach has elsewhere."""
    with database.atomic():
        people = {
            person.key: add_person(person, passwords[person.key], guild_id, verify_link, now) for person in PEOPLE
        }
        mixing, strategy = _plant_nova(people["coach"], guild_id, now)
        replays = _plant_ben(people["coach2"], guild_id, now)
        plant_profiles(people["coach"], people["coach2"], now)
        _plant_sessions(mixing, strategy, people, guild_id, now)
        plant_suspended(people["admin"], now)
        plant_students(people, replays, now)
        _plant_hours(mixing.store, now)
        _plant_by_request(mixing, people, calendar, now)
        send_application(people["stranger"], APPLICATION, "", CoachSignup.APPROVAL, site_url, now)
        forget_made_up_past(now)


def _plant_nova(coach: Person, guild_id: str, now: datetime) -> tuple[Product, Product]:
    look = encode_picture(cover("#0f2a20", "#57a887", "#e8f6ee", 4))
    line = "Finish the track you have been stuck on: mixing, release plans, a second pair of ears."
    details = StoreDetails("Nova Hart Studio", "nova", "EUR", "Europe/Berlin", 10, line, look)
    store = _add_store(coach, details, guild_id, now)
    schedule = ScheduleDetails(None, "Studio hours", "Europe/Berlin", _every_day(9, 21))
    mixing = _add_product(store, cover("#10231d", "#4f9d7c", "#e8f6ee", 9), MIXING, now)
    catalog.save_availability(mixing, AvailabilityDetails(schedule, BookingRules(notice_minutes=0), DEFAULT), now)
    catalog.save_options(mixing, OptionsDetails("outside", PAY_TEXT), now)
    catalog.publish_product(mixing, now)
    strategy = _add_product(store, cover("#1c1430", "#8a5ec0", "#f3ecfb", 13), STRATEGY, now)
    same_hours = replace(schedule, code=schedules_of(coach)[0].code)
    catalog.save_availability(strategy, AvailabilityDetails(same_hours, BookingRules(notice_minutes=120)), now)
    catalog.save_options(strategy, OptionsDetails("outside", PAY_TEXT), now)
    catalog.publish_product(strategy, now)
    _add_product(store, None, VOCALS, now)
    _connect_stripe(store, now)
    check = _add_product(store, cover("#0f1d2e", "#4a86c4", "#e6f0fb", 5), CHECK, now)
    catalog.save_availability(check, AvailabilityDetails(same_hours, BookingRules(notice_minutes=0)), now)
    catalog.save_options(check, OptionsDetails("stripe"), now)
    catalog.publish_product(check, now)
    save_seller(store, SellerDetails("Nova Hart", "12 Demo Street\n10115 Berlin\nGermany", SELLER_TAX_NOTE))
    add_bump(check, NOTES, new_code(), now)
    add_code(store, CodeDetails("WELCOME20", percent=20, product_ids=frozenset({check.id})), new_code(), now)
    make_partner(store, LENA, new_code(), now)
    return mixing, strategy


def _connect_stripe(store: Store, now: datetime) -> None:
    """The store's students pay on its account at the sandbox, which knows this key (sandbox/stripe/seed.py)."""
    known = KeyResult(now, livemode=False, account_id="acct_1GreenroomCoach", name="Nova Coaching")
    save_store_key(store, "rk_test_GreenroomCoach", known, "", new_code(), store.owner, now)


def _plant_ben(coach: Person, guild_id: str, now: datetime) -> Product:
    store = _add_store(coach, StoreDetails("Okafor Replays", "okafor", "USD", "America/New_York", 3), guild_id, now)
    product = _add_product(store, cover("#2a1710", "#c47a4a", "#fdf0e6", 6), REPLAYS, now)
    schedule = ScheduleDetails(None, "Evenings", "America/New_York", _workdays(14, 22))
    rules = BookingRules(buffer_after_minutes=15, grid_minutes=30)
    catalog.save_availability(product, AvailabilityDetails(schedule, rules, EARLY_DOORS), now)
    catalog.save_options(product, OptionsDetails("free", refuses_absent=True), now)
    catalog.publish_product(product, now)
    return product


def _plant_sessions(
    mixing: Product, strategy: Product, people: Mapping[str, Person], guild_id: str, now: datetime
) -> None:
    # In the late evening of days far enough away: whoever tries the demo finds the coming days free.
    def held(days: int, key: str, goals: str, via: str = "") -> CoachingSession:
        source = DIRECTORY if days % 2 else PAGE
        booked = _book(mixing, people[key], _evening(now, -days), goals, _evening(now, -days - 3), None, via, source)
        record_outcome(booked, "completed", booked.ends_at)
        mark_paid(booked, people["coach"], True, booked.ends_at)
        owe_due_refunds(booked.ends_at, booked)
        write_receipts(booked.ends_at)
        return booked

    plant_reviewed(
        lambda reviewed: held(reviewed.days, reviewed.key, reviewed.goals), people, people["coach"], guild_id
    )
    for days, key, goals in PAST:
        plant_folder(held(days, key, goals, LENA.code))
    for days, key, goals in COMING:
        _book(mixing, people[key], _evening(now, days), goals, now)
    _book(strategy, people["student"], _evening(now, 16), "A plan for the EP in spring.", now, phone="+1 555 0100")


def _plant_by_request(mixing: Product, people: Mapping[str, Person], calendar: str, now: datetime) -> None:
    product = _add_product(mixing.store, cover("#2a1024", "#b0578f", "#fbe8f4", 7), RECORD, now)
    hours = ScheduleDetails(schedules_of(people["coach"])[0].code, "Studio hours", "Europe/Berlin", _every_day(9, 21))
    catalog.save_availability(product, AvailabilityDetails(hours), now)
    catalog.save_options(product, OptionsDetails("outside", PAY_TEXT, pays_first=True, needs_approval=True), now)
    catalog.publish_product(product, now)

    def ask(key: str, days: int, goals: str) -> CoachingSession:
        return _book(product, people[key], _evening(now, days), goals, now)

    plant_waiting(ask, people["coach"], calendar, now)


def _plant_hours(store: Store, now: datetime) -> None:
    """As if the worker had written down each day what was on offer."""
    today = day_of(now, store.zone)
    days = Days(today - timedelta(days=90), today)
    write_offered(store, offered_on(store_hours(store, days), days))


def _add_store(owner: Person, details: StoreDetails, guild_id: str, now: datetime) -> Store:
    store = open_store(owner, details, new_code(), CoachSignup.OPEN, now)
    save_store(store, details, now)  # with its cover
    record_guild_verification(store, guild_id, GUILD_NAME, now)
    return store


def _add_product(store: Store, picture: bytes | None, details: CheckoutDetails, now: datetime) -> Product:
    thumbnail = ThumbnailDetails("cover", encode_picture(picture) if picture else None)
    product = catalog.create_product(store, thumbnail, new_code(), now)
    catalog.save_checkout(product, details, now)
    return product


def _book(
    product: Product,
    student: Person,
    starts_at: datetime,
    goals: str,
    now: datetime,
    phone: str | None = None,
    via: str = "",
    source: str = LINK,
) -> CoachingSession:
    offer = offers_of(product)[0]
    details = BookingDetails(offer.id, starts_at, goals, phone, via=via, source=source)
    return book_session(product, student, details, now)


def _evening(now: datetime, days: int) -> datetime:
    """Eight in the evening in Berlin, so many days from today."""
    zone = ZoneInfo("Europe/Berlin")
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(20), zone).astimezone(now.tzinfo)


def _every_day(first_hour: int, last_hour: int) -> dict[int, list[DaySpan]]:
    return {weekday: [DaySpan(first_hour * 60, (last_hour - first_hour) * 60)] for weekday in range(7)}


def _workdays(first_hour: int, last_hour: int) -> dict[int, list[DaySpan]]:
    return {weekday: spans for weekday, spans in _every_day(first_hour, last_hour).items() if weekday < 5}


# --- Who booked what: days from today, student, goals

PAST = (
    (20, "student2", "Does the low end hold up on small speakers?"),
    (6, "student", "The vocal sits on top of the mix instead of in it."),
)
COMING = ((11, "student2", "Second pass on the master, and what to send to the label."),)
