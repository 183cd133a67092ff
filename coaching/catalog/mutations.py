"""Changes of what is sold: each one business act in one transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from peewee import IntegrityError

from coaching.accounts import event_mutations as events
from coaching.accounts.form_key_mutations import keep_result
from coaching.accounts.form_key_queries import find_result
from coaching.accounts.models import Person
from coaching.catalog.bump_queries import has_paid_bumps
from coaching.catalog.details import (
    MOST_PICTURES,
    MOST_PRODUCTS,
    MOST_STORES,
    AvailabilityDetails,
    CheckoutDetails,
    OfferDetails,
    OptionsDetails,
    QuestionDetails,
    ScheduleDetails,
    StoreDetails,
    ThumbnailDetails,
)
from coaching.catalog.models import Bump, Guild, Offer, Picture, Product, Question, SharePicture, Store
from coaching.catalog.price_mutations import keep_numbers
from coaching.catalog.queries import (
    facts_of,
    free_slug,
    get_own_product,
    get_own_store,
    last_position,
    offers_of,
    products_on_schedule,
    questions_of,
    retired_questions,
)
from coaching.catalog.step_queries import (
    keeps_availability,
    keeps_settings,
    keeps_thumbnail,
    kept_checkout,
    kept_options,
    store_version,
    version_of,
)
from coaching.catalog.steps import STEPS, missing, payment_of
from coaching.catalog.text import render_markdown
from coaching.catalog.web_pictures import WebPicture
from coaching.db import database, new_code
from coaching.errors import AddressInUse, ChangedMeanwhile, CoachStopped, LimitReached, NotReadyToPublish, Refused
from coaching.hours import mutations as hours
from coaching.hours.models import Schedule
from coaching.hours.queries import closures, get_own_schedule

# What the page that sends a change was drawn from: the product's state, and by step the mark of what it kept then
# (step_queries.version_of). Who sends none, like a script, is not asked.
Seen = Mapping[str, str]
UNSEEN: Seen = {}
ACCESS_MODES = ("members", "session_role", "shared_role")
GUILD_FIELDS = (
    *(Store.guild, Store.guild_verified_at, Store.guild_recheck_at),
    *(Store.guild_asked_at, Store.guild_approved_at),
)
SETTINGS_FIELDS = (Store.name, Store.currency, Store.zone, Store.hue, Store.line, Store.cover)
VERIFICATION_LASTS = timedelta(days=1)
ASK_AGAIN = timedelta(hours=1)
CHECKOUT_FIELDS = (
    *(Product.title, Product.slug, Product.session_type, Product.updated_at),
    *(Product.description, Product.description_html, Product.payment),
)


def create_store(owner: Person, details: StoreDetails, form_key: str, now: datetime) -> Store:
    """A new store of `owner`; the same form sent twice gives the first one again."""
    with database.atomic():
        _queue_up(owner)
        if slug := find_result(owner, "store", form_key):
            return Store.get(Store.slug == slug)
        if Store.select().where(Store.owner == owner).count() >= MOST_STORES:
            raise LimitReached(f"You can have at most {MOST_STORES} stores.")
        store = _insert_store(owner, details, now)
        keep_result(owner, "store", form_key, store.slug, now)
    return store


def save_store(store: Store, details: StoreDetails, now: datetime, seen: str | None = None) -> None:
    """The store's settings and look are these; its address stays, so that links people have keep working.

    ChangedMeanwhile when the page showed others, by its mark `seen`, than are kept now.
    """
    with database.atomic():
        _queue_up(store.owner)
        kept = get_own_store(store.owner, store.slug)
        if seen and seen != store_version(kept) and not keeps_settings(kept, details):
            raise ChangedMeanwhile
        keep_numbers(store, kept.currency, details.currency)
        store.name, store.currency, store.zone, store.hue = details.name, details.currency, details.zone, details.hue
        store.line, store.cover = details.line, None if details.removes_cover else kept.cover
        if details.cover:
            store.cover = keep_picture(store.owner, details.cover, now)
        store.save(only=SETTINGS_FIELDS)
        if kept.cover_id is not None and kept.cover_id != store.cover_id:
            drop_if_unused(kept.cover_id)


def set_access_mode(store: Store, mode: str, now: datetime, seen: str | None = None) -> None:
    """Rooms of the store are made in this way from now on: `members`, `session_role` or `shared_role`.

    Those that stand open stay as they are; the others are made anew. Refused while a product needs another way;
    ChangedMeanwhile when another one than `seen` is kept.
    """
    if mode not in ACCESS_MODES:
        raise Refused("There is no such way into a room.")
    with database.atomic():
        _queue_up(store.owner)
        store.access_mode = get_own_store(store.owner, store.slug).access_mode
        if seen and seen != store.access_mode != mode:
            raise ChangedMeanwhile
        standing = Product.select().where(Product.store == store, Product.stands, Product.state != "archived").first()
        if standing and mode != "shared_role":
            raise Refused(f"“{standing.title}” keeps its room open from the booking on. Change its timing first.")
        if store.access_mode != mode:
            events.note("access_mode", now, store.owner, f"{store.slug}: {mode}")
        store.access_mode = mode
        store.save(only=[Store.access_mode])


def record_guild_verification(store: Store, discord_guild_id: str, guild_name: str, now: datetime) -> None:
    """The guild is the store's, and Discord says that its owner may manage it."""
    with database.atomic():
        guild = Guild.get_or_none(Guild.discord_guild_id == discord_guild_id) or Guild(
            discord_guild_id=discord_guild_id
        )
        guild.name, guild.seen_at = guild_name, now
        guild.save()
        if store.guild_id != guild.id or store.guild_verified_at is None:
            events.note("guild_verified", now, store.owner, f"{store.slug}: {discord_guild_id}")
        store.guild, store.guild_verified_at, store.guild_recheck_at = guild, now, now + VERIFICATION_LASTS
        store.guild_asked_at, store.guild_approved_at = None, None
        store.save(only=GUILD_FIELDS)


