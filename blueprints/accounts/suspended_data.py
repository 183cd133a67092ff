"""A suspended person gets a copy of their data: by a link to their confirmed address, or from Discord. Nothing else."""

from flask import Response, current_app, redirect, session, url_for
from werkzeug.wrappers import Response as AnyResponse

import clock
from blueprints.accounts.blueprint import blueprint
from blueprints.accounts.forms import CodeForm, ForgottenForm
from blueprints.accounts.login import this_visit
from blueprints.accounts.mail_links import link_is_over
from blueprints.accounts.own_data import DataPages, data_context, file_of, put_together
from blueprints.accounts.own_links import data_link
from blueprints.afterwards import do_after
from blueprints.rate_limits import come_back
from blueprints.signed_in import current_person
from blueprints.web import render
from coaching.accounts.data_link_mutations import mail_data_link, make_data_link, open_data_link
from coaching.accounts.data_link_queries import OPENED, SENT, find_data_link
from coaching.accounts.factor_mutations import use_code
from coaching.accounts.factor_queries import has_factor
from coaching.accounts.mail_link_mutations import take_links
from coaching.accounts.models import Person
from coaching.errors import CodeRefused, ComeBackLater, LinkExpired

# In the cookie: the token of the link that was opened in this browser, or with which Discord has led here.
KEY = "own_data"
PAGES = DataPages("accounts.suspended_data", "accounts.ask_for_suspended_data", "accounts.download_suspended_data")


def offer_data(person: Person) -> None:
    """Whoever has just come from Discord, and whom no mail reaches, gets their data in this browser."""
    if person.email_verified_at is None:
        session[KEY] = make_data_link(person, clock.machine_now())


@blueprint.get("/suspended/data")
def suspended_data() -> AnyResponse:
    """How their file stands, for whoever has opened a link here; others are asked where one is to go."""
    if person := person_here():
        return show_data(person)
    token = session.get(KEY, "")
    if find_data_link(token, SENT, clock.machine_now()):
        return show_link(token, CodeForm(formdata=None))
    return show_question(ForgottenForm(formdata=None))


@blueprint.post("/suspended/data/link")
def send_data_link() -> Response:
    """The same answer for every address: only its mailbox learns whether there is a suspended account."""
    form = ForgottenForm()
    if not form.validate():
        return show_question(form, 422)
    email, now, visit = form.email.data, clock.machine_now(), this_visit()
    try:
        take_links(email, now, visit, current_person())
    except ComeBackLater as error:
        form.email.errors = [error.sentence]
        return come_back(show_question(form), error)

    def send() -> None:
        mail_data_link(email, data_link, now, visit)
        current_app.extensions["wake_notices"]()

    return do_after(render("accounts/data_link_sent.html", email=email), send)


@blueprint.get("/suspended/data/link/<token>")
def show_data_link(token: str) -> AnyResponse:
    """A button, since programs that read mail follow links."""
    return show_link(token, CodeForm(formdata=None))


@blueprint.post("/suspended/data/link/<token>")
def use_data_link(token: str) -> AnyResponse:
    """The link is spent, and the file is made; with a second factor only for whoever gives a code of it."""
    now, form = clock.machine_now(), CodeForm()
    link = find_data_link(token, SENT, now)
    if link is None:
        return link_is_over("data")
    if has_factor(link.person):
        if not form.validate():
            return show_link(token, form, 422)
        try:
            use_code(link.person, token, form.typed, now, this_visit())
        except CodeRefused as refusal:
            form.used.errors = [refusal.sentence]
            return show_link(token, form, 422)
    try:
        session[KEY] = open_data_link(token, now)
    except LinkExpired:
        return link_is_over("data")
    put_together(link.person)
    return redirect(url_for(".suspended_data"), 303)


@blueprint.post("/suspended/data")
def ask_for_suspended_data() -> AnyResponse:
    """One file is made, however often it is asked for."""
    person = person_here()
    if person is None:
        return link_is_over("data")
    put_together(person)
    return redirect(url_for(".suspended_data"), 303)


@blueprint.get("/suspended/data/file")
def download_suspended_data() -> AnyResponse:
    """The file itself; 410 where there is none, or none any more."""
    person = person_here()
    if person is None:
        return link_is_over("data")
    return file_of(person) or show_data(person, 410)


def person_here() -> Person | None:
    """The suspended person whose link was opened in this browser. To every other page they are nobody."""
    link = find_data_link(session.get(KEY, ""), OPENED, clock.machine_now())
    return link.person if link else None


def show_data(person: Person, status: int = 200) -> Response:
    context = data_context(person, PAGES)
    return render("accounts/suspended_data.html", "accounts/_own_data.html", status, **context, is_over=status == 410)


def show_question(form: ForgottenForm, status: int = 200) -> Response:
    return render("accounts/data_link_asked.html", status=status, form=form)


def show_link(token: str, form: CodeForm, status: int = 200) -> AnyResponse:
    link = find_data_link(token, SENT, clock.machine_now())
    if link is None:
        return link_is_over("data")
    needs_code = has_factor(link.person)
    return render("accounts/data_link.html", status=status, form=form, token=token, needs_code=needs_code)
