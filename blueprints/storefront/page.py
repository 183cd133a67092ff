"""A product's page: what it needs, gathered for the templates. The slots come with it, in one request."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Response, request
from werkzeug.datastructures import MultiDict

from blueprints import saved_forms, web, zones
from blueprints.accounts.cards import DiscordCard, discord_card
from blueprints.filters import minutes
from blueprints.signed_in import current_person
from blueprints.storefront.absence import refusal_of_visitor
from blueprints.storefront.addresses import BOOKING, addresses_of
from blueprints.storefront.changes import sentences as changes_in_words
from blueprints.storefront.extras import carried
from blueprints.storefront.forms import BookingForm, ZoneForm, booking_form
from blueprints.storefront.held import held_by_visitor
from blueprints.storefront.obstacles import is_bookable, stopped_by, why_closed, why_gone
from blueprints.storefront.picker import Asked, Link, Picker, draw_few, draw_picker, has_another_clock
from blueprints.storefront.previews import product_path, product_share
from blueprints.storefront.prices import ShownPrice, cancelling_words, shown_price
from blueprints.web import render
from coaching.booking.changes import changes_between, closest_offer
from coaching.booking.few_time_queries import few_times
from coaching.booking.models import CoachingSession
from coaching.booking.refund_tiers import tiers_of
from coaching.booking.slot_queries import free_month
from coaching.booking.way_in import button_label, minutes_to_pay, what_happens
from coaching.catalog import queries as catalog
from coaching.catalog.models import Offer, Product, Store
from coaching.coaches.face_queries import face_of
from coaching.errors import AbsentTooOften, NotFound, NotPublished
from coaching.reviews.queries import standing_of_product, standings_of_products

PAGE = "storefront/product.html"
# With one of these an address asks for a length, a month, a day or a time.
ASKING = {"offer", "month", "day", "starts_at"}
NO_STORE = "No store has this address. Check the link, or ask your coach for it again."


def show(product: Product, typed: MultiDict[str, str] | None, *, is_again: bool = False) -> Response:
    """The page, or the slot picker alone; `typed` was filled in before, `is_again` for an earlier call."""
    # The part without the form, which a click in the picker leaves as it is: its questions need not be read.
    form = None if web.wants_fragment() else form_of(product, typed)
    context = page_context(product, asked_fields(product, typed), form, typed)
    context |= {"is_bookable": is_bookable(product, typed), "is_again": is_again}
    if not web.wants_fragment():
        face = context["face"] = face_of(product.store.owner)
        context["share"] = product_share(product, context["offers"], context["standing"], face)
    return render(PAGE, "storefront/_picked.html", **context)


def show_again(
    product: Product,
    form: BookingForm,
    status: int,
    *,
    problem: str | None = None,
    taken: str | None = None,
    own: CoachingSession | None = None,
    is_at_limit: bool = False,
) -> Response:
    """The page with everything typed still in it, or for htmx the booking alone, unless the rest has changed, too.

    It says why it was not booked: the `problem`, or what has `taken` the time, be it the person's `own` session;
    `is_at_limit` where they have as many calls as may be. What was typed waits for the next look, too.
    """
    context = page_context(product, request.form, form, request.form)
    # A time that is gone is nothing to come back to, nor is the only length there is.
    spent = {"starts_at", "day"} | ({"offer"} if len(context["offers"]) == 1 else set()) if taken else ()
    saved_forms.save_form(product_path(product), request.form, warns=False, spent=spent)
    said = {"problem": problem, "taken": taken, "own": own, "is_at_limit": is_at_limit}
    context |= {name: value for name, value in said.items() if value}
    context["stopped"] = None if context["problem"] else context["stopped"]
    context["face"] = face_of(product.store.owner)
    is_whole = bool(context["changed"])
    answer = render(PAGE, "storefront/_product.html" if is_whole else "storefront/_booking.html", status, **context)
    # The form aims at the whole page, for when it succeeds; and this address cannot be opened by GET.
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = (
        ("#content", "innerHTML") if is_whole else ("#booking", "outerHTML")
    )
    answer.headers["HX-Push-Url"] = "false"
    return answer


def show_priced(product: Product, form: BookingForm) -> Response:
    """What the booking costs with what is chosen now, for htmx alone; without it the page, as it was filled in."""
    if not web.wants_fragment():
        return show_again(product, form, 200)
    context = page_context(product, request.form, form, request.form)
    answer = render(PAGE, "storefront/_priced.html", **context)
    answer.headers["HX-Push-Url"] = "false"
    return answer


def asked_fields(product: Product, typed: MultiDict[str, str] | None) -> dict[str, str]:
    """What the address asks to see. What was typed adds length, day and time, unless that would show another day."""
    asked, typed = request.args.to_dict(), typed or MultiDict()
    if asked.keys() & ASKING:
        day_on = Asked.of(typed).day_in(zones.page_zone(product.store.zone))
        is_same = day_on == Asked.of(asked).day_on and asked.get("offer", typed.get("offer")) == typed.get("offer")
        return asked | {"starts_at": typed.get("starts_at", "")} if day_on and is_same else asked
    return asked | {name: typed[name] for name in ("offer", "day", "starts_at") if name in typed}


def show_withdrawn(product: Product, form: BookingForm) -> Response:
    """Says that the product is off sale, with everything typed to read and copy."""
    typed = [(field.label.text, field.data) for field in form.own_words() if field.data]
    answer = render(
        "storefront/withdrawn.html",
        "storefront/_withdrawn.html",
        409,
        store=product.store,
        carried=carried(),
        typed=typed,
        text=NotPublished.sentence,
    )
    answer.headers["HX-Push-Url"] = "false"
    return answer


def show_nothing(store: Store, slug: str) -> Response:
    """Says that there is no such call, or none on sale any more, and shows those that there are."""
    was_on_sale = catalog.was_published(store, slug)
    return render("storefront/nothing.html", status=404, was_on_sale=was_on_sale, **shop_context(store))


def get_store(slug: str) -> Store:
    """The store at a public address, or NotFound with a sentence about addresses."""
    try:
        return catalog.get_store(slug)
    except NotFound:
        raise NotFound(NO_STORE) from None


def shop_context(store: Store) -> dict[str, Any]:
    """What storefront/_products.html lists."""
    products = catalog.published_products(store)
    offers = catalog.offers_by_product(products)
    is_own = store.owner == current_person()
    standings = standings_of_products(products)
    context = {"store": store, "products": products, "offers": offers, "standings": standings}
    context["cancelling"] = cancelling_words(products, offers)
    return context | {"is_own": is_own, "carried": carried()}


def page_context(
    product: Product, fields: Mapping[str, str], form: BookingForm | None, typed: Mapping[str, str] | None
) -> dict[str, Any]:
    """What the page shows, or the slot picker alone, which has no form."""
    offers, asked = catalog.offers_of(product), Asked.of(fields)
    seen = offer_seen(product, offers, asked)
    offer = closest_offer(offers, seen) if seen else None
    price = shown_price(product, offers, offer or offers[0], typed) if offers else None
    if offer:
        asked = replace(asked, offer=str(offer.id))
    brought = carried(typed)
    address = addresses_of(product, brought)
    refusal = refusal_of_visitor(product)
    has_times = offers and product.schedule_id and shows_times(product, form, refusal)
    picker = picker_of(product, offers, asked, address) if has_times else None
    if form and price:
        show_code(form, price)
    return {
        "product": product,
        "store": product.store,
        "offers": offers,
        "picker": picker,
        "changed": [*changed_since(product, form, seen, offer), *(price.changed if price else ())],
        "price": price,
        **why_gone(product, picker, asked.starts_at),
        "chosen_in": chosen_elsewhere(product, picker, typed or {}) if picker else None,
        "form": form,
        "held": held_by_visitor(product) if form else None,
        "carried": brought,
        "card": card_of(product, address() + BOOKING) if form else None,
        **way_words(product, picker, price),
        "is_own": product.store.owner == current_person(),
        "standing": standing_of_product(product) if form else None,
        "stopped": stopped_by(product, form, refusal, price.quote if picker and price else None),
        "refusal": refusal,
        "problem": (why_closed(product) or (price.problem if price else None)) if form else None,
        **zone_context(fields.get("zones") == "all", picker),
    }


def shows_times(product: Product, form: BookingForm | None, refusal: AbsentTooOften | None) -> bool:
    """False where nobody, or not this person, can book."""
    # Whoever has typed something keeps it in sight, the time as well. And a click in the picker leaves what stands
    # around it, and so what was typed, as it is.
    return form is not None or web.wants_fragment() or not (why_closed(product) or refusal)


def show_code(form: BookingForm, price: ShownPrice) -> None:
    """The form's field has the code that the price was worked out with, and says what is wrong with it."""
    if not form.code.raw_data:
        form.code.data = price.code
    if price.fault and request.method == "POST":
        form.code.errors = [price.fault]


