"""The student's side: the link is followed, the call looked at, and the time taken."""

from typing import Any, TypeVar

from flask import Response, current_app, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from blueprints import access_log, web, zones
from blueprints.accounts.cards import discord_card
from blueprints.accounts.login import ask_to_sign_in
from blueprints.filters import iso
from blueprints.invitations import making
from blueprints.invitations.blueprint import blueprint
from blueprints.invitations.links import known_token, remember
from blueprints.payments.paying import go_on
from blueprints.saved_forms import forget, peek_saved
from blueprints.sessions.phase import remaining
from blueprints.signed_in import current_person
from blueprints.storefront.absence import refusal_of_visitor
from blueprints.storefront.forms import BookingForm, booking_form
from coaching.accounts.mutations import keep_first_zone
from coaching.booking import invitation_mutations as mutations
from coaching.booking.invitation_queries import (
    find_by_token,
    get_invitation,
    invitation_state,
    offer_of_invitation,
    seat_of,
)
from coaching.booking.invitation_rules import InvitationState
from coaching.booking.models import Invitation
from coaching.booking.queries import get_session_for
from coaching.booking.slot_queries import nearest_starts
from coaching.coaches.face_queries import face_of
from coaching.errors import (
    AbsentTooOften,
    AnswersMissing,
    BookingsStopped,
    DiscordNotLinked,
    InvitationOver,
    NotAMember,
    NotFound,
    OwnProduct,
    PhoneMissing,
    ServerLost,
    StudentBusy,
)
from coaching.payments.selling_queries import cannot_be_paid

NEAREST = 3
NO_CARDS = (
    "{coach} cannot take cards right now, so this time cannot be taken yet. It stays kept for you until it runs out: "
    "try again in a while, or write to {coach}."
)
Answer = TypeVar("Answer", bound=AnyResponse)


@blueprint.get("/i/<token>")
def follow(token: str) -> AnyResponse:
    """To the invitation's page, whose address tells nobody the link; changes nothing but what this browser knows."""
    invitation = find_by_token(token)
    if invitation is None:
        return no_index(web.render("invitations/over.html", status=410, store=None, sentence=None))
    remember(invitation.coaching_session.code, token)
    return no_index(redirect(url_for(".show", code=invitation.coaching_session.code), 303))


@blueprint.get("/invitations/<code>")
def show(code: str) -> AnyResponse:
    """The invitation, for its coach, for whom it names, and for whoever has its link."""
    person = current_person()
    if person is None and known_token(code) is None:
        # Whether or not there is such an invitation.
        return ask_to_sign_in()
    invitation = get_invitation(code)
    if person and invitation.coaching_session.coach_id == person.id:
        return no_index(making.show_own(invitation))
    if taken := own_session(code):
        return redirect(url_for("sessions.show", code=taken), 303)
    if not mutations.may_take(invitation, known_token(code), person):
        return show_closed(invitation)
    if invitation_state(invitation, web.now()) is not InvitationState.OPEN:
        return show_over(invitation)
    product = invitation.coaching_session.product
    # Whoever is invited by name is welcome: so accept_invitation has it.
    refusal = None if invitation.student_id or product.is_stopped else refusal_of_visitor(product)
    closed = BookingsStopped.sentence if product.is_stopped else refusal.sentence if refusal else None
    return show_open(invitation, form_of(invitation, peek_saved()), problem=closed, refusal=refusal)


