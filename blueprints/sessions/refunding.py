"""The coach gives money back, a part of it or all that is left; and says what they have sent themselves."""

import re

from flask import Response, current_app, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.filters import money
from blueprints.forms import Amount, Form, FormKey, Hidden, TextBlock, checked, required
from blueprints.receipts.of_session import settle_money
from blueprints.saved_forms import take_saved
from blueprints.sessions.blueprint import blueprint
from blueprints.sessions.page import draw, own_view, zone_of
from blueprints.signed_in import signed_in
from coaching.booking.queries import SessionView
from coaching.errors import ChangedMeanwhile, NotFound, Refused
from coaching.money import currency_of
from coaching.payments.dispute_queries import disputes_of
from coaching.payments.dispute_rules import AT_THE_BANK
from coaching.payments.money_queries import money_of
from coaching.payments.payment_queries import find_unlike
from coaching.payments.recording_mutations import record_settled_there
from coaching.payments.refund_mutations import give_back, send_again, tick_refund
from coaching.payments.refund_queries import find_refund

LONGEST_REASON = 500
CHANGED = (
    "Something else went back since you opened this page: look at what is left. Nothing was sent. Press once more if "
    "this is to go back, too."
)


class RefundForm(Form):
    amount = Amount("Amount", [required("Type how much goes back.")])
    reason = TextBlock("Why", [required("Say why, in a few words.")], longest=LONGEST_REASON)
    form_key = FormKey()
    # What was left, in the smallest unit, as the page showed it.
    seen = Hidden()


@blueprint.get("/refunds/new")
@login_required
def choose_refund(code: str) -> AnyResponse:
    """Asks how much goes back and why; changes nothing."""
    view = coached_view(code)
    if money_of(view.seat).left_cents <= 0:
        flash("Nothing is left of what was paid that could go back.", "info")
        return back_to(view)
    form = RefundForm(take_saved())
    form.amount.set_currency(view.seat.currency)
    return show(view, form)


@blueprint.post("/refunds")
@login_required
def give_refund(code: str) -> AnyResponse:
    """So much goes back, once for each form."""
    view, form = coached_view(code), RefundForm()
    form.amount.set_currency(view.seat.currency)
    if not form.validate() or not is_payable(form, view.seat.currency):
        return show(view, form, 422)
    amount, person = checked(form.amount.data), signed_in().person
    seen = int(form.seen.data) if re.fullmatch(r"[0-9]{1,15}", form.seen.data or "") else None
    try:
        give_back(view.seat, person, amount, form.reason.data, form.form_key.data, web.now(), seen_left_cents=seen)
    except ChangedMeanwhile:
        form.form_errors = [CHANGED]
        return show(view, form, 409)
    except Refused as refusal:
        left = money_of(view.seat).left_cents
        rest = f"At most {money(left, view.seat.currency)} can." if left else "Nothing can any more."
        form.amount.errors = [f"{refusal.sentence} {rest}"]
        return show(view, form, 422)
    wake_worker(view)
    return back_to(view)


@blueprint.post("/refunds/<int:refund_id>")
@login_required
def attend_to_refund(code: str, refund_id: int) -> AnyResponse:
    """The coach has sent it themselves, or has it tried once more."""
    view = coached_view(code)
    refund = find_refund(view.seat, refund_id)
    if refund is None:
        raise NotFound
    attend = {"by_hand": tick_refund, "again": send_again}.get(request.form.get("how", ""))
    if attend is None:
        return draw(view, 422, refused="Choose what is to become of this refund.")
    try:
        attend(refund, signed_in().person, web.now())
    except Refused as refusal:
        return draw(view, 409, refused=refusal.sentence)
    settle_money(view)
    wake_worker(view)
    return back_to(view)


@blueprint.post("/payment-settlement")
@login_required
def settle_unlike(code: str) -> AnyResponse:
    """The coach has settled in Stripe what it had otherwise; pressed twice it was so before."""
    view = coached_view(code)
    unlike = find_unlike(view.seat)
    if unlike and request.form.get("payment") == str(unlike.id) and record_settled_there(unlike, web.now()):
        flash(f"Noted. {view.seat.student.name} can pay again as long as the time is held.", "good")
    return back_to(view)


def is_payable(form: RefundForm, currency: str) -> bool:
    """True for an amount above nothing; a message stands beside it otherwise."""
    if form.amount.data:
        return True
    least = currency_of(currency).step
    form.amount.errors = [f"Type an amount above zero: at least {money(least, currency)}."]
    return False


def show(view: SessionView, form: RefundForm, status: int = 200) -> Response:
    """The page with the form."""
    paid = money_of(view.seat)
    form.seen.data = str(paid.left_cents)
    return web.render(
        "sessions/refund.html",
        status=status,
        view=view,
        coaching_session=view.coaching_session,
        seat=view.seat,
        zone=zone_of(view),
        at=web.now(),
        form=form,
        paid=paid,
        is_disputed=any(dispute.state in AT_THE_BANK for dispute in disputes_of(view.seat)),
    )


def wake_worker(view: SessionView) -> None:
    """Whoever sends it, and whoever hears of it, does so at once."""
    current_app.extensions["wake_payments"]()
    current_app.extensions["wake_notices"]()


def coached_view(code: str) -> SessionView:
    """The session, if the signed-in person is its coach."""
    view = own_view(code)
    if view.role != "coach" or view.link:
        raise NotFound
    return view


def back_to(view: SessionView) -> AnyResponse:
    return redirect(url_for("sessions.show", code=view.coaching_session.code) + "#payment", 303)