def ask_for_site_guild(store: Store, now: datetime) -> None:
    """The store waits for an admin to let it use the site's own guild."""
    Store.update(guild_asked_at=now).where(Store.id == store.id, Store.guild_asked_at.is_null()).execute()


def lend_site_guild(
    store: Store, admin: Person, discord_guild_id: str, guild_name: str, now: datetime, reason: str = ""
) -> None:
    """The site's guild is the store's, because an admin says so: nothing that Discord has to confirm every day."""
    with database.atomic():
        record_guild_verification(store, discord_guild_id, guild_name, now)
        store.guild_recheck_at, store.guild_approved_at = None, now
        store.save(only=GUILD_FIELDS)
        detail = f"{store.slug}: {discord_guild_id}" + (f", {reason}" if reason else "")
        events.note("guild_approved", now, store.owner, detail, actor=admin)


def decline_site_guild(store: Store, admin: Person, reason: str, now: datetime) -> None:
    """The store does not wait any more; its owner may ask again or verify another guild."""
    with database.atomic():
        Store.update(guild_asked_at=None).where(Store.id == store.id).execute()
        events.note("guild_declined", now, store.owner, f"{store.slug}: {reason}", actor=admin)


def record_verification_lost(store: Store, now: datetime) -> None:
    """The store keeps its guild, but gets no new rooms there until it is verified again."""
    with database.atomic():
        if store.guild_verified_at is not None:
            events.note("guild_verification_lost", now, store.owner, store.slug)
        store.guild_verified_at, store.guild_recheck_at = None, now + VERIFICATION_LASTS
        store.save(only=[Store.guild_verified_at, Store.guild_recheck_at])


def record_no_answer(store: Store, now: datetime) -> None:
    """The verification stands as it was; Discord is asked again in an hour."""
    store.guild_recheck_at = now + ASK_AGAIN
    store.save(only=[Store.guild_recheck_at])


def create_product(store: Store, details: ThumbnailDetails, form_key: str, now: datetime) -> Product:
    """A new draft (`createCoachingProduct`); the same form sent twice gives the first one again."""
    with database.atomic():
        _queue_up(store.owner)
        if code := find_result(store.owner, "product", form_key):
            return get_own_product(store.owner, code)
        of_owner = Product.select().join(Store).where(Store.owner == store.owner, Product.state != "archived")
        if of_owner.count() >= MOST_PRODUCTS:
            raise LimitReached(f"You can have at most {MOST_PRODUCTS} products. Archive one you do not need.")
        code = new_code()
        product = Product.create(code=code, slug=code, store=store, created_at=now, updated_at=now)
        save_thumbnail(product, details, now)
        keep_result(store.owner, "product", form_key, code, now)
    return product


# The four saves are the documents' `updateCoachingProduct`. Each raises ChangedMeanwhile when the page it comes from
# was drawn from something older; what is kept already is never refused, so a second click changes nothing.


