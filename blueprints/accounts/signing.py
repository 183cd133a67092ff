"""Signing up, in and out."""

from typing import Any

from flask import current_app, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

import clock
from blueprints import parking, zones
from blueprints.accounts.blueprint import blueprint
from blueprints.accounts.forms import SignInForm, SignUpForm
from blueprints.accounts.guilds import destination_of, find_store
from blueprints.accounts.login import next_address, this_visit
from blueprints.accounts.login import sign_in as begin
from blueprints.accounts.login import sign_out as end
from blueprints.accounts.own_links import verify_link
from blueprints.web import current_person, render
from coaching.accounts import mutations
from coaching.accounts.details import SignUpDetails
from coaching.accounts.mail_link_mutations import TOO_MANY_MAILS
from coaching.accounts.models import Person
from coaching.accounts.queries import find_waiting_address
from coaching.errors import AddressTaken, WrongCredentials


@blueprint.get("/sign-in")
def sign_in() -> Response:
    """The sign-in page; whoever is signed in goes on."""
    if current_person():
        return redirect(next_address(), 303)
    return show_sign_in(SignInForm(formdata=None))


@blueprint.post("/sign-in")
def enter() -> Response:
    """Sign in by address and password."""
    form = SignInForm()
    if not form.validate():
        return show_sign_in(form, 422)
    try:
        person = mutations.check_password(form.email.data, form.password.data, clock.machine_now(), this_visit())
    except WrongCredentials as error:
        form.password.errors = [error.sentence]
        return show_sign_in(form, 422)
    return go_on_as(person)


@blueprint.get("/sign-up")
def sign_up() -> Response:
    """The sign-up page; whoever is signed in goes on."""
    if current_person():
        return redirect(next_address(), 303)
    return show_sign_up(SignUpForm(formdata=None))


@blueprint.post("/sign-up")
def create_account() -> Response:
    """Make an account and sign in to it at once; the address is verified by mail."""
    store = find_store(request.args.get("store"))
    form = SignUpForm(names=[store.name] if store else [])
    if not form.validate():
        return show_sign_up(form, 422)
    details = form.details(zones.known_zone())
    try:
        person = mutations.sign_up(details, verify_link, clock.machine_now(), this_visit())
    except AddressTaken as error:
        known = whose(details)
        if known is None:
            form.email.errors = [error.sentence]
            return show_sign_up(form, 422)
        person = known
    else:
        current_app.extensions["wake_notices"]()
        answer = go_on_as(person)
        welcome(person)  # after signing in, which forgets what was said to the visitor
        return answer
    return go_on_as(person)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """Sign this browser out and let it forget what it keeps of us."""
    end()
    answer = make_response(redirect(url_for("landing"), 303))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@blueprint.post("/kept-forms")
def keep_form() -> Response:
    """Park the form this button stands in, and go on to sign-in or sign-up."""
    back = next_address()
    parking.park(back, request.form)
    way = "accounts.sign_up" if request.args.get("way") == "sign-up" else "accounts.sign_in"
    return redirect(url_for(way, next=back, store=request.args.get("store")), 303)


def welcome(person: Person) -> None:
    """Say where the link went. To a mailbox that was sent too many there goes none."""
    if find_waiting_address(person, clock.machine_now()):
        flash(f"Welcome, {person.name}. We sent a link to {person.email}: with it you confirm your address.", "good")
    else:
        flash(f"Welcome, {person.name}. {person.email} is not confirmed yet. {TOO_MANY_MAILS}", "warn")


def whose(details: SignUpDetails) -> Person | None:
    """The account with this address, if the password fits too: then somebody pressed “Sign up” twice."""
    try:
        return mutations.check_password(details.address.text, details.password, clock.machine_now(), this_visit())
    except WrongCredentials:
        return None


def show_sign_in(form: SignInForm, status: int = 200) -> Response:
    return render("accounts/sign_in.html", status=status, form=form, **way_on())


def show_sign_up(form: SignUpForm, status: int = 200) -> Response:
    return render("accounts/sign_up.html", status=status, form=form, **way_on())


def way_on() -> dict[str, Any]:
    """What both pages hand on: where to go afterwards, the store somebody comes from, and its server."""
    store = find_store(request.args.get("store"))
    return {
        "next": request.args.get("next"),
        "store": store.slug if store else None,
        "guild_name": destination_of(store).name,
        "is_kept": parking.is_parked(next_address()),
    }


def go_on_as(person: Person) -> Response:
    """Sign in and go to where the person was going."""
    address = next_address()
    begin(person)
    return redirect(address, 303)
