"""JSON-LD of public pages, with what search engines ask of each kind. Nothing stands in it that the page does not show.

Which fields they require is listed with its sources in tests/blueprints/test_sharing.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from blueprints.sharing import SCHEMA, Data, address_of
from coaching.catalog.models import Offer, Product
from coaching.money import currency_of
from coaching.reviews.standing import Standing


def site_data(name: str) -> Data:
    """The site, on its front page."""
    return {"@type": "WebSite", "name": name, "url": address_of("/")}


def person_data(
    name: str,
    path: str,
    *,
    headline: str = "",
    bio: str = "",
    picture: str | None = None,
    links: Iterable[str] = (),
    specialties: Sequence[str] = (),
    languages: Sequence[str] = (),
) -> Data:
    """A coach's page: who they are in plain words. `picture` is a path of this site, languages come as tags.

    A person has no rating in schema.org; their products have.
    """
    person: dict[str, Any] = {"@type": "Person", "name": name, "url": address_of(path)}
    more = {
        "jobTitle": headline,
        "description": bio,
        "image": address_of(picture) if picture else "",
        "sameAs": list(links),
        "knowsAbout": list(specialties),
        "knowsLanguage": list(languages),
    }
    person |= {name: value for name, value in more.items() if value}
    return {"@type": "ProfilePage", "url": address_of(path), "mainEntity": person}


def product_data(
    product: Product,
    offers: Sequence[Offer],
    path: str,
    *,
    description: str,
    picture: str | None,
    coach: Mapping[str, Any] | None = None,
    rating: Standing | None = None,
    is_bookable: bool = True,
) -> Data:
    """A coaching product with each length as an offer; an average only of three visible reviews and more."""
    store = product.store
    data: dict[str, Any] = {
        "@type": "Product",
        "name": product.title,
        "url": address_of(path),
        "category": "Coaching",
        "brand": {"@type": "Brand", "name": store.name},
    }
    if description:
        data["description"] = description
    if offers:
        seller = dict(coach or {"@type": "Person", "name": store.owner.name})
        of_all = {
            "priceCurrency": store.currency,
            "availability": f"{SCHEMA}/{'InStock' if is_bookable else 'OutOfStock'}",
            "url": address_of(path),
            "seller": seller,
        }
        data["offers"] = [_offer_data(product, offer) | of_all for offer in offers]
    if picture:
        data["image"] = address_of(picture)
    if rating and not rating.is_new:
        data["aggregateRating"] = rating_data(rating)
    return data


def _offer_data(product: Product, offer: Offer) -> dict[str, Any]:
    cents = 0 if product.payment == "free" else offer.price_cents
    return {
        "@type": "Offer",
        "name": f"{product.title}, {offer.minutes} min",
        "price": currency_of(product.store.currency).number(cents),
    }


def rating_data(rating: Standing) -> Data:
    """An average with how many reviews it is of, as the page shows both."""
    return {
        "@type": "AggregateRating",
        "ratingValue": f"{rating.mean:.1f}",
        "reviewCount": rating.count,
        "bestRating": 5,
        "worstRating": 1,
    }


def list_data(name: str, entries: Iterable[tuple[str, str]]) -> Data:
    """A page that leads to others: `entries` are their names and paths, in the order shown."""
    return {
        "@type": "ItemList",
        "name": name,
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": called, "url": address_of(path)}
            for position, (called, path) in enumerate(entries, 1)
        ],
    }
