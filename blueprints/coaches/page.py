"""A coach's public page: all that it shows, gathered for its templates."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for

from blueprints import web, zones
from blueprints.coaches.preview import coach_share
from blueprints.filters import money
from blueprints.reviews.public import reviews_of_coach
from blueprints.signed_in import current_person
from blueprints.storefront.forms import ZoneForm
from blueprints.storefront.prices import cancelling_words
from coaching.booking.answer_times import wait_label
from coaching.booking.quote_queries import price_of
from coaching.catalog.models import Offer, Product
from coaching.catalog.queries import offers_by_product, products_on_show
from coaching.coaches.faces import Face
from coaching.coaches.languages import languages_label
from coaching.coaches.links import links_of
from coaching.coaches.models import Coach
from coaching.coaches.profile_queries import is_shown, specialties_and_languages, usual_hours
from coaching.coaches.usual_labels import plain_label, usual_label
from coaching.coaches.usual_times import usual_times
from coaching.directory.queries import next_free_of, record_of
from coaching.hours.week import WeeklyHours


def page_context(coach: Coach) -> dict[str, Any]:
    """What coaches/show.html draws, and its part with the times."""
    person, now = coach.person, web.now()
    products = [product for product in products_on_show(person) if not product.is_stopped]
    offers = offers_by_product(products)
    hours = usual_hours(products)
    home = hours[0].zone if hours else products[0].store.zone if products else person.zone or "UTC"
    zone = zones.page_zone(home)
    record, (specialties, tags) = record_of(coach, now), specialties_and_languages(coach)
    hue, price = products[0].store.hue if products else None, from_price(products, offers)
    reviewed = reviews_of_coach(person, coach.slug)
    return {
        "coach": coach,
        "face": Face(person.name, coach.slug, coach.headline, coach.portrait.code if coach.portrait else None),
        "hue": hue,
        "specialties": specialties,
        "languages": languages_label(tags),
        "links": links_of(coach.links),
        "from_price": price,
        "cancelling": cancelling_words(products, offers),
        "usual": usual_lines(hours, home),
        "calls": record.calls_held,
        "answers": wait_label(record.answers_minutes),
        "products": products,
        "offers": offers,
        "next_free": next_free_of(products, now),
        "here": url_for("coaches.show", slug=coach.slug),
        **zone_context(zone),
        "is_own": person == current_person(),
        "share": coach_share(
            coach,
            [words for words in (price, "" if reviewed["standing"].is_new else reviewed["standing"].label) if words],
            [specialty.words for specialty in specialties],
            tags,
            hue=hue,
            is_indexed=bool(products),
        ),
        **reviewed,
    }


def zone_context(zone: str) -> dict[str, Any]:
    """On which clock the page shows times, and how a visitor chooses another."""
    return {
        "zone": zone,
        "is_zone_known": zones.known_zone() is not None,
        "is_choosing_zone": request.args.get("zones") == "all",
        "asks_browser": zones.asks_browser(),
        "zone_form": ZoneForm(formdata=None, zone=zone),
    }


def preview_context(coach: Coach) -> dict[str, Any]:
    """Whether strangers find the page, for those who see it anyway."""
    viewer = current_person()
    is_privy = viewer is not None and (viewer.is_admin or viewer.id == coach.person_id)
    return {"is_hidden": is_privy and not is_shown(coach)}


def usual_lines(hours: Sequence[WeeklyHours], home: str) -> list[str]:
    """When they are usually free: by their clocks, in the zone `home`, then by the visitor's."""
    visitor = zones.known_zone()
    here = usual_times(hours, home, web.now().astimezone(ZoneInfo(home)).date())
    words = usual_label(here)
    if not words or visitor is None:
        return [words] if words else []
    there = plain_label(usual_times(hours, visitor, web.now().astimezone(ZoneInfo(visitor)).date()))
    if there == plain_label(here):
        return [words, "The same in your time"]
    return [words, f"{there[:1].upper()}{there[1:]} in your time"]


def from_price(products: Sequence[Product], offers: Mapping[int, Sequence[Offer]]) -> str:
    """The lowest price in each currency they sell in: "From €45", "Free", "From $30 or €45"; empty without any."""
    prices: dict[str, list[int]] = {}
    for product in products:
        for offer in offers[product.id]:
            prices.setdefault(product.store.currency, []).append(price_of(product, offer))
    lowest = sorted({money(min(cents), currency) for currency, cents in prices.items()})
    is_one_price = all(len(set(cents)) == 1 for cents in prices.values())
    if not lowest or lowest == [money(0, "EUR")] or (is_one_price and len(lowest) == 1):
        return "".join(lowest)
    return f"From {' or '.join(lowest)}"
