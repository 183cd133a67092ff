"""The second step of signing in: between the password, or Discord, and the code. Until then nobody is signed in.

Half a sign-in is a row of its own, and a token in the cookie beside what the visitor has there. So the visitor stays
one: what they type in another tab waits for whoever signs in, as it does before the first step.
"""

from dataclasses import dataclass

from flask import current_app, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

import clock
from blueprints.accounts.blueprint import blueprint
from blueprints.accounts.factor_pages import show_it_is_set_up, show_recovery_codes, show_set_up
from blueprints.accounts.forms import CodeForm, NewFactorForm
from blueprints.accounts.login import HALF, admins_need_factor, forget_half, sign_in, this_visit
from blueprints.accounts.next_pages import NEXT, next_address, requested_next, waiting_page
from blueprints.accounts.suspended_data import offer_data
from blueprints.signed_in import current_person
from blueprints.web import render, safe_next
from coaching.accounts import factor_mutations as mutations
from coaching.accounts.event_mutations import note
from coaching.accounts.factor_queries import find_any_half, find_half, find_new_secret, has_factor
from coaching.accounts.models import HalfSignIn, Person
from coaching.accounts.queries import find_discord_link
from coaching.accounts.tokens import digest
from coaching.errors import AccountSuspended, ChangedMeanwhile, CodeRefused

RUN_OUT = "That took too long, or something changed meanwhile. Sign in once more."


@dataclass(frozen=True)
class Half:
    """Who is half signed in here, and the token of it."""

    token: str
    row: HalfSignIn

    @property
    def person(self) -> Person:
        return self.row.person

    @property
    def mark(self) -> str:
        """By which a page says whose code it asks for, and for which half: another tab may have begun anew."""
        return f"{self.person.id}.{digest(self.token)[:16]}"


def sign_in_or_ask(person: Person, way: str, back: str, zone: str | None) -> Response | None:
    """None when the person is signed in now; else the page that asks for their second factor, or sets one up.

    `way` is what they have given: `password` or `discord`. `back` is the page they were told to go on to. Whoever is
    suspended reads why.
    """
    if person.suspended_at:
        note("suspended account refused", clock.machine_now(), person)
        if way == "discord":
            offer_data(person)
        raise AccountSuspended(person.suspended_why)
    if not has_factor(person) and not (person.is_admin and admins_need_factor()):
        sign_in(person, zone)
        return None
    # An address with a token in it stays in the cookie, where it is looked for afterwards.
    back = "" if back == session.get(NEXT) else back
    session[HALF] = mutations.start_half(person, way, back, zone, clock.machine_now(), replaces=session.get(HALF))
    return redirect(way_on(person), 303)


@blueprint.get("/sign-in/code")
def code() -> Response:
    """Ask for the code."""
    half = half_here()
    if half is None:
        return ask_from_the_start()
    return show_code(half, CodeForm(formdata=None)) if has_factor(half.person) else redirect(way_on(half.person), 303)


@blueprint.post("/sign-in/code")
def send_code() -> Response:
    """The code fits: this browser is signed in, and goes on to where it was going."""
    half, form = half_here(), CodeForm()
    if half is None:
        return ask_from_the_start()
    if detour := refuse_other_tab(half):
        return detour
    if not form.validate():
        return show_code(half, form, 422)
    try:
        mutations.use_code(half.person, half.token, form.typed, clock.machine_now(), this_visit())
    except CodeRefused as refusal:
        form.used.errors = [refusal.sentence]
        return show_code(half, form, 422)
    current_app.extensions["wake_notices"]()
    return redirect(complete(half), 303)


@blueprint.get("/sign-in/second-factor")
def first_factor() -> Response:
    """An admin without a second factor sets one up before anything else."""
    half = half_here()
    if half is None:
        return ask_from_the_start()
    return show_first(half, NewFactorForm(formdata=None))


@blueprint.post("/sign-in/second-factor")
def set_up_first_factor() -> Response:
    """The second factor is set up, and this browser signed in; the recovery codes are shown, once."""
    half, form = half_here(), NewFactorForm()
    if half is None:
        person = current_person()
        return show_it_is_set_up() if person and has_factor(person) else ask_from_the_start()
    if detour := refuse_other_tab(half):
        return detour
    if not form.validate():
        return show_first(half, form, 422)
    try:
        codes = mutations.set_up_factor(
            half.person, half.token, form.factor_code.data, clock.machine_now(), this_visit()
        )
    except CodeRefused as refusal:
        form.factor_code.errors = [refusal.sentence]
        return show_first(half, form, 422)
    except ChangedMeanwhile:
        return ask_from_the_start()
    current_app.extensions["wake_notices"]()
    return show_recovery_codes(codes, complete(half), is_new=True)


def half_here() -> Half | None:
    """Whoever is half signed in in this browser."""
    token = session.get(HALF)
    row = find_half(token, clock.machine_now()) if token else None
    return Half(token, row) if token and row else None


def refuse_other_tab(half: Half) -> Response | None:
    """The page for whoever is half signed in now, where the form was drawn for somebody else; else None.

    A code of the same person is as good, whichever tab asked for it.
    """
    if request.form.get("mark", half.mark).partition(".")[0] == half.mark.partition(".")[0]:
        return None
    flash("Another tab has begun to sign somebody else in since. Nothing was done.", "warn")
    return redirect(way_on(half.person), 303)


def complete(half: Half) -> str:
    """This browser is signed in; where it goes on comes back."""
    next_page = half.row.back or requested_next()
    sign_in(half.person, half.row.zone, with_factor=True)
    return next_page or waiting_page()


def ask_from_the_start() -> Response:
    """Whoever is signed in by now, in another tab, goes on; others are asked for the first step again."""
    back = next_address()
    if current_person():
        return redirect(back, 303)
    if HALF in session:
        ended = find_any_half(session[HALF])
        back = ended.back if ended and ended.back else back
        forget_half()
        # Whether something is kept is said by the page that this leads to.
        flash(RUN_OUT, "warn")
    return redirect(url_for("accounts.sign_in", next=safe_next(back)), 303)


def way_on(person: Person) -> str:
    return url_for("accounts.code" if has_factor(person) else "accounts.first_factor")


def show_code(half: Half, form: CodeForm, status: int = 200) -> Response:
    return render("accounts/code.html", status=status, form=form, mark=half.mark, name=name_of(half))


def show_first(half: Half, form: NewFactorForm, status: int = 200) -> Response:
    secret = find_new_secret(half.token, half.person, clock.machine_now())
    if has_factor(half.person) or secret is None:
        return redirect(url_for("accounts.code"), 303) if has_factor(half.person) else ask_from_the_start()
    return show_set_up(half.person, secret, form, status, mark=half.mark, name=name_of(half))


def name_of(half: Half) -> str:
    """Who is signing in, by what they have shown: their address, or their Discord account."""
    link = find_discord_link(half.person)
    return link.username if half.row.way == "discord" and link else half.person.email or half.person.name