def zone_context(is_choosing: bool, picker: Picker | None) -> dict[str, Any]:
    """How a visitor gets times on another clock."""
    return {
        "is_zone_known": zones.known_zone() is not None,
        "is_choosing_zone": is_choosing,
        "asks_browser": zones.asks_browser(),
        # A form is dear to make, and few come to choose.
        "zone_form": ZoneForm(formdata=None, zone=picker.zone if picker else None) if is_choosing else None,
    }


def offer_seen(product: Product, offers: list[Offer], asked: Asked) -> Offer | None:
    """The offer that was asked for, also one that is on offer no more; None where none of the product's was."""
    current = next((offer for offer in offers if str(offer.id) == asked.offer), None)
    if current or not re.fullmatch(r"[0-9]{1,9}", asked.offer):
        return current
    return catalog.find_retired_offer(product, int(asked.offer))


def changed_since(product: Product, form: BookingForm | None, seen: Offer | None, offer: Offer | None) -> list[str]:
    """What the coach changed since the form was drawn, or the length chosen; a sentence each."""
    if seen is None or offer is None:
        return []
    current, retired = (form.current, form.retired) if form else ((), ())
    terms = form.seen if form else None
    changes = changes_between(terms, product, product.store.currency, (seen, offer), current, retired)
    return changes_in_words(changes, product.store.owner.name)


