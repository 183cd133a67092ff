"""Signing up, in and out."""

from typing import Any

from flask import current_app, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

import clock
from blueprints import saved_forms, zones
from blueprints.accounts.blueprint import blueprint
from blueprints.accounts.forms import SignInForm, SignUpForm
from blueprints.accounts.guilds import way_to
from blueprints.accounts.login import sign_out as end
from blueprints.accounts.login import this_visit
from blueprints.accounts.next_pages import go_to, next_address, requested_next, waiting_page
from blueprints.accounts.own_links import not_sent, verify_link
from blueprints.accounts.second_step import sign_in_or_ask
from blueprints.accounts.waiting import find_waiting_call
from blueprints.policy import takes_new_people
from blueprints.rate_limits import come_back
from blueprints.signed_in import current_person
from blueprints.web import render, route_of, safe_next, sends_mail
from coaching.accounts import limit_mutations, mutations
from coaching.accounts.details import SignUpDetails
from coaching.accounts.models import Person
from coaching.accounts.queries import find_waiting_address
from coaching.errors import AddressTaken, ComeBackLater, WrongCredentials


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
    except ComeBackLater as error:
        form.password.errors = [error.sentence]
        return come_back(show_sign_in(form), error)
    return go_on_as(person)


@blueprint.get("/sign-up")
def sign_up() -> Response:
    """The sign-up page; whoever is signed in goes on."""
    if current_person():
        return redirect(next_address(), 303)
    if not takes_new_people():
        return show_no_new_people()
    return show_sign_up(SignUpForm(formdata=None))


@blueprint.post("/sign-up")
def create_account() -> Response:
    """Make an account and sign in to it at once; the address is verified by mail."""
    if not takes_new_people():
        return show_no_new_people(403)
    store = way_to(next_address()).store
    form = SignUpForm(names=[store.name] if store else [])
    if not form.validate():
        return show_sign_up(form, 422)
    details = form.details(zones.zone_so_far(next_address()))
    try:
        person = mutations.sign_up(details, verify_link, clock.machine_now(), this_visit())
    except AddressTaken as error:
        return go_on_as_known(form, details, error)
    except ComeBackLater as error:
        form.password.errors = [error.sentence]
        return come_back(show_sign_up(form), error)
    current_app.extensions["wake_notices"]()
    return go_on_as(person, *welcome(person))


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """Sign this browser out and let it forget what it keeps of us; on to another sign-in where that was asked for.

    For that one what waits in this browser goes on waiting: each form is given to nobody but its owner.
    """
    next_page = safe_next(request.args.get("next"), "")
    end(*([saved_forms.KEY] if next_page else []))
    flash("You are signed out.", "good")
    answer = make_response(redirect(url_for(".sign_in", next=next_page) if next_page else url_for("landing.show"), 303))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@blueprint.post("/kept-forms")
def keep_form() -> Response:
    """Park the form this button stands in, and go on to sign-in or sign-up."""
    back = next_address()
    saved_forms.save_form(back, request.form)
    way = "accounts.sign_up" if request.args.get("way") == "sign-up" else "accounts.sign_in"
    return go_to(url_for(way, next=back, store=request.args.get("store")))


def welcome(person: Person) -> tuple[str, str]:
    """Where the link went, and how good that is. To a mailbox that was sent too many there goes none."""
    address = person.email or ""
    if find_waiting_address(person, clock.machine_now()) is None:
        return (
            f"Welcome, {person.name}. {address} is not confirmed yet, and so many links were asked for it already that "
            "none was sent. Look among unwanted mail, or ask for one in your settings later.",
            "warn",
        )
    sent = f"We sent a link to {address}: with it you confirm your address." if sends_mail() else not_sent(address)
    return f"Welcome, {person.name}. {sent}", "good"


def go_on_as_known(form: SignUpForm, details: SignUpDetails, taken: AddressTaken) -> Response:
    """The address is somebody's. If the password fits too, it is theirs: then “Sign up” was pressed twice."""
    try:
        known = mutations.check_password(details.address.text, details.password, clock.machine_now(), this_visit())
    except WrongCredentials:
        form.email.errors = [taken.sentence]
        return show_sign_up(form, 422)
    except ComeBackLater as error:
        form.password.errors = [error.sentence]
        return come_back(show_sign_up(form), error)
    limit_mutations.take_back_taken(this_visit())
    return go_on_as(known)


def show_sign_in(form: SignInForm, status: int = 200) -> Response:
    return render("accounts/sign_in.html", status=status, form=form, **way_on())


def show_sign_up(form: SignUpForm, status: int = 200) -> Response:
    return render("accounts/sign_up.html", status=status, form=form, **way_on())


def show_no_new_people(status: int = 200) -> Response:
    """Says that nobody can sign up here, and what somebody can do who was on their way to a call."""
    return render("accounts/no_sign_up.html", status=status, **way_on())


def way_on() -> dict[str, Any]:
    """What both pages hand on: where to go afterwards, the store somebody is going to, and the server they join.

    The store lends its face, and the call that waits is named.
    """
    address = next_address()
    way = way_to(address)
    return {
        "next": request.args.get("next"),
        "store": way.store,
        "store_slug": way.store.slug if way.store else None,
        "guild_name": way.guild.name if way.guild.may_join else "",
        "is_kept": saved_forms.is_saved(address),
        "waiting": find_waiting_call(address),
        "comes_from_paying": route_of(address)[0] == "pay.after_payment",
    }


def go_on_as(person: Person, message: str | None = None, category: str = "good") -> Response:
    """Sign in and go to where the person was going, else to what they typed; they are welcomed there.

    Who has a second factor goes there by way of it.
    """
    next_page = requested_next()
    way = sign_in_or_ask(
        person, "password", safe_next(request.args.get("next"), ""), zones.zone_so_far(next_page or next_address())
    )
    if way:
        return way
    # Not before: the browser forgets all it kept when somebody signs in, unread messages too.
    if message:
        flash(message, category)
    return redirect(next_page or waiting_page(), 303)
