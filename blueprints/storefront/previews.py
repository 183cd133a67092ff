"""What a link to a store or to one of its calls shows where it is pasted, and what search engines are told."""

from collections.abc import Sequence
from dataclasses import replace

from flask import get_template_attribute, url_for
from markupsafe import Markup

from blueprints.discovery.cards import product_drawn, store_drawn
from blueprints.linked_data import list_data, product_data
from blueprints.sharing import Share, SharedPicture, first_words, plain_words
from coaching.catalog.models import Offer, Product, Store
from coaching.catalog.picture_queries import find_cover
from coaching.coaches.face_queries import face_of
from coaching.coaches.faces import Face
from coaching.reviews.standing import Standing


def store_share(store: Store, products: Sequence[Product]) -> Share:
    """The shop window with what is on sale."""
    name = f"Coaching with {store.owner.name}"
    titles_with_paths = [(product.title, product_path(product)) for product in products]
    return Share(
        title=store.name,
        description=first_words(store.line) or way_to_meet(store, f"{name}: pick a time, meet"),
        path=store_path(store),
        picture=of_picture(store.cover.code if store.cover else None, store.name) or store_drawn(store),
        hue=store.hue,
        data=(list_data(store.name, titles_with_paths),),
        is_indexed=store.stopped_at is None,
    )


def product_share(
    product: Product, offers: Sequence[Offer], rating: Standing | None = None, face: Face | None = None
) -> Share:
    """One coaching product, rated as its page says; a draft, or what is in no list, is not to be found.

    `face` is its coach's, where the page has it.
    """
    store, is_on_sale = product.store, product.state == "published"
    is_bookable = is_on_sale and store.stopped_at is None and not product.lacks_server
    description = plain_words(product.description_html) or way_to_meet(
        store, f"A coaching call with {store.owner.name}"
    )
    picture = product_picture(product, face)
    data = product_data(
        *(product, offers, product_path(product)),
        description=description,
        picture=picture.path,
        rating=rating,
        is_bookable=is_bookable,
    )
    return Share(
        title=f"{product.title or 'Untitled'} · {store.name}",
        description=". ".join(part for part in (terms_label(product, offers, rating), description) if part),
        path=product_path(product),
        picture=picture,
        kind="product",
        hue=store.hue,
        data=(data,) if is_on_sale and offers else (),
        is_indexed=is_on_sale and not product.is_unlisted and store.stopped_at is None,
    )


def reviews_share(product: Product, rating: Standing) -> Share:
    """All that students say of one product."""
    path = url_for("reviews.of_product", store=product.store.slug, product=product.slug)
    picture = product_picture(product)
    data = product_data(product, (), product_path(product), description="", picture=picture.path, rating=rating)
    return replace(
        product_share(product, ()),
        title=f"Reviews of {product.title} · {product.store.name}",
        description=f"What students say of their calls with {product.store.owner.name}.",
        path=path,
        picture=picture,
        kind="website",
        data=(data,) if "aggregateRating" in data else (),
    )


def product_picture(product: Product, face: Face | None = None) -> SharedPicture:
    """Its own, else the store's, else the coach's, else one that is drawn."""
    picture = product.picture or find_cover(product.store)
    code = picture.code if picture else (face or face_of(product.store.owner)).portrait
    return of_picture(code, product.title) or product_drawn(product)


def of_picture(code: str | None, alt: str) -> SharedPicture | None:
    """An uploaded picture as previews show it."""
    return SharedPicture(url_for("discovery.picture", code=code), alt) if code else None


def store_path(store: Store) -> str:
    """The store's page without what a link brought along."""
    return url_for("storefront.store", store=store.slug)


def product_path(product: Product) -> str:
    """The product's page, likewise."""
    return url_for("storefront.product", store=product.store.slug, product=product.slug)


def way_to_meet(store: Store, begins: str) -> str:
    """The sentence of who has written none: where calls are held."""
    return f"{begins} {place_of(store)}."


def terms_label(product: Product, offers: Sequence[Offer], rating: Standing | None) -> str:
    """Price and length as the page says them, how one meets, and what those say who did."""
    offers_text = get_template_attribute("storefront/_words.html", "offers_text")
    kinds = {"video": "Video call", "audio": "Voice call"}
    kind = kinds.get(product.session_type)
    parts = (
        Markup(offers_text(product, offers)).striptags(),
        f"{kind} {place_of(product.store)}" if kind else "Phone call",
        rating.label if rating and not rating.is_new else "",
    )
    return " · ".join(part for part in parts if part)


def place_of(store: Store) -> str:
    return "on Discord" if store.shares_rooms else "in a private Discord room"
