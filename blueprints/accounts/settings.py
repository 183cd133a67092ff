"""The settings page: name and zone, e-mail, password, Discord, sign-ins."""

from typing import Any

from flask import current_app, flash, redirect, url_for
from flask_login import login_required
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

import clock
from blueprints.accounts.blueprint import blueprint
from blueprints.accounts.cards import discord_card
from blueprints.accounts.forms import ChangePasswordForm, NewAddressForm, ProfileForm
from blueprints.accounts.login import ask_to_confirm, fresh_sign_in_required, this_visit
from blueprints.accounts.own_data import data_context
from blueprints.accounts.own_links import not_sent, verify_link
from blueprints.accounts.reach import reach_view
from blueprints.rate_limits import come_back
from blueprints.saved_forms import save_form, take_saved, with_field
from blueprints.signed_in import signed_in
from blueprints.web import render, sends_mail
from coaching.accounts import mail_link_mutations, mutations
from coaching.accounts.addresses import find_address
from coaching.accounts.factor_queries import has_factor
from coaching.accounts.models import Person
from coaching.accounts.queries import find_discord_link, find_waiting_address, sign_ins_of
from coaching.catalog.queries import stores_of
from coaching.errors import AddressTaken, ComeBackLater, WrongCredentials
from coaching.notices.kinds import MessageKind
from coaching.notices.queries import last_of_kind


@blueprint.get("/settings")
@login_required
def settings() -> Response:
    """Everything about one's own account."""
    return show(take_saved())


@blueprint.post("/settings/profile")
@login_required
def save_profile() -> Response:
    person = signed_in().person
    form = ProfileForm(data={"clock": person.clock})
    if not form.validate():
        return show(status=422, profile=form)
    mutations.save_profile(person, form.name.data, form.zone.data or person.zone, form.clock.data)
    flash("Saved.", "good")
    return redirect(url_for("accounts.settings"), 303)


@blueprint.post("/settings/email")
@fresh_sign_in_required
def change_address() -> Response:
    """A link goes to the new address; it becomes the account's once that link is confirmed."""
    form = NewAddressForm()
    if not form.validate():
        return show(status=422, address=form)
    try:
        mail_link_mutations.send_verify_link(
            signed_in().person, form.email.valid_address, verify_link, clock.machine_now(), this_visit()
        )
    except AddressTaken:
        return show_taken(form)
    except ComeBackLater as error:
        form.email.errors = [error.sentence]
        return come_back(show(address=form), error)
    current_app.extensions["wake_notices"]()
    if sends_mail():
        flash(f"We sent a link to {form.email.data}. Open it in this browser to confirm the address.", "good")
    else:
        flash(not_sent(form.email.data), "info")
    return redirect(url_for("accounts.settings") + "#address", 303)


@blueprint.post("/settings/verification")
@login_required
def send_verification() -> Response:
    """Send the link once more to the address that still waits for it."""
    person = signed_in().person
    now = clock.machine_now()
    # An address that refuses mail is mended by verifying it again.
    is_verified = person.email_verified_at is not None and not reach_view(person).refuses_mail
    unverified = None if is_verified else person.email
    address = find_address(find_waiting_address(person, now) or unverified or "")
    if address:
        form = NewAddressForm(MultiDict({"email": address.text}))
        try:
            mail_link_mutations.send_verify_link(person, address, verify_link, now, this_visit())
        except AddressTaken:
            return show_taken(form)
        except ComeBackLater as error:
            form.email.errors = [f"{error.sentence} You can also put another address in."]
            return come_back(show(address=form), error)
        current_app.extensions["wake_notices"]()
        if sends_mail():
            flash(f"We sent a new link to {address.text}. Earlier ones do not work any more.", "good")
        else:
            flash(f"{not_sent(address.text)} Earlier ones do not work any more.", "info")
    return redirect(url_for("accounts.settings") + "#address", 303)


@blueprint.post("/settings/password")
@login_required
def change_password() -> Response:
    """A new password, for whoever knows the present one; every other sign-in ends."""
    here = signed_in()
    form = password_form(here.person)
    if (here.person.password_hash is None or has_factor(here.person)) and (detour := ask_to_confirm()):
        return detour
    if not form.validate():
        return show(status=422, password=form)
    now = clock.machine_now()
    try:
        if here.person.password_hash:
            mutations.verify_by_password(here.sign_in, form.current_password.data, now, this_visit())
    except WrongCredentials:
        form.current_password.errors = ["This is not your present password."]
        return show(status=422, password=form)
    except ComeBackLater as error:
        form.current_password.errors = [error.sentence]
        return come_back(show(password=form), error)
    try:
        mutations.change_password(here.person, form.new_password.data, here.sign_in, now, this_visit())
    except ComeBackLater as error:
        form.new_password.errors = [error.sentence]
        return come_back(show(password=form), error)
    current_app.extensions["wake_notices"]()
    flash("Your new password holds. Every other sign-in has ended.", "good")
    return redirect(url_for("accounts.settings") + "#password", 303)


@blueprint.post("/settings/sign-ins/<int(max=2147483647):number>/ending")
@login_required
def end_sign_in(number: int) -> Response:
    """One of the person's other browsers is signed out."""
    mutations.end_sign_in(signed_in().person, number)
    flash("That sign-in has ended.", "good")
    return redirect(url_for("accounts.settings") + "#sign-ins", 303)


@blueprint.post("/settings/sign-ins/ending")
@login_required
def end_other_sign_ins() -> Response:
    """Every other browser of the person's is signed out."""
    here = signed_in()
    mutations.end_all_sign_ins(here.person, keep=here.sign_in)
    flash("Every other sign-in has ended.", "good")
    return redirect(url_for("accounts.settings") + "#sign-ins", 303)


def show_taken(form: NewAddressForm) -> Response:
    """The address is another account's. If that is the same person's, the two can be merged."""
    save_form(url_for("accounts.other_account"), MultiDict({"email": form.email.data}))
    form.email.errors = ["Another account has this address."]
    return show(status=422, address=form, is_taken=True)


def show(saved: MultiDict[str, str] | None = None, status: int = 200, **sent: Any) -> Response:
    """The page; a form in `sent` shows what was typed and what is wrong with it."""
    here, now = signed_in(), clock.machine_now()
    person = here.person
    waiting_address = find_waiting_address(person, now)
    known = {"name": person.name, "zone": person.zone, "clock": person.clock}
    return render(
        "accounts/settings.html",
        status=status,
        profile=sent.get("profile") or ProfileForm(formdata=with_field(saved, "name"), **known),
        address=sent.get("address") or NewAddressForm(formdata=with_field(saved, "email")),
        password=sent.get("password") or password_form(person, is_blank=True),
        is_taken=sent.get("is_taken", False),
        waiting_address=waiting_address,
        link_mail=last_of_kind(MessageKind.VERIFY, waiting_address) if waiting_address else None,
        link=find_discord_link(person),
        card=discord_card(person, None, url_for("accounts.settings")),
        has_factor=has_factor(person),
        reach=reach_view(person),
        sign_ins=sign_ins_of(person, now),
        **data_context(person),
        this_sign_in=here.sign_in,
    )


def password_form(person: Person, is_blank: bool = False) -> ChangePasswordForm:
    """The form for a new password; where there is no present one, it is not asked for."""
    names = names_of(person)
    form = ChangePasswordForm(formdata=None, names=names) if is_blank else ChangePasswordForm(names=names)
    if person.password_hash is None:
        del form.current_password
    return form


def names_of(person: Person) -> list[str]:
    """What everybody would try as this person's password."""
    return [person.name, person.email or "", *(store.name for store in stores_of(person))]