def save_thumbnail(product: Product, details: ThumbnailDetails, now: datetime, seen: Seen = UNSEEN) -> None:
    """The product shows this picture in this style; a picture nobody shows any more is gone."""
    with database.atomic():
        _queue_up(product.store.owner)
        kept = _as_kept(product)
        if not keeps_thumbnail(kept, details):
            _refuse_older_page(kept, "thumbnail", seen)
        product.display_style, product.picture = details.display_style, kept.picture
        if details.picture:
            product.picture = keep_picture(product.store.owner, details.picture, now)
        elif details.removes_picture:
            product.picture = None
        product.updated_at = now
        product.save(only=[Product.display_style, Product.picture, Product.updated_at])
        if kept.picture_id is not None and kept.picture_id != product.picture_id:
            drop_if_unused(kept.picture_id)


def save_checkout(product: Product, details: CheckoutDetails, now: datetime, seen: Seen = UNSEEN) -> None:
    """Title, description, offers, session type and questions are these; the payment goes with the prices."""
    with staying_complete([product]):
        kept = _as_kept(product)
        if kept_checkout(kept) != details:
            _refuse_older_page(kept, "checkout", seen)
        product.title, product.session_type = details.title, details.session_type
        product.description = details.description
        product.description_html = render_markdown(details.description)
        product.payment = payment_of(details.costs_money or has_paid_bumps(kept), kept.payment)
        # Once published, the address is known to people and stays.
        product.slug = kept.slug
        if kept.published_at is None:
            product.slug = free_slug(product.store, details.title, product.code, but=product)
        product.updated_at = now
        product.save(only=CHECKOUT_FIELDS)
        _replace_offers(product, details.offers)
        _replace_questions(product, details.questions, now)


def save_availability(product: Product, details: AvailabilityDetails, now: datetime, seen: Seen = UNSEEN) -> None:
    """The schedule has these hours, and the product these rules and this room timing."""
    if details.timing.stands and not product.store.shares_rooms:
        raise Refused("A room can only stand from the booking on where the store uses a shared role.")
    coach = product.store.owner
    code = details.schedule.code
    known = get_own_schedule(coach, code) if code else None
    sharing = [other for other in products_on_schedule(known) if other != product] if known else []
    with staying_complete([product, *sharing]):
        kept = _as_kept(product)
        known = get_own_schedule(coach, code) if code else _made_by(coach, details.schedule)
        if not keeps_availability(kept, known, details, now):
            _refuse_older_page(kept, "availability", seen, known if code else None)
        product.schedule = _save_schedule(coach, known, details.schedule, now)
        written = {**vars(details.rules), **vars(details.timing), "updated_at": now}
        for name, value in written.items():
            setattr(product, name, value)
        product.save(only=[Product.schedule, *(getattr(Product, name) for name in written)])


def save_options(product: Product, details: OptionsDetails, now: datetime, seen: Seen = UNSEEN) -> None:
    """Students pay in this way, as far as there is something to pay, and get these messages.

    What is booked has to be looked at anew after it: booking/product_mutations.py does both.
    """
    with staying_complete([product]):
        kept = _as_kept(product)
        details = replace(details, payment=payment_of(facts_of(kept).costs_money, details.payment))
        if kept_options(kept) != details:
            _refuse_older_page(kept, "options", seen)
        values = vars(details) | {"updated_at": now}
        for name, value in values.items():
            setattr(product, name, value)
        product.save(only=[getattr(Product, name) for name in values])


def publish_product(product: Product, now: datetime, seen: Seen = UNSEEN) -> None:
    """Students can book it (`publishCoachingProduct`), or NotReadyToPublish with what is missing.

    CoachStopped for whom an admin keeps from selling.
    ChangedMeanwhile, with the steps, when some of it is not what the page showed any more.
    """
    with database.atomic():
        _queue_up(product.store.owner)
        kept = _as_kept(product)
        if changed := [step for step in STEPS if seen.get(step, "") not in ("", version_of(kept, step, kept.schedule))]:
            raise ChangedMeanwhile(steps=changed)
        if kept.is_stopped:
            raise CoachStopped
        facts = facts_of(kept)
        if lacking := missing(facts):
            raise NotReadyToPublish(lacking)
        if kept.stands and not kept.store.shares_rooms:
            # Put away while the store used a shared role, and brought back since.
            raise Refused("Its room stands from the booking on, which needs a shared role. Change its timing first.")
        payment = payment_of(facts.costs_money, kept.payment)
        # The first time behind all others; brought back, where it stood.
        place = kept.position or last_position(kept.store) + 1
        values = {"published_at": now, "updated_at": now, "payment": payment, "position": place}
        _change_state(product, "published", ("draft",), **values)


