"""The coach's side: a time is kept for somebody, its link is given out, made anew, or the whole taken back."""

from typing import Any

from flask import Response, current_app, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from blueprints import access_log, web, zones
from blueprints.day_times import FreeTimes, dated_group, month_times
from blueprints.filters import local_time
from blueprints.invitations.blueprint import blueprint
from blueprints.invitations.forms import InvitationForm
from blueprints.invitations.links import known_token, remember
from blueprints.same_origin import origin_of
from blueprints.saved_forms import take_saved, with_field
from blueprints.signed_in import signed_in
from coaching.accounts.models import Person
from coaching.booking import invitation_mutations as mutations
from coaching.booking.invitation_queries import (
    invitation_state,
    offer_of_invitation,
    opens_with,
    people_booked_with,
    seat_of,
)
from coaching.booking.invitation_rules import InvitationState, kept_until
from coaching.booking.models import Invitation
from coaching.booking.queries import get_session_for
from coaching.booking.way_in import must_be_paid_first
from coaching.catalog import queries as catalog
from coaching.catalog.models import Product
from coaching.catalog.steps import missing
from coaching.errors import CoachStopped, InvitationOver, LimitReached, NotFound, NotReadyToPublish, Refused, SlotTaken
from coaching.payments.selling_queries import cannot_be_paid

NEXT_TIMES = 6
# Whatever can stand in the way of what a coach has chosen, as a sentence on the page.
IN_THE_WAY = (SlotTaken, LimitReached, NotReadyToPublish, Refused)


@blueprint.get("/invitations/new")
@login_required
def new() -> AnyResponse:
    """Which call, then which time, for whom; changes nothing."""
    code = request.args.get("product")
    if code is None:
        return choose_product(signed_in().person)
    product = catalog.get_own_product(signed_in().person, code)
    fields = with_field(take_saved(), "form_key") or MultiDict(asked_student())
    return show_form(product, form_for(product, fields), request.args.get("day", fields.get("day", "")))


@blueprint.post("/invitations")
@login_required
def invite() -> AnyResponse:
    """The time is kept, or the page shows the times of another day or length."""
    coach = signed_in().person
    product = catalog.get_own_product(coach, request.form.get("product", ""))
    form, day = form_for(product, request.form), request.form.get("day", "")
    if other_day := request.form.get("show"):
        return show_form(product, form, other_day)
    if not form.validate():
        return show_form(product, form, day, 422)
    try:
        kept, token = mutations.invite(product, coach, form.details(), web.now())
    except IN_THE_WAY as error:
        return show_form(product, form, day, 409, problem=error.sentence)
    if token:
        remember(kept.code, token)
    access_log.concerns(kept.code)
    current_app.extensions["wake_notices"]()
    return redirect(url_for(".show", code=kept.code), 303)


@blueprint.post("/invitations/<code>/link")
@login_required
def replace_link(code: str) -> AnyResponse:
    """There is a new link, and the one before leads nowhere."""
    remember(code, mutations.replace_link(signed_in().person, code, web.now()))
    flash("This is the new link. The one before leads nowhere any more.", "good")
    return redirect(url_for(".show", code=code), 303)


@blueprint.post("/invitations/<code>/withdrawal")
@login_required
def withdraw(code: str) -> AnyResponse:
    """The time is free again."""
    try:
        mutations.withdraw_invitation(signed_in().person, code, web.now())
    except InvitationOver as error:
        flash(error.sentence, "warn")
    return redirect(url_for(".show", code=code), 303)


def show_own(invitation: Invitation) -> Response:
    """The invitation as its coach sees it, with its link while this browser knows it."""
    kept, now, token = invitation.coaching_session, web.now(), known_token(invitation.coaching_session.code)
    state = invitation_state(invitation, now)
    is_open = state is InvitationState.OPEN
    link = f"{origin_of(current_app.config['APP_URL'])}{url_for('invitations.follow', token=token)}" if token else None
    answer = web.render(
        "invitations/own.html",
        invitation=invitation,
        coaching_session=kept,
        offer=offer_of_invitation(invitation),
        state=state,
        is_open=is_open,
        lacks_cards=is_open and cannot_be_paid(seat_of(invitation), kept.product.store),
        link=link if is_open and opens_with(invitation, token) else None,
        zone=zones.page_zone(kept.zone),
        at=now,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def choose_product(coach: Person) -> AnyResponse:
    """The coach's calls; who has one alone is led on."""
    products = [product for store in catalog.stores_of(coach) for product in catalog.products_of_store(store)]
    rows = [(product, not missing(catalog.facts_of(product))) for product in products]
    ready = [product for product, is_ready in rows if is_ready]
    if len(rows) == len(ready) == 1:
        return redirect(url_for(".new", product=ready[0].code), 303)
    if not rows and not catalog.stores_of(coach):
        raise NotFound
    return web.render("invitations/choose.html", rows=rows)


def asked_student() -> dict[str, str]:
    """The student of the session that the address names, for whom the time is to be kept."""
    code = request.args.get("after")
    view = get_session_for(signed_in().person, code) if code else None
    return {"student": str(view.seat.student_id)} if view and view.role == "coach" else {}


def form_for(product: Product, fields: MultiDict[str, str]) -> InvitationForm:
    """The form as it was typed, or new."""
    offers = catalog.offers_of(product)
    if not offers or missing(catalog.facts_of(product)):
        raise NotReadyToPublish(missing(catalog.facts_of(product)))
    form = InvitationForm(formdata=fields if "form_key" in fields else None, data={"student": fields.get("student")})
    return form.offering(product, offers, people_booked_with(product.store.owner))


def show_form(
    product: Product, form: InvitationForm, day: str, status: int = 200, *, problem: str | None = None
) -> Response:
    """The page, or for htmx the form alone."""
    context = times_of(product, form, day) | {"product": product, "store": product.store, "form": form}
    closed = CoachStopped.sentence if product.is_stopped else None
    context |= {"problem": problem or closed, "pays_first": product.pays_first, "lacks_cards": form.lacks_cards}
    answer = web.render("invitations/new.html", "invitations/_form.html", status, **context)
    if request.method == "POST":
        answer.headers["HX-Push-Url"] = "false"
    return answer


def times_of(product: Product, form: InvitationForm, day: str) -> dict[str, Any]:
    """The next free times, and those of the day that was asked for; the coach's own notice binds nobody here.

    Those that are too close for anybody to answer are none.
    """
    now, zone = web.now(), zones.page_zone(product.store.zone)
    asked = mutations.at_short_notice(catalog.reread_product(product))
    offer = form.chosen_offer(catalog.offers_of(product))
    is_paid_first = must_be_paid_first(product, offer)
    free = FreeTimes(asked, offer, zone, now, fits=lambda start: bool(kept_until(now, start, product, is_paid_first)))
    chosen = free.among([form.starts_at.data] if form.starts_at.data else [])
    soon = [start for start in free.next(NEXT_TIMES + 1) if start not in chosen][:NEXT_TIMES]
    return {
        "groups": [dated_group("Chosen", chosen, zone, checked=True), dated_group("Next", soon, zone)],
        "times": month_times(free, day, {*chosen, *soon}),
        "has_times": bool(chosen or soon),
        "is_unfolded": bool(day),
        "zone": zone,
        "at": now,
        "lost": bool(form.starts_at.data and not chosen),
        "chosen_text": local_time(chosen[0], zone, "short") if chosen else None,
    }