def chosen_elsewhere(product: Product, picker: Picker, typed: Mapping[str, str]) -> str | None:
    """The zone in which the chosen time was read, where the page shows it on another clock now."""
    if picker.chosen is None or picker.chosen.value != typed.get("starts_at"):
        return None
    # A form without a zone was drawn in the store's.
    zone = zones.existing(typed.get("zone")) or product.store.zone
    return zone if has_another_clock(zone, picker.zone, picker.chosen.starts_at) else None


def card_of(product: Product, back: str) -> DiscordCard | None:
    """The Discord card; a call by phone needs none."""
    if product.session_type == "phone":
        return None
    return discord_card(current_person(), product.store, back, form="booking-form", look="line")


def way_words(product: Product, picker: Picker | None, price: ShownPrice | None) -> dict[str, str]:
    """What the button says, what comes after it, and what goes back: of a chosen time, what of it still can."""
    if picker is None or price is None:
        return {}
    tiers = tiers_of(product.refund_tiers)
    return {
        "refund_words": (tiers.left_at(picker.chosen.starts_at, web.now()) if picker.chosen else tiers).clause,
        "button_label": button_label(product, price.quote),
        "what_happens": what_happens(product, price.quote, product.store.owner.name, minutes(minutes_to_pay(product))),
    }


def picker_of(product: Product, offers: list[Offer], asked: Asked, address: Link) -> Picker:
    """A few good times; the month where one is asked for. In place of a time that is not free, those nearest to it."""
    zone, now, offer = zones.page_zone(product.store.zone), web.now(), asked.offer_among(offers)
    student = current_person()
    if asked.month_on or asked.day_on:
        month_on = asked.month_in(zone, now, now + timedelta(days=product.horizon_days))
        free = free_month(product, offer, zone, now, month_on, student=student)
        month = draw_picker(offers, asked, free, now, address)
        if month.chosen or not asked.starts_at:
            return month
    return draw_few(offers, asked, few_times(product, offer, zone, now, asked.starts_at, student), now, address)


def form_of(product: Product, typed: MultiDict[str, str] | None = None) -> BookingForm | None:
    """The booking form; None where nobody, or not this person, can book, unless something was typed into it before."""
    return booking_form(product, typed, web.now()) if is_bookable(product, typed) else None