def withdraw_product(product: Product, now: datetime, seen: Seen = UNSEEN) -> None:
    """It is a draft again: nobody can book it; what is booked stays booked. Also brings back an archived one."""
    _change_state(product, "draft", _expected(seen, ("published", "archived")), updated_at=now)


def archive_product(product: Product, now: datetime, seen: Seen = UNSEEN) -> None:
    """It is out of every list; what is booked stays booked."""
    _change_state(product, "archived", _expected(seen, ("draft", "published")), updated_at=now)


def move_stores(from_owner: Person, to_owner: Person) -> None:
    """Every store with its products, and every picture, is the other person's. Call it inside a transaction."""
    Store.update(owner=to_owner).where(Store.owner == from_owner).execute()
    # Uploaded by both, a picture is kept once.
    known = {
        picture.sha256: picture.id
        for picture in Picture.select(Picture.id, Picture.sha256).where(Picture.owner == to_owner)
    }
    for one in Picture.select(Picture.id, Picture.sha256).where(Picture.owner == from_owner):
        if same := known.get(one.sha256):
            Product.update(picture=same).where(Product.picture == one).execute()
            Bump.update(picture=same).where(Bump.picture == one).execute()
            Store.update(cover=same).where(Store.cover == one).execute()
            Picture.delete().where(Picture.id == one.id).execute()
    Picture.update(owner=to_owner).where(Picture.owner == from_owner).execute()


@contextmanager
def staying_complete(products: Sequence[Product]) -> Iterator[None]:
    """A transaction that is undone by NotReadyToPublish when a published product lacks something afterwards."""
    with database.atomic():
        _queue_up(products[0].store.owner)
        lacking_before = [(product, missing(facts_of(_as_kept(product)))) for product in products]
        yield
        for product, before in lacking_before:
            kept = _as_kept(product)
            # Only what this save broke: a guild verification lost meanwhile must not stop a coach from mending a typo.
            broken = [thing for thing in missing(facts_of(kept)) if thing not in before]
            if kept.state == "published" and broken:
                raise NotReadyToPublish(broken)


def _as_kept(product: Product) -> Product:
    # What was read before the queue may have been changed by another window since.
    return get_own_product(product.store.owner, product.code)


def _refuse_older_page(kept: Product, step: str, seen: Seen, shown: Schedule | None = None) -> None:
    # Whoever opened a draft does not know either that a save is live at once by now.
    is_live_by_now = kept.state == "published" and seen.get("state", "published") != "published"
    if is_live_by_now or (step in seen and seen[step] != version_of(kept, step, shown)):
        raise ChangedMeanwhile


def _queue_up(person: Person) -> None:
    # An UPDATE of the owner's row: whoever counts or publishes at the same time waits here.
    Person.update(name=Person.name).where(Person.id == person.id).execute()


def _insert_store(owner: Person, details: StoreDetails, now: datetime) -> Store:
    try:
        with database.atomic():
            values = {name: getattr(details, name) for name in ("name", "slug", "currency", "zone", "hue", "line")}
            return Store.create(owner=owner, created_at=now, **values)
    except IntegrityError:
        raise AddressInUse from None


def keep_picture(owner: Person, picture: WebPicture, now: datetime) -> Picture:
    if same := Picture.get_or_none(Picture.owner == owner, Picture.sha256 == picture.sha256):
        return same
    if Picture.select().where(Picture.owner == owner).count() >= MOST_PICTURES:
        raise LimitReached(f"You can have at most {MOST_PICTURES} pictures. Remove one from another product first.")
    kept = Picture.create(
        code=new_code(16),
        owner=owner,
        sha256=picture.sha256,
        width=picture.width,
        height=picture.height,
        webp=picture.webp,
        made_at=now,
    )
    if picture.share:
        SharePicture.create(picture=kept, jpeg=picture.share, made_at=now)
    return kept


def drop_if_unused(picture_id: int) -> None:
    is_sold = Bump.select().where(Bump.picture == picture_id, Bump.retired_at.is_null()).exists()
    is_cover = Store.select().where(Store.cover == picture_id).exists()
    if not is_sold and not is_cover and not Product.select().where(Product.picture == picture_id).exists():
        Picture.delete().where(Picture.id == picture_id).execute()


