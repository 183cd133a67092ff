"""Partners are made, edited, switched off and on, and given a new link to their own page."""

from flask import Response, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints.parking import take_parked
from blueprints.partners.blueprint import blueprint
from blueprints.partners.forms import PartnerForm
from blueprints.partners.links import remember
from blueprints.signed_in import signed_in
from blueprints.web import now, render
from coaching.catalog.models import Store
from coaching.catalog.queries import get_own_store
from coaching.errors import LimitReached, PartnerCodeTaken
from coaching.pricing import partner_mutations as mutations
from coaching.pricing.models import Partner
from coaching.pricing.partner_queries import get_partner


@blueprint.get("/store/<store>/partners/new")
@login_required
def new(store: str) -> Response:
    """The form that makes a partner."""
    return show_form(get_own_store(signed_in().person, store), PartnerForm(take_parked()))


@blueprint.post("/store/<store>/partners/new")
@login_required
def make(store: str) -> AnyResponse:
    """The store has one more partner."""
    own, form = get_own_store(signed_in().person, store), PartnerForm()
    if not form.validate():
        return show_form(own, form, status=422)
    try:
        partner, token = mutations.make_partner(own, form.details(), form.form_key.data, now())
    except PartnerCodeTaken as error:
        form.code.errors = [error.sentence]
        return show_form(own, form, status=422)
    except LimitReached as error:
        form.form_errors = [error.sentence]
        return show_form(own, form, status=409)
    if token:
        remember(partner, token)
    return redirect(url_for(".show", store=own.slug, partner_id=partner.id), 303)


@blueprint.get("/store/<store>/partners/<int:partner_id>/settings")
@login_required
def edit(store: str, partner_id: int) -> Response:
    """Name, code and share of a partner."""
    partner = own_partner(store, partner_id)
    return show_form(partner.store, PartnerForm(take_parked(), obj=partner), partner)


@blueprint.post("/store/<store>/partners/<int:partner_id>/settings")
@login_required
def save(store: str, partner_id: int) -> AnyResponse:
    """They are these from now on."""
    partner, form = own_partner(store, partner_id), PartnerForm()
    if not form.validate():
        return show_form(partner.store, form, partner, 422)
    try:
        mutations.save_partner(partner, form.details())
    except PartnerCodeTaken as error:
        form.code.errors = [error.sentence]
        return show_form(partner.store, form, partner, 422)
    return back_to(partner)


@blueprint.post("/store/<store>/partners/<int:partner_id>/state")
@login_required
def switch(store: str, partner_id: int) -> AnyResponse:
    """The partner's links count, or they do not; what was booked stays theirs."""
    partner, is_active = own_partner(store, partner_id), request.form.get("is_active") == "y"
    try:
        mutations.switch_partner(partner, is_active)
    except LimitReached as error:
        flash(error.sentence, "warn")
    return back_to(partner)


@blueprint.post("/store/<store>/partners/<int:partner_id>/link")
@login_required
def replace_link(store: str, partner_id: int) -> AnyResponse:
    """There is a new link to the partner's own page, and the one before leads nowhere."""
    partner = own_partner(store, partner_id)
    remember(partner, mutations.replace_link(partner))
    flash("This is the new link to their page. The one before leads nowhere any more.", "good")
    return back_to(partner)


def show_form(store: Store, form: PartnerForm, partner: Partner | None = None, status: int = 200) -> Response:
    """The form of a new partner, or of this one."""
    return render("partners/edit.html", status=status, store=store, form=form, partner=partner)


def own_partner(store: str, partner_id: int) -> Partner:
    """The partner of a store of the signed-in person's, or NotFound."""
    return get_partner(get_own_store(signed_in().person, store), partner_id)


def back_to(partner: Partner) -> AnyResponse:
    """To the partner's report."""
    return redirect(url_for("partners.show", store=partner.store.slug, partner_id=partner.id), 303)
