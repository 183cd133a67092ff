"""A student whom a call refuses, since they did not come to earlier ones, writes to its coach."""

from flask import Response, current_app, flash, redirect, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web, zones
from blueprints.accounts.login import this_visit
from blueprints.rate_limits import come_back
from blueprints.same_origin import origin_of
from blueprints.saved_forms import take_saved
from blueprints.signed_in import signed_in
from blueprints.students.blueprint import blueprint
from blueprints.students.forms import MessageForm
from coaching.accounts.limit_mutations import take
from coaching.booking.absence_queries import find_absence
from coaching.catalog.models import Product
from coaching.catalog.queries import get_once_published_product
from coaching.errors import AbsentTooOften, ComeBackLater
from coaching.rate_limits.limits import WORDS_TO_COACH, Use
from coaching.students.asking_mutations import write_to_coach


@blueprint.get("/s/<store>/<product>/message")
@login_required
def ask(store: str, product: str) -> AnyResponse:
    """The form; whoever can book by themselves is led to the call."""
    wanted = get_once_published_product(store, product)
    refusal = refusal_of(wanted)
    return show_form(wanted, refusal, MessageForm(take_saved())) if refusal else to_product(wanted)


@blueprint.post("/s/<store>/<product>/message")
@login_required
def send(store: str, product: str) -> AnyResponse:
    """The message goes to the coach."""
    wanted, student, form = get_once_published_product(store, product), signed_in().person, MessageForm()
    refusal = refusal_of(wanted)
    if refusal is None:
        return to_product(wanted)
    if not form.validate():
        return show_form(wanted, refusal, form, 422)
    page = url_for("students.show", student_id=student.id)
    address = f"{origin_of(current_app.config['APP_URL'])}{page}"
    try:
        take(
            [Use(WORDS_TO_COACH, f"{student.id}:{wanted.store.owner_id}")],
            web.both_clocks().machine,
            student,
            this_visit(),
        )
    except ComeBackLater as error:
        form.message.errors = [error.sentence]
        return come_back(show_form(wanted, refusal, form, 429), error)
    write_to_coach(wanted, student, form.message.data, form.form_key.data, address, web.now())
    current_app.extensions["wake_notices"]()
    flash(f"Your message goes to {wanted.store.owner.name}. They can keep a time for you, of which you hear.", "good")
    return to_product(wanted)


def refusal_of(product: Product) -> AbsentTooOften | None:
    """Why the signed-in person cannot book the call by themselves; None where they were not absent that often."""
    return find_absence(product, signed_in().person, web.now())


def show_form(product: Product, refusal: AbsentTooOften, form: MessageForm, status: int = 200) -> Response:
    """The page of a message to the coach."""
    return web.render(
        "students/ask.html",
        status=status,
        product=product,
        store=product.store,
        refusal=refusal,
        form=form,
        zone=zones.page_zone(product.store.zone),
    )


def to_product(product: Product) -> AnyResponse:
    """To the page of the call."""
    return redirect(url_for("storefront.product", store=product.store.slug, product=product.slug), 303)
