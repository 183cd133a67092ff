"""A product's page: what it needs, gathered for the templates. The slots come with it, in one request."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Response, request, url_for

from blueprints import web, zones
from blueprints.storefront.forms import BookingForm, booking_form
from blueprints.storefront.picker import Asked, Picker, draw_picker
from blueprints.web import current_person, render
from coaching.booking.slot_queries import free_month
from coaching.catalog import queries as catalog
from coaching.catalog.models import Offer, Product
from coaching.errors import NotPublished

PAGE = "storefront/product.html"


def show(product: Product, fields: Mapping[str, str], form: BookingForm | None, **more: Any) -> Response:
    """The page, or the slot picker alone; `fields` say which month, day, length and zone."""
    return render(PAGE, "storefront/_picked.html", **page_context(product, fields, form), **more)


def show_again(product: Product, form: BookingForm, status: int, **more: Any) -> Response:
    """The page with everything typed still in it, or for htmx the booking alone."""
    answer = render(PAGE, "storefront/_booking.html", status, **page_context(product, request.form, form), **more)
    # The form aims at the whole page, for when it succeeds; and this address cannot be opened by GET.
    answer.headers["HX-Retarget"] = "#booking"
    answer.headers["HX-Reswap"] = "outerHTML"
    answer.headers["HX-Push-Url"] = "false"
    return answer


def show_withdrawn(product: Product, form: BookingForm) -> Response:
    """Says that the product is off sale, with everything typed to read and copy."""
    typed = [(field.label.text, field.data) for field in form.own_words() if field.data]
    answer = render(
        "storefront/withdrawn.html",
        "storefront/_withdrawn.html",
        409,
        store=product.store,
        typed=typed,
        text=NotPublished.sentence,
    )
    answer.headers["HX-Push-Url"] = "false"
    return answer


def page_context(product: Product, fields: Mapping[str, str], form: BookingForm | None) -> dict[str, Any]:
    offers = catalog.offers_of(product)
    return {
        "product": product,
        "store": product.store,
        "offers": offers,
        "picker": picker_of(product, offers, Asked.of(fields)) if offers and product.schedule_id else None,
        "form": form,
        "questions": form.questions if form else (),
        "is_own": product.store.owner == current_person(),
        "is_zone_known": zones.known_zone() is not None,
        "is_choosing_zone": fields.get("zones") == "all",
        "zones": zones.COMMON_ZONES,
    }


def picker_of(product: Product, offers: list[Offer], asked: Asked) -> Picker:
    zone = zones.page_zone(product.store.zone)
    free = free_month(product, asked.offer_among(offers), zone, web.now(), asked.month_in(zone))
    return draw_picker(offers, asked, free, web.now(), partial(product_address, product))


def product_address(product: Product, **to: str) -> str:
    """The product's page, asked to show what is given; a zone that only this address knows goes along."""
    zone = zones.asked_zone()
    kept = {"zone": zone} if zone and zone != zones.own_zone() else {}
    return url_for("storefront.product", store=product.store.slug, product=product.slug, **kept | to)


def form_of(product: Product, typed: Any = None) -> BookingForm | None:
    """The booking form; None where nobody, or not this person, can book."""
    is_on_sale = product.state == "published" and product.store.owner != current_person()
    return booking_form(product, catalog.questions_of(product), typed) if is_on_sale else None
