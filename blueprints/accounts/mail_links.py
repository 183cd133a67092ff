"""Links that came by mail: verifying an address, choosing a new password. GET shows, only the button acts."""

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

import clock
from blueprints import saved_forms
from blueprints.accounts.blueprint import blueprint
from blueprints.accounts.devices import remember_device
from blueprints.accounts.forms import ForgottenForm, NewPasswordForm
from blueprints.accounts.login import ask_to_sign_in, refuse_barred, sign_out, this_visit
from blueprints.accounts.next_pages import NEXT, remember_next
from blueprints.accounts.own_links import reset_link
from blueprints.accounts.settings import names_of
from blueprints.afterwards import do_after
from blueprints.rate_limits import come_back
from blueprints.signed_in import current_person, signed_in
from blueprints.web import render
from coaching.accounts import mail_link_mutations as mutations
from coaching.accounts.queries import find_mail_link, refuse_suspended
from coaching.errors import AddressTaken, ComeBackLater, LinkExpired


@blueprint.get("/forgotten-password")
def forgotten() -> Response:
    """Ask for the address a reset link goes to."""
    return show_forgotten(ForgottenForm(formdata=None))


@blueprint.post("/forgotten-password")
def send_reset() -> Response:
    """The same answer for every address: only its mailbox learns whether there is an account."""
    form = ForgottenForm()
    if not form.validate():
        return show_forgotten(form, 422)
    email, now, visit = form.email.data, clock.machine_now(), this_visit()
    try:
        mutations.take_links(email, now, visit, current_person())
    except ComeBackLater as error:
        form.email.errors = [error.sentence]
        return come_back(show_forgotten(form), error)

    def send() -> None:
        mutations.mail_reset_link(email, reset_link, now, visit)
        current_app.extensions["wake_notices"]()

    remember_next()
    return do_after(render("accounts/reset_sent.html", email=email, **way_on()), send)


@blueprint.get("/reset-password/<token>")
def reset(token: str) -> Response:
    """Choose a new password, as long as the link holds."""
    link = find_mail_link(token, "reset", clock.machine_now())
    if link is None:
        return link_is_over()
    refuse_suspended(link.person)
    return render("accounts/reset.html", form=NewPasswordForm(formdata=None), token=token)


@blueprint.post("/reset-password/<token>")
def choose_password(token: str) -> Response:
    """The new password holds, every sign-in has ended, and nobody is signed in by it. What was typed still waits."""
    link = find_mail_link(token, "reset", clock.machine_now())
    if link is None:
        return link_is_over()
    refuse_suspended(link.person)
    form = NewPasswordForm(names=(link.email, *names_of(link.person)))
    if not form.validate():
        return render("accounts/reset.html", status=422, form=form, token=token)
    try:
        mutations.reset_password(token, form.new_password.data, clock.machine_now(), this_visit())
    except LinkExpired:
        return link_is_over()
    except ComeBackLater as error:
        form.new_password.errors = [error.sentence]
        return come_back(render("accounts/reset.html", form=form, token=token), error)
    # Their mailbox has shown who is here: nobody else's wrong passwords keep them from signing in now.
    remember_device(link.person)
    current_app.extensions["wake_notices"]()
    sign_out(saved_forms.KEY, NEXT)
    flash("Your new password holds, and every sign-in has ended. Sign in with it now.", "good")
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.get("/verify-email/<token>")
def verify(token: str) -> Response:
    """A button, since programs that read mail follow links; and only for the person the link was made for."""
    if current_person() is None:
        return ask_to_sign_in()
    link = find_mail_link(token, "verify", clock.machine_now())
    if link is None or link.person != current_person():
        return link_is_over("verify")
    return render("accounts/verify.html", email=link.email, token=token)


@blueprint.post("/verify-email/<token>")
@login_required
def confirm_address(token: str) -> Response:
    """The address is the person's, and they have shown it."""
    link = find_mail_link(token, "verify", clock.machine_now())
    try:
        mutations.verify_address(signed_in().person, token, clock.machine_now())
    except LinkExpired:
        return link_is_over("verify")
    except AddressTaken:
        saved_forms.save_form(url_for("accounts.other_account"), MultiDict({"email": link.email if link else ""}))
        flash("Meanwhile another account has this address. If it is yours, too, the two can be merged.", "warn")
        return redirect(url_for("accounts.other_account"), 303)
    current_app.extensions["wake_notices"]()
    refuse_barred(signed_in().person)
    flash("Your e-mail address is confirmed.", "good")
    return redirect(saved_forms.waiting_address() or url_for("accounts.settings"), 303)


def show_forgotten(form: ForgottenForm, status: int = 200) -> Response:
    return render("accounts/forgotten.html", status=status, form=form, **way_on())


def way_on() -> dict[str, Any]:
    """What leads back to signing in for the same page of the same store."""
    return {"next": request.args.get("next"), "store": request.args.get("store")}


def link_is_over(purpose: str = "reset") -> Response:
    return render("accounts/link_over.html", status=410, purpose=purpose)
