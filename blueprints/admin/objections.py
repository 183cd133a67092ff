"""The admin's pages of what students disagree with: all, and one with both sides, the record, and the decision."""

from flask import Response, current_app, flash, redirect, url_for
from werkzeug import Response as AnyResponse

from blueprints import web
from blueprints.accounts.login import ask_for_factor
from blueprints.admin.blueprint import PAGE_SIZE, blueprint
from blueprints.filters import money
from blueprints.forms import Amount, Form, TextBlock, checked, required
from blueprints.saved_forms import take_saved
from blueprints.sessions.money_outcome import DisputeView, dispute_views, said_by_student
from blueprints.signed_in import signed_in
from coaching.errors import Refused, TooLate
from coaching.payments.dispute_queries import open_disputes
from coaching.payments.evidence import evidence_text
from coaching.payments.evidence_queries import evidence_of
from coaching.payments.objection_mutations import decide_objection
from coaching.payments.objection_queries import ObjectionView, get_objection, objections_page
from coaching.payments.objections import LONGEST_REPLY

MOST_DISPUTES = 50


class DecisionForm(Form):
    amount = Amount("So much goes back", [required("Type how much goes back: 0 where nothing does.")])
    decision = TextBlock("Why", [required("Write why, for both of them.")], longest=LONGEST_REPLY)


@blueprint.get("/admin/objections")
def objection_list() -> Response:
    """Those that wait for a decision first, then the latest."""
    page = web.asked_page()
    listed, has_more = objections_page(page, PAGE_SIZE)
    disputes = [DisputeView.of(dispute) for dispute in open_disputes(MOST_DISPUTES)] if page == 1 else []
    return web.render(
        "admin/objections.html",
        listed=listed,
        number=page,
        has_more=has_more,
        disputes=disputes,
    )


@blueprint.get("/admin/objections/<code>")
def objection(code: str) -> Response:
    """One of them: both sides, what was paid and went back, the record of the room, and the decision."""
    objection_view = get_objection(signed_in().person, code)
    return show_objection(objection_view, form_for(objection_view, take_form=True))


@blueprint.post("/admin/objections/<code>/decision")
def decide(code: str) -> AnyResponse:
    """So much more goes back, or nothing; both are told."""
    objection_view = get_objection(signed_in().person, code)
    form = form_for(objection_view)
    if not form.validate():
        return show_objection(objection_view, form, 422)
    if detour := ask_for_factor():
        return detour
    amount_cents = checked(form.amount.data)
    try:
        decide_objection(objection_view.view.seat, signed_in().person, amount_cents, form.decision.data, web.now())
    except TooLate as refusal:
        return show_objection(get_objection(signed_in().person, code), form, 409, refusal.sentence)
    except Refused as refusal:
        form.amount.errors = [
            f"{refusal.sentence} At most {money(objection_view.money.left_cents, objection_view.currency)} can go back."
        ]
        return show_objection(objection_view, form, 422)
    current_app.extensions["wake_notices"]()
    current_app.extensions["wake_payments"]()
    flash("Decided. Both of them are told.", "good")
    return redirect(url_for(".objection", code=code), 303)


def form_for(objection_view: ObjectionView, *, take_form: bool = False) -> DecisionForm:
    """The form in the currency of what was paid; with what was typed before the admin had to confirm themselves."""
    saved = take_saved() if take_form else None
    form = DecisionForm(saved) if saved else DecisionForm()
    form.amount.set_currency(objection_view.currency)
    return form


def show_objection(objection_view: ObjectionView, form: DecisionForm, status: int = 200, refused: str = "") -> Response:
    return web.render(
        "admin/objection.html",
        status=status,
        objection_view=objection_view,
        form=form,
        refused=refused,
        said=said_by_student(objection_view.view),
        disputes=dispute_views(objection_view.view),
        evidence=evidence_text(evidence_of(objection_view.view.coaching_session, objection_view.view.seat)),
    )
