"""Merging two accounts of one person: showing that the other one is theirs, what moves, and the button."""

from flask import current_app, flash, redirect, url_for
from flask_login import login_required
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

import clock
from blueprints import zones
from blueprints.accounts.blueprint import blueprint
from blueprints.accounts.forms import MergingForm, OtherAccountForm
from blueprints.accounts.login import fresh_sign_in_required, this_visit
from blueprints.accounts.mail_links import link_is_over
from blueprints.accounts.oauth import Arrival, Trip
from blueprints.accounts.own_links import claim_link as link_to_claim
from blueprints.accounts.own_links import reset_link
from blueprints.afterwards import do_after
from blueprints.rate_limits import come_back
from blueprints.saved_forms import take_saved
from blueprints.signed_in import current_person, signed_in
from blueprints.web import now, render, safe_next
from coaching.accounts import claim_mutations
from coaching.accounts.addresses import find_key
from coaching.accounts.mail_link_mutations import take_links
from coaching.accounts.models import Person
from coaching.accounts.queries import find_claim, find_discord_link, find_link_of_account, find_waiting_claim
from coaching.errors import CannotMerge, ComeBackLater, LinkExpired, NothingToMerge, SameAccount, WrongCredentials
from coaching.merging.mutations import merge_accounts
from coaching.merging.queries import Merger, ways_into, what_moves


@blueprint.get("/settings/merging")
@login_required
def merging() -> Response:
    """What moves when the two accounts become one, or what stands in the way."""
    return show_merging()


@blueprint.post("/settings/merging")
@fresh_sign_in_required
def merge() -> Response:
    """The two accounts are one. What was shown has to be true still."""
    form, merger = MergingForm(), merger_now()
    try:
        back = merge_accounts(signed_in().sign_in, form.mark.data, form.form_key.data, clock.both())
    except (NothingToMerge, CannotMerge) as error:
        return show_merging(error.sentence, 409)
    current_app.extensions["wake_rooms"]()
    current_app.extensions["wake_notices"]()
    # Sent twice, the form finds but one account.
    ways = merger.ways_in if merger else ways_into(Person.get_by_id(signed_in().person.id), now())
    flash(f"The two accounts are one now. You sign in {ways}.", "good")
    return redirect(safe_next(back, url_for("accounts.settings")), 303)


@blueprint.post("/settings/merging/dismissal")
@login_required
def leave_apart() -> Response:
    """Both accounts stay as they are, and nothing waits to be merged any more."""
    claim = find_claim(signed_in().sign_in, clock.machine_now())
    claim_mutations.drop_claim(signed_in().sign_in)
    return redirect(safe_next(claim.back if claim else None, url_for("accounts.settings")), 303)


@blueprint.get("/settings/merging/other-account")
@login_required
def other_account() -> Response:
    """Ask for what shows that another account is the same person's."""
    return show_other_account(OtherAccountForm(formdata=_email_of(take_saved())))


@blueprint.post("/settings/merging/other-account")
@login_required
def claim_other_account() -> Response:
    """Its password was right: see what would move."""
    form = OtherAccountForm()
    if not form.validate():
        return show_other_account(form, 422)
    try:
        claim_mutations.claim_by_password(
            signed_in().sign_in, form.email.data, form.password.data, clock.machine_now(), this_visit()
        )
    except SameAccount as error:
        form.email.errors = [error.sentence]
    except (WrongCredentials, CannotMerge) as error:
        form.password.errors = [error.sentence]
    except ComeBackLater as error:
        form.password.errors = [error.sentence]
        return come_back(show_other_account(form), error)
    else:
        return redirect(url_for("accounts.merging"), 303)
    return show_other_account(form, 422)


@blueprint.post("/settings/merging/link")
@login_required
def send_claim_link() -> Response:
    """The same answer for every address: only its mailbox learns whether there is an account."""
    form = OtherAccountForm()
    if not form.email.validate(form):
        return show_other_account(form, 422)
    if find_key(form.email.data) == signed_in().person.email_key:
        form.email.errors = [SameAccount.sentence]
        return show_other_account(form, 422)
    email, sign_in, now, visit = form.email.data, signed_in().sign_in, clock.machine_now(), this_visit()
    try:
        take_links(email, now, visit, signed_in().person)
    except ComeBackLater as error:
        form.email.errors = [error.sentence]
        return come_back(show_other_account(form), error)

    def send() -> None:
        claim_mutations.send_claim_link(sign_in, email, link_to_claim, reset_link, now, visit)
        current_app.extensions["wake_notices"]()

    return do_after(render("accounts/claim_sent.html", email=email), send)


@blueprint.get("/settings/merging/link/<token>")
def claim_link(token: str) -> Response:
    """A button, and only in the browser that asked for the link: in any other it shows nothing and does nothing."""
    waiting = find_waiting_claim(token, clock.machine_now())
    if waiting is None:
        return link_is_over("claim")
    if current_person() is None or waiting.sign_in != signed_in().sign_in:
        return render("accounts/claim_elsewhere.html", status=403)
    return render("accounts/claim.html", other=waiting.other, token=token)


@blueprint.post("/settings/merging/link/<token>")
def use_claim_link(token: str) -> Response:
    """The mailbox has shown whose the other account is: see what would move."""
    if current_person() is None:
        return claim_link(token)
    try:
        claim_mutations.claim_by_link(signed_in().sign_in, token, clock.machine_now(), this_visit())
    except LinkExpired:
        return claim_link(token)
    except CannotMerge as error:
        flash(error.sentence, "warn")
        return redirect(url_for("accounts.other_account"), 303)
    return redirect(url_for("accounts.merging"), 303)


def offer(trip: Trip, arrived: Arrival) -> Response | None:
    """The way to merging, where Discord has said that this browser's Discord account is another account's here."""
    known = find_link_of_account(arrived.account.user_id)
    if current_person() is None or known is None or known.person == current_person():
        return None
    try:
        claim_mutations.claim_by_discord(signed_in().sign_in, known, trip.next, clock.machine_now(), this_visit())
    except CannotMerge as error:
        flash(error.sentence, "warn")
        return None
    return redirect(url_for("accounts.merging"), 303)


def show_merging(problem: str | None = None, status: int = 200) -> Response:
    claim = find_claim(signed_in().sign_in, clock.machine_now())
    person, merger = signed_in().person, merger_now()
    return render(
        "accounts/merging.html",
        status=status,
        form=MergingForm(formdata=None, mark=merger.mark) if merger else None,
        merger=merger,
        way=claim.way if claim else None,
        problem=problem,
        zone=person.zone or zones.known_zone() or "UTC",
    )


def merger_now() -> Merger | None:
    """What merging would mean as things stand; None when nothing is claimed."""
    claim = find_claim(signed_in().sign_in, clock.machine_now())
    return what_moves(signed_in().person, claim.other, now()) if claim else None


def show_other_account(form: OtherAccountForm, status: int = 200) -> Response:
    return render("accounts/other_account.html", status=status, form=form, link=find_discord_link(signed_in().person))


def _email_of(saved: MultiDict[str, str] | None) -> MultiDict[str, str] | None:
    return MultiDict({"email": saved["email"]}) if saved and saved.get("email") else None
