"""Reads of what is sold: stores, coaching products, offers, questions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeVar

from peewee import JOIN, Model, ModelSelect, fn

from coaching.accounts.models import Person
from coaching.accounts.queries import check_discord
from coaching.catalog.bump_queries import has_paid_bumps
from coaching.catalog.models import Guild, Offer, Picture, Product, Question, Store
from coaching.catalog.picture_queries import COVER
from coaching.catalog.slugs import numbered, slug_of
from coaching.catalog.steps import Facts
from coaching.db import is_among
from coaching.errors import NotFound
from coaching.hours.models import Schedule, WeeklySpan
from coaching.reading import Selection, given

Row = TypeVar("Row", bound=Model)
ORDER = (Product.position, Product.published_at, Product.id)


def stores_of(owner: Person) -> list[Store]:
    """The person's stores, each with its server, the oldest first."""
    return list(_stores().where(Store.owner == owner).order_by(Store.id))


def get_own_store(owner: Person, slug: str) -> Store:
    """The person's own store, or NotFound."""
    return _first_row(_stores().where(Store.slug == slug, Store.owner == owner))


def get_store(slug: str) -> Store:
    """The store at a public address, or NotFound."""
    return _required_row(_STORE.first(slug=slug))


def has_store(slug: str) -> bool:
    """True where there is a store at this public address."""
    return bool(Store.select().where(Store.slug == slug).exists())


def find_only_store() -> Store | None:
    """The store that sells something in its list, if it is the only one that does."""
    sells = Product.select(Product.store).where(Product.state == "published", ~Product.is_unlisted)
    stores = list(Store.select().where(Store.id.in_(sells), Store.stopped_at.is_null()).limit(2))
    return stores[0] if len(stores) == 1 else None


def products_of_store(store: Store) -> list[Product]:
    """Every product that is not archived, the newest first (`getCoachingProductsByStore`)."""
    return list(_products().where(Product.store == store, Product.state != "archived").order_by(Product.id.desc()))


def archived_products(store: Store) -> list[Product]:
    """What the owner has put away, the newest first."""
    return list(_products().where(Product.store == store, Product.state == "archived").order_by(Product.id.desc()))


def published_products(store: Store) -> list[Product]:
    """What the store's page lists, in the coach's order (`getPublishedCoachingProductsByStore`)."""
    return _PUBLISHED.all(store=store.id)


def products_on_show(owner: Person) -> list[Product]:
    """What anybody finds of this person's on sale, store by store in each one's order."""
    products = _products().where(Store.owner == owner, Product.state == "published", ~Product.is_unlisted)
    return list(products.order_by(Store.id, Product.position, Product.published_at))


def on_sale(store: Store) -> list[Product]:
    """Every published product in the coach's order, also what stands in no list."""
    published = _products().where(Product.store == store, Product.state == "published")
    return list(published.order_by(*ORDER))


def last_position(store: Store) -> int:
    """The place of the last one in the coach's order; 0 as long as nobody has chosen one."""
    last = Product.select(fn.MAX(Product.position)).where(Product.store == store, Product.state == "published").scalar()
    return int(last or 0)


def get_own_product(coach: Person, code: str) -> Product:
    """The coach's own product in whatever state, or NotFound (`getCoachingProductById`)."""
    return _first_row(_products().where(Product.code == code, Store.owner == coach))


def reread_product(product: Product) -> Product:
    """The product as it is kept now, or NotFound."""
    return _required_row(_SAME.first(product=product.id))


def get_once_published_product(store_slug: str, product_slug: str) -> Product:
    """The product at a public address that is on sale, or was until somebody withdrew it; otherwise NotFound."""
    product = _required_row(_AT.first(store=store_slug, product=product_slug))
    if product.published_at is None:
        raise NotFound
    return product


def products_of_ids(ids: list[int]) -> list[Product]:
    """The products of these numbers, in no order."""
    return _OF_IDS.all(products=ids)


def was_published(store: Store, product_slug: str) -> bool:
    """True when something at this address was on sale once."""
    once = Product.select().where(Product.store == store, Product.slug == product_slug)
    return bool(once.where(Product.published_at.is_null(False)).exists())


def get_visible_product(store_slug: str, product_slug: str, person: Person | None) -> Product:
    """The published product at a public address, or NotFound; its owner and admins also see a draft, as a preview."""
    product = _required_row(_AT.first(store=store_slug, product=product_slug))
    may_preview = person is not None and (person.is_admin or product.store.owner_id == person.id)
    if product.state == "archived" or (product.state != "published" and not may_preview):
        raise NotFound
    return product


def products_on_schedule(schedule: Schedule) -> list[Product]:
    """The products that take their hours from `schedule`, archived ones left out."""
    return list(_products().where(Product.schedule == schedule, Product.state != "archived").order_by(Product.id))


def all_products_on_schedule(schedule: Schedule) -> list[Product]:
    """The same with the archived ones, which may come back."""
    return list(_products().where(Product.schedule == schedule).order_by(Product.id))


def offers_of(product: Product) -> list[Offer]:
    """The lengths and prices on offer now, in the coach's order."""
    return _OFFERS.all(product=product.id)


def offers_by_product(products: Sequence[Product]) -> dict[int, list[Offer]]:
    """offers_of for many products at once, by product id."""
    offers: dict[int, list[Offer]] = {product.id: [] for product in products}
    rows = Offer.select().where(Offer.product.in_(products), ~Offer.is_retired)
    for offer in rows.order_by(Offer.position, Offer.minutes) if products else ():
        offers[offer.product_id].append(offer)
    return offers


