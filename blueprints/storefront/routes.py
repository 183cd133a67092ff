"""Public pages and booking: a creator's shop window, one coaching product, the booking itself."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints import access_log, web, zones
from blueprints.accounts.login import ask_to_sign_in
from blueprints.payments.paying import go_on
from blueprints.saved_forms import forget, peek_saved
from blueprints.signed_in import current_person
from blueprints.storefront import page
from blueprints.storefront.addresses import button_address
from blueprints.storefront.again import earlier_fields
from blueprints.storefront.extras import carried
from blueprints.storefront.forms import BookingForm, booking_form
from blueprints.storefront.obstacles import why_closed
from blueprints.storefront.previews import product_path, store_share
from blueprints.storefront.prices import is_applied, is_unpayable
from blueprints.web import render, safe_next
from coaching.accounts.mutations import keep_first_zone
from coaching.booking.mutations import book_session
from coaching.booking.queries import find_own_booking, has_words
from coaching.booking.sources import LINK
from coaching.catalog import queries as catalog
from coaching.catalog.models import Product
from coaching.coaches.face_queries import face_of
from coaching.errors import (
    AbsentTooOften,
    AnswersMissing,
    BookingsStopped,
    CoachingError,
    DiscordNotLinked,
    DiscountRefused,
    LimitReached,
    NotAMember,
    NotFound,
    NotPublished,
    PhoneMissing,
    ServerLost,
    SlotSeenTaken,
    SlotTaken,
    StudentBusy,
    TermsChanged,
)

blueprint = Blueprint("storefront", __name__)

BOOKED_WITH_OTHER_WORDS = "You already have this time. What you typed here was not sent."


@blueprint.get("/s/<store>", strict_slashes=False)
def store(store: str) -> AnyResponse:
    """The shop window: every published product of a store."""
    if store != store.lower() and page.get_store(store.lower()):
        return in_small_letters()
    context = page.shop_context(page.get_store(store))
    share, face = store_share(context["store"], context["products"]), face_of(context["store"].owner)
    return render("storefront/store.html", share=share, face=face, **context)


@blueprint.get("/s/<store>/<product>", strict_slashes=False)
def product(store: str, product: str) -> AnyResponse:
    """One coaching product with its free times; a draft only for its owner and admins."""
    small_store, small_product = store.lower(), product.lower()
    try:
        visible_product = catalog.get_visible_product(small_store, small_product, current_person())
    except NotFound:
        return page.show_nothing(page.get_store(small_store), small_product)
    if (store, product) != (small_store, small_product):
        return in_small_letters()
    # A fragment draws nothing of what is typed. It waits until the call is booked: a page is loaded again, or left.
    typed = None if web.wants_fragment() else peek_saved()
    again = None if web.wants_fragment() or typed else earlier_fields(visible_product)
    return page.show(visible_product, typed or again, is_again=again is not None)


def in_small_letters() -> AnyResponse:
    """To the address as it is written, for who has typed capitals; what it asks for goes along."""
    query = request.query_string.decode(errors="replace")
    return redirect(request.path.lower() + (f"?{query}" if query else ""), 301)


@blueprint.post("/s/<store>/<product>/sessions")
def book(store: str, product: str) -> AnyResponse:
    """Book the chosen time; without a sign-in everything typed waits until there is one."""
    wanted = catalog.get_once_published_product(store, product)
    form = booking_form(wanted, request.form, web.now())
    if wanted.state != "published":
        return page.show_withdrawn(wanted, form)
    if why_closed(wanted) and current_person() is None:
        # Nobody is asked to sign in for what cannot be booked.
        return page.show_again(wanted, form, 409)
    if not form.validate():
        return page.show_again(wanted, form, 422)
    student = current_person()
    if student is None:
        return ask_to_sign_in(button_address(wanted))
    if not is_applied(wanted, form.offer.data, request.form):
        # Nothing is booked at a price that its page has not shown.
        return show_as_kept(wanted, 422)
    if is_unpayable(wanted, form.offer.data, request.form):
        # Nobody's time is held for a payment that cannot be made.
        return show_as_kept(wanted, 409)
    details = replace(form.details(), via=carried().get("via", ""), source=carried().get("from", LINK))
    own = find_own_booking(student, wanted.store.owner, details.starts_at, web.now())
    if own and not has_words(own, student, details):
        return show_as_kept(wanted, 409, taken=BOOKED_WITH_OTHER_WORDS, own=own)
    try:
        coaching_session = book_session(wanted, student, details, web.now())
    except CoachingError as error:
        return show_not_booked(wanted, form, error)
    keep_first_zone(student, zones.page_zone(wanted.store.zone))
    forget(product_path(wanted))
    access_log.concerns(coaching_session.code)
    current_app.extensions["wake_rooms"]()
    current_app.extensions["wake_notices"]()
    return go_on(coaching_session, student)


def show_not_booked(product: Product, form: BookingForm, error: CoachingError) -> AnyResponse:
    """The form again, with what has kept the time from being booked; an `error` that no form mends is raised."""
    match error:
        case SlotSeenTaken():
            # Of two hundred after one time nearly all end here, and what is sold was read a moment ago.
            return page.show_again(product, form, 409, taken=error.sentence)
        case SlotTaken() | StudentBusy():
            return show_as_kept(product, 409, taken=error.sentence)
        case NotPublished() | TermsChanged() | DiscountRefused():
            return show_as_kept(product, 409)
        case AnswersMissing() | PhoneMissing():
            return show_as_kept(product, 422)
        case DiscordNotLinked() | NotAMember():
            return show_as_kept(product, 422, problem=error.sentence)
        case LimitReached() | AbsentTooOften():
            return show_as_kept(product, 409, problem=error.sentence, is_at_limit=True)
        case ServerLost() | BookingsStopped():
            return show_as_kept(product, 409, problem=error.sentence)
    raise error


@blueprint.post("/s/<store>/<product>/price")
def price(store: str, product: str) -> AnyResponse:
    """What it costs with the extras and the code that are chosen; nothing is booked."""
    wanted = catalog.get_once_published_product(store, product)
    form = booking_form(wanted, request.form, web.now())
    if wanted.state != "published":
        return page.show_withdrawn(wanted, form)
    return page.show_priced(wanted, form)


def show_as_kept(product: Product, status: int, **more: Any) -> AnyResponse:
    """The form again as the coach has saved it by now, with everything typed still in it."""
    product = catalog.reread_product(product)
    form = booking_form(product, request.form, web.now())
    if product.state != "published":
        return page.show_withdrawn(product, form)
    form.validate()
    return page.show_again(product, form, status, **more)


@blueprint.get("/s/<store>/<product>/price")
@blueprint.get("/s/<store>/<product>/sessions")
def return_to_product(store: str, product: str) -> AnyResponse:
    """Who asks for the address of a sent form again is led back to the form."""
    return redirect(url_for(".product", store=store, product=product), 303)


@blueprint.post("/zone")
def keep_zone() -> AnyResponse:
    """From now on times are shown in this zone: to the person, or else in this browser."""
    zone = zones.existing(request.form.get("zone"))
    if zone is None:
        raise CoachingError("Choose a time zone from the list.")
    zones.choose(zone)
    return redirect(safe_next(request.form.get("next")), 303)