def _replace_offers(product: Product, offers: Iterable[OfferDetails]) -> None:
    # Never changed in place: a page with the old price must not book the new one.
    old = offers_of(product)
    for position, wanted in enumerate(offers):
        same = (row for row in old if (row.minutes, row.price_cents) == (wanted.minutes, wanted.price_cents))
        row = next(same, None)
        if row:
            old.remove(row)
        row = row or Offer(product=product, minutes=wanted.minutes, price_cents=wanted.price_cents)
        row.position = position
        row.save()
    Offer.update(is_retired=True).where(Offer.id.in_([row.id for row in old])).execute()


def _replace_questions(product: Product, questions: Sequence[QuestionDetails], now: datetime) -> None:
    # Never reworded or deleted in place: a student may be answering it just now.
    old = {row.id: row for row in questions_of(product)}
    # A form in another window may name a question that was reworded since: it means what took its place.
    named = [wanted.id for wanted in questions if wanted.id]
    successors = {row.id: row.successor_id for row in retired_questions(product, named)}
    before = [old.pop(successors.get(wanted.id or 0, wanted.id) or 0, None) for wanted in questions]
    asked: list[Question] = []
    for position, (wanted, row_before) in enumerate(zip(questions, before, strict=True)):
        fresh = Question(
            product=product, kind=wanted.kind, label=wanted.label, choices="\n".join(wanted.choices), position=position
        )
        replaced = row_before or next((row for row in old.values() if row.words == fresh.words), None)
        row = replaced if replaced and replaced.words == fresh.words else fresh
        row.is_required, row.position = wanted.is_required, position
        # Anew each time: by this the reference follows what takes the place of the question it named.
        place = position if wanted.depends_on is None else wanted.depends_on
        row.depends_on = asked[place] if place in range(position) else None
        row.depends_answer = wanted.depends_answer if row.depends_on else ""
        row.save()
        asked.append(row)
        if replaced:
            old.pop(replaced.id, None)
            if replaced is not row:
                _retire_question(replaced, row, now)
    for row in old.values():
        _retire_question(row, None, now)


def _retire_question(question: Question, successor: Question | None, now: datetime) -> None:
    Question.update(retired_at=now, successor=successor).where(Question.id == question.id).execute()
    # Those before it lead to what is asked now, without a detour.
    Question.update(successor=successor).where(Question.successor == question).execute()


def _save_schedule(coach: Person, known: Schedule | None, details: ScheduleDetails, now: datetime) -> Schedule:
    schedule = known or _new_schedule(coach, details, now)
    hours.save_schedule(schedule, details.name, details.zone)
    hours.save_weekly_hours(schedule, details.week)
    _save_closures(schedule, details, now)
    return schedule


def _new_schedule(coach: Person, details: ScheduleDetails, now: datetime) -> Schedule:
    schedule = hours.create_schedule(coach, details.name, details.zone, now)
    if details.form_key:
        keep_result(coach, "schedule", details.form_key, schedule.code, now)
    return schedule


def _made_by(coach: Person, details: ScheduleDetails) -> Schedule | None:
    """The schedule that the same form has made already, when it was sent before."""
    code = find_result(coach, "schedule", details.form_key) if details.form_key else None
    return get_own_schedule(coach, code) if code else None


def _save_closures(schedule: Schedule, details: ScheduleDetails, now: datetime) -> None:
    today = now.astimezone(ZoneInfo(details.zone)).date()
    before = {closure.day_on for closure in closures(schedule, today)}
    wanted = {day for day in details.closed_on if day >= today}
    for day in before - wanted:
        hours.reopen_day(schedule, day)
    for day in wanted - before:
        hours.close_day(schedule, day, today)


def _expected(seen: Seen, states: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(state for state in states if state == seen.get("state", state))


def _change_state(product: Product, state: str, expected: tuple[str, ...], **changes: object) -> None:
    update = Product.update(state=state, **changes).where(Product.id == product.id, Product.state.in_(expected))
    # Pressed twice, or in two windows: the second press finds it done and that is fine.
    if not update.execute() and _as_kept(product).state != state:
        raise ChangedMeanwhile
    product.state = state


def rename_zone(old: str, new: str) -> int:
    """Stores in the zone `old` are in `new`; how many they are."""
    return int(Store.update(zone=new).where(Store.zone == old).execute())