def find_retired_offer(product: Product, offer_id: int | None) -> Offer | None:
    """The offer of this number that the product had, if it has it no more."""
    return Offer.get_or_none(Offer.id == offer_id, Offer.product == product, Offer.is_retired)


def questions_of(product: Product) -> list[Question]:
    """What the student is asked at booking, in the coach's order."""
    return _QUESTIONS.all(product=product.id)


def retired_questions(product: Product, ids: Collection[int]) -> list[Question]:
    """Those of these numbers that the product asked and asks no more."""
    if not ids:
        return []
    retired = Question.select().where(Question.product == product, Question.retired_at.is_null(False))
    return list(retired.where(Question.id.in_(ids)).order_by(Question.position, Question.id))


def find_guild_name(discord_guild_id: str) -> str | None:
    """What the guild is called, as far as anybody has shown it to us."""
    guild = Guild.get_or_none(Guild.discord_guild_id == discord_guild_id)
    return guild.name or None if guild else None


def guilds_of_stores() -> list[Guild]:
    """Every guild in which a store has its rooms made, the longest known first."""
    in_use = Store.select(Store.guild).where(Store.guild.is_null(False))
    return list(Guild.select().where(Guild.id.in_(in_use)).order_by(Guild.id))


def facts_of(product: Product) -> Facts:
    """What decides whether the product can be published."""
    store, offers = product.store, offers_of(product)
    discord = check_discord(store.owner, store.guild.discord_guild_id if store.guild else None)
    return Facts(
        has_title=bool(product.title),
        has_offers=bool(offers),
        costs_money=any(offer.price_cents for offer in offers) or has_paid_bumps(product),
        has_pay_text=bool(product.pay_text) or product.payment == "stripe",
        has_hours=WeeklySpan.select().where(WeeklySpan.schedule == product.schedule_id).exists(),
        session_type=product.session_type,
        is_linked=discord.is_connected,
        is_member=discord.is_member,
        has_guild=store.guild is not None,
        guild_is_verified=store.guild_verified_at is not None,
    )


def free_slug(store: Store, title: str, otherwise: str, but: Product | None = None) -> str:
    """A part of an address made from the title that no other product of the store has."""
    plain = slug_of(title) or otherwise
    others = Product.select(Product.slug).where(Product.store == store, Product.id != (but.id if but else 0))
    taken = {other.slug for other in others}
    candidates = (plain, *(numbered(plain, number) for number in range(2, len(taken) + 3)))
    return next(slug for slug in candidates if slug not in taken)


def guilds_to_recheck(now: datetime) -> list[Store]:
    """The stores whose guild verification is due again, lost ones included: they may have been mended."""
    is_due = Store.guild_recheck_at.is_null() | (Store.guild_recheck_at <= now)
    needs_verification = Store.guild.is_null(False) & Store.guild_approved_at.is_null()
    return list(_stores().where(needs_verification, is_due).order_by(Store.guild_recheck_at))


def unverified_stores() -> list[Store]:
    """The stores that have a guild, of which Discord no longer says that their owner may manage it."""
    return list(_stores().where(Store.guild.is_null(False), Store.guild_verified_at.is_null()).order_by(Store.id))


def stores_asking() -> list[Store]:
    """The stores that wait for an admin to let them use the site's guild, the longest wait first."""
    return list(_stores().where(Store.guild_asked_at.is_null(False)).order_by(Store.guild_asked_at))


def _stores() -> "ModelSelect[Store]":
    # With the cover's size, and without its bytes.
    return (
        Store.select(Store, Person, Guild, *COVER)
        .join(Person)
        .switch(Store)
        .join(Guild, JOIN.LEFT_OUTER)
        .switch(Store)
        .join(Picture, JOIN.LEFT_OUTER, on=(Store.cover == Picture.id), attr="cover")
    )


def _products() -> "ModelSelect[Product]":
    # Pictures without their bytes: a list of products must not load megabytes.
    return (
        Product.select(Product, Store, Person, Guild, Schedule, *COVER)
        .join(Picture, JOIN.LEFT_OUTER)
        .switch(Product)
        .join(Store)
        .join(Person)
        .switch(Store)
        .join(Guild, JOIN.LEFT_OUTER)
        .switch(Product)
        .join(Schedule, JOIN.LEFT_OUTER)
    )


def _required_row(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


def _first_row(query: "ModelSelect[Row]") -> Row:
    row: Row | None = query.first()
    return _required_row(row)


# What each page that can be booked asks for.
_STORE: Selection[Store] = Selection(lambda: _stores().where(Store.slug == given("slug")))
_AT: Selection[Product] = Selection(
    lambda: _products().where(Store.slug == given("store"), Product.slug == given("product"))
)
_SAME: Selection[Product] = Selection(lambda: _products().where(Product.id == given("product")))
_PUBLISHED: Selection[Product] = Selection(
    lambda: (
        _products()
        .where(Product.store == given("store"), Product.state == "published", ~Product.is_unlisted)
        .order_by(*ORDER)
    )
)
_OF_IDS: Selection[Product] = Selection(lambda: _products().where(is_among(Product.id, given("products"))))
_OFFERS: Selection[Offer] = Selection(
    lambda: (
        Offer.select()
        .where(Offer.product == given("product"), ~Offer.is_retired)
        .order_by(Offer.position, Offer.minutes)
    )
)
_QUESTIONS: Selection[Question] = Selection(
    lambda: (
        Question.select()
        .where(Question.product == given("product"), Question.retired_at.is_null())
        .order_by(Question.position, Question.id)
    )
)
