"""The admin's page of security events, and the end of somebody's sign-ins."""

from flask import Response, abort, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

import clock
from blueprints import web
from blueprints.accounts.login import fresh_sign_in_required
from blueprints.admin.blueprint import NUMBER, PAGE_SIZE, blueprint, searched
from blueprints.forms import Form, TextLine, required
from blueprints.saved_forms import take_saved
from blueprints.signed_in import signed_in
from coaching.accounts import mutations
from coaching.accounts.event_kinds import BY_ADMINS, GROUPS, KINDS, kind_of
from coaching.accounts.event_mutations import KEPT
from coaching.accounts.event_queries import Sought, events_page
from coaching.accounts.models import Person
from coaching.accounts.queries import find_person_by_id, sign_ins_of


class EndSignInsForm(Form):
    reason = TextLine(
        "Why", [required("Say why. It stands in the security log, for you and every other admin.")], longest=150
    )


@blueprint.get("/admin/security")
def event_list() -> Response:
    """What happened around accounts: all of it, or what concerns a person, a kind or an address."""
    sought, number = sought_events(), web.asked_page()
    return web.render(
        "admin/events.html",
        listed=events_page(sought, number, PAGE_SIZE, clock.machine_now()),
        sought=sought,
        number=number,
        kinds=KINDS,
        groups=GROUPS,
        admin_actions=BY_ADMINS,
        kind_of=kind_of,
        kept_days=KEPT.days,
    )


@blueprint.get(f"/admin/people/<{NUMBER}:person_id>/sign-ins")
@fresh_sign_in_required
def sign_ins(person_id: int) -> AnyResponse:
    """Ask why somebody's sign-ins are to end. One's own are in one's settings."""
    person = somebody_else(person_id)
    return show_sign_ins(person, EndSignInsForm(formdata=take_saved())) if person else to_own()


@blueprint.post(f"/admin/people/<{NUMBER}:person_id>/sign-ins/ending")
@fresh_sign_in_required
def end_sign_ins(person_id: int) -> AnyResponse:
    """The person is signed in nowhere."""
    person = somebody_else(person_id)
    if person is None:
        return to_own()
    form = EndSignInsForm()
    if not form.validate():
        return show_sign_ins(person, form, 422)
    ended = mutations.end_sign_ins_of(person, signed_in().person, form.reason.data, clock.machine_now())
    sentences = {0: "was signed in nowhere", 1: "is signed out: one sign-in has ended"}
    flash(f"{person.name} {sentences.get(ended) or f'is signed out: {ended} sign-ins have ended'}.", "good")
    return redirect(url_for("admin.person", person_id=person.id), 303)


def show_sign_ins(person: Person, form: EndSignInsForm, status: int = 200) -> Response:
    now = clock.machine_now()
    return web.render(
        "admin/sign_ins.html",
        status=status,
        person=person,
        sign_ins=sign_ins_of(person, now),
        form=form,
    )


def somebody_else(person_id: int) -> Person | None:
    """The person of this number, 404 without one; None for the admin themselves."""
    person = find_person_by_id(person_id) or abort(404)
    return None if person == signed_in().person else person


def to_own() -> AnyResponse:
    return redirect(url_for("accounts.settings") + "#sign-ins", 303)


def sought_events() -> Sought:
    """What the address asks for; a kind that there is not counts for none."""
    person, kind, address = (searched(name) for name in ("person", "kind", "address"))
    return Sought(person, kind if kind in (BY_ADMINS, *KINDS, *GROUPS) else "", address)