@blueprint.post("/invitations/<code>/acceptance")
def accept(code: str) -> AnyResponse:
    """The time is the student's; without a sign-in everything typed waits until there is one."""
    student, token, invitation = current_person(), known_token(code), get_invitation(code)
    back = address_of(code)
    if student is None:
        if not mutations.may_take(invitation, token, None):
            raise NotFound
        return ask_to_sign_in(back)
    if taken := own_session(code):
        return redirect(url_for("sessions.show", code=taken), 303)
    if not mutations.may_take(invitation, token, student):
        raise NotFound
    if invitation_state(invitation, web.now()) is not InvitationState.OPEN:
        return show_over(invitation)
    form = form_of(invitation, request.form)
    if not form.validate():
        return show_open(invitation, form, 422)
    if cannot_be_paid(seat_of(invitation), invitation.coaching_session.product.store):
        return show_open(invitation, form, 409)
    try:
        taken_session = mutations.accept_invitation(code, token, student, form.details(), web.now())
    except InvitationOver:
        return show_over(get_invitation(code))
    except (AnswersMissing, PhoneMissing):
        return show_open(invitation, form_of(invitation, request.form, checks=True), 422)
    except (DiscordNotLinked, NotAMember) as error:
        return show_open(invitation, form, 422, problem=error.sentence)
    except AbsentTooOften as error:
        return show_open(invitation, form, 409, problem=error.sentence, refusal=error)
    except (StudentBusy, ServerLost, BookingsStopped, OwnProduct) as error:
        return show_open(invitation, form, 409, problem=error.sentence)
    keep_first_zone(student, zones.page_zone(taken_session.zone))
    forget(back)
    access_log.concerns(code)
    current_app.extensions["wake_rooms"]()
    current_app.extensions["wake_notices"]()
    return go_on(taken_session, student)


def own_session(code: str) -> str | None:
    """The code of the session, once it is this person's."""
    person = current_person()
    try:
        view = get_session_for(person, code) if person else None
    except NotFound:
        return None
    return code if view and view.role == "student" else None


def address_of(code: str) -> str:
    """The invitation's page; a zone that only this address knows goes along."""
    return url_for("invitations.show", code=code, zone=None if zones.own_zone() else zones.asked_zone())


def form_of(invitation: Invitation, typed: MultiDict[str, str] | None, *, checks: bool = False) -> BookingForm:
    """The booking form of its product; what the invitation has settled already is not asked."""
    fields = MultiDict(typed or {})
    fields["starts_at"], fields["offer"] = iso(invitation.coaching_session.starts_at), "0"
    form = booking_form(invitation.coaching_session.product, fields, web.now())
    if checks:
        form.validate()
    return form


def show_open(
    invitation: Invitation,
    form: BookingForm,
    status: int = 200,
    *,
    problem: str | None = None,
    refusal: AbsentTooOften | None = None,
) -> Response:
    """What, when, for how much, and the button that takes it; why it was not taken, if it was not."""
    kept, now = invitation.coaching_session, web.now()
    back, person = address_of(kept.code), current_person()
    needs_card = kept.needs_room
    card = discord_card(person, kept.product.store, back, form="booking-form", look="line") if needs_card else None
    if cannot_be_paid(seat_of(invitation), kept.product.store):
        problem = NO_CARDS.format(coach=kept.coach.name)
    context: dict[str, Any] = {
        "invitation": invitation,
        "coaching_session": kept,
        "face": face_of(kept.coach),
        "store": kept.product.store,
        "product": kept.product,
        "seat": seat_of(invitation),
        "offer": offer_of_invitation(invitation),
        "form": form,
        "card": card,
        "problem": problem,
        "refusal": refusal,
        "zone": zones.page_zone(kept.zone),
        "is_zone_known": zones.known_zone() is not None,
        "asks_browser": zones.asks_browser(),
        "remaining": remaining(kept.held_until - now) if kept.held_until else "",
        "at": now,
    }
    return no_index(web.render("invitations/take.html", status=status, **context))


def show_closed(invitation: Invitation) -> AnyResponse:
    """A visitor may be whom it names; for anybody else it is not there."""
    if current_person() is None:
        return ask_to_sign_in()
    if known_token(invitation.coaching_session.code):
        return show_over(invitation, "This invitation is for somebody else, or its coach has made a new link.")
    raise NotFound


def show_over(invitation: Invitation, sentence: str | None = None) -> Response:
    """What has become of it, and when the store has time next."""
    kept, now = invitation.coaching_session, web.now()
    product, state = kept.product, invitation_state(invitation, now)
    is_sold = product.state == "published" and not (product.lacks_server or product.is_stopped)
    starts = nearest_starts(product, offer_of_invitation(invitation), kept.starts_at, now, NEAREST) if is_sold else []
    answer = web.render(
        "invitations/over.html",
        status=410,
        sentence=sentence or mutations.SENTENCES[state],
        product=product,
        starts=starts,
        zone=zones.page_zone(kept.zone),
        store=product.store,
    )
    return no_index(answer)


def no_index(answer: Answer) -> Answer:
    """No search engine keeps it, and no further page is told its address."""
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Cache-Control"] = "no-store"
    return answer
