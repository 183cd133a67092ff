"""Deleting one's account: what goes and what stays is said before, and a word is typed."""

from flask import current_app, flash, redirect, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from blueprints.accounts.blueprint import blueprint
from blueprints.accounts.forms import DeletionForm
from blueprints.accounts.login import ask_to_confirm, sign_out
from blueprints.sessions.cancelling import policy_of
from blueprints.signed_in import current_person, signed_in
from blueprints.web import both_clocks, now, render, sends_mail
from blueprints.zones import page_zone
from coaching.booking.queries import SessionView
from coaching.errors import CannotDelete
from coaching.own_data.deletion_mutations import delete_account
from coaching.own_data.deletion_queries import what_goes

# More would not be read; the rest is counted.
MOST_LISTED = 20
GONE = (
    "Your account is deleted. What was to come is cancelled, and money that is owed to you goes back the way it was "
    "paid. Thank you for having been here."
)
NOBODY = "Nobody is signed in here any more. If you have deleted your account just now, it is gone."


@blueprint.get("/settings/deletion")
@login_required
def deletion() -> Response:
    """What goes with the account, what stays and why, and the form; or what stands in the way."""
    # Asked here as well: who has read all of it and typed the word is not sent away again.
    return ask_to_confirm() or show_deletion(DeletionForm(formdata=None))


@blueprint.post("/settings/deletion")
def delete() -> Response:
    """The account is gone, and this browser is nobody's. What was shown has to be true still."""
    if current_person() is None:
        # Pressed twice, or in two windows: nothing waits to be gone on with.
        flash(NOBODY, "info")
        return redirect(url_for("accounts.sign_in"), 303)
    if detour := ask_to_confirm():
        return detour
    form = DeletionForm()
    if not form.validate():
        return show_deletion(form, 422)
    try:
        delete_account(signed_in().person, form.mark.data, both_clocks(), sends_mail=sends_mail())
    except CannotDelete as error:
        return show_deletion(DeletionForm(formdata=None), 409, error.sentence)
    for wake in ("wake_payments", "wake_rooms", "wake_notices", "wake_lists"):
        current_app.extensions[wake]()
    sign_out()
    flash(GONE, "good")
    return redirect(url_for("landing.show"), 303)


def show_deletion(form: DeletionForm, status: int = 200, problem: str | None = None) -> Response:
    going = what_goes(signed_in().person, now())
    form.mark.data = going.mark
    return render(
        "accounts/deletion.html",
        status=status,
        form=form,
        going=going,
        problem=problem,
        coming=[(view, in_short(view)) for view in going.coming[:MOST_LISTED]],
        more=max(len(going.coming) - MOST_LISTED, 0),
        zone=page_zone("UTC"),
    )


def in_short(view: SessionView) -> str:
    """What calling the session off now means for its money, in a sentence."""
    sentences = policy_of(view, now())
    # Of what is agreed on, the first one says until when it can be cancelled at all.
    return " ".join(sentences) if view.coaching_session.held_until else sentences[1]
