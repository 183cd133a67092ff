"""Partners are made, edited, switched off and on, and given a new link to their own page."""

from flask import Response, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints.partners.blueprint import blueprint
from blueprints.partners.forms import PartnerForm
from blueprints.partners.links import remember
from blueprints.saved_forms import take_saved
from blueprints.signed_in import signed_in
from blueprints.web import now, render
from coaching.catalog.models import Store
from coaching.catalog.queries import get_own_store
from coaching.catalog.step_queries import mark_of
from coaching.errors import ChangedMeanwhile, LimitReached, PartnerCodeTaken
from coaching.pricing import partner_mutations as mutations
from coaching.pricing.models import Partner
from coaching.pricing.partner_queries import get_partner, kept_partner
from coaching.pricing.partner_rules import PartnerDetails


@blueprint.get("/store/<store>/partners/new")
@login_required
def new(store: str) -> Response:
    """The form that makes a partner."""
    return show_form(get_own_store(signed_in().person, store), PartnerForm(take_saved()))


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
    form = PartnerForm(take_saved(), obj=partner)
    form.seen.data = form.seen.data or seen_mark(kept_partner(partner))
    return show_form(partner.store, form, partner)


@blueprint.post("/store/<store>/partners/<int:partner_id>/settings")
@login_required
def save(store: str, partner_id: int) -> AnyResponse:
    """They are these from now on."""
    partner, form = own_partner(store, partner_id), PartnerForm()
    if not form.validate():
        return show_form(partner.store, form, partner, 422)
    kept = kept_partner(partner)
    try:
        if form.seen.data and form.seen.data != seen_mark(kept) and kept != form.details():
            raise ChangedMeanwhile
        mutations.save_partner(partner, form.details(), kept)
    except ChangedMeanwhile:
        form.form_errors, form.seen.data = [CHANGED], seen_mark(kept_partner(own_partner(store, partner_id)))
        return show_form(partner.store, form, partner, 409)
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


CHANGED = (
    "This partner was changed in another window since you opened it here. Nothing was saved. Save once more to keep "
    "what you typed."
)


def seen_mark(kept: PartnerDetails) -> str:
    """A short text that is another one for a partner with another name, code or share."""
    return mark_of(sorted(vars(kept).items()))


def own_partner(store: str, partner_id: int) -> Partner:
    """The partner of a store of the signed-in person's, or NotFound."""
    return get_partner(get_own_store(signed_in().person, store), partner_id)


def back_to(partner: Partner) -> AnyResponse:
    """To the partner's report."""
    return redirect(url_for("partners.show", store=partner.store.slug, partner_id=partner.id), 303)
