"""What a coach has paid to a partner, by whatever way: written down here, and not made."""

from flask import flash
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints.partners.blueprint import blueprint
from blueprints.partners.editing import back_to, own_partner
from blueprints.partners.report import payout_form, show_partner
from blueprints.web import now
from coaching.money import exact_amount
from coaching.payments.share_queries import totals_of_partner
from coaching.pricing import partner_mutations as mutations


@blueprint.post("/store/<store>/partners/<int:partner_id>/payouts")
@login_required
def record(store: str, partner_id: int) -> AnyResponse:
    """So much is owed less from now on."""
    partner = own_partner(store, partner_id)
    totals = totals_of_partner(partner, now())
    form = payout_form(partner, totals, is_sent=True)
    if not form.validate():
        return show_partner(partner, totals, form, 422)
    details = form.details()
    mutations.record_payout(partner, details, form.form_key.data, now())
    flash(f"{exact_amount(details.amount_cents, details.currency)} to {partner.name} is written down.", "good")
    return back_to(partner)


@blueprint.post("/store/<store>/partners/<int:partner_id>/payouts/<int:payout_id>/removal")
@login_required
def take_back(store: str, partner_id: int, payout_id: int) -> AnyResponse:
    """It was written down by mistake: so much is owed again."""
    partner = own_partner(store, partner_id)
    mutations.remove_payout(partner, payout_id)
    return back_to(partner)
